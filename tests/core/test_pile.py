"""The pile of regions tells the same as looking at every region at every hunk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.pile import Pile
from buildlog_git.core.region import Region

places = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5)), max_size=12)
hunks = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5), st.integers(0, 5)), max_size=8)


def where(regions: list[Region]) -> list[tuple[int, int]]:
    return sorted((region.start, region.size) for region in regions)


@given(places, hunks)
def test_a_pile_is_a_list_that_is_quick(
    given: list[tuple[int, int]], edits: list[tuple[int, int, int]]
) -> None:
    plain = [Region(0, start, size, (), ()) for start, size in given]
    pile = Pile(plain)
    above = 100
    for start, old, new in sorted(edits, reverse=True):
        end = start + old
        if end >= above:
            continue
        above = start
        near = [region for region in plain if region.touches(start, end)]
        found = pile.near(start, end)
        assert where(found) == where(near)
        for region in found:
            pile.remove(region)
        plain = [region for region in plain if not region.touches(start, end)]
        plain = [r.at(r.start + new - old) if r.start >= end else r for r in plain]
        pile.shift(end, new - old)
        made = Region(0, start, new, (), ())
        plain.append(made)
        pile.add(made)
        assert where(list(pile.regions())) == where(plain)
