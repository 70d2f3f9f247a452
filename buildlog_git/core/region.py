"""One place where a draft's text was changed, measured against what the draft had there.

A region remembers, for one draft and one stretch of a file, the lines that the draft had
(``orig``) and the lines that stand there now (``cur``). Every later change in that stretch is
measured anew from ``orig``, never from the step before. So the distance of a draft after many
commits is the distance between the draft and the result: an edit that is undone costs nothing,
an edit of an edit is not counted twice, and the walk over history agrees with the comparison
of two trees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from typing import NamedTuple

from buildlog_git.core.align import Alignment, align
from buildlog_git.core.tokens import Flat, flatten, line_key

OTHER, OWN, REMOVED = 0, 1, 2
"""What a token of ``orig`` is to the draft: somebody else's, its own, or removed by it."""


class Account(NamedTuple):
    """What happened to a draft, in tokens; see :class:`buildlog_git.core.events.Revision`."""

    cost: int = 0
    grow: int = 0
    lost: int = 0
    restored: int = 0
    gone: int = 0

    def plus(self, other: Account) -> Account:
        """Return the sum, field by field."""
        return Account(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other: Account) -> Account:
        """Return the difference, field by field."""
        return Account(*(a - b for a, b in zip(self, other, strict=True)))


ZERO = Account()


class OrigLine(NamedTuple):
    """A line as the draft had it: its tokens, what each is to the draft, and its text."""

    tokens: Sequence[str]
    flags: Sequence[int]
    text: str

    @property
    def key(self) -> str:
        """The line without white space."""
        return line_key(self.text)


class CurLine(NamedTuple):
    """A line as it stands: its tokens (None where it was moved in) and whether a person wrote it."""

    tokens: Sequence[str] | None
    person: bool


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A changed stretch: ``size`` lines from ``start`` (0-based) of the file as it is now."""

    draft: int
    start: int
    size: int
    orig: tuple[OrigLine, ...]
    cur: tuple[CurLine, ...]
    account: Account = ZERO

    @property
    def removal(self) -> bool:
        """Whether the draft removed text here."""
        return any(REMOVED in line.flags for line in self.orig)

    @property
    def untouched_removal(self) -> bool:
        """Whether the draft removed text here, and nothing else has happened since."""
        return self.account == ZERO and self.size == 0 and self.removal

    def at(self, start: int) -> Region:
        """Return the same region elsewhere in the file."""
        return replace(self, start=start)

    def touches(self, start: int, end: int) -> bool:
        """Return whether a change of lines ``start`` to ``end`` meets or adjoins the region."""
        return start <= self.start + self.size and self.start <= end


class Weighed(NamedTuple):
    """What became of a stretch, in tokens.

    ``lost`` are the draft's tokens that are no more, ``inserted`` those that people put in
    their place or between, ``restored`` those that the draft had removed and that stand again.
    ``own`` marks, for all tokens of ``cur`` one after the other, those that are the draft's.
    """

    lost: int
    inserted: int
    restored: int
    own: bytearray


class _Sides(NamedTuple):
    """Both sides of a stretch, token by token: what each was, and whether a person wrote it."""

    old: Flat
    flags: list[int]
    new: Flat
    person: list[int]
    found: Alignment | None


def _compare(orig: Sequence[OrigLine], cur: Sequence[CurLine]) -> _Sides:
    old = flatten(line.tokens for line in orig)
    new = flatten(line.tokens or () for line in cur)
    flags = old.pick(list(chain.from_iterable(line.flags for line in orig)))
    people = (repeat(int(line.person), len(line.tokens or ())) for line in cur)
    person = new.pick(list(chain.from_iterable(people)))
    return _Sides(old, flags, new, person, align(old.tokens, new.tokens))


def weigh(orig: Sequence[OrigLine], cur: Sequence[CurLine], *, left: bool, right: bool) -> Weighed:
    """Measure ``cur`` against ``orig``.

    Args:
        orig: the lines that the draft had.
        cur: the lines that stand there now.
        left, right: whether the draft owns the token before and the token after the stretch.

    """
    sides = _compare(orig, cur)
    flags, person, found = sides.flags, sides.person, sides.found
    size = sum(len(line.tokens or ()) for line in cur)
    if found is None:
        lost = flags.count(OWN)
        counts = lost > 0 or (left and right and OTHER not in flags)
        return Weighed(lost, sum(person) if counts else 0, 0, bytearray(size))
    own, restored = bytearray(len(person)), 0
    for block in found.blocks:
        was = flags[block.old : block.old + block.size]
        if REMOVED in was:
            now = person[block.new : block.new + block.size]
            restored += sum(p for flag, p in zip(was, now, strict=True) if flag == REMOVED)
        if OWN in was:
            own[block.new : block.new + block.size] = bytes(flag == OWN for flag in was)
    lost, inserted = _losses(found, flags, person, left=left, right=right)
    return Weighed(lost, inserted, restored, sides.new.spread(own, size))


def spoilt_lines(region: Region) -> int:
    """Return how many lines of the region's draft lost a token."""
    sides = _compare(region.orig, region.cur)
    stands = {a for a, _ in sides.found.pairs()} if sides.found else set()
    numbers = list(
        chain.from_iterable(repeat(n, len(line.tokens)) for n, line in enumerate(region.orig))
    )
    lines = sides.old.pick(numbers)
    return len({lines[a] for a, flag in enumerate(sides.flags) if flag == OWN and a not in stands})


def _losses(
    found: Alignment, flags: list[int], person: list[int], *, left: bool, right: bool
) -> tuple[int, int]:
    if not found.ordered:
        matched = {c for _, c in found.pairs()}
        lost = flags.count(OWN) - sum(flags[a] == OWN for a, _ in found.pairs())
        extra = sum(p for c, p in enumerate(person) if c not in matched)
        return lost, extra if lost else 0
    lost = inserted = 0
    for a, b, c, d in found.gaps():
        gone = flags[a:b]
        lost_here = gone.count(OWN)
        lost += lost_here
        if c == d:
            continue
        before = flags[a - 1] == OWN if a > 0 else left
        after = flags[b] == OWN if b < len(flags) else right
        if lost_here or (before and after and OTHER not in gone):
            inserted += sum(person[c:d])
    return lost, inserted


def settle_account(weighed: Weighed, before: Account, *, person: bool) -> Account:
    """Return the region's account after a change, given its account before it.

    Newly lost tokens are charged to the side that made the change; tokens that came back are
    taken off the people's side first.
    """
    lost, gone = before.lost, before.gone
    new = weighed.lost - lost - gone
    if new >= 0:
        lost, gone = (lost + new, gone) if person else (lost, gone + new)
    else:
        back = min(lost, -new)
        lost, gone = lost - back, gone - (-new - back)
    cost = max(lost, weighed.inserted)
    return Account(cost, cost - lost, lost, weighed.restored, gone)
