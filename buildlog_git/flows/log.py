"""Commits with who made them and what became of the agents' text, as ``git log`` would list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from buildlog_git.core.attribution import Author
from buildlog_git.core.distance import Outcome, State
from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.report import DraftItem
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import current_facts, report_on
from buildlog_git.flows.scan import refuse_options
from buildlog_git.flows.selection import attested, select


@dataclass(frozen=True, slots=True)
class LogItem:
    """One commit, newest first; the fields of a draft are null where the commit is none."""

    commit: Oid
    at: int
    author: Author
    agent: str | None
    subject: str
    merge: bool
    lines: int | None
    distance: float | None
    outcome: Outcome | None
    state: State | None


@dataclass(frozen=True, slots=True)
class Log:
    """The commits of a range."""

    range: str
    commits: tuple[LogItem, ...]


def make_log(context: Context, revisions: Sequence[str] = (), *, agents_only: bool = False) -> Log:
    """Return the commits that ``revisions`` name, HEAD's whole history by default.

    Raises:
        UsageError: the range is unknown.

    """
    refuse_options(revisions)
    selection = select(context, revisions)
    known = current_facts(context, revisions, stored=not selection.commits)
    experiment = fold(known.events)
    selection = attested(selection, experiment)
    report = report_on(context, selection, experiment, known.history)
    drafts: dict[Oid, DraftItem] = {}
    for item in report.drafts:
        drafts.update(dict.fromkeys((item.commit, *item.homes), item))
    items = []
    for commit in reversed(selection.commits):
        made, draft = selection.made_by[commit.oid], drafts.get(commit.oid)
        if agents_only and made.author != "agent":
            continue
        items.append(
            LogItem(
                commit.oid,
                commit.commit_time,
                made.author,
                made.agent,
                commit.subject,
                len(commit.parents) > 1,
                draft.lines if draft else None,
                draft.distance if draft else None,
                draft.outcome if draft else None,
                draft.state if draft else None,
            )
        )
    return Log(selection.name, tuple(items))
