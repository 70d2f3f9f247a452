"""The report on a range: the ledger's facts, and those of history that no scan has written yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.events import Event, engine_of
from buildlog_git.core.fold import Experiment, excused, fold
from buildlog_git.core.graph import HORIZON, ancestors
from buildlog_git.core.ids import Oid
from buildlog_git.core.moments import DAY
from buildlog_git.core.report import Report, Scope, build_report
from buildlog_git.core.session_events import Reward
from buildlog_git.flows.answers import NEVER, Span, span_from
from buildlog_git.flows.context import Context
from buildlog_git.flows.declared import classes_told, skipped
from buildlog_git.flows.facts import History
from buildlog_git.flows.scan import find_events, refuse_options
from buildlog_git.flows.selection import Selection, attested, reached, select
from buildlog_git.flows.walking import neutral_commits
from buildlog_git.gitio.history import list_commits
from buildlog_git.gitio.remotes import known_remotes
from buildlog_git.gitio.repo import LOCAL, head_commit
from buildlog_git.ledger.reading import without_collector

if TYPE_CHECKING:
    from buildlog_git.core.lesson import Lesson


def make_report(context: Context, revisions: Sequence[str] = (), *, stored: bool = False) -> Report:
    """Return the report on ``revisions``, HEAD's whole history by default.

    What no scan has written yet is looked up in history, without writing it, so that the
    report is never behind; with ``stored`` only the ledger is asked.

    Raises:
        UsageError: the range is unknown.

    """
    return make_lasting_report(context, revisions, stored=stored).report


class LastingReport(NamedTuple):
    """A report, and the time in which it stays the same where nothing else changes."""

    report: Report
    span: Span


def make_lasting_report(
    context: Context, revisions: Sequence[str] = (), *, stored: bool = False
) -> LastingReport:
    """Return the report as :func:`make_report` does, and for how long it holds.

    Raises:
        UsageError: the range is unknown.

    """
    refuse_options(revisions)
    with without_collector():
        # A range is refused before anything else is done; HEAD is known after the look at all.
        selection = select(context, revisions) if revisions or stored else None
        view = context.ledger.read()
        facts = view.events
        events, missing, history = facts, 0, None
        if not stored and _has_commits(context, selection):
            found = find_events(context, facts, revisions)
            events, missing = with_new(facts, found.events), found.missing_blobs
            history = found.history
        selection = selection or select(context, revisions, history)
        experiment = fold(events)
        report = report_on(
            context, selection, experiment, history, damaged=len(view.damaged),
            missing_blobs=missing,
            missing_notes=view.tip is None and bool(known_remotes(context.repo.git)),
        )  # fmt: skip
        names = [*view.by_id, *(event.id for event in events[len(facts) :])]
        judged = Judged(experiment, history, selection, report, names)
        report = replace(report, notes=view.tip, learned=what_is_learned(context, events, judged))
        # What this clone lacks may arrive without any ref that tells.
        if stored or missing or view.unread:
            return LastingReport(report, NEVER)
        return LastingReport(report, _span(context.now, report, experiment, events, history))


def _span(
    now: int,
    report: Report,
    experiment: Experiment,
    events: Iterable[Event],
    history: History | None,
) -> Span:
    """Return for how long the same facts are told alike.

    What an event says of a time ahead (a window that ends, a session by a wrong clock) changes
    then. A draft that nothing has judged yet is judged when it is a day old; one that is younger
    may be judged because it was pushed, of which only two days are asked for; one that has not
    landed may count as dropped when its window is over.
    """
    metas = history.metas if history else {}
    if any(meta.commit_time > now for meta in metas.values()):
        return NEVER  # what is said of such a commit changes with every second
    changes = {event.at for event in events if event.at > now}
    shown = {item.commit: item.state for item in report.drafts}
    for record in experiment.drafts:
        oid, at = record.draft.commit, record.draft.at
        versions = (oid, *record.homes)
        if at + DAY > now and shown.get(oid, "open") == "open":
            changes.add(at + DAY)
        elif at + DAY > now:
            # Git counts a commit of that very second as recent.
            ends = [metas[v].commit_time + 2 * DAY if v in metas else now for v in versions]
            changes.update(end + 1 for end in ends)
        if record.landed is None and history is not None:
            changes.update(history.times.get(v, at) + HORIZON for v in versions)
    return span_from(now, changes)


class Judged(NamedTuple):
    """A report with what it was made of, for who would else make it again.

    ``names`` are the ids of the facts, where they are known.
    """

    experiment: Experiment
    history: History | None
    selection: Selection
    report: Report
    names: Sequence[str] | None = None


def what_is_learned(context: Context, events: Sequence[Event], judged: Judged) -> Lesson | None:
    """Return what all sessions tell of the rules; None where no rule was ever on trial."""
    if not any(record.session.offered for record in judged.experiment.sessions):
        return None
    # Most repositories have no rules on trial, and need none of what learning takes.
    from buildlog_git.flows.lesson import lesson_of

    return lesson_of(context, events, judged)


def _has_commits(context: Context, selection: Selection | None) -> bool:
    if selection is None:
        return head_commit(context.repo.git) is not None
    return bool(selection.commits)


class Current(NamedTuple):
    """All facts, and the history that was looked at for them; None where that was not asked."""

    events: tuple[Event, ...]
    history: History | None = None


def current_facts(
    context: Context, revisions: Sequence[str] = (), *, stored: bool = False
) -> Current:
    """Return the ledger's facts and, unless only what is ``stored`` counts, history's newest."""
    events = context.ledger.read().events
    if stored or (not revisions and head_commit(context.repo.git) is None):
        return Current(events)
    found = find_events(context, events, revisions)
    return Current(with_new(events, found.events), found.history)


def with_new(stored: Sequence[Event], found: Iterable[Event]) -> tuple[Event, ...]:
    """Return ``stored`` and what of ``found`` it lacks, as a scan would write it.

    What is written down stays as it was measured, whatever the settings are now.
    """
    news = list(found)
    # Of a reward the commit is no part of the id; every other fact that is found names it there.
    commits = {event.commit for event in news}
    known = {
        event.id: engine_of(event)
        for event in stored
        if event.commit in commits or isinstance(event, Reward)
    }
    new = (event for event in news if known.get(event.id, -1) < engine_of(event))
    return (*stored, *new)


def report_on(
    context: Context,
    selection: Selection,
    experiment: Experiment,
    history: History | None = None,
    *,
    damaged: int = 0,
    missing_blobs: int = 0,
    missing_notes: bool = False,
    first: Oid | None = None,
) -> Report:
    """Return the report on selected commits, judged by what HEAD and they themselves contain.

    ``history`` is what was read of it already. ``first`` is the commit in whose history a draft
    is looked for before the others; HEAD by default.
    """
    skips = skipped(selection.told)
    selection = attested(selection, experiment)
    chosen = frozenset(commit.oid for commit in selection.commits)
    whole = selection.name == "HEAD"
    head = first or (history.head if history else head_commit(context.repo.git))
    neutral = history.neutral if history else neutral_commits(context)
    return build_report(
        _without(skips, excused(_with_returned(context, experiment), neutral)),
        Scope(
            name=selection.name,
            selected={o: (made.author, made.agent) for o, made in selection.made_by.items()},
            histories=[chosen]
            if whole or head is None
            else [reached(context, head, history), chosen],
            whole=whole,
            followed=_followed(selection) | _pushed(context, history),
            now=context.now,
            shallow=context.repo.shallow,
            damaged=damaged,
            missing_blobs=missing_blobs,
            missing_notes=missing_notes,
            merges=skips | {c.oid for c in selection.commits if len(c.parents) > 1},
            classes=classes_told(selection.told),
        ),
    )


def _without(skips: AbstractSet[Oid], experiment: Experiment) -> Experiment:
    """Return the experiment without drafts of which a person has said that they do not count."""
    if not skips:
        return experiment
    kept = (r for r in experiment.drafts if skips.isdisjoint((r.draft.commit, *r.homes)))
    return replace(experiment, drafts=tuple(kept))


def _with_returned(context: Context, experiment: Experiment) -> Experiment:
    """Return the experiment in which a draft that a branch has again is not dropped any more."""
    dropped = {record.draft.commit for record in experiment.drafts if record.dropped}
    if not dropped:
        return experiment
    back = dropped & list_commits(context.repo.git, "--branches", "--remotes")
    return replace(
        experiment,
        drafts=tuple(
            replace(record, dropped=None) if record.draft.commit in back else record
            for record in experiment.drafts
        ),
    )


def _followed(selection: Selection) -> set[Oid]:
    """Return the commits that a commit of a person, or of nobody known, has followed."""
    parents = {commit.oid: commit.parents for commit in selection.commits}
    people = [
        commit.oid
        for commit in selection.commits
        if selection.made_by[commit.oid].author != "agent" and not selection.made_by[commit.oid].bot
    ]
    return ancestors(parents, _parents_of(people, parents))


def _parents_of(commits: Iterable[Oid], parents: dict[Oid, tuple[Oid, ...]]) -> Iterable[Oid]:
    return (parent for commit in commits for parent in parents[commit])


def _pushed(context: Context, history: History | None) -> frozenset[Oid]:
    if history and all(name.startswith(LOCAL) for name in history.tips):
        return frozenset()
    # Older drafts are judged by their age alone.
    recent = f"--since={context.now - 2 * DAY}"
    return list_commits(context.repo.git, recent, "--remotes")
