"""The numbers of sessions, and the report of the whole experiment."""

from __future__ import annotations

from dataclasses import replace

from buildlog_git.core.experiment import ExperimentReport, build_experiment
from buildlog_git.core.fold import SessionRecord
from buildlog_git.core.metrics import (
    Metrics,
    RuleCount,
    SessionMetrics,
    aggregate,
    metrics_by_session,
    together,
)
from buildlog_git.flows.context import Context
from buildlog_git.flows.rules import read_rules
from buildlog_git.flows.session_view import SessionsView, find_session
from buildlog_git.gitio.worktrees import worktree_top


def session_metrics(context: Context, name: str | None = None, *, stored: bool = False) -> Metrics:
    """Return the numbers of a session, by its id or the beginning of it, or those of all.

    What messages declare is looked up in history too; with ``stored`` only the ledger is asked.

    Raises:
        UsageError: the session is unknown.

    """
    view = SessionsView(context, stored=stored)
    every = _by_session(view)
    if name is None:
        return aggregate(view.experiment, view.repeated, every)
    wanted = find_session(view.experiment, name).session.session
    (mine,) = (numbers for numbers in every if numbers.session_id == wanted)
    return together(mine, [mine])


def make_experiment(context: Context, *, stored: bool = False) -> ExperimentReport:
    """Return the report of all sessions, with the rewards of the drafts on all branches.

    What no scan has written yet is looked up; with ``stored`` only the ledger is asked.
    """
    view = SessionsView(context, stored=stored)
    report = build_experiment(view.experiment, view.repeated, _by_session(view), view.rewards)
    if not any(record.session.offered for record in view.experiment.sessions):
        return report
    from buildlog_git.flows.lesson import read_lesson

    return replace(report, learned=read_lesson(context, stored=stored))


def _by_session(view: SessionsView) -> tuple[SessionMetrics, ...]:
    rules = {r.session.session: _rules(view, r) for r in view.experiment.sessions}
    return metrics_by_session(view.experiment, view.repeated, rules)


def _rules(view: SessionsView, record: SessionRecord) -> RuleCount:
    """Return how many rules there were; of another clone's open session only the draw tells."""
    begun, end = record.session, record.end
    if end is not None:
        return RuleCount(end.rules_start, end.rules_end)
    if begun.session in view.open:
        place, local = view.open[begun.session]
        top = worktree_top(view.context.repo, place.worktree)
        return RuleCount(local.rules_start, read_rules(top).active)
    known = len({*begun.offered, *begun.forced})
    return RuleCount(known, known)
