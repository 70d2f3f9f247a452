"""Clones that write, forget, compact, prune, copy notes and exchange: what is gone stays gone.

Whatever they do, at the end nobody says in the same note what was forgotten there, nor does any
history that a notes ref reaches, and nothing else is lost.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.codec import Damaged, Unknown, decode, encode
from buildlog_git.core.forgotten import Tombstone, remaining
from buildlog_git.flows.check import check
from buildlog_git.flows.compact import compact
from buildlog_git.flows.forget import forget
from buildlog_git.flows.sync import sync
from buildlog_git.gitio.notetree import REF
from tests.builder import Repo
from tests.flows.fleet import COMMITS, event, oid
from tests.flows.play import context

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.core.ids import Oid

Line = tuple["Oid", bytes]
"""A line, and the commit whose note it lies in."""

STEPS = {
    "write": 6,
    "newer": 2,
    "sync": 6,
    "forget": 2,
    "compact": 1,
    "prune": 1,
    "copy": 1,
    "push": 1,
}


class Oblivion:
    """Some clones of one remote, what was ever written, and what was forgotten where."""

    def __init__(self, folder: Path, seed: int, clones: int = 3) -> None:
        self.hub = Repo.init(folder / "hub.git", bare=True)
        self.clones = [Repo.init(folder / f"clone{number}") for number in range(clones)]
        for clone in self.clones:
            clone.git("remote", "add", "origin", str(self.hub.path))
        self.random = random.Random(seed)
        self.written: set[bytes] = set()
        self.gone: set[Line] = set()
        self.gone_everywhere: set[bytes] = set()

    def step(self) -> None:
        """Let some clone do something."""
        name = self.random.choices([*STEPS], [*STEPS.values()])[0]
        # One clone alone prunes, after all that it knows is elsewhere: more could be lost for good.
        numbers = {"prune": [0], "push": [1, 2]}.get(name, [0, 1, 2])
        clone = self.clones[self.random.choice(numbers)]
        getattr(self, name)(clone)
        self.written |= {line for _, line in lines(clone)}

    def write(self, clone: Repo) -> None:
        few = self.random.randint(1, 4)
        context(clone).ledger.append(event(self.random.randrange(40)) for _ in range(few))

    def newer(self, clone: Repo) -> None:
        """Let a newer version write, and somebody damage a line."""
        commit = oid(self.random.randrange(COMMITS))
        name = f"{commit[:4]} {self.random.randrange(30)}"
        batch = [f'{{"v":9,"name":"{name}"}}'.encode(), f"damaged {name}".encode()]
        context(clone).ledger.notes.append({commit: batch})

    def sync(self, clone: Repo) -> None:
        sync(context(clone))

    def push(self, clone: Repo) -> None:
        """Push as git does, without us."""
        clone.git("push", "-q", "origin", REF, check=False)

    def compact(self, clone: Repo) -> None:
        compact(context(clone))

    def copy(self, clone: Repo) -> None:
        """Copy a note, as ``notes.rewriteRef`` does; copies that nobody can read have no owner."""
        here = sorted(lines(clone))
        if here:
            commit, to = self.random.choice(here)[0], oid(self.random.randrange(COMMITS))
            note = [line for about, line in here if about == commit and line.startswith(b'{"v":1')]
            context(clone).ledger.notes.append({to: note})

    def prune(self, clone: Repo) -> None:
        """Prune as git does: the commits of these notes are in no clone."""
        self.deliver(clone)
        self.written |= {line for _, line in lines(clone)}
        clone.git("notes", "--ref=buildlog", "prune")

    def forget(self, clone: Repo) -> None:
        few = [oid(self.random.randrange(COMMITS)) for _ in range(self.random.randint(1, 2))]
        before = lines(clone)
        if self.random.random() < 0.2:
            day = f"1970-01-01T00:17:{self.random.randrange(60):02}"
            forget(context(clone), before=day)
        else:
            forget(context(clone), few)
        self.note_gone(clone, before)
        if self.random.random() < 0.5:
            self.deliver(clone)

    def note_gone(self, clone: Repo, before: set[Line]) -> None:
        said = {encode(one) for one in remaining(context(clone).ledger.read().events)}
        gone = before - lines(clone)
        self.gone |= gone
        self.gone_everywhere |= {line for _, line in gone} - said

    def deliver(self, clone: Repo) -> None:
        """Sync, and replace by force, as we say how to, what a remote has not forgotten."""
        for _ in range(6):
            (one,) = sync(context(clone)).remotes
            if one.push != "needs-force":
                return
            lease = f"--force-with-lease={REF}:{one.theirs}"
            clone.git("push", "-q", lease, "origin", REF, check=False)
        raise AssertionError("the remote does not forget")

    def settle(self) -> None:
        """Exchange until all are at rest, and forget copies that ``check`` still finds."""
        for _ in range(3):
            for clone in self.clones * 2:
                self.deliver(clone)
            first = self.clones[0]
            left = check(context(first).ledger).unburied.first
            before = lines(first)
            if left:
                forget(context(first), left)
                self.note_gone(first, before)

    def check(self) -> None:
        known = [
            one
            for line in self.gone_everywhere
            if not isinstance(one := decode(line), Damaged | Unknown)
        ]
        forgotten = {one.id for one in known}
        tips = set()
        for repo in (self.hub, *self.clones):
            tips.add(repo.git("rev-parse", "-q", "--verify", REF, check=False))
            here = lines(repo)
            assert not here & self.gone
            events = remaining(context(repo).ledger.read().events)
            names = {one.id for one in events if not isinstance(one, Tombstone)}
            assert not names & forgotten
            self._check_nothing_lost({line for _, line in here}, names | forgotten)
            history = everything(repo)
            assert not [line for line in self.gone_everywhere if line in history]
        assert len(tips) == 1
        assert check(context(self.hub).ledger).unburied.count == 0

    def _check_nothing_lost(self, here: set[bytes], names: set[str]) -> None:
        for line in self.written - self.gone_everywhere - here:
            found = decode(line)
            assert not isinstance(found, Damaged | Unknown), line
            assert isinstance(found, Tombstone) or found.id in names, line


def lines(repo: Repo) -> set[Line]:
    """Return all lines of all notes."""
    notes = context(repo).ledger.notes
    return {
        (note.commit, line)
        for note in notes.contents(notes.tree())
        for line in (note.content or b"").split(b"\n")
        if line.strip()
    }


def everything(repo: Repo) -> bytes:
    """Return all that the notes ref reaches."""
    names = repo.git("rev-list", "--objects", "--no-object-names", REF, check=False)
    return repo.git_bytes("cat-file", "--batch", stdin=f"{names}\n".encode()) if names else b""


@pytest.mark.parametrize(
    "seed", [10, *(pytest.param(n, marks=pytest.mark.slow) for n in range(11, 60))]
)
def test_what_is_forgotten_never_comes_back_and_nothing_else_is_lost(
    tmp_path: Path, seed: int
) -> None:
    clones = Oblivion(tmp_path, seed)
    for _ in range(25 if seed < 11 else 45):
        clones.step()
    clones.settle()
    clones.check()
