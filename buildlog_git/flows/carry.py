"""Carries the drafts of a branch over to the commit that a forge squashed it into.

A forge squashes on its own machine and writes its own message: no hook runs, and the commits of
the branch are named nowhere. CI knows all three, so it says so. From there on it is the scan of a
local ``merge --squash``: the same links, the same walk, the same events.
"""

from __future__ import annotations

from dataclasses import dataclass

from buildlog_git.core.distance import distance
from buildlog_git.core.events import Draft, Event
from buildlog_git.core.fold import fold
from buildlog_git.core.forgotten import remaining
from buildlog_git.core.ids import Oid
from buildlog_git.core.rewrites import Link
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import with_new
from buildlog_git.flows.scan import find_events
from buildlog_git.gitio.history import list_commits, read_commits
from buildlog_git.gitio.repo import resolve


@dataclass(frozen=True, slots=True)
class CarriedDraft:
    """A draft that lives on in the target, and its distance there."""

    commit: Oid
    agent: str
    lines: int
    distance: float | None


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried over.

    ``commits`` are those of the branch; ``contained`` says that the target has them by history,
    so that there is nothing to carry. ``written`` events are new, ``already`` were there.
    """

    base: Oid
    head: Oid
    target: Oid
    commits: int
    contained: bool
    drafts: tuple[CarriedDraft, ...]
    written: int
    already: int


def carry(context: Context, branch: str, target: str, *, dry_run: bool = False) -> Carried:
    """Say that the commits of ``branch`` live on in ``target``, and write what follows from that.

    Args:
        context: where.
        branch: the branch as a range, ``<base>..<head>``.
        target: the commit into which it was squashed.
        dry_run: write nothing.

    Raises:
        UsageError: the range is none, or a commit is not here.
        LedgerError: the ledger cannot be written; it is as it was.

    """
    base, head = _range(context, branch)
    new = resolve(context.repo.git, target)
    commits = read_commits(context.repo.git, f"{base}..{head}")
    known = remaining(context.ledger.read().events)
    contained = head in list_commits(context.repo.git, new)
    if contained or not commits:
        return Carried(base, head, new, len(commits), contained, (), 0, 0)
    attested = {event.commit for event in known if isinstance(event, Draft)}
    links = [
        Link(commit.oid, new, "squash")
        for commit in commits
        if commit.oid in attested or context.attribute(commit).author == "agent"
    ]
    events: tuple[Event, ...] = ()
    if links:
        # The target may be on no branch of this clone: it is asked for, and so is all before it.
        events = find_events(context, known, [f"{new}^!"], exact=links).events
    written, already = 0, 0
    if not dry_run:
        appended = context.ledger.append(events)
        written, already = appended.written, appended.already
    drafts = _drafts(context, with_new(known, events), {link.old for link in links}, new)
    return Carried(base, head, new, len(commits), False, drafts, written, already)


def _range(context: Context, branch: str) -> tuple[Oid, Oid]:
    base, dots, head = branch.partition("..")
    if not (base and dots and head) or head.startswith("."):
        raise UsageError(
            f"not a branch as a range: {branch}",
            slug="unknown-range",
            hint="git buildlog carry <base>..<head> <target>",
        )
    return resolve(context.repo.git, base), resolve(context.repo.git, head)


def _drafts(
    context: Context, events: tuple[Event, ...], wanted: set[Oid], target: Oid
) -> tuple[CarriedDraft, ...]:
    history = list_commits(context.repo.git, target)
    return tuple(
        CarriedDraft(
            commit=record.draft.commit,
            agent=record.draft.agent,
            lines=record.draft.lines,
            distance=distance(record.owned, record.account(history)),
        )
        for record in fold(events).drafts
        if record.draft.commit in wanted and target in record.homes
    )
