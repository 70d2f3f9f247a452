"""The table that the learning works on: all sessions, with what came of their drafts.

A draft is judged on the default branch, else where any branch has it, whatever is checked out:
so two clones that have the same facts and the same branches have the same table. A draft whose
commits this clone lacks (another clone's branch that nobody has pushed) is judged by the facts
alone: by what was written down of its last form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from buildlog_git.core.choice import digest_of
from buildlog_git.core.events import Event, Rewrite
from buildlog_git.core.fold import DraftRecord, Experiment, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.moments import DAY
from buildlog_git.core.observation import Observation
from buildlog_git.core.observe import Exposed, exposed, observe
from buildlog_git.core.report import DraftItem, Scope, build_report
from buildlog_git.core.reward import build_rewards
from buildlog_git.core.session_events import Session
from buildlog_git.flows.context import Context
from buildlog_git.flows.declared import classes_told
from buildlog_git.flows.report import Judged, report_on, with_new
from buildlog_git.flows.scan import find_events
from buildlog_git.flows.selection import EVERYWHERE, Selection, reached, select
from buildlog_git.gitio.repo import DefaultBranch, branch_tips, default_branch, head_commit

_SLACK = 30 * DAY
"""How far the clocks of those who commit may be behind the one that dated the first session."""


@dataclass(frozen=True, slots=True)
class Table:
    """The observations, of how many sessions it is known what agents had, and the evidence.

    ``evidence`` is a digest of the set of facts that the table was made of.
    """

    observations: tuple[Observation, ...]
    exposed: Exposed
    evidence: str
    experiment: Experiment


def read_table(context: Context, *, stored: bool = False) -> Table:
    """Return the table of all that is known.

    What no scan has written yet is looked up in history since the first session: drafts before
    that are of none, and following those of branches long left would cost seconds. With
    ``stored`` only the ledger is asked.

    Raises:
        LedgerError: the ledger cannot be read.

    """
    events: Sequence[Event] = context.ledger.read().events
    begun = [event.at for event in events if isinstance(event, Session)]
    if begun and not stored and head_commit(context.repo.git) is not None:
        since = f"--since={min(*begun, context.now) - _SLACK}"
        events = with_new(events, find_events(context, events, (since, *EVERYWHERE)).events)
    return table_of(context, events)


def table_of(context: Context, events: Sequence[Event], judged: Judged | None = None) -> Table:
    """Return the table that ``events`` tell of; ``judged`` is a report that was made of them."""
    experiment = judged.experiment if judged else fold(events)
    history = judged.history if judged else None
    here: tuple[DraftItem, ...] = ()
    classes: dict[Oid, str] = {}
    if (history.head if history else head_commit(context.repo.git)) is not None:
        selection = _everywhere(context, judged)
        branch = history.branch if history else default_branch(context.repo.git)
        here = _judged_here(context, selection, experiment, branch, judged)
        classes = classes_told(selection.told)
    names = judged.names if judged and judged.names else [event.id for event in events]
    known = {item.commit for item in here}
    elsewhere = [record for record in experiment.drafts if record.draft.commit not in known]
    drafts = (*here, *_judged_by_facts(context, elsewhere, events))
    versions = {v for item in drafts for v in (item.commit, *item.homes)}
    given = {reward.draft or reward.commit for reward in experiment.rewards}
    rewards = build_rewards(
        "everywhere", drafts, experiment, selected=versions | given, classes=classes
    ).rewards
    observations = observe(experiment, drafts, rewards)
    return Table(
        observations,
        exposed(experiment, observations),
        digest_of("evidence", sorted(set(names))),
        experiment,
    )


def _everywhere(context: Context, judged: Judged | None) -> Selection:
    """Return the commits of all branches; often that is HEAD's history, which is at hand."""
    history = judged.history if judged else None
    if judged is not None and judged.selection.name == "HEAD":
        git = context.repo.git
        head = history.head if history else head_commit(git)
        tips = history.tips if history else branch_tips(git)
        if {tip for tip, _ in tips.values()} <= {head}:
            return replace(judged.selection, name=" ".join(EVERYWHERE))
    return select(context, EVERYWHERE, history)


def _judged_here(
    context: Context,
    selection: Selection,
    experiment: Experiment,
    branch: DefaultBranch | None,
    judged: Judged | None,
) -> tuple[DraftItem, ...]:
    """Return the drafts of all branches, as the default branch has them where it does."""
    history = judged.history if judged else None
    first = branch.tip if branch else None
    if judged is not None and _is_same(context, judged, selection, first):
        return tuple(
            item
            for item in judged.report.drafts
            if any(version in selection.made_by for version in (item.commit, *item.homes))
        )
    return report_on(context, selection, experiment, history, first=first).drafts


def _is_same(context: Context, judged: Judged, selection: Selection, first: Oid | None) -> bool:
    """Return whether HEAD's history, of which there is a report, is that of all branches."""
    if judged.selection.name != "HEAD":
        return False
    if judged.selection.made_by is selection.made_by:  # all branches, and so the first, are at HEAD
        return True
    commits = selection.made_by.keys()
    return judged.selection.made_by.keys() == commits and (
        first is None or reached(context, first, judged.history) == commits
    )


class _Everything:
    """A history that has every commit."""

    def __contains__(self, _: object) -> bool:
        return True


def _judged_by_facts(
    context: Context, records: Iterable[DraftRecord], events: Iterable[Event]
) -> tuple[DraftItem, ...]:
    """Return drafts whose commits are not here, by what was written down of them."""
    records = list(records)
    if not records:
        return ()
    rewritten: dict[Oid, int] = {}
    for event in events:
        if isinstance(event, Rewrite):
            rewritten[event.old] = max(event.at, rewritten.get(event.old, event.at))
    alive = [_last_form(record, rewritten) for record in records if record.dropped is None]
    dropped = [record for record in records if record.dropped is not None]
    return (*_items(context, alive, [_Everything()]), *_items(context, dropped, []))


def _items(
    context: Context, records: Sequence[DraftRecord], histories: Sequence[_Everything]
) -> tuple[DraftItem, ...]:
    scope = Scope(
        name="elsewhere",
        selected={record.draft.commit: ("agent", record.draft.agent) for record in records},
        histories=histories,
        whole=False,
        followed=(),
        now=context.now,
    )
    return build_report(Experiment(tuple(records)), scope).drafts


def _last_form(record: DraftRecord, rewritten: dict[Oid, int]) -> DraftRecord:
    """Return the record with what its last form and later commits say: it says the whole."""
    since = rewritten.get(record.draft.commit)
    if since is None:
        return record
    return replace(record, revisions=tuple(r for r in record.revisions if r.at >= since))
