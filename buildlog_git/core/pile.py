"""The regions of one file while a commit's hunks are applied to it, from the bottom to the top.

A rewrite of a large file has thousands of hunks and leaves thousands of regions. So no hunk
looks at all of them: those below it are set aside with the shift that they had, and those
above it are found by their place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from buildlog_git.core.region import Region


class Pile:
    """Regions by place; hunks must come in falling order."""

    def __init__(self, regions: Iterable[Region]) -> None:
        self._ahead: list[Region] = sorted(regions, key=_start)
        self._reach: list[int] = []
        """For each region ahead how far it and those before it reach."""
        self._behind: list[tuple[Region, int]] = []
        self._shift = 0
        self._measure(0)

    def near(self, start: int, end: int) -> list[Region]:
        """Return the regions that a change of lines ``start`` to ``end`` meets or adjoins."""
        while self._ahead and self._ahead[-1].start > end:
            self._behind.append((self._ahead.pop(), self._shift))
            self._reach.pop()
        found = []
        for at in range(len(self._ahead) - 1, -1, -1):
            if self._reach[at] < start:
                break
            if self._ahead[at].touches(start, end):
                found.append(self._ahead[at])
        return found[::-1]

    def add(self, region: Region) -> None:
        """Add a region."""
        at = bisect_right(self._ahead, region.start, key=_start)
        self._ahead.insert(at, region)
        self._measure(at)

    def remove(self, region: Region) -> None:
        """Remove a region that no hunk has passed."""
        at = bisect_left(self._ahead, region.start, key=_start)
        while self._ahead[at] is not region:
            at += 1
        del self._ahead[at]
        self._measure(at)

    def shift(self, end: int, by: int) -> None:
        """Move what begins at line ``end`` or below."""
        at = len(self._ahead)
        while at and self._ahead[at - 1].start >= end:
            at -= 1
            self._ahead[at] = self._ahead[at].at(self._ahead[at].start + by)
        self._measure(at)
        self._shift += by

    def regions(self) -> tuple[Region, ...]:
        """Return all regions, from the top of the file to its bottom."""
        moved = (r.at(r.start + self._shift - was) for r, was in reversed(self._behind))
        return (*self._ahead, *moved)

    def _measure(self, at: int) -> None:
        del self._reach[at:]
        reach = self._reach[-1] if self._reach else 0
        for region in self._ahead[at:]:
            reach = max(reach, region.start + region.size)
            self._reach.append(reach)


def _start(region: Region) -> int:
    return region.start
