"""Parts and unions of file states: which drafts' text goes where when history joins."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from itertools import zip_longest
from typing import NamedTuple

from buildlog_git.core.pile import Pile
from buildlog_git.core.region import ZERO, Account, Region
from buildlog_git.core.state import BLANK, Entry, FileState, make_entry, owners_of


def restrict(
    file: FileState,
    drafts: AbstractSet[int],
    is_open: Callable[[int], bool] = lambda _: True,
) -> FileState:
    """Return ``file`` with the text of ``drafts`` only, and perhaps of drafts not open."""
    if not any(map(is_open, file.known - drafts)):
        return file
    lines = [_restrict_entry(entry, drafts) for entry in file.lines]
    return FileState(
        lines,
        tuple(r for r in file.regions if r.draft in drafts),
        {draft: size for draft, size in file.gone.items() if draft in drafts},
    )


def _restrict_entry(entry: Entry, drafts: AbstractSet[int]) -> Entry:
    if isinstance(entry, tuple):
        return make_entry([owner if owner in drafts else -1 for owner in entry])
    if entry is None or entry == BLANK or entry in drafts:
        return entry
    return None


def overlay(files: dict[str, FileState], path: str, file: FileState) -> None:
    """Add ``file`` to what ``files`` has at ``path``; both are of the same version.

    Where both own a token, the one that is there keeps it.
    """
    there = files.get(path)
    if there is None or there is file:
        files[path] = file
        return
    known = {id(region) for region in there.regions}
    lines = [_either(a, b) for a, b in zip_longest(there.lines, file.lines)]
    regions = (*there.regions, *(r for r in file.regions if id(r) not in known))
    files[path] = FileState(lines, regions, {**file.gone, **there.gone})


def reconcile(
    first: FileState, second: FileState, old: AbstractSet[tuple[int, int]], *, person: bool
) -> FileState:
    """Unite what two parents of a merge say of one file in the merge's version.

    What one parent's history did to a draft looks, from the other parent, like a change that
    the merge makes. So a change counts as the merge's own only where it is new from both; else
    the parent in whose history it lies knows who made it.

    Args:
        first: the file as the first parent's state has become it.
        second: the same of another parent.
        old: the ``text_id`` of the regions that a parent brought along.
        person: whether a person made the merge.

    """
    both = first.known & second.known
    mine, theirs = _part(first, both, old), _part(second, both, old)
    own, same = _beside(mine.new, theirs.new), _beside(theirs.new, mine.new)
    from_theirs = [region for region in mine.new if region not in own]
    told = _beside(from_theirs, theirs.old)
    # What both parents brought along is told once, as the first has it; so is what is gone
    # there already.
    known = _beside(theirs.old, [*mine.old, *own])
    seen = _beside(theirs.old, from_theirs)
    kept = [*mine.old, *mine.others, *theirs.others]
    kept += [r for r in theirs.old if r not in known and (r in seen or r.account == ZERO)]
    merged = _less(
        [region for region in mine.new if region in own],
        [region for region in theirs.new if region in same],
        person=person,
    )
    # Of what only agents took no region is kept, here as elsewhere.
    written_off = [r for r in merged if r.account == Account(gone=r.account.gone) != ZERO]
    kept += [region for region in merged if region not in written_off]
    gone = {draft: size for draft, size in second.gone.items() if draft not in both}
    gone |= first.gone
    # Where no region of the other parent tells of a change, agents made it there.
    for region in (*written_off, *(r for r in from_theirs if r not in told)):
        taken = region.account.lost + region.account.gone
        gone[region.draft] = gone.get(region.draft, 0) + taken
    lines = [_either(a, b) for a, b in zip_longest(first.lines, second.lines)]
    return FileState(lines, tuple(kept), gone)


def _less(mine: list[Region], theirs: list[Region], *, person: bool) -> list[Region]:
    """Return, of each draft, the regions of that parent from which the merge took less itself."""
    totals: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    for total, regions in zip(totals, (mine, theirs), strict=True):
        for region in regions:
            total[region.draft] += region.account.lost if person else region.account.gone
    first, second = totals
    return [
        *(region for region in mine if first[region.draft] <= second[region.draft]),
        *(region for region in theirs if first[region.draft] > second[region.draft]),
    ]


class _Parted(NamedTuple):
    """A file's regions: of drafts that both parents know, old and new ones, and of others."""

    old: list[Region]
    new: list[Region]
    others: list[Region]


def _part(file: FileState, both: AbstractSet[int], old: AbstractSet[tuple[int, int]]) -> _Parted:
    parted = _Parted([], [], [])
    for region in file.regions:
        if region.draft not in both:
            parted.others.append(region)
        else:
            (parted.old if region.text_id in old else parted.new).append(region)
    return parted


def _beside(regions: Sequence[Region], others: Iterable[Region]) -> set[Region]:
    """Return those of ``regions`` that lie where one of ``others`` of the same draft does."""
    by_draft: dict[int, list[Region]] = {}
    for other in others:
        by_draft.setdefault(other.draft, []).append(other)
    piles = {draft: Pile(those) for draft, those in by_draft.items()}
    found = set()
    for region in sorted(regions, key=lambda r: r.start + r.size, reverse=True):
        pile = piles.get(region.draft)
        near = pile.near(region.start, region.start + region.size) if pile else ()
        if any(_same_place(region, other) for other in near):
            found.add(region)
    return found


def _same_place(one: Region, other: Region) -> bool:
    if one.start == other.start and one.size == other.size:
        return True
    reach = min(one.start + one.size, other.start + other.size) - max(one.start, other.start)
    return reach > 0 or (reach == 0 and not (one.size and other.size))


def _either(first: Entry, second: Entry) -> Entry:
    if (
        second is None
        or first == second
        or (first is not None and first != BLANK and not isinstance(first, tuple))
    ):
        return first
    if not any(True for _ in owners_of(first)):
        return second if first is None or second != BLANK else first
    if not isinstance(first, tuple):
        return first
    if isinstance(second, tuple):
        if len(first) != len(second):
            return first
        return tuple(a if a >= 0 else b for a, b in zip(first, second, strict=True))
    return first if second == BLANK else tuple(a if a >= 0 else second for a in first)
