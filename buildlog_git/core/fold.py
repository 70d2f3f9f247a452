"""Events to an experiment: what is known of each draft.

The fold is a function of the set of events: their order, doubles, and how they were split over
clones and united again change nothing. It draws no conclusion that depends on a branch: which
revisions count is asked later, of one history (:meth:`DraftRecord.account`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import TypeVar

from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import ZERO, Account
from buildlog_git.core.revise import Owned


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A draft and all that was written down about it.

    ``homes`` are the commits that it was rewritten to. ``landed`` is when its window ends (the
    earliest that anybody wrote down), ``reverted`` the settlement by a revert, ``dropped``
    whether its branch went away without landing.
    """

    draft: Draft
    revisions: tuple[Revision, ...] = ()
    homes: tuple[Oid, ...] = ()
    landed: Settle | None = None
    reverted: Settle | None = None
    dropped: Settle | None = None

    @property
    def owned(self) -> Owned:
        """The draft's size."""
        draft = self.draft
        return Owned(draft.tokens, draft.removed, draft.lines, draft.files)

    def counted(self, history: Container[Oid]) -> tuple[Revision, ...]:
        """Return the revisions that the commits in ``history`` made, within the window."""
        end = self.landed.at if self.landed else None
        return tuple(
            revision
            for revision in self.revisions
            if revision.commit in history and (end is None or revision.at <= end)
        )

    def account(self, history: Container[Oid]) -> Account:
        """Return what happened to the draft in ``history``."""
        total = ZERO
        for r in self.counted(history):
            total = total.plus(Account(r.cost, r.grow, r.lost, r.restored, r.gone))
        return total


@dataclass(frozen=True, slots=True)
class Experiment:
    """All drafts, by time and then id."""

    drafts: tuple[DraftRecord, ...] = ()


def fold(events: Iterable[Event]) -> Experiment:
    """Return the experiment that ``events`` tell of; each id counts once, in its newest form."""
    drafts: dict[Oid, Draft] = {}
    revisions: dict[Oid, dict[str, Revision]] = defaultdict(dict)
    homes: dict[Oid, set[Oid]] = defaultdict(set)
    settled: dict[Oid, list[Settle]] = defaultdict(list)
    for event in events:
        if isinstance(event, Draft):
            drafts[event.commit] = _newer(drafts.get(event.commit), event)
        elif isinstance(event, Revision):
            known = revisions[event.draft].get(event.id)
            revisions[event.draft][event.id] = _newer(known, event)
        elif isinstance(event, Rewrite):
            homes[event.old].add(event.commit)
        else:
            settled[event.commit].append(event)
    # The new form of a draft is no draft of its own, whoever wrote it down as one.
    replaced = {new for old, news in homes.items() if old in drafts for new in news}
    records = [
        DraftRecord(
            draft,
            tuple(sorted(revisions[oid].values(), key=lambda r: (r.at, r.id))),
            tuple(sorted(homes[oid])),
            _earliest(settled[oid], "landed"),
            _earliest(settled[oid], "reverted"),
            _earliest(settled[oid], "dropped"),
        )
        for oid, draft in drafts.items()
        if oid not in replaced
    ]
    return Experiment(tuple(sorted(records, key=lambda r: (r.draft.at, r.draft.id))))


_Measured = TypeVar("_Measured", Draft, Revision)


def _newer(known: _Measured | None, event: _Measured) -> _Measured:
    if known is None:
        return event
    return max(known, event, key=lambda e: (e.engine, repr(e)))


def _earliest(settled: list[Settle], reason: str) -> Settle | None:
    those = [event for event in settled if event.reason == reason]
    return min(those, key=lambda event: (event.at, event.id)) if those else None
