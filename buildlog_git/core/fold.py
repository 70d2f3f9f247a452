"""Events to an experiment: what is known of each draft.

The fold is a function of the set of events: their order, doubles, and how they were split over
clones and united again change nothing. It draws no conclusion that depends on a branch: which
revisions count is asked later, of one history (:meth:`DraftRecord.account`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import TypeVar

from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Seen, Settle
from buildlog_git.core.forgotten import Tombstone, remaining
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import Account
from buildlog_git.core.revise import Owned
from buildlog_git.core.session_events import Exposure, Mistake, Reward, Session, SessionEnd


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
        made = [revision for revision in self.revisions if revision.commit in history]
        if self.landed is None:
            return tuple(made)
        end = self.landed.at
        return tuple([revision for revision in made if revision.at <= end])

    def account(self, history: Container[Oid]) -> Account:
        """Return what happened to the draft in ``history``."""
        return total_of(self.counted(history))


def total_of(revisions: Iterable[Revision]) -> Account:
    """Return what revisions did together."""
    cost = grow = lost = restored = gone = 0
    for r in revisions:
        cost, grow, lost = cost + r.cost, grow + r.grow, lost + r.lost
        restored, gone = restored + r.restored, gone + r.gone
    return Account(cost, grow, lost, restored, gone)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """A session, its end where it has one, and what its agents could read, by time."""

    session: Session
    end: SessionEnd | None = None
    exposures: tuple[Exposure, ...] = ()

    @property
    def besides(self) -> frozenset[str]:
        """The rules that the draw had left off, and that agents could read nevertheless."""
        read = {rule for event in self.exposures for rule in event.rules}
        return frozenset(read.intersection(self.session.offered).difference(self.session.rules))


@dataclass(frozen=True, slots=True)
class Experiment:
    """All that is known, each by time, then by what else tells their order, and then id.

    ``people`` are the commits that a hook saw a person make.
    """

    drafts: tuple[DraftRecord, ...] = ()
    sessions: tuple[SessionRecord, ...] = ()
    rewards: tuple[Reward, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    people: frozenset[Oid] = frozenset()


class _Sorted:
    """Events by what they are about; what is a measurement in its newest form."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.drafts: dict[Oid, Draft] = {}
        self.revisions: defaultdict[Oid, list[Revision]] = defaultdict(list)
        self.homes: defaultdict[Oid, set[Oid]] = defaultdict(set)
        self.settled: defaultdict[Oid, list[Settle]] = defaultdict(list)
        self.redrafted: set[Oid] = set()
        self.people: set[Oid] = set()
        self.others: dict[str, Said] = {}
        drafts, revisions = self.drafts, self.revisions
        for event in events:
            if isinstance(event, Revision):  # most events are
                revisions[event.draft].append(event)
            elif isinstance(event, Draft):
                drafts[event.commit] = _newer(drafts.get(event.commit), event)
            elif isinstance(event, Rewrite):
                if event.way == "redraft":
                    self.redrafted.add(event.old)
                else:
                    self.homes[event.old].add(event.commit)
            elif isinstance(event, Settle):
                self.settled[event.commit].append(event)
            elif isinstance(event, Seen):
                self.people.add(event.commit)
            elif not isinstance(event, Tombstone):
                name = event.id
                known = self.others.get(name)
                self.others[name] = event if known is None else max(known, event, key=repr)

    def record(self, draft: Draft) -> DraftRecord:
        """Return all that is said of one draft."""
        oid = draft.commit
        return DraftRecord(
            draft,
            _in_order(_each_once(self.revisions[oid])) if oid in self.revisions else (),
            tuple(sorted(self.homes[oid])) if oid in self.homes else (),
            *(_ends(self.settled[oid]) if oid in self.settled else ()),
        )


def fold(events: Iterable[Event]) -> Experiment:
    """Return the experiment that ``events`` tell of; each id counts once, in its newest form.

    What a tombstone among them names counts as never written.
    """
    told = _Sorted(remaining(events))
    drafts = told.drafts
    # The new form of a draft is no draft of its own, whoever wrote it down as one; nor is one
    # that its own agent replaced.
    replaced = _replaced(drafts, told.homes) | told.redrafted
    ordered = _in_order([draft for oid, draft in drafts.items() if oid not in replaced])
    experiment = Experiment(tuple(map(told.record, ordered)), people=frozenset(told.people))
    said = sorted((event.at, name, _placed(event, drafts)) for name, event in told.others.items())
    return _with_said(experiment, [event for _, _, event in said])


def _placed(event: Said, drafts: Mapping[Oid, Draft]) -> Said:
    """Return what a message declares of a draft with that draft's session.

    Whoever read the message may not have known in which session the draft was made.
    """
    if isinstance(event, Mistake) and event.session is None and event.source == "trailer":
        draft = drafts.get(event.commit)
        if draft is not None and draft.session is not None:
            return event._replace(session=draft.session)
    return event


def _with_said(experiment: Experiment, said: Sequence[Said]) -> Experiment:
    """Return the experiment with what is no measurement, given by time and id."""
    ends = {event.session: event for event in said if isinstance(event, SessionEnd)}
    shown: defaultdict[str, list[Exposure]] = defaultdict(list)
    for event in said:
        if isinstance(event, Exposure):
            shown[event.session].append(event)
    sessions = [
        SessionRecord(e, ends.get(e.session), tuple(shown[e.session]))
        for e in said
        if isinstance(e, Session)
    ]
    mistakes = [event for event in said if isinstance(event, Mistake)]
    return replace(
        experiment,
        sessions=tuple(sorted(sessions, key=_begun)),  # where it ties, the order stays
        rewards=tuple(event for event in said if isinstance(event, Reward)),
        mistakes=tuple(sorted(mistakes, key=lambda m: (m.at, m.nth or 0))),
    )


def _begun(record: SessionRecord) -> tuple[int, bool, int]:
    """Return what puts sessions in order: of two that began in one second the open one is later."""
    end = record.end
    return record.session.at, end is None, end.at if end else 0


def excused(experiment: Experiment, neutral: AbstractSet[Oid]) -> Experiment:
    """Return the experiment in which nobody is charged for what ``neutral`` commits did.

    Which commits are neutral is said by the repository as it is now; their revisions may have
    been written down before it said so. What they took counts as gone.
    """
    if not neutral:
        return experiment
    return replace(
        experiment,
        drafts=tuple(
            replace(record, revisions=tuple(_excused(r, neutral) for r in record.revisions))
            if any(r.commit in neutral for r in record.revisions)
            else record
            for record in experiment.drafts
        ),
    )


def _excused(revision: Revision, neutral: Container[Oid]) -> Revision:
    if revision.by == "neutral" or revision.commit not in neutral:
        return revision
    gone = revision.gone + (revision.lost if revision.by == "person" else 0)
    return revision._replace(by="neutral", cost=0, grow=0, lost=0, restored=0, gone=gone)


def _replaced(drafts: Mapping[Oid, Draft], homes: Mapping[Oid, AbstractSet[Oid]]) -> set[Oid]:
    """Return the new forms of drafts; where two are said to be each other's, the earlier stays."""
    found = set()
    for old in drafts:
        for new in homes.get(old, ()):
            back = new in drafts and old in homes.get(new, ())
            if not back or (drafts[old].at, old) < (drafts[new].at, new):
                found.add(new)
    return found


Said = Session | SessionEnd | Exposure | Reward | Mistake
"""Facts that are no measurement."""

_Measured = TypeVar("_Measured", Draft, Revision)
_at, _commit = attrgetter("at"), attrgetter("commit")


def _each_once(revisions: Collection[Revision]) -> Collection[Revision]:
    """Return the revisions of one draft, of those by one commit the newest."""
    if len(set(map(_commit, revisions))) == len(revisions):
        return revisions
    best: dict[Oid, Revision] = {}
    for revision in revisions:
        best[revision.commit] = _newer(best.get(revision.commit), revision)
    return best.values()


def _in_order(events: Iterable[_Measured]) -> tuple[_Measured, ...]:
    """Return events by time and then id; an id is a digest, asked only where times tie."""
    found = sorted(events, key=_at)
    if len(set(map(_at, found))) < len(found):
        found.sort(key=lambda event: (event.at, event.id))
    return tuple(found)


def _newer(known: _Measured | None, event: _Measured) -> _Measured:
    if known is None:
        return event
    # A scan does not know the session that a hook knew: whoever says one knows more.
    return max(known, event, key=lambda e: (e.engine, _session(e), repr(e)))


def _session(event: Draft | Revision) -> str:
    return (event.session or "") if isinstance(event, Draft) else ""


def _ends(settled: Collection[Settle]) -> tuple[Settle | None, ...]:
    """Return how a draft landed, was reverted and was dropped, each as it was first said."""
    first: dict[str, Settle] = {}
    for event in settled:
        known = first.get(event.reason)
        if known is None or (event.at, event.id) < (known.at, known.id):
            first[event.reason] = event
    return first.get("landed"), first.get("reverted"), first.get("dropped")
