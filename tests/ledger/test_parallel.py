"""Writers that run at the same time, and writers that are killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import Ledger
from tests.builder import PROJECT, Repo

WRITER = """
import os, signal, sys
from hashlib import sha1
from pathlib import Path
from buildlog_git.core.events import Draft, Revision
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import Ledger

def oid(name):
    return sha1(str(name).encode()).hexdigest()

first, last, step, die_at, group = map(int, sys.argv[1:])
ledger = Ledger(Git(Path.cwd()), Path(".git"), patience=60)
events = [
    Revision(commit=oid(n % 5), at=n, draft=oid(n), by="person", way="follow-up")
    for n in range(first, last)
]
calls = 0

def count(*_):
    global calls
    calls += 1
    if calls == die_at:
        os.killpg(0, signal.SIGKILL) if group else os.kill(os.getpid(), signal.SIGKILL)

sys.stdin.read(1)
sys.setprofile(count)
for start in range(0, len(events), step):
    ledger.append(events[start : start + step])
sys.setprofile(None)
print(calls)
"""
"""Appends the events ``first`` to ``last``, ``step`` at a time, once its input ends; is killed
(alone, or its process group with the git that it started) at its call number ``die_at``."""


def start(repo: Repo, *arguments: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", WRITER, *map(str, arguments)],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def lines_of(repo: Repo) -> Counter[bytes]:
    ledger = Ledger(Git(repo.path), Path(".git"))
    notes = ledger.notes.contents(ledger.notes.tree())
    return Counter(line for note in notes for line in (note.content or b"").splitlines())


def whole(repo: Repo, events: int) -> None:
    """Assert that the ledger has ``events`` events, each on one line, and left nothing behind."""
    lines = lines_of(repo)
    assert len(lines) == events
    assert set(lines.values()) == {1}
    view = Ledger(Git(repo.path), Path(".git")).read()
    assert len(view.events) == events
    assert not view.damaged
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert not list((repo.path / ".git").rglob("fast_import_crash_*"))
    assert not list((repo.path / ".git" / "refs").rglob("*.lock"))


@pytest.mark.parametrize("shared", [False, True])
def test_parallel_writers_lose_and_double_nothing(repo: Repo, shared: bool) -> None:
    """Eight writers; ``shared``: all of them write the same events, as hook and scan do."""
    writers = [
        start(repo, *((0, 25) if shared else (n * 25, n * 25 + 25)), 1, 0, 0) for n in range(8)
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()  # all of them start now
        writer.stdin = None
    said = [writer.communicate() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 8, said
    whole(repo, 25 if shared else 200)
    assert int(repo.git("rev-list", "--count", REF)) == (25 if shared else 200)


def test_a_killed_writer_leaves_the_old_or_the_new_ledger(repo: Repo) -> None:
    events, step = 6, 3
    calls = int(start(Repo.init(repo.path / "measure"), 0, events, step, 0, 0).communicate()[0])
    rng = random.Random(20)
    written = Counter[int]()
    for number in range(20):
        path = repo.path / str(number)
        one = Repo.init(path)
        victim = start(one, 0, events, step, rng.randrange(1, calls), number % 2)
        _, err = victim.communicate()
        assert victim.returncode == -9, err
        # A git that outlives its parent may still finish; what is there is always whole.
        lines = lines_of(one)
        assert len(lines) in {0, step, events}
        assert set(lines.values()) <= {1}
        written[len(lines)] += 1
        again = start(one, 0, events, step, 0, 0)
        _, err = again.communicate()
        assert again.returncode == 0, err
        whole(one, events)
    assert len(written) > 1, "the kills must hit different stages"
