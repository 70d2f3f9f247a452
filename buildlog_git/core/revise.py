"""Applies one commit to one file: who owns what afterwards, and what each draft lost.

A commit's hunks are applied from the bottom of a file to its top, so that the line numbers
above stay those of the old file.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import repeat
from typing import NamedTuple

from buildlog_git.core.ownership import Tokens, new_owners, paint, token_owners
from buildlog_git.core.patch import Hunk
from buildlog_git.core.pile import Pile
from buildlog_git.core.region import (
    REMOVED,
    ZERO,
    Account,
    CurLine,
    OrigLine,
    Region,
    Weighed,
    settle_accounts,
    weigh,
)
from buildlog_git.core.state import (
    BLANK,
    Entry,
    FileState,
    first_owner,
    flags_for,
    last_owner,
    make_entry,
    owners_of,
)
from buildlog_git.core.tokens import count_tokens, flatten, tokenize


class Actor(NamedTuple):
    """Who made a commit.

    ``draft`` is its number where the commit is a draft of its own; ``person`` says whether
    what it takes away counts as people's. What others take is written off, without a region
    that tells where, unless ``writes_off`` is False.
    """

    draft: int | None
    person: bool
    writes_off: bool = True


class Owned(NamedTuple):
    """The size of a draft: T, Dt, lines and files of the definition."""

    tokens: int = 0
    removed: int = 0
    lines: int = 0
    files: int = 0

    def plus(self, other: Owned) -> Owned:
        """Return the sum, field by field."""
        return Owned(*(a + b for a, b in zip(self, other, strict=True)))


class _Ready(NamedTuple):
    """A hunk made ready: tokens and owners of both sides, moved lines taken out."""

    start: int
    end: int
    texts: list[str]
    removed: Tokens
    new: Tokens
    entries: list[Entry]
    left: set[int]
    arrived: dict[int, Entry]
    was: list[int]
    owners: list[list[int]]
    person: bool


class _Sides(_Ready):
    """A hunk made ready, and what is made of it where it is wanted."""

    @property
    def shift(self) -> int:
        return len(self.new) - len(self.removed)

    # Only a hunk that a draft is measured in needs these.
    @cached_property
    def old(self) -> list[OrigLine]:
        return [OrigLine(*line) for line in zip(self.removed, repeat(()), self.texts)]

    @cached_property
    def fresh(self) -> list[CurLine]:
        return [
            CurLine(None if n in self.arrived else tokens, self.person)
            for n, tokens in enumerate(self.new)
        ]


class FileRevision:
    """One file in one commit."""

    def __init__(
        self,
        state: FileState,
        actor: Actor,
        is_open: Callable[[int], bool],
        charges: dict[int, Account],
    ) -> None:
        self.lines = list(state.lines)
        self.regions = Pile(region for region in state.regions if is_open(region.draft))
        self.gone = {draft: size for draft, size in state.gone.items() if is_open(draft)}
        self.actor = actor
        self.is_open = is_open
        self.charges = charges
        self.owned = Owned()

    def finish(self) -> FileState:
        """Return the file as the commit left it."""
        while self.lines and not any(True for _ in owners_of(self.lines[-1])):
            self.lines.pop()
        return FileState(self.lines, self.regions.regions(), self.gone)

    def take_back(self, region: Region, lines: set[int]) -> None:
        """Lines that ``region`` had lost stand elsewhere in the file again."""
        orig = tuple(line for index, line in enumerate(region.orig) if index not in lines)
        weighed = weigh(
            orig,
            region.cur,
            left=last_owner(self.lines, region.start) == region.draft,
            right=first_owner(self.lines, region.start + region.size) == region.draft,
            anchored=True,
        )
        self.regions.remove(region)
        whole = Region(region.draft, region.start, region.size, orig, region.cur, region.account)
        for part in self._settle(whole, weighed, person=True):
            self._keep(part)

    def _settle(self, whole: Region, weighed: Weighed, *, person: bool) -> list[Region]:
        """Charge what ``weighed`` says of ``whole``; return a region for each of its parts.

        ``whole`` has the account from before. What stands between the parts as the draft had
        it belongs to no region any more.
        """
        accounts = settle_accounts(weighed, whole.account, person=person)
        total = ZERO
        for account in accounts:
            total = total.plus(account)
        self._charge(whole.draft, total.minus(whole.account))
        return [
            Region(
                whole.draft,
                whole.start + part.c,
                part.d - part.c,
                whole.orig[part.a : part.b],
                whole.cur[part.c : part.d],
                account,
            )
            for part, account in zip(weighed.parts, accounts, strict=True)
        ]

    def apply(self, hunk: Hunk, left: set[int], arrived: dict[int, Entry]) -> None:
        """Apply one hunk; lines in ``left`` moved away, lines in ``arrived`` came in."""
        end = hunk.start + len(hunk.old)
        near = self.regions.near(hunk.start, end)
        involved = self._involved(hunk.start, end, near)
        if not involved and self.actor.draft is None and not arrived:
            self._splice(hunk.start, end, [None] * len(hunk.new))
            return
        if not involved and not arrived and not hunk.old:
            self._add_lines(hunk)
            return
        sides = self._ready(hunk, left, arrived)
        united: list[Region] = []
        for draft in involved:
            mine = [region for region in near if region.draft == draft]
            if (
                self.actor.person
                or not self.actor.writes_off
                or not all(region.untouched_removal for region in mine)
            ):
                united += self._measure(draft, sides, mine)
            else:
                self._write_off(draft, sides)
                united += [region.at(hunk.start) for region in mine]
        removed = self._size_up(sides)
        for region in near:
            if region.draft in involved:
                self.regions.remove(region)
        entries = [
            arrived[index] if index in arrived else make_entry(owners)
            for index, owners in enumerate(sides.owners)
        ]
        self._splice(hunk.start, end, entries)
        for region in (*united, *removed):
            self._keep(region)

    def _add_lines(self, hunk: Hunk) -> None:
        """Apply a hunk in which an agent only adds: all of it is its own."""
        draft = self.actor.draft
        entries: list[Entry] = [
            draft if text and not text.isspace() else BLANK for text in hunk.new
        ]
        lines = len(entries) - entries.count(BLANK)
        self.owned = self.owned.plus(Owned(count_tokens("\n".join(hunk.new)), 0, lines))
        self._splice(hunk.start, hunk.start, entries)

    def _involved(self, start: int, end: int, near: list[Region]) -> list[int]:
        drafts = {region.draft for region in near}
        for entry in set(self.lines[start:end]):
            drafts.update(owners_of(entry))
        if start == end:
            drafts.add(last_owner(self.lines, start))
            drafts.intersection_update(
                {region.draft for region in near} | {first_owner(self.lines, start)}
            )
        drafts.discard(-1)
        return sorted(filter(self.is_open, drafts))

    def _ready(self, hunk: Hunk, left: set[int], arrived: dict[int, Entry]) -> _Sides:
        end = hunk.start + len(hunk.old)
        old = [tokenize(line) for line in hunk.old]
        new = [tokenize(line) for line in hunk.new]
        entries = self.lines[hunk.start : end]
        entries += [None] * (len(old) - len(entries))
        before = flatten([] if n in left else tokens for n, tokens in enumerate(old))
        after = flatten([] if n in arrived else tokens for n, tokens in enumerate(new))
        was = [
            owner
            for n, (entry, tokens) in enumerate(zip(entries, old, strict=True))
            if n not in left
            for owner in token_owners(entry, len(tokens))
        ]
        mine = -1 if self.actor.draft is None else self.actor.draft
        was = before.pick(was)
        return _Sides(
            start=hunk.start,
            end=end,
            texts=hunk.old,
            removed=old,
            new=new,
            entries=entries,
            left=left,
            arrived=arrived,
            was=was,
            owners=new_owners(mine, before, was, after, new, arrived),
            person=self.actor.person,
        )

    def _measure(self, draft: int, sides: _Sides, touched: list[Region]) -> list[Region]:
        """Measure what a hunk does to ``draft``; charge it and return the regions it leaves."""
        touched.sort(key=lambda region: region.start)
        low = min([sides.start, *(r.start for r in touched)])
        high = max([sides.end, *(r.start + r.size for r in touched)])
        orig, head, tail = _unite(draft, sides, touched, low, high)
        cur = (*head, *sides.fresh, *tail)
        weighed = weigh(
            orig,
            cur,
            left=last_owner(self.lines, low) == draft,
            right=first_owner(self.lines, high) == draft,
            anchored=bool(touched),
        )
        total = ZERO
        for region in touched:
            total = total.plus(region.account)
        at = self._repaint(low, head, weighed.own, 0, draft)
        for owners, line in zip(sides.owners, sides.fresh, strict=True):
            size = len(line.tokens or ())
            if line.tokens:
                paint(owners, weighed.own[at : at + size], draft, line.tokens)
            at += size
        self._repaint(sides.end, tail, weighed.own, at, draft)
        whole = Region(draft, low, high - low + sides.shift, orig, cur, total)
        parts = self._settle(whole, weighed, person=self.actor.person)
        if all(region.untouched_removal for region in touched) and not any(
            any(part.account) for part in parts
        ):
            return [region.at(sides.start) for region in touched]
        return parts

    def _write_off(self, draft: int, sides: _Sides) -> None:
        """Charge what an agent or a bot replaced: it is gone, and nobody can judge it.

        No region is kept of it, so repositories in which agents rewrite each other all day
        cost no more than others.
        """
        had = sides.was.count(draft)
        has = sum(owners.count(draft) for owners in sides.owners)
        if had > has:
            self._charge(draft, Account(gone=had - has))
            self.gone[draft] = self.gone.get(draft, 0) + had - has

    def _repaint(self, start: int, cur: list[CurLine], own: bytearray, at: int, draft: int) -> int:
        """Renew the owners of a region's lines that the hunk itself does not change.

        ``own`` marks the draft's tokens, those of ``cur`` from ``at`` on; returns where they end.
        """
        for number, line in enumerate(cur, start):
            size = len(line.tokens or ())
            if size and number < len(self.lines):
                entry, marks = self.lines[number], own[at : at + size]
                held = entry.count(draft) if isinstance(entry, tuple) else 0
                if marks.count(1) != (size if entry == draft else held):
                    owners = token_owners(entry, size)
                    paint(owners, marks, draft, line.tokens or ())
                    self.lines[number] = make_entry(owners)
            at += size
        return at

    def _size_up(self, sides: _Sides) -> list[Region]:
        """Add the hunk to the size of the commit's own draft; return what it removed."""
        draft = self.actor.draft
        if draft is None:
            return []
        new = flatten(sides.new)
        fresh = [owners for index, owners in enumerate(sides.owners) if index not in sides.arrived]
        mine = sum(owners.count(draft) for owners in fresh)
        if new.places is not None:
            # Commas that do not count are nobody's.
            kept = set(new.places)
            places = (
                owner == draft and index not in sides.arrived
                for index, owners in enumerate(sides.owners)
                for owner in owners
            )
            mine -= sum(owned for place, owned in enumerate(places) if place not in kept)
        lines = sum(draft in owners for owners in fresh)
        removed = 0 if new.tokens else len(flatten(sides.removed).tokens)
        self.owned = self.owned.plus(Owned(mine, removed, lines))
        if not removed:
            return []
        orig = tuple(line._replace(flags=[REMOVED] * len(line.tokens)) for line in sides.old)
        cur = tuple(CurLine([], person=False) for _ in sides.new)
        return [Region(draft, sides.start, len(sides.new), orig, cur)]

    def _charge(self, draft: int, change: Account) -> None:
        if change != ZERO:
            self.charges[draft] = self.charges.get(draft, ZERO).plus(change)

    def _keep(self, region: Region) -> None:
        if region.account != ZERO or region.removal:
            self.regions.add(region)

    def _splice(self, start: int, end: int, entries: list[Entry]) -> None:
        shift = len(entries) - (end - start)
        if start < len(self.lines) or any(entry is not None for entry in entries):
            self.lines.extend([None] * (start - len(self.lines)))
            self.lines[start:end] = entries
        if shift:
            self.regions.shift(end, shift)


def _unite(
    draft: int, sides: _Sides, touched: list[Region], low: int, high: int
) -> tuple[tuple[OrigLine, ...], list[CurLine], list[CurLine]]:
    """Return what ``draft`` had from ``low`` to ``high``, and the region lines that stay.

    The stretch is made of the hunk's old lines and of touched regions; where a region lies,
    what the draft had is the region's ``orig``.
    """
    orig: list[OrigLine] = []
    head: list[CurLine] = []
    tail: list[CurLine] = []

    def held(at: int) -> None:
        index = at - sides.start
        if index not in sides.left:
            line, entry = sides.old[index], sides.entries[index]
            orig.append(line._replace(flags=flags_for(draft, entry, len(line.tokens))))

    at = low
    for region in (*touched, None):
        for free in range(at, region.start if region else high):
            held(free)
        if region is None:
            break
        orig.extend(region.orig)
        for offset, line in enumerate(region.cur):
            where = region.start + offset
            if where < sides.start:
                head.append(line)
            elif where >= sides.end:
                tail.append(line)
            elif line.tokens is None:
                held(where)  # it had been moved in: only now does it leave
        at = region.start + region.size
    return tuple(orig), head, tail
