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
from dataclasses import dataclass
from typing import NamedTuple

from buildlog_git.core.align import Alignment, align
from buildlog_git.core.tokens import kept_positions

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
    """A line as the draft had it: its tokens, what each is to the draft, and its key."""

    tokens: Sequence[str]
    flags: Sequence[int]
    key: str


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

    def touches(self, start: int, end: int) -> bool:
        """Return whether a change of lines ``start`` to ``end`` meets or adjoins the region."""
        return start <= self.start + self.size and self.start <= end


class Weighed(NamedTuple):
    """What became of a stretch, in tokens.

    ``lost`` are the draft's tokens that are no more, ``inserted`` those that people put in
    their place or between, ``restored`` those that the draft had removed and that stand again.
    ``own`` are the (line, token) positions of ``cur`` that are the draft's, ``spoilt`` how many
    of its lines lost a token.
    """

    lost: int
    inserted: int
    restored: int
    own: list[tuple[int, int]]
    spoilt: int


def weigh(orig: Sequence[OrigLine], cur: Sequence[CurLine], *, left: bool, right: bool) -> Weighed:
    """Measure ``cur`` against ``orig``.

    Args:
        orig: the lines that the draft had.
        cur: the lines that stand there now.
        left, right: whether the draft owns the token before and the token after the stretch.
    """
    old_at = kept_positions([line.tokens for line in orig])
    new_at = kept_positions([line.tokens or () for line in cur])
    flags = [orig[line].flags[index] for line, index in old_at]
    person = [cur[line].person for line, _ in new_at]
    found = align(
        [orig[line].tokens[index] for line, index in old_at],
        [(cur[line].tokens or ())[index] for line, index in new_at],
    )
    if found is None:
        lost = flags.count(OWN)
        counts = lost > 0 or (left and right and OTHER not in flags)
        spoilt = sum(OWN in line.flags for line in orig)
        return Weighed(lost, sum(person) if counts else 0, 0, [], spoilt)
    own, restored = [], 0
    stands = set()
    for a, c in found.pairs():
        stands.add(a)
        if flags[a] == OWN:
            own.append(new_at[c])
        restored += flags[a] == REMOVED and person[c]
    spoilt = len({old_at[a][0] for a, flag in enumerate(flags) if flag == OWN and a not in stands})
    lost, inserted = _losses(found, flags, person, left=left, right=right)
    return Weighed(lost, inserted, restored, own, spoilt)


def _losses(
    found: Alignment, flags: list[int], person: list[bool], *, left: bool, right: bool
) -> tuple[int, int]:
    if not found.ordered:
        matched_new = {c for _, c in found.pairs()}
        lost = flags.count(OWN) - sum(flags[a] == OWN for a, _ in found.pairs())
        extra = sum(p for c, p in enumerate(person) if c not in matched_new)
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
