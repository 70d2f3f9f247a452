"""Follows the text of drafts through one commit after another.

The same step serves both ways in: comparing two trees is one step that owns (base to agent)
and one that judges (agent to final); the walk over history is a step a commit.

A commit's hunks are applied from the bottom of a file to its top, so that the line numbers
above stay those of the old file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from buildlog_git.core.align import align
from buildlog_git.core.moves import MovedLines, find_moves
from buildlog_git.core.patch import FileChange, Hunk
from buildlog_git.core.region import (
    REMOVED,
    ZERO,
    Account,
    CurLine,
    OrigLine,
    Region,
    settle_account,
    weigh,
)
from buildlog_git.core.state import (
    EMPTY,
    Entry,
    FileState,
    first_owner,
    flags_for,
    last_owner,
    make_entry,
    owner_at,
    owners_of,
)
from buildlog_git.core.tokens import kept_positions, line_key, tokenize

Tokens = list[list[str]]
"""Lines as lists of tokens."""


class Actor(NamedTuple):
    """Who made a commit.

    ``draft`` is its number where the commit is a draft of its own; ``person`` says whether
    what it takes away counts as people's.
    """

    draft: int | None
    person: bool


class Owned(NamedTuple):
    """The size of a draft: T, Dt, lines and files of the definition."""

    tokens: int = 0
    removed: int = 0
    lines: int = 0
    files: int = 0

    def plus(self, other: Owned) -> Owned:
        """Return the sum, field by field."""
        return Owned(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(slots=True)
class Step:
    """What one commit did: its own size, and for each draft the change of its account."""

    owned: Owned = Owned()
    owned_by_path: dict[str, Owned] = field(default_factory=dict)
    charges: dict[int, Account] = field(default_factory=dict)


class Rules(NamedTuple):
    """What a step must know of its surroundings.

    ``counts`` says whether text in a path counts, ``is_open`` whether a draft is still
    followed; the text of others is nobody's.
    """

    counts: Callable[[str], bool]
    is_open: Callable[[int], bool]


def take_step(
    files: dict[str, FileState], changes: Sequence[FileChange], actor: Actor, rules: Rules
) -> Step:
    """Apply one commit's patch to ``files`` (path to state), in place."""
    states = [files.get(change.old_path or change.path, EMPTY) for change in changes]
    concerned = {
        number
        for number, change in enumerate(changes)
        if (actor.draft is not None and rules.counts(change.path))
        or any(map(rules.is_open, states[number].drafts))
    }
    if not concerned:
        return Step()
    agent = actor.draft is not None
    moved = find_moves(changes, states, agent=agent, is_open=rules.is_open)
    step, after = _revise(changes, states, concerned, moved, actor, rules)
    if agent and step.owned.tokens == 0 and moved.unowned:
        # The agent did nothing but move text: then the moved text is what it did.
        moved = find_moves(
            changes, states, agent=agent, is_open=rules.is_open, with_unowned=False
        )
        step, after = _revise(changes, states, concerned, moved, actor, rules)
    for number in after:
        change = changes[number]
        if change.old_path is not None and change.new_path is not None:
            files.pop(change.old_path, None)
    files.update({changes[number].path: state for number, state in after.items()})
    return step


def _revise(
    changes: Sequence[FileChange],
    states: Sequence[FileState],
    concerned: set[int],
    moved: MovedLines,
    actor: Actor,
    rules: Rules,
) -> tuple[Step, dict[int, FileState]]:
    step, after = Step(), {}
    for number in sorted(concerned | {change for change, _ in moved.targets}):
        change = changes[number]
        mine = actor if rules.counts(change.path) else actor._replace(draft=None)
        work = _Revision(states[number], mine, rules.is_open, step.charges)
        for region, lines in moved.returned.get(number, ()):
            work.take_back(region, lines)
        for index in range(len(change.hunks) - 1, -1, -1):
            hunk = change.hunks[index]
            work.apply(hunk, moved.left(number, index), moved.arrived(number, index))
        after[number] = work.finish()
        if work.owned.tokens or work.owned.removed:
            owned = work.owned._replace(files=1)
            step.owned_by_path[change.path] = owned
            step.owned = step.owned.plus(owned)
    return step, after


@dataclass(slots=True)
class _Sides:
    """A hunk made ready: tokens and owners of both sides, moved lines taken out."""

    start: int
    end: int
    old: list[OrigLine]
    new: Tokens
    entries: list[Entry]
    left: set[int]
    arrived: dict[int, Entry]
    owners: list[list[int]]
    fresh: list[CurLine]

    @property
    def shift(self) -> int:
        return len(self.new) - len(self.old)


class _Revision:
    """One file in one commit."""

    def __init__(
        self,
        state: FileState,
        actor: Actor,
        is_open: Callable[[int], bool],
        charges: dict[int, Account],
    ) -> None:
        self.lines = list(state.lines)
        self.regions = [region for region in state.regions if is_open(region.draft)]
        self.actor = actor
        self.is_open = is_open
        self.charges = charges
        self.owned = Owned()

    def finish(self) -> FileState:
        """Return the file as the commit left it."""
        while self.lines and not any(True for _ in owners_of(self.lines[-1])):
            self.lines.pop()
        return FileState(self.lines, tuple(self.regions))

    def take_back(self, region: Region, lines: set[int]) -> None:
        """Lines that ``region`` had lost stand elsewhere in the file again."""
        orig = tuple(line for index, line in enumerate(region.orig) if index not in lines)
        weighed = weigh(
            orig,
            region.cur,
            left=last_owner(self.lines, region.start) == region.draft,
            right=first_owner(self.lines, region.start + region.size) == region.draft,
        )
        account = settle_account(weighed, region.account, person=True)
        self._charge(region.draft, account.minus(region.account))
        self.regions.remove(region)
        self._keep(Region(region.draft, region.start, region.size, orig, region.cur, account))

    def apply(self, hunk: Hunk, left: set[int], arrived: dict[int, Entry]) -> None:
        """Apply one hunk; lines in ``left`` moved away, lines in ``arrived`` came in."""
        end = hunk.start + len(hunk.old)
        involved = self._involved(hunk.start, end)
        if not involved and self.actor.draft is None and not arrived:
            self._splice(hunk.start, end, [None] * len(hunk.new))
            return
        sides = self._ready(hunk, left, arrived)
        touched: list[Region] = []
        united = []
        for draft in involved:
            mine = [
                r for r in self.regions if r.draft == draft and r.touches(hunk.start, end)
            ]
            touched += mine
            united.append(self._measure(draft, sides, mine))
        removed = self._size_up(sides)
        self.regions = [r for r in self.regions if all(r is not t for t in touched)]
        entries = [
            arrived[index] if index in arrived else make_entry(owners)
            for index, owners in enumerate(sides.owners)
        ]
        self._splice(hunk.start, end, entries)
        for region in (*united, *removed):
            self._keep(region)

    def _involved(self, start: int, end: int) -> list[int]:
        drafts = {region.draft for region in self.regions if region.touches(start, end)}
        for entry in set(self.lines[start:end]):
            drafts.update(owners_of(entry))
        if start == end:
            drafts.add(last_owner(self.lines, start))
            drafts.intersection_update(
                {r.draft for r in self.regions if r.touches(start, end)}
                | {first_owner(self.lines, start)}
            )
        drafts.discard(-1)
        return sorted(filter(self.is_open, drafts))

    def _ready(self, hunk: Hunk, left: set[int], arrived: dict[int, Entry]) -> _Sides:
        end = hunk.start + len(hunk.old)
        old = [tokenize(line) for line in hunk.old]
        new = [tokenize(line) for line in hunk.new]
        entries = self.lines[hunk.start : end]
        entries += [None] * (len(old) - len(entries))
        return _Sides(
            start=hunk.start,
            end=end,
            old=[
                OrigLine(tokens, (), line_key(text))
                for tokens, text in zip(old, hunk.old, strict=True)
            ],
            new=new,
            entries=entries,
            left=left,
            arrived=arrived,
            owners=_new_owners(self.actor.draft, old, new, entries, left, arrived),
            fresh=[
                CurLine(None if index in arrived else tokens, self.actor.person)
                for index, tokens in enumerate(new)
            ],
        )

    def _measure(self, draft: int, sides: _Sides, touched: list[Region]) -> Region:
        """Measure what a hunk does to ``draft``; charge it and return the region it leaves."""
        touched.sort(key=lambda region: region.start)
        low = min([sides.start, *(r.start for r in touched)])
        high = max([sides.end, *(r.start + r.size for r in touched)])
        orig, head, tail = _unite(draft, sides, touched, low, high)
        weighed = weigh(
            orig,
            (*head, *sides.fresh, *tail),
            left=last_owner(self.lines, low) == draft,
            right=first_owner(self.lines, high) == draft,
        )
        total = ZERO
        for region in touched:
            total = total.plus(region.account)
        account = settle_account(weighed, total, person=self.actor.person)
        self._charge(draft, account.minus(total))
        own: dict[int, set[int]] = {}
        for line, index in weighed.own:
            own.setdefault(line, set()).add(index)
        for offset, owners in enumerate(sides.owners):
            if offset not in sides.arrived:
                _paint(owners, own.get(len(head) + offset, set()), draft, sides.new[offset])
        self._repaint(low, head, 0, own, draft)
        self._repaint(sides.end, tail, len(head) + len(sides.fresh), own, draft)
        cur = (*head, *sides.fresh, *tail)
        return Region(draft, low, high - low + sides.shift, orig, cur, account)

    def _repaint(
        self, start: int, cur: list[CurLine], first: int, own: dict[int, set[int]], draft: int
    ) -> None:
        """Renew the owners of a region's lines that the hunk itself does not change."""
        for offset, line in enumerate(cur):
            at = start + offset
            if line.tokens is None or at >= len(self.lines):
                continue
            owners = [owner_at(self.lines[at], index) for index in range(len(line.tokens))]
            _paint(owners, own.get(first + offset, set()), draft, line.tokens)
            self.lines[at] = make_entry(owners)

    def _size_up(self, sides: _Sides) -> list[Region]:
        """Add the hunk to the size of the commit's own draft; return what it removed."""
        draft = self.actor.draft
        if draft is None:
            return []
        mine = sum(
            sides.owners[line][index] == draft
            for line, index in kept_positions(sides.new)
            if line not in sides.arrived
        )
        lines = sum(
            draft in owners
            for index, owners in enumerate(sides.owners)
            if index not in sides.arrived
        )
        removed = 0
        if not any(sides.new):
            removed = len(kept_positions([line.tokens for line in sides.old]))
        self.owned = self.owned.plus(Owned(mine, removed, lines))
        if not removed:
            return []
        orig = tuple(
            line._replace(flags=[REMOVED] * len(line.tokens)) for line in sides.old
        )
        cur = tuple(CurLine([], person=False) for _ in sides.new)
        return [Region(draft, sides.start, len(sides.new), orig, cur)]

    def _charge(self, draft: int, change: Account) -> None:
        if change != ZERO:
            self.charges[draft] = self.charges.get(draft, ZERO).plus(change)

    def _keep(self, region: Region) -> None:
        if region.account != ZERO or any(REMOVED in line.flags for line in region.orig):
            self.regions.append(region)

    def _splice(self, start: int, end: int, entries: list[Entry]) -> None:
        shift = len(entries) - (end - start)
        if start < len(self.lines) or any(entry is not None for entry in entries):
            self.lines.extend([None] * (start - len(self.lines)))
            self.lines[start:end] = entries
        if shift:
            self.regions = [
                _moved(region, shift) if region.start >= end else region
                for region in self.regions
            ]


def _moved(region: Region, shift: int) -> Region:
    start = region.start + shift
    return Region(
        region.draft, start, region.size, region.orig, region.cur, region.account
    )


def _new_owners(
    draft: int | None,
    old: Tokens,
    new: Tokens,
    entries: list[Entry],
    left: set[int],
    arrived: dict[int, Entry],
) -> list[list[int]]:
    """Return the owner of each new token: its old owner where it stood before."""
    owners = [[-1 if draft is None else draft] * len(tokens) for tokens in new]
    if not old:
        return owners
    before = [[] if index in left else tokens for index, tokens in enumerate(old)]
    after = [[] if index in arrived else tokens for index, tokens in enumerate(new)]
    old_at, new_at = kept_positions(before), kept_positions(after)
    found = align(
        [before[line][index] for line, index in old_at],
        [after[line][index] for line, index in new_at],
    )
    for a, c in found.pairs() if found else ():
        line, index = old_at[a]
        target, position = new_at[c]
        owners[target][position] = owner_at(entries[line], index)
    return owners


def _paint(owners: list[int], own: set[int], draft: int, tokens: Sequence[str]) -> None:
    """Make ``draft`` the owner of the tokens in ``own`` and of no other."""
    for index, owner in enumerate(owners):
        if index in own:
            owners[index] = draft
        elif owner == draft:
            owners[index] = -1
    # A comma at the end may not count; it goes with the token before it.
    if len(owners) > 1 and tokens[-1] == ",":
        owners[-1] = owners[-2]


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
