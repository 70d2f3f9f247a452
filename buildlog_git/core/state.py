"""The drafts' text in one version of one file: who owns each line's tokens, and the regions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from buildlog_git.core.region import OTHER, OWN, Region

Entry = int | tuple[int, ...] | None
"""Whose tokens a line holds: None nobody's, a draft's number for all of them, or a number for
each token (-1: nobody's)."""

BLANK = -2
"""The entry of a blank line: a line's neighbours are sought beyond it."""


class FileState:
    """The drafts' text in one version of one file. Never changed once made.

    ``lines`` has an entry for each line and may end early: beyond it nobody owns anything.
    ``drafts`` are the drafts that own text here or that people took text from. ``gone`` has
    how many tokens of each draft agents, bots or neutral commits replaced; no region tells of
    them. ``known`` are the drafts of both.
    """

    __slots__ = ("drafts", "gone", "known", "lines", "regions")

    def __init__(
        self,
        lines: list[Entry],
        regions: tuple[Region, ...],
        gone: Mapping[int, int] = MappingProxyType({}),
    ) -> None:
        self.lines = lines
        self.regions = regions
        self.gone = gone
        owners = {region.draft for region in regions}
        for entry in set(lines):
            if isinstance(entry, tuple):
                owners.update(entry)
            elif entry is not None:
                owners.add(entry)
        owners -= {-1, BLANK}
        self.drafts = frozenset(owners)
        self.known = self.drafts | gone.keys() if gone else self.drafts

    def entry(self, line: int) -> Entry:
        """Return the entry of a line, wherever the file ends."""
        return self.lines[line] if line < len(self.lines) else None


EMPTY = FileState([], ())


def owners_of(entry: Entry) -> Iterable[int]:
    """Return the drafts that own a token of the line."""
    if entry is None or entry == BLANK:
        return ()
    if isinstance(entry, tuple):
        return {owner for owner in entry if owner >= 0}
    return (entry,)


def owner_at(entry: Entry, token: int) -> int:
    """Return who owns one token of a line, -1 for nobody."""
    if entry is None or entry == BLANK:
        return -1
    if isinstance(entry, tuple):
        return entry[token] if token < len(entry) else -1
    return entry


def make_entry(owners: Sequence[int]) -> Entry:
    """Return the entry of a line whose tokens have these owners."""
    if not owners:
        return BLANK
    first = owners[0]
    if owners.count(first) == len(owners):
        return first if first >= 0 else None
    return tuple(owners)


def flags_for(draft: int, entry: Entry, size: int) -> list[int]:
    """Return what each of a line's ``size`` tokens is to ``draft``."""
    if not isinstance(entry, tuple):
        return [OWN if entry == draft else OTHER] * size
    return [OWN if owner_at(entry, index) == draft else OTHER for index in range(size)]


def last_owner(lines: Sequence[Entry], before: int) -> int:
    """Return who owns the last token above line ``before``, -1 for nobody."""
    at = before - 1
    while 0 <= at < len(lines) and lines[at] == BLANK:
        at -= 1
    return _edge(lines, at, -1)


def first_owner(lines: Sequence[Entry], at: int) -> int:
    """Return who owns the first token from line ``at`` on, -1 for nobody."""
    while at < len(lines) and lines[at] == BLANK:
        at += 1
    return _edge(lines, at, 0)


def _edge(lines: Sequence[Entry], at: int, token: int) -> int:
    if not 0 <= at < len(lines):
        return -1
    entry = lines[at]
    if isinstance(entry, tuple):
        return entry[token]
    return -1 if entry is None else entry
