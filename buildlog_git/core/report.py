"""The report: what history tells about the agents' drafts, as one value for every format.

Everything here is observed, not randomised, and every number says how many it rests on and
what is missing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildlog_git.core.attribution import Author
from buildlog_git.core.distance import Outcome, State, classify, distance
from buildlog_git.core.events import By, Way
from buildlog_git.core.fold import DraftRecord, Experiment, total_of
from buildlog_git.core.ids import Oid
from buildlog_git.core.judged import reason_of, state_of
from buildlog_git.core.moments import DAY, month_of
from buildlog_git.core.review import LOOSE, Grouping, Marks, Request, RuleCard
from buildlog_git.core.session import GENERAL
from buildlog_git.core.session_events import Session
from buildlog_git.core.stats import Mean, clustered_mean

if TYPE_CHECKING:
    from buildlog_git.core.lesson import Lesson

SCHEMA = "buildlog.report/1"
TOUCHED = 0.0
"""A draft is touched where its distance is above this."""


@dataclass(frozen=True, slots=True)
class CommitCounts:
    """The commits in range, by who made them as far as their metadata tell."""

    total: int
    agent: int
    human: int
    unknown: int


@dataclass(frozen=True, slots=True)
class RevisionItem:
    """One commit's part in a draft's distance.

    ``cost`` are the tokens that people lost or put in, ``gone`` those that agents, bots or
    neutral commits replaced; negative where an edit was undone.
    """

    commit: Oid
    at: int
    by: By
    way: Way
    cost: int
    gone: int


@dataclass(frozen=True, slots=True)
class DraftItem:
    """One draft; ``distance`` is null where nothing is left to judge.

    ``homes`` are the commits that it was rewritten to (amend, rebase, squash), ``self_revision``
    the share of its tokens that agents themselves replaced, ``rules`` those on trial that were
    on in its session.
    """

    commit: Oid
    at: int
    agent: str
    model: str | None
    channel: str
    session: str | None
    lines: int
    tokens: int
    removed: int
    distance: float | None
    outcome: Outcome
    state: State
    reason: str
    self_revision: float | None
    homes: tuple[Oid, ...]
    revisions: tuple[RevisionItem, ...]
    error_class: str = GENERAL
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentItem:
    """One agent: its commits in range, the lines of its drafts and their mean distance."""

    commits: int
    drafts: int
    lines: int
    distance: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class TrendItem:
    """One calendar month (UTC) of drafts."""

    period: str
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the numbers do not rest on.

    ``unknown_share`` is the share of commits without any mark, ``unscanned`` the agent commits
    that no scan has measured, ``unmeasurable`` drafts too small or with nothing countable,
    ``open`` drafts that nothing has judged yet and ``provisional`` those whose window is open,
    ``rewritten`` drafts that live on in another commit, ``dropped`` ones that live on nowhere,
    ``damaged`` lines of the ledger that could not be read, ``missing_blobs`` files that this
    clone lacks and that a draft or a revision needed. ``missing_notes`` says that there are no
    notes here, and a remote that may have some.
    """

    unknown_share: float | None
    unscanned: int
    unmeasurable: int
    open: int
    provisional: int
    settled: int
    rewritten: int
    dropped: int
    damaged: int
    missing_blobs: int
    shallow: bool
    missing_notes: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """The whole report.

    ``touched`` is the share of measured drafts that people changed at all, ``touched_distance``
    the mean distance of those, ``changed_text`` the share of the measured drafts' text that
    people changed: the mean weighted by size. ``learned`` is what all sessions, whatever the
    range, tell of the rules; null where no rule was ever on trial. ``request`` is there where a
    base was named, ``groups`` where grouping was asked for; ``notes`` is the commit of the ledger
    that was read, ``rules`` are those of the work tree where ``learned`` is there.
    """

    schema: str
    range: str
    commits: CommitCounts
    agents: Mapping[str, AgentItem]
    distance: Mean
    touched: float | None
    touched_distance: float | None
    outcomes: Mapping[Outcome, int]
    drafts: tuple[DraftItem, ...]
    trend: tuple[TrendItem, ...]
    coverage: Coverage
    learned: Lesson | None = None
    changed_text: float | None = None
    evidence: Marks = LOOSE
    request: Request | None = None
    groups: Grouping | None = None
    notes: Oid | None = None
    rules: tuple[RuleCard, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is about, as git tells it.

    ``selected`` are the commits in range with who made them, ``histories`` the sets of commits
    in which a draft may live on, the most important first: a draft is judged in the first that
    has it. ``followed`` are the commits that a person's commit follows or that were pushed,
    ``classes`` what messages say that a commit's error class is.
    """

    name: str
    selected: Mapping[Oid, tuple[Author, str | None]]
    histories: Sequence[Container[Oid]]
    whole: bool
    followed: Container[Oid]
    now: int
    shallow: bool = False
    damaged: int = 0
    missing_blobs: int = 0
    merges: Container[Oid] = ()
    missing_notes: bool = False
    classes: Mapping[Oid, str] = field(default_factory=dict)


def build_report(experiment: Experiment, scope: Scope) -> Report:
    """Return the report of ``experiment`` on ``scope``."""
    chosen = [
        (record, history)
        for record in experiment.drafts
        if (history := _history_of(record, scope)) is not None
    ]
    sessions = {record.session.session: record.session for record in experiment.sessions}
    drafts = tuple(
        _draft_item(record, history, sessions.get(record.draft.session or ""), scope)
        for record, history in chosen
    )
    measured = [item for item in drafts if is_measured(item)]
    touched = [item for item in measured if (item.distance or 0) > TOUCHED]
    return Report(
        schema=SCHEMA,
        range=scope.name,
        commits=_commit_counts(scope),
        agents=_agents(scope, drafts),
        distance=mean_of(measured),
        touched=len(touched) / len(measured) if measured else None,
        touched_distance=mean_of(touched).mean,
        outcomes=_outcomes(drafts),
        drafts=drafts,
        trend=_trend(measured),
        coverage=_coverage(scope, chosen, drafts),
        changed_text=_changed_text(measured),
        evidence=Marks(channels=_channels(drafts)),
    )


def is_measured(item: DraftItem) -> bool:
    """Return whether a draft is in the means: something has judged it, and it is large enough."""
    return item.distance is not None and item.outcome != "unmeasurable" and item.state != "open"


def _changed_text(measured: Sequence[DraftItem]) -> float | None:
    whole = sum(item.tokens + item.removed for item in measured)
    changed = sum((item.distance or 0.0) * (item.tokens + item.removed) for item in measured)
    return changed / whole if whole else None


def _channels(drafts: Sequence[DraftItem]) -> dict[str, int]:
    return dict(sorted(Counter(item.channel for item in drafts).items()))


def _history_of(record: DraftRecord, scope: Scope) -> Container[Oid] | None:
    """Return the history in which to judge a draft, or None where it is out of scope."""
    versions = (record.draft.commit, *record.homes)
    if not any(version in scope.selected for version in versions):
        return () if scope.whole and record.dropped else None
    for history in scope.histories:
        if any(version in history for version in versions):
            return history
    return ()


def _draft_item(
    record: DraftRecord, history: Container[Oid], session: Session | None, scope: Scope
) -> DraftItem:
    draft, owned = record.draft, record.owned
    counted = record.counted(history)
    account = total_of(counted)
    versions = (draft.commit, *record.homes)
    dropped = record.dropped is not None and not any(v in history for v in versions)
    value = 1.0 if dropped and owned.tokens + owned.removed else distance(owned, account)
    reverted = record.reverted is not None and (record.reverted.final or "") in history
    outcome = classify(value, owned, reverted=reverted)
    whole = owned.tokens + owned.removed
    return DraftItem(
        commit=draft.commit,
        at=draft.at,
        agent=draft.agent,
        model=draft.model,
        channel=draft.channel,
        session=draft.session,
        lines=draft.lines,
        tokens=draft.tokens,
        removed=draft.removed,
        distance=value,
        outcome=outcome,
        state=state_of(
            record,
            scope.followed,
            scope.now,
            ended=dropped or (reverted and outcome == "rejected"),
        ),
        reason=reason_of(record, value, outcome, dropped=dropped, reverted=reverted),
        self_revision=min(1.0, account.gone / whole) if whole else None,
        homes=record.homes,
        revisions=tuple(
            [
                RevisionItem(r.commit, r.at, r.by, r.way, r.cost + r.restored, r.gone)
                for r in counted
            ]
        ),
        error_class=_class_of(versions, session, scope),
        rules=session.rules if session else (),
    )


def _class_of(versions: Iterable[Oid], session: Session | None, scope: Scope) -> str:
    """Return a draft's error class: a message's word is before that of its session."""
    told = [scope.classes[oid] for oid in versions if oid in scope.classes]
    return told[0] if told else session.error_class if session else GENERAL


def _commit_counts(scope: Scope) -> CommitCounts:
    authors = Counter(author for author, _ in scope.selected.values())
    return CommitCounts(len(scope.selected), authors["agent"], authors["human"], authors["unknown"])


def _cluster(item: DraftItem) -> tuple[str, int]:
    return (item.session or item.agent, item.at // DAY)


def mean_of(items: Iterable[DraftItem]) -> Mean:
    """Return the mean distance of drafts that are measured, with its interval."""
    return clustered_mean((_cluster(item), item.distance or 0.0) for item in items)


def _agents(scope: Scope, drafts: Sequence[DraftItem]) -> dict[str, AgentItem]:
    commits = Counter(agent for author, agent in scope.selected.values() if agent)
    by_agent: dict[str, list[DraftItem]] = defaultdict(list)
    for item in drafts:
        by_agent[item.agent].append(item)
    found = {}
    for agent in sorted(commits.keys() | by_agent.keys(), key=lambda a: (-commits[a], a)):
        items = by_agent[agent]
        mean = mean_of(i for i in items if is_measured(i))
        found[agent] = AgentItem(
            commits[agent], len(items), sum(i.lines for i in items),
            mean.mean, mean.low, mean.high, mean.n,
        )  # fmt: skip
    return found


def _outcomes(drafts: Sequence[DraftItem]) -> dict[Outcome, int]:
    counted = Counter(item.outcome for item in drafts)
    order: tuple[Outcome, ...] = ("accepted", "revision", "rejected", "unmeasurable")
    return {outcome: counted[outcome] for outcome in order}


def _trend(measured: Sequence[DraftItem]) -> tuple[TrendItem, ...]:
    months: dict[str, list[DraftItem]] = defaultdict(list)
    for item in measured:
        months[month_of(item.at)].append(item)
    return tuple(
        TrendItem(month, len(items), mean_of(items).mean) for month, items in sorted(months.items())
    )


def _coverage(
    scope: Scope,
    chosen: Sequence[tuple[DraftRecord, Container[Oid]]],
    drafts: Sequence[DraftItem],
) -> Coverage:
    counts = _commit_counts(scope)
    states = Counter(item.state for item in drafts)
    known = {version for record, _ in chosen for version in (record.draft.commit, *record.homes)}
    unscanned = sum(
        author == "agent" and oid not in known and oid not in scope.merges
        for oid, (author, _) in scope.selected.items()
    )
    return Coverage(
        unknown_share=counts.unknown / counts.total if counts.total else None,
        unscanned=unscanned,
        unmeasurable=sum(item.outcome == "unmeasurable" for item in drafts),
        open=states["open"],
        provisional=states["provisional"],
        settled=states["settled"],
        rewritten=sum(bool(item.homes) for item in drafts),
        dropped=sum(item.reason == "dropped" for item in drafts),
        damaged=scope.damaged,
        missing_blobs=scope.missing_blobs,
        shallow=scope.shallow,
        missing_notes=scope.missing_notes,
    )
