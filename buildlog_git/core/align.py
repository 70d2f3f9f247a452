"""What of one token list stands in another: the longest common subsequence, behind a gate.

Two texts with little in common always share some commas and brackets. So an alignment counts
only where it covers at least 60 % of the shorter side; below, the one text replaced the other.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import NamedTuple

GATE = 0.6
CAP = 20_000
"""Tokens above which order is given up and the two sides are compared as multisets."""


class Block(NamedTuple):
    """``size`` tokens from ``old`` on equal those from ``new`` on."""

    old: int
    new: int
    size: int


class Gap(NamedTuple):
    """Between two blocks: ``old[a:b]`` gave way to ``new[c:d]``; either may be empty."""

    a: int
    b: int
    c: int
    d: int


class Alignment(NamedTuple):
    """The blocks that two token lists share; in rising order on both sides if ``ordered``."""

    blocks: tuple[Block, ...]
    old_size: int
    new_size: int
    ordered: bool = True

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Yield (old index, new index) of each shared token."""
        for old, new, size in self.blocks:
            yield from zip(range(old, old + size), range(new, new + size), strict=True)

    def gaps(self) -> Iterator[Gap]:
        """Yield what lies between the blocks, before the first and after the last."""
        a = c = 0
        for block in (*self.blocks, Block(self.old_size, self.new_size, 0)):
            if block.old > a or block.new > c:
                yield Gap(a, block.old, c, block.new)
            a, c = block.old + block.size, block.new + block.size


def align(old: Sequence[str], new: Sequence[str]) -> Alignment:
    """Return what ``old`` and ``new`` share: nothing below the gate."""
    if not old or not new:
        return Alignment((), len(old), len(new))
    ordered = max(len(old), len(new)) <= CAP
    blocks = _subsequence(old, new) if ordered else _multiset(old, new)
    if sum(block.size for block in blocks) < GATE * min(len(old), len(new)):
        return Alignment((), len(old), len(new))
    return Alignment(blocks, len(old), len(new), ordered)


def _subsequence(old: Sequence[str], new: Sequence[str]) -> tuple[Block, ...]:
    if old == new:
        return (Block(0, 0, len(old)),)
    return tuple(shared_runs(old, new))


def shared_runs(old: Sequence[Hashable], new: Sequence[Hashable]) -> Iterator[Block]:
    """Yield the runs of a longest common subsequence, in rising order."""
    # Importing it costs as much as a bare interpreter, and many commits align nothing.
    from rapidfuzz.distance import LCSseq

    for match in LCSseq.editops(old, new).as_matching_blocks():
        if match.size:
            yield Block(match.a, match.b, match.size)


def _multiset(old: Sequence[str], new: Sequence[str]) -> tuple[Block, ...]:
    places: dict[str, list[int]] = {}
    for index in range(len(new) - 1, -1, -1):
        places.setdefault(new[index], []).append(index)
    return tuple(
        Block(index, places[token].pop(), 1) for index, token in enumerate(old) if places.get(token)
    )
