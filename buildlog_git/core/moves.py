"""Text that one commit took from one place and put, verbatim, in another.

A run of lines counts as moved where it has at least 20 letters and digits and stands again,
white space aside, among the lines that the commit added in this or another file. Moved text
keeps its owner. Text of nobody counts as moved only when an agent moved it and the run has
at least two lines: it then is not the agent's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from buildlog_git.core.patch import FileChange, Hunk
from buildlog_git.core.region import OWN, REMOVED, Region
from buildlog_git.core.state import BLANK, Entry, FileState, make_entry, owners_of
from buildlog_git.core.tokens import TELLING, line_key, weight

MIN_LINES_UNOWNED = 2
_CANDIDATES = 16
"""How many places of one line are tried: a line that stands everywhere identifies nothing."""

Place = tuple[int, int, int]
"""(number of the change, number of the hunk, number of the line within the hunk's side)."""


class MovedLines:
    """Where lines left, where they arrived and whose they are there."""

    __slots__ = ("returned", "sources", "targets", "unowned")

    def __init__(self) -> None:
        self.sources: dict[tuple[int, int], set[int]] = {}
        self.targets: dict[tuple[int, int], dict[int, Entry]] = {}
        self.returned: dict[int, list[tuple[Region, set[int]]]] = {}
        self.unowned = False

    def left(self, change: int, hunk: int) -> set[int]:
        """Return the removed lines of a hunk that stand elsewhere now."""
        return self.sources.get((change, hunk), set())

    def arrived(self, change: int, hunk: int) -> dict[int, Entry]:
        """Return the added lines of a hunk that came from elsewhere, with their owners."""
        return self.targets.get((change, hunk), {})

    def leave(self, line: _Line) -> None:
        """Record that ``line`` left where it was."""
        if line.region is None:
            self.sources.setdefault((line.number, line.hunk), set()).add(line.at)
            return
        back = self.returned.setdefault(line.number, [])
        for region, lines in back:
            if region is line.region:
                lines.add(line.at)
                return
        back.append((line.region, {line.at}))

    def put(self, place: Place, entry: Entry) -> None:
        """Record that the line with ``entry`` arrived at ``place``."""
        self.targets.setdefault(place[:2], {})[place[2]] = entry


class _Line(NamedTuple):
    """A line that left: its key, its owners, and where it was.

    ``number`` is that of the change; with a ``region``, ``at`` counts in what the region's
    draft had, else in the old side of the change's hunk ``hunk``.
    """

    key: str
    entry: Entry
    number: int
    hunk: int
    at: int
    region: Region | None = None


def find_moves(
    changes: Sequence[FileChange],
    states: Sequence[FileState],
    *,
    agent: bool,
    is_open: Callable[[int], bool],
    with_unowned: bool = True,
) -> MovedLines:
    """Find the moves of one commit.

    Args:
        changes: the commit's file changes.
        states: the file states before the commit, one for each change.
        agent: whether an agent made the commit; only then text of nobody can be moved.
        is_open: whether a draft is still followed.
        with_unowned: False leaves text of nobody to its new owner.

    """
    moved = MovedLines()
    if sum(map(_added, changes)) < TELLING:
        return moved
    runs = list(_left_runs(changes, states, agent and with_unowned, is_open))
    runs += _lost_runs(changes, states, is_open)
    wanted = {line.key for run in runs for line in run if line.key}
    if not wanted or sum(map(weight, wanted)) < TELLING:
        return moved
    places: dict[str, list[Place]] = {}
    for number, change in enumerate(changes):
        for index, hunk in enumerate(change.hunks):
            for at, text in enumerate(hunk.new):
                key = line_key(text)
                if key in wanted:
                    places.setdefault(key, []).append((number, index, at))
    search = _Search(changes, states, places, moved)
    for run in runs:
        search.place(run)
    return moved


def _added(change: FileChange) -> int:
    """Return an upper bound of the characters that a change adds; its hunks stay unread."""
    return len(change.body)


def _left_runs(
    changes: Sequence[FileChange],
    states: Sequence[FileState],
    unowned: bool,
    is_open: Callable[[int], bool],
) -> Iterator[list[_Line]]:
    """Yield the runs of lines that a hunk removes and that may stand elsewhere now."""
    for number, change in enumerate(changes):
        state = states[number]
        if not unowned and not state.drafts:
            continue
        for index, hunk in enumerate(change.hunks):
            if sum(map(len, hunk.old)) < TELLING:
                continue
            run: list[_Line] = []
            for at, text in enumerate(hunk.old):
                entry = state.entry(hunk.start + at)
                owned = entry is not None and any(map(is_open, owners_of(entry)))
                key = line_key(text)
                # Blank lines hold a run together.
                if owned or unowned or (run and not key):
                    kept = entry if owned else None if key else BLANK
                    run.append(_Line(key, kept, number, index, at))
                elif run:
                    yield run
                    run = []
            if run:
                yield run


def _lost_runs(
    changes: Sequence[FileChange],
    states: Sequence[FileState],
    is_open: Callable[[int], bool],
) -> Iterator[list[_Line]]:
    """Yield what drafts lost earlier in these files: it may return elsewhere in them."""
    for number, change in enumerate(changes):
        if not states[number].regions or _added(change) < TELLING:
            continue
        for region in states[number].regions:
            account = region.account
            if not (account.lost or account.gone) or not is_open(region.draft):
                continue
            run = []
            for at, key in region.lost:
                flags = region.orig[at].flags
                entry = make_entry([region.draft if flag == OWN else -1 for flag in flags])
                run.append(_Line(key, entry, number, -1, at, region))
            if run:
                yield run


class _Search:
    """Looks for the longest place of each run; a place serves one line only."""

    def __init__(
        self,
        changes: Sequence[FileChange],
        states: Sequence[FileState],
        places: dict[str, list[Place]],
        moved: MovedLines,
    ) -> None:
        self.changes = changes
        self.states = states
        self.places = places
        self.moved = moved
        self.taken: set[Place] = set()

    def place(self, run: list[_Line]) -> None:
        """Place as much of ``run`` as stands somewhere."""
        at = 0
        while at < len(run):
            length, place = self._longest(run, at) if run[at].key else (0, None)
            if place is None:
                at += 1
                continue
            for offset in range(length):
                target = (place[0], place[1], place[2] + offset)
                line = run[at + offset]
                self.taken.add(target)
                self.moved.leave(line)
                self.moved.put(target, line.entry)
                self.moved.unowned |= line.entry is None
            at += length

    def _longest(self, run: list[_Line], at: int) -> tuple[int, Place | None]:
        best, where = 0, None
        for place in self.places.get(run[at].key, ())[:_CANDIDATES]:
            length = self._length(run, at, place)
            if length > best and self._is_move(run[at : at + length], place):
                best, where = length, place
        return best, where

    def _length(self, run: list[_Line], at: int, place: Place) -> int:
        number, index, line = place
        new = self.changes[number].hunks[index].new
        length = 0
        while (
            at + length < len(run)
            and line + length < len(new)
            and (number, index, line + length) not in self.taken
            and run[at + length].key == line_key(new[line + length])
        ):
            length += 1
        while length and not run[at + length - 1].key:
            length -= 1
        return length

    def _is_move(self, lines: list[_Line], place: Place) -> bool:
        if sum(weight(line.key) for line in lines) < TELLING:
            return False
        owners = {owner for line in lines for owner in owners_of(line.entry)}
        if not owners and sum(bool(line.key) for line in lines) < MIN_LINES_UNOWNED:
            return False
        hunk = self.changes[place[0]].hunks[place[1]]
        avoid = lines[0].region
        if avoid is not None:
            at_home = any(region is avoid for region in self.states[place[0]].regions)
            return at_home and not _touches(avoid, hunk)
        return not self._restores(owners, {line.key for line in lines}, place[0], hunk)

    def _restores(self, owners: set[int], keys: set[str], number: int, hunk: Hunk) -> bool:
        """Return whether the text goes back where its owner had once removed it."""
        return any(
            region.draft in owners
            and _touches(region, hunk)
            and any(REMOVED in line.flags and line.key in keys for line in region.orig)
            for region in self.states[number].regions
        )


def _touches(region: Region, hunk: Hunk) -> bool:
    return region.touches(hunk.start, hunk.start + len(hunk.old))
