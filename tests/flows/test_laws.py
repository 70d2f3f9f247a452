"""Random histories, and a model that knows of each token who wrote it and who took it away.

The model knows nothing of patches, hunks or regions. Every word stands in one line only, so a
token of a draft is lost where its line is, and the distance is a share of lines.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildlog_git.core.ids import Oid
from buildlog_git.flows.report import make_report
from tests.builder import DAY, Repo
from tests.flows.play import context
from tests.flows.stream import Made, write_history

WORDS = 6
ACTORS = (None, None, "claude", "codex")
"""Who makes the next commit: a person (None) as often as an agent."""

quick = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
long = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@dataclass
class Fate:
    """What became of one draft: its size, and lines taken by people, by agents, or by both."""

    size: int = 0
    removed: int = 0
    people: int = 0
    agents: int = 0
    both: int = 0

    def bounds(self) -> tuple[float, float] | None:
        """Return the distance; where both sides took a line, either may be charged."""
        found = []
        for shared in (0, self.both):
            whole = self.size - self.agents - self.both + shared + self.removed
            found.append((self.people + shared) / whole if whole else 0.0)
        return (min(found), max(found)) if self.size + self.removed > self.agents else None


def line(number: int, words: int = WORDS) -> str:
    return " ".join(f"t{number}x{word}" for word in range(words))


def measured(commits: list[Made]) -> dict[int, float | None]:
    """Return the distance of each draft in the report, by the number of its commit."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "repo.git")
        ids = write_history(path, commits)
        found = make_report(context(Repo(path), now=1_767_258_000 + DAY))
    numbers = {Oid(oid): number for number, oid in enumerate(ids)}
    return {numbers[item.commit]: item.distance for item in found.drafts}


def agree(found: dict[int, float | None], model: dict[int, Fate]) -> None:
    assert found.keys() == model.keys()
    for number, fate in model.items():
        bounds, value = fate.bounds(), found[number]
        if bounds is None:
            assert value is None, (number, fate)
            continue
        low, high = bounds
        if value is None:
            assert fate.size + fate.removed <= fate.agents + fate.both, (number, fate)
            continue
        assert low - 0.02 <= value <= high + 0.02, (number, fate, value)


# -- one line of history: blocks of any size, in two files --------------------------------------


@dataclass
class Text:
    """Two files as lists of (line number, who wrote it); -1 is nobody."""

    files: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: {"a": [], "b": []})
    next: int = 0

    def fresh(self, count: int, owner: int) -> list[tuple[int, int]]:
        self.next += count
        return [(number, owner) for number in range(self.next - count, self.next)]

    def content(self, name: str) -> str:
        # What people put in place of a block is one word: less than they took away, so that
        # the loss alone is the distance.
        return "".join(
            f"{line(number, WORDS if owner >= 0 else 1)}\n" for number, owner in self.files[name]
        )


Edit = tuple[str | None, str, str, int, int]

edits = st.tuples(
    st.sampled_from(ACTORS),
    st.sampled_from("ab"),
    st.sampled_from(["write", "write", "replace", "delete"]),
    st.integers(0, 30),
    st.integers(1, 6),
)


def play(steps: list[Edit]) -> tuple[list[Made], dict[int, Fate]]:
    text, fates = Text(), {}
    text.files["a"], text.files["b"] = text.fresh(5, -1), text.fresh(5, -1)
    commits = [Made({name: text.content(name) for name in text.files})]
    for agent, name, what, place, count in steps:
        number, lines = len(commits), text.files[name]
        owner = -1 if agent is None else number
        if agent is not None:
            fates[number] = Fate()
        start = place % (len(lines) + 1)
        end = start if what == "write" else min(len(lines), start + count)
        size = count if what == "write" else end - start
        if agent is None:
            size = 0 if what == "write" else min(size, 1)
        new = [] if what == "delete" else text.fresh(size, owner)
        for _, loser in lines[start:end]:
            if loser >= 0 and agent is None:
                fates[loser].people += 1
            elif loser >= 0:
                fates[loser].agents += 1
        if agent is not None:
            fates[number].size = len(new)
            fates[number].removed = 0 if new else end - start
        lines[start:end] = new
        commits.append(Made({name: text.content(name)}, agent))
    return commits, fates


def check_line(steps: list[Edit]) -> None:
    commits, fates = play(steps)
    agree(measured(commits), fates)


@quick
@given(st.lists(edits, min_size=3, max_size=25))
def test_a_line_of_history(steps: list[Edit]) -> None:
    check_line(steps)


@pytest.mark.slow
@long
@given(st.lists(edits, min_size=10, max_size=80))
def test_a_long_line_of_history(steps: list[Edit]) -> None:
    check_line(steps)


# -- branches and merges: single lines between anchors that stay --------------------------------

SLOTS = 12


@dataclass
class Line:
    """A line in a slot: who wrote it, and of each commit that took it away who made it."""

    slot: int
    owner: int
    takers: dict[int, str | None] = field(default_factory=dict)


class Graph:
    """All commits with what each contains; lines never return once they are gone."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.commits: list[Made] = []
        self.seen: list[set[int]] = []
        """For each commit the lines that it or an ancestor wrote."""
        self.stands: list[set[int]] = []
        self.past: list[set[int]] = []
        """For each commit itself and its ancestors."""
        self.add((), None, set(), set())

    def add(
        self, parents: tuple[int, ...], agent: str | None, seen: set[int], stands: set[int]
    ) -> int:
        number = len(self.commits)
        rows: list[str] = []
        for slot in range(SLOTS):
            rows.append(f"anchor{slot}a anchor{slot}b")
            rows += [line(at) for at in sorted(stands) if self.lines[at].slot == slot]
        for gone in set().union(*(self.stands[p] for p in parents)) - stands:
            holders = [p for p in parents if gone in self.seen[p]]
            if all(gone in self.stands[p] for p in holders):
                self.lines[gone].takers[number] = agent
        self.commits.append(Made({"f": "".join(f"{r}\n" for r in rows)}, agent, parents))
        self.seen.append(seen)
        self.stands.append(stands)
        self.past.append(set().union({number}, *(self.past[p] for p in parents)))
        return number

    def edit(self, at: int, agent: str | None, slots: set[int], write: bool) -> int:
        number = len(self.commits)
        stands = {one for one in self.stands[at] if self.lines[one].slot not in slots}
        seen = set(self.seen[at])
        if write:
            owner = -1 if agent is None else number
            # People only replace: a line of theirs in an empty slot is no revision of anything.
            filled = {self.lines[one].slot for one in self.stands[at]}
            for slot in sorted(slots if agent is not None else slots & filled):
                self.lines.append(Line(slot, owner))
                stands.add(len(self.lines) - 1)
                seen.add(len(self.lines) - 1)
        return self.add((at,), agent, seen, stands)

    def merge(self, ours: int, theirs: int, agent: str | None, evil: set[int]) -> int:
        seen = self.seen[ours] | self.seen[theirs]
        stands = {
            one
            for one in seen
            if all(one in self.stands[p] or one not in self.seen[p] for p in (ours, theirs))
        }
        for slot in range(SLOTS):
            here = sorted(one for one in stands if self.lines[one].slot == slot)
            if len(here) > 1:  # a conflict: the first side wins
                first = [one for one in here if one in self.stands[ours]] or here
                stands -= set(here) - set(first[:1])
        stands = {one for one in stands if self.lines[one].slot not in evil}
        return self.add((ours, theirs), agent, seen, stands)

    def fates(self, tip: int) -> dict[int, Fate]:
        found = {
            number: Fate()
            for number in sorted(self.past[tip])
            if self.commits[number].agent and len(self.commits[number].parents or ()) < 2
        }
        for one, text in enumerate(self.lines):
            if text.owner not in found:
                continue
            fate = found[text.owner]
            fate.size += 1
            if one not in self.stands[tip]:
                who = {agent for at, agent in text.takers.items() if at in self.past[tip]}
                assert who
                if None not in who:
                    fate.agents += 1
                elif len(who) == 1:
                    fate.people += 1
                else:
                    fate.both += 1
        for number, fate in found.items():
            before = self.stands[(self.commits[number].parents or ())[0]]
            if not fate.size:
                fate.removed = len(before - self.stands[number])
        return found


slots = st.sets(st.integers(0, SLOTS - 1), min_size=1, max_size=5)
moves: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just("edit"), st.sampled_from(ACTORS), st.integers(0, 2), slots, st.booleans()),
    st.tuples(st.just("edit"), st.sampled_from(ACTORS), st.integers(0, 2), slots, st.booleans()),
    st.tuples(
        st.just("merge"),
        st.sampled_from(ACTORS),
        st.integers(0, 5),
        st.one_of(st.just(set()), st.just(set()), slots),
        st.booleans(),
    ),
    st.tuples(st.just("fork"), st.none(), st.integers(0, 5), st.just(set()), st.booleans()),
)
Move = tuple[str, str | None, int, "set[int]", bool]


def build(steps: list[Move], tips: list[int]) -> Graph:
    graph = Graph()
    for what, agent, place, where, write in steps:
        one, other = place % 3, (place + 1 + place // 3) % 3
        if what == "edit":
            tips[one] = graph.edit(tips[one], agent, where, write)
        elif what == "fork":
            tips[one] = tips[other]
        elif tips[other] not in graph.past[tips[one]]:
            tips[one] = graph.merge(tips[one], tips[other], agent, where)
    for other in (1, 2):
        if tips[other] not in graph.past[tips[0]]:
            tips[0] = graph.merge(tips[0], tips[other], None, set())
    return graph


def check_graph(steps: list[Move]) -> None:
    tips = [0, 0, 0]
    graph = build(steps, tips)
    if tips[0] != len(graph.commits) - 1:
        tips[0] = graph.edit(tips[0], None, {0}, write=False)
    agree(measured(graph.commits), graph.fates(tips[0]))


@quick
@given(st.lists(moves, min_size=4, max_size=20))
def test_histories_that_fork_and_join(steps: list[Move]) -> None:
    check_graph(steps)


@pytest.mark.slow
@long
@given(st.lists(moves, min_size=10, max_size=60))
def test_long_histories_that_fork_and_join(steps: list[Move]) -> None:
    check_graph(steps)


FOUND: dict[str, list[Move]] = {
    "both-sides-by-agents": [
        ("edit", "codex", 0, {1, 3}, True),
        ("merge", "codex", 4, set(), False),
        ("edit", "codex", 0, {7}, True),
        ("edit", "codex", 1, {1}, False),
        ("edit", "claude", 0, {1}, False),
        ("edit", "codex", 2, {11}, True),
        ("merge", "codex", 1, set(), True),
    ],
    "one-side-by-an-agent": [
        ("edit", "claude", 1, {6, 7}, True),
        ("edit", "claude", 1, {9}, True),
        ("merge", None, 0, {6}, False),
        ("fork", None, 2, set(), False),
        ("edit", "claude", 2, {11}, True),
        ("fork", None, 0, set(), False),
        ("edit", "codex", 0, {9, 6}, False),
    ],
    "an-agent-merges-over-a-revision": [
        ("edit", "codex", 1, {7}, True),
        ("merge", "claude", 0, set(), False),
        ("edit", None, 0, {7}, True),
        ("merge", None, 5, set(), False),
        ("merge", "claude", 2, {7}, False),
    ],
    "an-edit-where-an-agents-merge-took-all": [
        ("edit", "claude", 1, {8}, True),
        ("fork", None, 5, set(), False),
        ("edit", "codex", 2, {11}, True),
        ("merge", "codex", 1, {8}, False),
        ("fork", None, 5, set(), False),
        ("edit", "codex", 2, {8}, True),
        ("edit", None, 2, {8}, True),
    ],
}
"""Histories that once were told wrong, made as short as they go."""


@pytest.mark.parametrize("steps", FOUND.values(), ids=FOUND.keys())
def test_histories_that_were_told_wrong(steps: list[Move]) -> None:
    check_graph(steps)
