"""What the person who commits feels of the hooks, and what the drain behind them costs.

    python -m benchmarks.hooks [--runs N] [--peers] [REPOSITORY ...]

Every number is a pair, taken one right after the other: the same git command in two copies of a
repository, one without hooks and one with ``git buildlog install``; or one drain and one bare
``python -c pass`` of the same interpreter. Printed are the medians of both and of the ratios pair
by pair. The commands' times are wall time of the whole command with the drain in the background,
which has ended before the next one starts; the drains' are CPU time, user and system, with all
the git processes that they start. The exit code is 1 where a ratio is above its bound.

The commands run in a small repository that is made, and in copies of those that are named.
``--peers`` installs gitvow and agent-trace-cli from PyPI, each into an environment of its own and
as its documentation says, and takes the same commit with their hooks. gitvow has a session open,
without which its hooks do nothing; both do all their work before ``git commit`` ends.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.commands import BUILDLOG, Cost, run, seal

BOUNDS = {"commit": 1.5, "checkout": 1.5, "rebase": 2.0, "drain": 8.0, "drafts": 1.5}
MANY = 200
PICKS = 20
MARK = "Co-authored-by: Claude Opus 4.5 <noreply@anthropic.com>"


class Pairs(NamedTuple):
    """One row: what was compared, in milliseconds, pair by pair."""

    name: str
    without: list[float]
    with_: list[float]
    bound: float | None = None

    @property
    def ratio(self) -> float:
        """The median of the pairs' ratios."""
        return statistics.median(b / a for a, b in zip(self.without, self.with_, strict=True))

    def line(self) -> str:
        """Return the row of the table."""
        bound = "" if self.bound is None else f"{self.bound:6.1f}"
        verdict = "" if self.bound is None else ("ok" if self.ratio <= self.bound else "MISSED")
        without, with_ = statistics.median(self.without), statistics.median(self.with_)
        return f"{self.name:44} {without:8.1f} {with_:8.1f} {self.ratio:6.2f} {bound:>6} {verdict}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    missed = 0
    print(f"{'':44} {'without':>8} {'with':>8} {'ratio':>6} {'bound':>6}")
    with tempfile.TemporaryDirectory(prefix="buildlog-bench-") as scratch:
        for pairs in measure(Path(scratch), asked.repositories, asked.runs, peers=asked.peers):
            print(pairs.line(), flush=True)
            missed += pairs.bound is not None and pairs.ratio > pairs.bound
    return 1 if missed else 0


def measure(
    scratch: Path, repositories: Sequence[Path], runs: int, *, peers: bool
) -> Iterator[Pairs]:
    seal(scratch)
    small = Copy.made(scratch / "small")
    for source in (small.path, *repositories):
        yield from commands(scratch, source, runs)
    yield from drains(scratch, runs)
    if peers:
        yield from others(scratch, small, runs)


class Copy:
    """A repository with one file that a person changes line by line."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0

    @classmethod
    def made(cls, path: Path, drafts: int = 1) -> Copy:
        """Make a repository whose branch ``topic`` has so many drafts of an agent."""
        copy = cls(path)
        path.mkdir()
        copy.git("init", "--quiet")
        (path / "README").write_text("A small repository.\n")
        copy.commit("Begin")
        copy.git("checkout", "--quiet", "-b", "topic")
        for number in range(drafts):
            lines = [f"value_{number}_{line} = agent({line}, {number})" for line in range(100)]
            (path / f"module{number}.py").write_text("".join(f"{line}\n" for line in lines))
            copy.commit(f"Write module {number}\n\n{MARK}")
        return copy

    @classmethod
    def of(cls, source: Path, path: Path) -> Copy:
        """Copy a repository with its branches, and put it on ``topic`` with a draft."""
        copy = cls(path)
        subprocess.run(
            ["git", "clone", "--quiet", "--shared", "--no-checkout", str(source), str(path)],
            check=True,
        )
        copy.git("remote", "remove", "origin")
        copy.git("checkout", "--quiet", "-B", "main", "HEAD")
        copy.git("checkout", "--quiet", "-B", "topic")
        lines = [f"value_{line} = agent({line})" for line in range(100)]
        (path / "module0.py").write_text("".join(f"{line}\n" for line in lines))
        copy.commit(f"Write a module\n\n{MARK}")
        return copy

    def git(self, *args: str) -> Cost:
        """Run git here."""
        return run(["git", *args], self.path)

    def edit(self) -> None:
        """Change another line of the agent's, as a person does."""
        path = self.path / "module0.py"
        lines = path.read_text().splitlines()
        lines[self.number % len(lines)] = f"person_{self.number} = changed({self.number}, here)"
        self.number += 1
        path.write_text("".join(f"{line}\n" for line in lines))

    def commit(self, message: str) -> Cost:
        """Commit all, without hooks."""
        self.git("add", "--all")
        return self.git("-c", "core.hooksPath=/dev/null", "commit", "--quiet", "-m", message)

    def edit_and_commit(self) -> Cost:
        """Commit a person's change, with the hooks that there are; what is told is the commit."""
        self.edit()
        return self.git("commit", "--quiet", "--all", "-m", f"Change {self.number}")

    def drain(self) -> Cost:
        """Run a drain, after which none is at work any more."""
        return run([BUILDLOG, "drain"], self.path)


def paired(
    name: str,
    bound: float | None,
    runs: int,
    without: Callable[[], float],
    with_: Callable[[], float],
) -> Pairs:
    """Take both in turn, each first as often as the other; the first pair warms up."""
    pairs = Pairs(name, [], [], bound)
    for number in range(runs + 1):
        if number % 2:
            a, b = without(), with_()
        else:
            b, a = with_(), without()
        if number:
            pairs.without.append(1000 * a)
            pairs.with_.append(1000 * b)
    return pairs


def commands(scratch: Path, source: Path, runs: int) -> Iterator[Pairs]:
    """Take git's commands in two copies of ``source``, one with the hooks."""
    bare, hooked = (Copy.of(source, scratch / f"{source.name}-{kind}") for kind in ("bare", "live"))
    run([BUILDLOG, "install"], hooked.path)
    hooked.drain()

    def settled(step: Callable[[Copy], Cost]) -> Callable[[], float]:
        def take() -> float:
            cost = step(hooked)
            hooked.drain()  # waits for the one in the background
            return cost.wall

        return take

    def plain(step: Callable[[Copy], Cost]) -> Callable[[], float]:
        return lambda: step(bare).wall

    for name, step in (("commit", Copy.edit_and_commit), ("checkout", _toggle)):
        title = f"{name}, {source.name}"
        yield paired(title, BOUNDS[name], runs, plain(step), settled(step))
    for copy in (bare, hooked):
        _branch_off(copy)
    hooked.drain()
    title = f"rebase of {PICKS} commits, {source.name}"
    few = max(3, runs // 3)
    yield paired(title, BOUNDS["rebase"], few, plain(_rebase), settled(_rebase))


def _toggle(copy: Copy) -> Cost:
    """Check out the other one of two branches on which one has been before."""
    copy.number += 1
    return copy.git("checkout", "--quiet", "main" if copy.number % 2 else "topic")


def _branch_off(copy: Copy) -> None:
    """Make a branch of commits that a rebase onto ``main`` moves."""
    copy.git("checkout", "--quiet", "main")
    copy.git("checkout", "--quiet", "-b", "picks")
    for number in range(PICKS):
        (copy.path / "picks.txt").write_text("".join(f"line {line}\n" for line in range(number)))
        copy.commit(f"Pick {number}")
    copy.git("branch", "picked")
    copy.git("checkout", "--quiet", "main")
    (copy.path / "onto.txt").write_text("what the rebase moves onto\n")
    copy.commit("Go on")


def _rebase(copy: Copy) -> Cost:
    """Rebase the branch, as it was before, onto ``main``."""
    copy.git("-c", "core.hooksPath=/dev/null", "checkout", "--quiet", "-B", "picks", "picked")
    return copy.git("rebase", "--quiet", "main")


def drains(scratch: Path, runs: int) -> Iterator[Pairs]:
    """Take the CPU time of a drain after one commit that changes a draft."""
    one, many = Copy.made(scratch / "one"), Copy.made(scratch / "many", MANY)

    def after_a_commit(copy: Copy) -> float:
        copy.edit()
        copy.commit(f"Change {copy.number}")
        return copy.drain().cpu

    for copy in (one, many):
        copy.drain()
    name = "CPU: python -c pass, drain of a commit"
    bare = [sys.executable, "-c", "pass"]
    yield paired(
        name, BOUNDS["drain"], runs, lambda: run(bare, scratch).cpu, lambda: after_a_commit(one)
    )
    name = f"CPU: drain with 1 open draft, with {MANY}"
    yield paired(
        name, BOUNDS["drafts"], runs, lambda: after_a_commit(one), lambda: after_a_commit(many)
    )


def others(scratch: Path, small: Copy, runs: int) -> Iterator[Pairs]:
    """Take the same commit with what else there is; both hooks end before the commit does."""
    for name, set_up in (("gitvow", _gitvow), ("agent-trace-cli", _agent_trace)):
        bare, hooked = (
            Copy.of(small.path, scratch / f"{name}-{kind}") for kind in ("bare", "live")
        )
        home = scratch / f"{name}-env"
        venv.create(home, with_pip=True)
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", name]
        run([str(home / "bin" / "python"), *pip], scratch)
        path = os.environ["PATH"]
        os.environ["PATH"] = f"{home / 'bin'}{os.pathsep}{path}"
        try:
            set_up(hooked)
            yield from _commits_with(name, bare, hooked, runs)
        finally:
            os.environ["PATH"] = path
        shutil.rmtree(home)
    bare, hooked = (Copy.of(small.path, scratch / f"ours-{kind}") for kind in ("bare", "live"))
    run([BUILDLOG, "install"], hooked.path)
    run(["git", "config", "buildlog.drain", "foreground"], hooked.path)
    run([BUILDLOG, "install"], hooked.path)
    hooked.drain()
    yield from _commits_with("buildlog, drain in the foreground", bare, hooked, runs)


def _commits_with(name: str, bare: Copy, hooked: Copy, runs: int) -> Iterator[Pairs]:
    walls, cpus = Pairs(f"commit, {name}", [], []), Pairs(f"CPU: commit, {name}", [], [])
    for number in range(runs + 1):
        costs = bare.edit_and_commit(), hooked.edit_and_commit()
        if number:
            for pairs, field in ((walls, 0), (cpus, 1)):
                pairs.without.append(1000 * costs[0][field])
                pairs.with_.append(1000 * costs[1][field])
    yield walls
    yield cpus


def _gitvow(copy: Copy) -> None:
    run(["gitvow", "install", "--agent", "claude"], copy.path)
    started = {"session_id": "benchmark", "cwd": str(copy.path), "hook_event_name": "SessionStart"}
    run(["gitvow", "hook", "SessionStart"], copy.path, json.dumps(started).encode())
    if not (copy.path / ".git" / "gitvow-session.json").exists():
        raise SystemExit("gitvow has not opened a session: its hooks would do nothing")


def _agent_trace(copy: Copy) -> None:
    run(["agent-trace", "init"], copy.path)


if __name__ == "__main__":
    sys.exit(main())
