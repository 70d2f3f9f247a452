"""What a ledger costs at 1,000, 10,000, 100,000 and, with ``--million``, 1,000,000 events.

    python -m benchmarks.ledger [--sizes N,N] [--million] [--runs N] [--peer] [--json FILE]

Each ledger is made (``made_ledger.py``) and lies over real commits. Within one process are taken:
one ``git cat-file --batch`` of all notes, the full fold (all notes read, decoded, folded, without
a cache), one event appended, and the cache read on after it. As whole processes: ``report`` cold
(nothing remembered), after one new event (the cache is read on, the report made anew), and warm
(nothing changed); ``status``; ``session start``; the first drain, which looks at all of history,
and that of one commit. Every row is beside ``python -c pass`` of the same interpreter or the
``cat-file`` of the same notes, taken in turn with it; printed are medians by the clock and of CPU
with all children. Learning, which goes on behind a session, is off. The exit code is 1 where a
bound is missed.

``--peer`` installs ``buildlog==0.8.0`` from PyPI into an environment of its own, and takes its
``log_reward`` and its reports over as many events as it would have written itself, beside ours.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.commands import BUILDLOG, Cost, run, seal
from benchmarks.made_ledger import END, MARK, make_repository
from buildlog_git.core.events import Draft
from buildlog_git.core.fold import Experiment, fold
from buildlog_git.core.ids import Oid
from buildlog_git.gitio.run import Git, feed
from buildlog_git.ledger.cache import FILE
from buildlog_git.ledger.store import Ledger, LedgerView
from buildlog_git.ledger.whole import read_on

PROJECT = Path(__file__).resolve().parents[1]
BARE = [sys.executable, "-c", "pass"]
SIZES = (1_000, 10_000, 100_000)
PEER_SIZES = (1_000, 10_000)
FOLD, WARM, FLAT = 3.0, 10.0, 1.3
"""Bounds: full fold to cat-file, warm report to a bare interpreter, largest size to smallest."""


class Row(NamedTuple):
    """One number: seconds, and what they are compared with, in the same run."""

    size: int
    name: str
    taken: list[Cost]
    beside: str
    other: list[Cost]
    bound: float | None = None

    @property
    def wall(self) -> float:
        """The median ratio by the clock, pair by pair."""
        return _ratio(self.taken, self.other, 0)

    @property
    def cpu(self) -> float:
        """The median ratio of CPU."""
        return _ratio(self.taken, self.other, 1)

    @property
    def missed(self) -> bool:
        """Whether the bound is missed."""
        if self.bound is None:
            return False
        # Git works beside the decoder, which is what people wait for; a lone number of CPU counts.
        return self.wall > self.bound if self.beside == "cat-file" else self.cpu > self.bound

    def line(self) -> str:
        """Return the row of the table."""
        verdict = (
            "" if self.bound is None else f"{self.bound:5.1f} {'MISSED' if self.missed else 'ok'}"
        )
        return (
            f"{self.size:>9,} {self.name:34} {1000 * _median(self.taken, 0):10.1f}"
            f" {1000 * _median(self.taken, 1):10.1f} {self.wall:8.2f} {self.cpu:8.2f}"
            f"  {self.beside:14} {verdict}"
        )

    def plain(self) -> dict[str, Any]:
        """Return the row as JSON."""
        return {
            "events": self.size, "name": self.name, "beside": self.beside,
            "wall_ms": 1000 * _median(self.taken, 0), "cpu_ms": 1000 * _median(self.taken, 1),
            "wall_ratio": self.wall, "cpu_ratio": self.cpu, "bound": self.bound,
            "runs": len(self.taken),
        }  # fmt: skip


def _median(costs: Sequence[Cost], field: int) -> float:
    return statistics.median(cost[field] for cost in costs)


def _ratio(taken: Sequence[Cost], other: Sequence[Cost], field: int) -> float:
    pairs = zip(taken, other, strict=True)
    return statistics.median(a[field] / max(b[field], 1e-4) for a, b in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--million", action="store_true", help="also 1,000,000 (minutes)")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--within", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.within:
        print(json.dumps(within(asked.within[0], Path(asked.within[1]))))
        return 0
    sizes = [*map(int, asked.sizes.split(",")), *([1_000_000] if asked.million else [])]
    print(f"{'events':>9} {'':34} {'wall ms':>10} {'CPU ms':>10} {'wall x':>8} {'CPU x':>8}")
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="buildlog-bench-") as scratch:
        seal(Path(scratch))
        for row in measure(Path(scratch), sizes, asked.runs, peer=asked.peer):
            print(row.line(), flush=True)
            rows.append(row)
    if asked.json:
        asked.json.write_text(json.dumps([row.plain() for row in rows], indent=2) + "\n")
    return int(any(row.missed for row in rows))


def measure(scratch: Path, sizes: Sequence[int], runs: int, *, peer: bool) -> Iterator[Row]:
    os.environ["BUILDLOG_NOW"] = str(END + 7200)
    first: dict[str, Row] = {}
    for size in sizes:
        repository = make_repository(scratch / f"ledger-{size}", size)
        run(["git", "config", "buildlog.learn", "off"], repository)
        # Large sizes are steadier, and nobody has the time.
        few = max(3, runs // (1 + size // 50_000))
        yield from folds(repository, size, few)
        for name, kind in (("append of an event", "append"), ("cache read on after it", "on")):
            taken = _within(kind, repository)
            base = first.setdefault(name, Row(size, name, taken, "", taken))
            yield Row(size, name, taken, f"at {base.size:,}", _alike(base, len(taken)), FLAT)
        yield from commands(repository, size, few)
        if peer and size in PEER_SIZES:
            yield from others(scratch, repository, size, few)
        shutil.rmtree(repository)


def _alike(row: Row, count: int) -> list[Cost]:
    return [Cost(_median(row.taken, 0), _median(row.taken, 1))] * count


# -- within one process -----------------------------------------------------------------------


def _within(kind: str, repository: Path) -> list[Cost]:
    """Take something in a fresh process that tells only its own seconds."""
    command = [sys.executable, "-m", "benchmarks.ledger", "--within", kind, str(repository)]
    done = subprocess.run(command, capture_output=True, check=True, cwd=PROJECT)
    return [Cost(*pair) for pair in json.loads(done.stdout)]


def within(kind: str, repository: Path) -> list[Cost]:
    """Take what ``kind`` names in this process."""
    gc.disable()
    ledger = Ledger(Git(repository), repository / ".git")
    if kind == "print":
        lines = ledger.notes.git.lines("ls-tree", "-r", "refs/notes/buildlog")
        names = feed(line.split()[2] for line in lines)
        return [_timed(lambda: _print_all(repository, names))]
    if kind == "fold":
        return [_timed(lambda: _fold_all(ledger))]
    ledger.read()
    appends, reads = [], []
    for number in range(23):
        event = made_event(repository, kind, number)
        appends.append(_timed(lambda event=event: ledger.append([event])))  # type: ignore[misc]
        tip = ledger.notes.tip()
        assert tip is not None
        reads.append(_timed(lambda tip=tip: read_on(ledger.notes, tip)))  # type: ignore[misc]
    return (appends if kind == "append" else reads)[2:]  # the first ones warm up


def made_event(repository: Path, kind: str, number: int) -> Draft:
    commit = Oid(hashlib.sha1(f"{repository} {kind} {number}".encode()).hexdigest())  # noqa: S324
    return Draft(
        commit=commit, at=END, agent="claude", channel="trailer", tokens=9, removed=0, lines=1,
        files=1,
    )  # fmt: skip


def _fold_all(ledger: Ledger) -> tuple[LedgerView, Experiment]:
    view = ledger.read(fresh=True)
    return view, fold(view.by_id.values())


def _print_all(repository: Path, names: bytes) -> None:
    with subprocess.Popen(
        ["git", "cat-file", "--batch", "--buffer"],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        process.communicate(names)


def _timed(step: Callable[[], object]) -> Cost:
    before, start = _spent(), time.perf_counter()
    made = step()  # kept until the time is taken: to throw it away is no part of it
    cost = Cost(time.perf_counter() - start, _spent() - before)
    del made
    return cost


def _spent() -> float:
    """Return the seconds of CPU of this process and of those that it has waited for."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def folds(repository: Path, size: int, runs: int) -> Iterator[Row]:
    printed, folded = [], []
    for _ in range(runs):
        printed += _within("print", repository)
        folded += _within("fold", repository)
    yield Row(size, "git cat-file --batch of the notes", printed, "itself", printed)
    row = Row(size, "full fold", folded, "cat-file", printed, FOLD)
    yield row._replace(bound=FOLD if size >= SIZES[-1] else None)


# -- whole processes --------------------------------------------------------------------------


def commands(repository: Path, size: int, runs: int) -> Iterator[Row]:
    forget(repository)
    report = [BUILDLOG, "report"]

    def cold() -> Cost:
        forget(repository)
        return run(report, repository)

    def after_one() -> Cost:
        event = made_event(repository, "command", time.time_ns())
        Ledger(Git(repository), repository / ".git").append([event])
        return run(report, repository)

    slow = runs if size < SIZES[-1] else min(runs, 3 if size == SIZES[-1] else 1)
    yield paired(size, "report, cold", slow, cold)
    if size <= SIZES[-1]:
        yield paired(size, "report, after one event", slow, after_one)
    run(report, repository)
    yield paired(size, "report, warm", max(runs, 7), lambda: run(report, repository), WARM)
    yield paired(size, "status", runs, lambda: run([BUILDLOG, "status"], repository))
    start = [BUILDLOG, "session", "start"]
    yield paired(size, "session start", runs, lambda: run(start, repository))
    run([BUILDLOG, "install"], repository)
    yield paired(
        size, "drain, first (all of history)", 1, lambda: run([BUILDLOG, "drain"], repository)
    )
    yield paired(size, "drain of a commit", max(runs, 5), lambda: drained(repository))


def paired(
    size: int, name: str, runs: int, step: Callable[[], Cost], bound: float | None = None
) -> Row:
    """Take a step and a bare interpreter in turn."""
    taken, bare = [], []
    for _ in range(runs):
        bare.append(run(BARE, Path.cwd()))
        taken.append(step())
    return Row(size, name, taken, "python -c pass", bare, bound)


def forget(repository: Path) -> None:
    """Take away all that was remembered."""
    (repository / ".git" / FILE).unlink(missing_ok=True)
    shutil.rmtree(repository / ".git" / "buildlog" / "answers", ignore_errors=True)


def drained(repository: Path) -> Cost:
    """Commit as an agent without hooks, and drain."""
    number = time.time_ns()
    (repository / "drained.py").write_text(f"value = call({number}, other)\n" * 9)
    run(["git", "add", "drained.py"], repository)
    no_hooks = ["-c", "core.hooksPath=/dev/null"]
    run(["git", *no_hooks, "commit", "-q", "-m", f"Change {number}{MARK}"], repository)
    return run([BUILDLOG, "drain"], repository)


# -- the one that this replaces ---------------------------------------------------------------

PEER = """
import sys
from pathlib import Path
from buildlog.core import operations as o

folder, what, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
rules = ["rule-1", "rule-2", "rule-3"]

def log(n):
    o.log_reward(folder, "revision", rules_active=rules, revision_distance=0.3,
                 error_class="general", source=f"made {n}")

def grown(step):
    # What one call appends to each file, once for each of so many calls.
    def sizes():
        return {p: p.stat().st_size for p in folder.rglob("*") if p.is_file()}
    step(); before = sizes(); step()
    return {p: p.read_bytes()[before.get(p, 0):] for p in sizes()}

if what == "make":
    folder.mkdir()
    for path, lines in grown(lambda: log(0)).items():
        with path.open("ab") as file:
            file.write(lines * (count - 2))
elif what == "log":
    log(1)
else:
    o.get_rewards(folder)
    o.get_experiment_report(folder)
"""


def others(scratch: Path, repository: Path, size: int, runs: int) -> Iterator[Row]:
    home = scratch / "peer"
    python = str(home / "bin" / "python")
    if not home.exists():
        venv.create(home, with_pip=True)
        pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "buildlog==0.8.0"]
        run([python, *pip], scratch)
    folder = scratch / f"peer-{size}"
    run([python, "-c", PEER, str(folder), "make", str(size)], scratch)
    ours = [BUILDLOG, "reward", "revision", "--distance", "0.3"]
    steps = (
        ("0.8.0: log_reward", [python, "-c", PEER, str(folder), "log", "0"], scratch),
        ("0.8.0: its reports", [python, "-c", PEER, str(folder), "report", "0"], scratch),
        ("ours: reward, by hand", ours, repository),
    )
    for name, command, where in steps:
        yield paired(size, name, runs, lambda command=command, where=where: run(command, where))  # type: ignore[misc]
    shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
