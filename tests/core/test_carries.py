"""No carry makes a commit come before itself."""

from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.carries import without_cycles
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Carry

A, B, C = (Oid(letter * 40) for letter in "abc")
MANY = [Oid(f"{number:040x}") for number in range(8)]


def carry(source: Oid) -> Carry:
    return Carry(source, frozenset({source}), "squash")


def test_two_that_live_on_in_each_other() -> None:
    left = without_cycles({A: (carry(B),), B: (carry(A),)}, {A: (), B: ()})
    assert list(map(len, left.values())) == [1]


def test_one_that_lives_on_in_what_it_contains() -> None:
    carries = {A: (carry(C), carry(B))}
    assert without_cycles(carries, {A: (), B: (), C: (A,)}) == {A: (carry(B),)}


def test_what_is_sound_stays() -> None:
    carries = {C: (carry(A), carry(B)), B: (carry(A),)}
    assert without_cycles(carries, {A: (), B: (A,), C: ()}) == carries


places = st.integers(0, len(MANY) - 1)


@given(st.dictionaries(places, st.lists(places, max_size=3)), st.lists(st.tuples(places, places)))
def test_there_is_an_order(found: dict[int, list[int]], lines: list[tuple[int, int]]) -> None:
    parents: dict[Oid, list[Oid]] = {oid: [] for oid in MANY}
    for one, other in lines:
        if one != other:
            parents[MANY[max(one, other)]].append(MANY[min(one, other)])
    carries = {MANY[n]: tuple(carry(MANY[k]) for k in those) for n, those in found.items()}
    left = without_cycles(carries, parents)
    graph = {oid: [*parents[oid], *(c.source for c in left.get(oid, ()))] for oid in MANY}
    assert len(list(TopologicalSorter(graph).static_order())) == len(MANY)
    for oid, those in left.items():
        assert set(those) <= set(carries[oid])
