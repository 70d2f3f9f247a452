"""Many clones: whatever they do, in whatever order, killed or not, they come to the same."""

from __future__ import annotations

import random
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from buildlog_git.flows.fetched import unite_fetched
from buildlog_git.gitio.notetree import REF
from tests.builder import Repo
from tests.flows.fleet import Fleet
from tests.flows.play import context

CLONES = 3
SAFE = "+refs/notes/buildlog*:refs/notes-sync/origin/buildlog*"

clones = st.integers(0, CLONES - 1)
numbers = st.lists(st.integers(0, 60), min_size=1, max_size=4)


class Clones(RuleBasedStateMachine):
    """Three clones that write, sync, fetch, are killed, and use git's own commands for notes."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.fleet = Fleet(self.folder, CLONES)

    @rule(clone=clones, numbers=numbers)
    def writes(self, clone: int, numbers: list[int]) -> None:
        self.fleet.write(clone, numbers)

    @rule(clone=clones)
    def syncs(self, clone: int) -> None:
        self.fleet.sync(clone)

    @rule(clone=clones, share=st.floats(0, 1), group=st.booleans())
    def is_killed(self, clone: int, share: float, group: bool) -> None:
        self.fleet.crash(clone, share, group=group)

    @rule(clone=clones)
    def fetches(self, clone: int) -> None:
        repo = self.fleet.clones[clone]
        repo.git("fetch", "-q", "origin", SAFE)
        unite_fetched(context(repo))

    @rule(clone=clones)
    def merges_by_git(self, clone: int) -> None:
        repo = self.fleet.clones[clone]
        repo.git("fetch", "-q", "origin", "+refs/notes/buildlog*:refs/notes/theirs*")
        if repo.git("for-each-ref", REF) and repo.git("for-each-ref", "refs/notes/theirs"):
            repo.git("notes", "--ref=buildlog", "merge", "-q", "-s", "cat_sort_uniq", "theirs")

    @rule(clone=clones)
    def collects_garbage(self, clone: int) -> None:
        self.fleet.clones[clone].git("gc", "-q", "--prune=now")

    def teardown(self) -> None:
        if not hasattr(self, "fleet"):
            return
        try:
            self.fleet.settle()
            self.fleet.check()
        finally:
            shutil.rmtree(self.folder)


TestClones = Clones.TestCase
TestClones.settings = settings(
    max_examples=6, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)


def play(fleet: Fleet, operations: int, seed: int) -> dict[str, int]:
    """Let each clone do ``operations`` random things, in random order; return what was done."""
    rng = random.Random(seed)
    turns = [clone for clone in range(len(fleet.clones)) for _ in range(operations)]
    rng.shuffle(turns)
    done = {"write": 0, "sync": 0, "crash": 0}
    for clone in turns:
        what = rng.choices(list(done), (88, 9, 3))[0]
        done[what] += 1
        if what == "write":
            fleet.write(clone, [rng.randrange(6000) for _ in range(rng.randint(1, 3))])
        elif what == "sync":
            fleet.sync(clone)
        else:
            fleet.crash(clone, rng.random(), group=rng.random() < 0.5)
    return done


@pytest.mark.slow
def test_ten_clones_with_two_hundred_operations_each(tmp_path: Path) -> None:
    fleet = Fleet(tmp_path, 10)
    started = time.monotonic()
    done = play(fleet, 200, seed=5)
    rounds = fleet.settle()
    fleet.check()
    assert sum(done.values()) == 2000
    took = time.monotonic() - started
    print(f"{done}, {len(fleet.written)} events, quiet after {rounds} rounds, {took:.0f} s")


def test_a_killed_sync_loses_nothing(tmp_path: Path) -> None:
    """At eight points of it, alone and with its git; the next one ends what it began."""
    rng = random.Random(3)
    for number in range(8):
        fleet = Fleet(tmp_path / str(number), 2)
        fleet.write(0, range(9))
        fleet.sync(0)
        fleet.write(1, range(5, 14))
        fleet.crash(1, (number + rng.random()) / 8, group=number % 2 == 1)
        fleet.write(1, [40])
        fleet.settle()
        fleet.check()
        leftovers = Repo(fleet.clones[1].path).git("for-each-ref", "refs/buildlog")
        assert leftovers == ""
