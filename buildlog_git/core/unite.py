"""Parts and unions of file states: which drafts' text goes where when history joins."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from itertools import zip_longest

from buildlog_git.core.state import BLANK, Entry, FileState, make_entry, owners_of


def restrict(
    file: FileState,
    drafts: AbstractSet[int],
    is_open: Callable[[int], bool] = lambda _: True,
) -> FileState:
    """Return ``file`` with the text of ``drafts`` only, and perhaps of drafts not open."""
    if not any(map(is_open, file.drafts - drafts)):
        return file
    lines = [_restrict_entry(entry, drafts) for entry in file.lines]
    return FileState(lines, tuple(r for r in file.regions if r.draft in drafts))


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
    files[path] = FileState(lines, regions)


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
