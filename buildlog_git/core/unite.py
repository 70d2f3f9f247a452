"""Parts and unions of file states: which drafts' text goes where when history joins."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from buildlog_git.core.region import Region
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
    first: FileState, second: FileState, old: AbstractSet[int], *, person: bool
) -> FileState:
    """Unite what two parents of a merge say of one file in the merge's version.

    What one parent's history did to a draft looks, from the other parent, like a change that
    the merge makes. So a change counts as the merge's own only where it is new from both; else
    the parent in whose history it lies knows who made it.

    Args:
        first: the file as the first parent's state has become it.
        second: the same of another parent.
        old: the ``orig`` (by identity) of the regions that a parent brought along.
        person: whether a person made the merge; what others lose in it is gone.

    """
    both = first.known & second.known
    kept: list[Region] = []
    own: list[Region] = []
    for region in first.regions:
        if region.draft not in both or id(region.orig) in old:
            kept.append(region)
        elif any(_same_place(region, r) for r in second.regions if id(r.orig) not in old):
            own.append(region)
    for region in second.regions:
        if region.draft not in both or (
            id(region.orig) in old and not any(_same_place(region, r) for r in (*kept, *own))
        ):
            kept.append(region)
    gone = {**second.gone, **first.gone}
    if person:
        kept += own
    else:
        for region in own:
            gone[region.draft] = gone.get(region.draft, 0) + region.account.lost
    lines = [_either(a, b) for a, b in zip_longest(first.lines, second.lines)]
    return FileState(lines, tuple(kept), gone)


def _same_place(one: Region, other: Region) -> bool:
    if one.draft != other.draft:
        return False
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
