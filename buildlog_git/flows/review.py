"""The report as reviewers ask for it: against a base, in groups, on strict or loose evidence.

Strict evidence is no filter on what loose evidence found: a commit that is no agent's any more
counts as a person's where it changes a draft. So history is followed anew, from its commits and
from what hooks saw, and the ledger's measurements are left aside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from buildlog_git.core.attribution import Tier
from buildlog_git.core.events import Draft, Event, Revision, Settle
from buildlog_git.core.fold import Experiment, fold
from buildlog_git.core.grouping import group_drafts, median_distance
from buildlog_git.core.ids import Oid
from buildlog_git.core.report import Report, is_measured
from buildlog_git.core.review import By, Grouping, Marks, Request, RuleCard
from buildlog_git.errors import UsageError
from buildlog_git.flows.answers import NEVER
from buildlog_git.flows.context import Context
from buildlog_git.flows.distance import most_reworked
from buildlog_git.flows.recorded import WITNESSED
from buildlog_git.flows.report import (
    Judged,
    LastingReport,
    make_lasting_report,
    report_on,
    what_is_learned,
    with_new,
)
from buildlog_git.flows.rules import read_rules
from buildlog_git.flows.scan import find_events, refuse_options
from buildlog_git.flows.selection import Selection, select
from buildlog_git.gitio.history import paths_changed_by
from buildlog_git.gitio.remotes import known_remotes
from buildlog_git.gitio.repo import head_commit, resolve
from buildlog_git.gitio.treediff import merge_base
from buildlog_git.ledger.store import LedgerView

LOOKED_INTO = 50
"""Drafts of a pull request of which the file is sought that people changed most."""

"""Channels of which history shows nothing: the ledger alone knows."""


class Ends(NamedTuple):
    """A pull request's ends: the base's name, where the branch left it, and its tip."""

    base: str
    merge_base: Oid
    head: Oid


def make_review(
    context: Context,
    revisions: Sequence[str] = (),
    *,
    stored: bool = False,
    base: str | None = None,
    by: By | None = None,
    evidence: Tier | None = None,
) -> Report:
    """Return the report on ``revisions``, HEAD's whole history by default.

    What no scan has written yet is looked up in history, without writing it; with ``stored``
    only the ledger is asked.

    Args:
        context: where.
        revisions: a range; with a base one commit, the head of the branch (default HEAD).
        stored: ask only the ledger.
        base: report on what the head adds to this, and on the base's own history beside it.
        by: also give the drafts in groups.
        evidence: recompute by this tier, and say what the other one gives.

    Raises:
        UsageError: a name is unknown, or what is asked for does not go together.

    """
    return make_lasting_review(
        context, revisions, stored=stored, base=base, by=by, evidence=evidence
    ).report


def make_lasting_review(
    context: Context,
    revisions: Sequence[str] = (),
    *,
    stored: bool = False,
    base: str | None = None,
    by: By | None = None,
    evidence: Tier | None = None,
) -> LastingReport:
    """Return the report as :func:`make_review` does, and for how long it holds.

    Only of a plain one that is known: of a range, with nothing beside it.

    Raises:
        UsageError: a name is unknown, or what is asked for does not go together.

    """
    if base is None and evidence is None:
        made = make_lasting_report(context, revisions, stored=stored)
        report, span = made.report, made.span if by is None else NEVER
    else:
        report, span = _compared(context, revisions, base, evidence, stored=stored), NEVER
    if by is not None:
        report = replace(report, groups=_groups(context, report, by))
    return LastingReport(replace(report, rules=_cards(context) if report.learned else ()), span)


def _compared(
    context: Context,
    revisions: Sequence[str],
    base: str | None,
    evidence: Tier | None,
    *,
    stored: bool,
) -> Report:
    """Return the report beside that of a base, or that of the other tier of evidence."""
    if stored and evidence == "strict":
        raise UsageError(
            "strict evidence is looked up in history, which --stored leaves aside",
            slug="bad-combination",
            hint="leave out one of --stored and --evidence strict",
        )
    refuse_options([*revisions, *([base] if base is not None else [])])
    ends = _ends(context, revisions, base) if base is not None else None
    view = context.ledger.read()
    tier = evidence or "loose"
    report = _report(context._replace(tier=tier), view, revisions, ends, stored=stored)
    if evidence and not stored:
        other: Tier = "loose" if tier == "strict" else "strict"
        beside = _report(context._replace(tier=other), view, revisions, ends, stored=False)
        report = replace(
            report,
            evidence=Marks(
                tier, report.evidence.channels, beside.distance, _said_otherwise(report, beside)
            ),
        )
    if ends is not None:
        report = replace(report, request=_with_reworked(context, report, ends))
    return replace(report, notes=view.tip)


def _ends(context: Context, revisions: Sequence[str], base: str) -> Ends:
    if len(revisions) > 1 or any(".." in name for name in revisions):
        raise UsageError(
            f"with a base, one commit can be named and no range: {' '.join(revisions)}",
            slug="bad-combination",
            hint="for example: git buildlog report --base main topic",
        )
    git = context.repo.git
    head = resolve(git, revisions[0] if revisions else "HEAD")
    root = merge_base(git, resolve(git, base), head)
    if root is None:
        raise UsageError(
            f"{base} and {revisions[0] if revisions else 'HEAD'} have no commit in common",
            slug="no-merge-base",
            hint="a shallow clone may lack it: git fetch --unshallow",
        )
    return Ends(base, root, head)


def _report(
    context: Context, view: LedgerView, revisions: Sequence[str], ends: Ends | None, *, stored: bool
) -> Report:
    """Return the report by the context's tier, with what stands beside a pull request."""
    selection = _selection(context, revisions, ends)
    events, missing, history = _known(context, view.events), 0, None
    if not stored and (selection.commits or ends):
        # The base's drafts stand beside the branch's own, so that all are followed.
        found = find_events(context, events, () if ends else revisions)
        events, missing = with_new(events, found.events), found.missing_blobs
        history = found.history
    experiment = fold(events)
    report = report_on(
        context, selection, experiment, history, damaged=len(view.damaged), missing_blobs=missing,
        missing_notes=view.tip is None and bool(known_remotes(context.repo.git)),
    )  # fmt: skip
    judged = Judged(experiment, history, selection, report)
    report = replace(
        report,
        evidence=replace(report.evidence, tier=context.tier),
        learned=what_is_learned(context, events, judged),
    )
    return report if ends is None else replace(report, request=_beside(context, experiment, ends))


def _said_otherwise(one: Report, other: Report) -> tuple[str, ...]:
    """Return the rules whose verdicts differ."""
    told = [
        {(rule.rule, rule.text): rule.effect.verdict for rule in made.learned.learned.rules}
        if made.learned
        else {}
        for made in (one, other)
    ]
    every = told[0].keys() | told[1].keys()
    return tuple(sorted({key[0] for key in every if told[0].get(key) != told[1].get(key)}))


def _selection(context: Context, revisions: Sequence[str], ends: Ends | None) -> Selection:
    if ends is None:
        return select(context, revisions)
    name = f"{ends.base}...{revisions[0] if revisions else 'HEAD'}"
    return replace(select(context, [f"{ends.merge_base}..{ends.head}"]), name=name)


def _known(context: Context, stored: tuple[Event, ...]) -> tuple[Event, ...]:
    """Return the facts that hold by the context's tier."""
    if context.tier == "loose":
        return stored
    return tuple(
        event
        for event in stored
        if not isinstance(event, Draft | Revision | Settle)
        or (isinstance(event, Draft) and event.channel in WITNESSED)
    )


def _beside(context: Context, experiment: Experiment, ends: Ends) -> Request:
    own = report_on(context, select(context, [ends.merge_base]), experiment)
    return Request(
        base=ends.base, merge_base=ends.merge_base, head=ends.head,
        repository=own.distance, median=median_distance(own.drafts),
        changed_text=own.changed_text, reworked={},
    )  # fmt: skip


def _with_reworked(context: Context, report: Report, ends: Ends) -> Request | None:
    if report.request is None:
        return None
    changed = [item for item in report.drafts if item.distance and is_measured(item)]
    changed.sort(key=lambda item: (-(item.distance or 0), item.commit))
    commits = [item.commit for item in changed[:LOOKED_INTO]]
    here = paths_changed_by(context.repo.git, commits)
    found = most_reworked(context, [oid for oid in commits if oid in here], ends.head)
    return replace(report.request, reworked=found)


def _cards(context: Context) -> tuple[RuleCard, ...]:
    if context.repo.bare:
        return ()
    return tuple(
        RuleCard(
            rule.id, rule.title, rule.error_class, rule.state, rule.text, rule.digest, rule.tokens
        )
        for rule in read_rules(context.repo.top).rules
    )


def _groups(context: Context, report: Report, by: By) -> Grouping:
    paths: dict[Oid, list[str]] = {}
    if by == "dir" and head_commit(context.repo.git) is not None:
        versions = {item.commit: (item.commit, *item.homes) for item in report.drafts}
        files = paths_changed_by(
            context.repo.git, {v for those in versions.values() for v in those}
        )
        with context.path_filter() as counted:
            for draft, those in versions.items():
                here = next((files[v] for v in those if v in files), ())
                paths[draft] = [name for name in here if counted.counts(name)]
    return group_drafts(report.drafts, by, paths)
