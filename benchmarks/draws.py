"""What a draw at a checkout costs: the same with a hundred rewards in the ledger as with many.

    python -m benchmarks.draws [--rewards N] [--runs N]

Two repositories with rules on trial, one whose ledger has 100 rewards and one that has N (100,000
by default), each in its sessions, as a team's would be after years. Both have learned. Then, in
turn: a new branch is checked out, and the drain that draws its session's rules and puts them where
agents read them is timed (CPU, with its git processes). Then the checkout itself with the hooks
in, which does not wait for the drain in the background: in both, and against a repository without
hooks (wall time). The exit code is 1 where a ratio is above its bound.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from benchmarks.commands import BUILDLOG, run, seal
from benchmarks.hooks import Pairs, paired
from buildlog_git.core.choice import Candidate, Wanted, draw
from buildlog_git.core.events import Event
from buildlog_git.core.ids import Oid, event_id
from buildlog_git.core.rules import digest_of_text
from buildlog_git.core.session_events import Exposure, Reward, Session
from buildlog_git.flows.context import open_context

FEW, MANY = 100, 100_000
BOUND = 1.2
BEGIN = 1_700_000_000
SPAN = 2 * 365 * 24 * 3600
TEXTS = {f"rule-{number:02}": f"Follow rule {number} wherever it fits." for number in range(12)}
CANDIDATES = tuple(Candidate(rule, digest_of_text(text)) for rule, text in TEXTS.items())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rewards", type=int, default=MANY)
    parser.add_argument("--runs", type=int, default=25)
    asked = parser.parse_args()
    missed = 0
    print(f"{'':44} {'without':>8} {'with':>8} {'ratio':>6} {'bound':>6}")
    with tempfile.TemporaryDirectory(prefix="buildlog-bench-") as scratch:
        for pairs in measure(Path(scratch), asked.rewards, asked.runs):
            print(pairs.line(), flush=True)
            missed += pairs.bound is not None and pairs.ratio > pairs.bound
    return 1 if missed else 0


def measure(scratch: Path, rewards: int, runs: int) -> Iterator[Pairs]:
    seal(scratch)
    few, many, bare = (Office(scratch / name) for name in ("few", "many", "bare"))
    for office, count in ((few, FEW), (many, rewards)):
        office.remember(count)
        run([BUILDLOG, "learn"], office.path)
        run([BUILDLOG, "install"], office.path)
        run([BUILDLOG, "drain"], office.path)
    name = f"CPU: draw with {FEW:,} rewards, with {rewards:,}"
    yield paired(name, BOUND, runs, few.drawn, many.drawn)
    name = f"checkout with {FEW:,} rewards, with {rewards:,}"
    yield paired(name, BOUND, runs, few.checked_out, many.checked_out)
    name = "checkout without hooks, with"
    yield paired(name, None, runs, bare.checked_out, many.checked_out)


class Office:
    """A repository with twelve rules on trial, and the branches that were checked out in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        folder = path / ".buildlog" / "rules"
        folder.mkdir(parents=True)
        for rule, text in TEXTS.items():
            (folder / f"{rule}.md").write_text(f"---\nid: {rule}\n---\n{text}\n")
        (path / "CLAUDE.md").write_text("Be brief.\n")
        for words in ("init -q", "add .", "commit -q -m Start", "config buildlog.learn off"):
            run(["git", *words.split()], path)

    def remember(self, rewards: int) -> None:
        """Fill the ledger with sessions that have so many rewards together."""
        ledger = open_context(self.path).ledger
        batch: list[Event] = []
        for event in sessions(rewards):
            batch.append(event)
            if len(batch) == 20_000:
                ledger.append(batch)
                batch.clear()
        ledger.append(batch)

    def checked_out(self) -> float:
        """Check out a new branch; return the seconds that it took, when all has settled."""
        self.count += 1
        wall = run(["git", "checkout", "-q", "-b", f"feature/{self.count}", "main"], self.path).wall
        if (self.path / ".git" / "buildlog").is_dir():
            run([BUILDLOG, "drain"], self.path)
        return wall

    def drawn(self) -> float:
        """Draw the rules of a new branch's session; return the CPU seconds of the drain."""
        self.count += 1
        hookless = ["git", "-c", "core.hooksPath=/dev/null", "checkout", "-q", "-b"]
        run([*hookless, f"feature/{self.count}", "main"], self.path)
        cpu = run([BUILDLOG, "drain"], self.path).cpu
        text = (self.path / ".claude" / "rules" / "buildlog.local.md").read_text()
        assert text.startswith("<!-- buildlog:begin"), "the draw was not put where agents read"
        return cpu


def sessions(rewards: int) -> Iterator[Event]:
    """Yield the facts of sessions, each on a commit of its own, with two or three rewards each."""
    rng, given, number = Random(rewards), 0, 0
    while given < rewards:
        name = event_id("made", str(number))
        base = Oid(f"{event_id('base', str(number)) * 3:.40}")
        at = BEGIN + SPAN * given // rewards
        drawn = draw(name, Wanted(CANDIDATES, k=3, holdout=0.03))
        begun = Session(
            commit=base, at=at, session=name, branch=name, clone=name, worktree=name,
            error_class=("feature", "bugfix", "tests")[number % 3], **drawn._asdict(),
        )  # fmt: skip
        yield begun
        yield Exposure(
            commit=base, at=at, session=name, channel="file", state="shown", rules=begun.rules,
            exposure=begun.exposure, targets=("claude",),
        )  # fmt: skip
        for nth in range(min(rng.choice((2, 3)), rewards - given)):
            given += 1
            yield Reward(
                commit=base, at=at + 3600, outcome="revision", source="ci", session=name,
                distance=rng.random(), rules=begun.rules, error_class=begun.error_class,
                nonce=str(nth),
            )  # fmt: skip
        number += 1


if __name__ == "__main__":
    sys.exit(main())
