"""Clones of one remote that write, exchange, and are killed: what they must agree on at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from buildlog_git.core.events import Draft, Event, Revision, Settle
from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid, digest_bytes
from buildlog_git.flows.sync import sync
from buildlog_git.gitio.notetree import REF
from tests.builder import PROJECT, Repo
from tests.flows.play import context

if TYPE_CHECKING:
    from collections.abc import Sequence

COMMITS = 12
"""Commits that all clones write about, so that they write to the same notes."""

VICTIM = """
import os, signal, sys
from pathlib import Path
from buildlog_git.flows.context import open_context
from buildlog_git.flows.sync import sync

die_at, group = map(int, sys.argv[1:])
calls = 0

def count(*_):
    global calls
    calls += 1
    if calls == die_at:
        os.killpg(0, signal.SIGKILL) if group else os.kill(os.getpid(), signal.SIGKILL)

context = open_context(Path.cwd())
sys.setprofile(count)
sync(context)
sys.setprofile(None)
print(calls)
"""
"""Syncs, and is killed (alone, or with the git that it started) at its call number ``die_at``."""


def oid(name: object) -> Oid:
    return Oid(digest_bytes(str(name).encode()).hex()[:40])


def event(number: int) -> Event:
    """Return one of many events about few commits; the same number is always the same event."""
    draft, at = oid(number % COMMITS), 1000 + number
    match number % 3:
        case 0:
            return Revision(oid(f"by {number}"), at, draft, "person", "follow-up", cost=number % 7)
        case 1:
            return Draft(
                oid(number), at, "claude", "trailer", tokens=40, removed=0, lines=9, files=1
            )
        case _:
            return Settle(draft, at, "landed", final=oid(f"landed {number}"))


class Fleet:
    """Some clones of one bare remote, and all that any of them has ever written."""

    def __init__(self, folder: Path, clones: int) -> None:
        self.hub = Repo.init(folder / "hub.git", bare=True)
        self.hub.git("config", "core.logAllRefUpdates", "always")
        self.clones = [Repo.init(folder / f"clone{number}") for number in range(clones)]
        for clone in self.clones:
            clone.git("remote", "add", "origin", str(self.hub.path))
        self.written: dict[str, Event] = {}
        self.calls = 0

    def write(self, clone: int, numbers: Sequence[int]) -> None:
        """Let a clone find facts; another one may have found the same."""
        events = [event(number) for number in numbers]
        context(self.clones[clone]).ledger.append(events)
        self.written |= {one.id: one for one in events}

    def sync(self, clone: int) -> None:
        assert sync(context(self.clones[clone])).ok

    def crash(self, clone: int, share: float, *, group: bool) -> None:
        """Kill a sync after a share of what one does."""
        self.calls = self.calls or int(self._victim(clone, 0, group=False))
        self._victim(clone, max(1, int(share * self.calls)), group=group)

    def _victim(self, clone: int, die_at: int, *, group: bool) -> bytes:
        done = subprocess.run(
            [sys.executable, "-P", "-c", VICTIM, str(die_at), str(int(group))],
            cwd=self.clones[clone].path,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            start_new_session=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode in (0, -9), done.stderr
        return done.stdout

    def settle(self) -> int:
        """Sync everybody until nobody has anything new; return the rounds that took."""
        for rounds in range(1, 4):
            for clone in range(len(self.clones)):
                self.sync(clone)
            if len({self.tip(repo) for repo in (self.hub, *self.clones)}) == 1:
                return rounds
        raise AssertionError("they never come to rest")

    def tip(self, repo: Repo) -> str:
        return repo.git("rev-parse", "-q", "--verify", REF, check=False)

    def check(self) -> None:
        """Assert that all clones say the same, and that it is all that anybody has written."""
        expected = tuple(sorted(self.written.values(), key=lambda one: (one.at, one.id)))
        seen = set()
        for repo in (self.hub, *self.clones):
            view = context(repo).ledger.read()
            assert view.events == expected
            assert fold(view.events) == fold(expected)
            assert (view.lines, len(view.damaged), view.mixed) == (len(expected), 0, False)
            seen.add(repo.git_bytes("ls-tree", "-r", REF) if expected else b"")
        assert len(seen) == 1, "the same bytes everywhere"
        self.check_moves()

    def check_moves(self) -> None:
        """Assert that nothing was ever pushed by force."""
        tips = self.hub.git("reflog", "--format=%H", REF, check=False).split()
        if tips:
            # Each was part of the next: else the log of the last would lack one of them.
            history = set(self.hub.git("rev-list", REF).split())
            assert set(tips) <= history
