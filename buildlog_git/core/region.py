"""One place where a draft's text was changed, measured against what the draft had there.

A region remembers, for one draft and one stretch of a file, the lines that the draft had
(``orig``) and the lines that stand there now (``cur``). Every later change in that stretch is
measured anew from ``orig``, never from the step before. So the distance of a draft after many
commits is the distance between the draft and the result: an edit that is undone costs nothing,
an edit of an edit is not counted twice, and the walk over history agrees with the comparison
of two trees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, repeat
from typing import NamedTuple

from buildlog_git.core.align import Alignment, Block, align, shared_runs
from buildlog_git.core.tokens import TELLING, flatten, line_key, weight

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
    """A line as it stands: its tokens, None where it was moved in, and whether by a person."""

    tokens: Sequence[str] | None
    person: bool


class Region:
    """A changed stretch: ``size`` lines from ``start`` (0-based) of the file as it is now.

    Never changed once made; regions are told apart by identity.
    """

    __slots__ = ("_lost", "account", "cur", "draft", "orig", "size", "start")

    def __init__(
        self,
        draft: int,
        start: int,
        size: int,
        orig: tuple[OrigLine, ...],
        cur: tuple[CurLine, ...],
        account: Account = ZERO,
        lost: tuple[tuple[int, str], ...] | None = None,
    ) -> None:
        self.draft = draft
        self.start = start
        self.size = size
        self.orig = orig
        self.cur = cur
        self.account = account
        self._lost = lost

    @property
    def removal(self) -> bool:
        """Whether the draft removed text here."""
        return any(REMOVED in line.flags for line in self.orig)

    @property
    def untouched_removal(self) -> bool:
        """Whether the draft removed text here, and nothing else has happened since."""
        return self.account == ZERO and self.size == 0 and self.removal

    @property
    def lost(self) -> tuple[tuple[int, str], ...]:
        """The lines of ``orig`` with the draft's text that stand no more: (number, key).

        Empty where they have too few letters and digits to be found again.
        """
        if self._lost is None:
            standing = {tuple(line.tokens or ()) for line in self.cur}
            lines = [
                (number, line.key)
                for number, line in enumerate(self.orig)
                if OWN in line.flags and tuple(line.tokens) not in standing
            ]
            enough = sum(weight(key) for _, key in lines) >= TELLING
            self._lost = tuple(lines) if enough else ()
        return self._lost

    @property
    def text_id(self) -> tuple[int, int]:
        """What the region shares with those that lie elsewhere but are the same."""
        return id(self.orig), id(self.cur)

    def at(self, start: int) -> Region:
        """Return the same region elsewhere in the file."""
        return Region(self.draft, start, self.size, self.orig, self.cur, self.account, self._lost)

    def touches(self, start: int, end: int) -> bool:
        """Return whether a change of lines ``start`` to ``end`` meets or adjoins the region."""
        return start <= self.start + self.size and self.start <= end


class Part(NamedTuple):
    """One change within a stretch: ``orig[a:b]`` gave way to ``cur[c:d]``.

    ``lost`` are the draft's tokens that are no more, ``inserted`` those that people put in
    their place or between, ``restored`` tokens that the draft had removed and that stand again.
    """

    a: int
    b: int
    c: int
    d: int
    lost: int
    inserted: int
    restored: int


class Weighed(NamedTuple):
    """What became of a stretch: its changes, and whose text stands.

    ``own`` marks, for all tokens of ``cur`` one after the other, those that are the draft's.
    """

    parts: list[Part]
    own: bytearray


def weigh(
    orig: Sequence[OrigLine],
    cur: Sequence[CurLine],
    *,
    left: bool,
    right: bool,
    anchored: bool = False,
) -> Weighed:
    """Measure ``cur`` against ``orig``.

    Args:
        orig: the lines that the draft had.
        cur: the lines that stand there now.
        left: whether the draft owns the token before the stretch.
        right: whether the draft owns the token after it.
        anchored: look for whole lines that stand as they were, and measure what lies between
            them apart. A diff has done so for its own hunks, but not for a stretch that
            several commits changed.
    """
    parts: list[Part] = []
    own = bytearray()
    standing = _standing_lines(orig, cur) if anchored else ()
    a = c = 0
    for old, new, size in (*standing, Block(len(orig), len(cur), 0)):
        if old > a or new > c:
            before = _edge_flag(orig[:a], last=True)
            after = _edge_flag(orig[old:], last=False)
            part, marks = _weigh_part(
                orig[a:old],
                cur[c:new],
                left=left if before is None else before == OWN,
                right=right if after is None else after == OWN,
            )
            parts.append(Part(a, old, c, new, *part))
            own += marks
        a, c = old + size, new + size
        if size:
            again = _restored(orig[old:a], cur[new:c])
            if any(REMOVED in line.flags for line in orig[old:a]):
                parts.append(Part(old, a, new, c, 0, 0, again))
            for line in orig[old:a]:
                own += bytes(flag == OWN for flag in line.flags)
    return Weighed(parts, own)


def _restored(orig: Sequence[OrigLine], cur: Sequence[CurLine]) -> int:
    return sum(
        now.person * list(was.flags).count(REMOVED) for was, now in zip(orig, cur, strict=True)
    )


def _standing_lines(orig: Sequence[OrigLine], cur: Sequence[CurLine]) -> Iterator[Block]:
    """Return the runs of lines that stand as they were."""
    old = [" ".join(line.tokens) or n for n, line in enumerate(orig)]
    new = [" ".join(line.tokens or ()) or -1 - n for n, line in enumerate(cur)]
    return shared_runs(old, new)


def _edge_flag(lines: Sequence[OrigLine], *, last: bool) -> int | None:
    """Return the flag of the last or first token of ``lines``, None where there is none."""
    for line in reversed(lines) if last else lines:
        if line.flags:
            return line.flags[-1 if last else 0]
    return None


def _weigh_part(
    orig: Sequence[OrigLine], cur: Sequence[CurLine], *, left: bool, right: bool
) -> tuple[tuple[int, int, int], bytearray]:
    """Return (lost, inserted, restored) and the marks of the draft's tokens in ``cur``."""
    old = flatten(line.tokens for line in orig)
    new = flatten(line.tokens or () for line in cur)
    flags = old.pick(list(chain.from_iterable(line.flags for line in orig)))
    people = (repeat(int(line.person), len(line.tokens or ())) for line in cur)
    person = new.pick(list(chain.from_iterable(people)))
    found = align(old.tokens, new.tokens)
    own, restored = bytearray(len(person)), 0
    for a, c, size in found.blocks:
        was = flags[a : a + size]
        if REMOVED in was:
            now = person[c : c + size]
            restored += sum(p for flag, p in zip(was, now, strict=True) if flag == REMOVED)
        if OWN in was:
            own[c : c + size] = bytes(flag == OWN for flag in was)
    size = sum(len(line.tokens or ()) for line in cur)
    lost, inserted = _losses(found, flags, person, left=left, right=right)
    return (lost, inserted, restored), new.spread(own, size)


def spoilt_lines(region: Region) -> int:
    """Return how many lines of the region's draft lost a token, after one change of it."""
    old = flatten(line.tokens for line in region.orig)
    new = flatten(line.tokens or () for line in region.cur)
    stands = {a for a, _ in align(old.tokens, new.tokens).pairs()}
    flags = old.pick(list(chain.from_iterable(line.flags for line in region.orig)))
    numbers = (repeat(n, len(line.tokens)) for n, line in enumerate(region.orig))
    lines = old.pick(list(chain.from_iterable(numbers)))
    return len({lines[a] for a, flag in enumerate(flags) if flag == OWN and a not in stands})


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


def settle_accounts(weighed: Weighed, before: Account, *, person: bool) -> list[Account]:
    """Return the account of each part after a change, given that of the whole before it.

    Newly lost tokens are charged to the side that made the change; tokens that came back are
    taken off the people's side first. In which part agents took something is not known: they
    are charged from the top.
    """
    new = sum(part.lost for part in weighed.parts) - before.lost - before.gone
    if new >= 0:
        gone = before.gone + (0 if person else new)
    else:
        gone = before.gone - max(0, -new - before.lost)
    accounts = []
    for part in weighed.parts:
        theirs = min(gone, part.lost)
        gone -= theirs
        lost = part.lost - theirs
        cost = max(lost, part.inserted)
        accounts.append(Account(cost, cost - lost, lost, part.restored, theirs))
    return accounts
