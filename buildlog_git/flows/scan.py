"""Scan history: find the drafts, follow them, and write down what was found.

The same scan serves a whole repository, a range and a single commit. It writes facts only, all
in one notes commit, so it may be cut off at any point and run again: the second run adds what
is missing and nothing else.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

from buildlog_git.core.carries import Known, forms, plan_carries, sources, without_cycles
from buildlog_git.core.events import Event, Rewrite, Settle
from buildlog_git.core.forgotten import forgotten_drafts, remaining
from buildlog_git.core.graph import HORIZON
from buildlog_git.core.ids import Oid
from buildlog_git.core.rewrites import Link
from buildlog_git.core.stored import by_kind
from buildlog_git.core.trailers import NOTHING_TOLD
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context, Witness
from buildlog_git.flows.declared import declared
from buildlog_git.flows.facts import NOBODY, History, events_of, moment
from buildlog_git.flows.history import RECORDED, read_history
from buildlog_git.flows.lineage import Evidence, find_links
from buildlog_git.flows.plan import make_plan
from buildlog_git.flows.recorded import attest, inherit, redrafts, speak_for
from buildlog_git.flows.walking import (
    Walked,
    walk_history,
)
from buildlog_git.gitio.diffs import Patches
from buildlog_git.gitio.history import read_commits

_STASHED = ("index on ", "untracked files on ")
"""How the messages begin of commits that ``git stash`` makes beside its own."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What a scan looked at and wrote.

    ``commits`` were looked at, ``agent_commits`` of them carry an agent's mark, ``drafts`` were
    followed; ``settled`` drafts were known and needed no more looking. ``written`` events are
    new, ``already`` ones the ledger had. ``missing_blobs`` are files that this clone lacks.
    """

    commits: int
    agent_commits: int
    drafts: int
    settled: int
    written: int
    already: int
    missing_blobs: int
    shallow: bool


class Found(NamedTuple):
    """What history tells that the ledger may not have yet; the counts are of a ScanResult.

    ``walked`` and ``history`` are there for who goes on from them.
    """

    events: tuple[Event, ...]
    walked: Walked
    history: History
    commits: int
    agent_commits: int
    drafts: int
    settled: int
    missing_blobs: int


def scan(
    context: Context,
    revisions: Sequence[str] = (),
    *,
    since: str | None = None,
    full: bool = False,
) -> ScanResult:
    """Scan and write to the ledger.

    Args:
        context: where.
        revisions: which commits' drafts to follow, as for ``git log``; all by default.
        since: only drafts committed after this date, as for ``git log``.
        full: look again at drafts whose window has closed.

    Raises:
        UsageError: the range or the date is unknown.

    """
    refuse_options(revisions)
    known = context.ledger.read().events
    if full:
        # What no history tells, as the map of filter-repo does, must be known all the same.
        known = tuple(event for event in known if not isinstance(event, Settle))
    found = find_events(context, known, revisions, since=since)
    context.progress("writing the ledger", 0, 0)
    appended = context.ledger.append(found.events)
    return ScanResult(
        commits=found.commits,
        agent_commits=found.agent_commits,
        drafts=found.drafts,
        settled=found.settled,
        written=appended.written,
        already=appended.already,
        missing_blobs=found.missing_blobs,
        shallow=context.repo.shallow,
    )


def refuse_options(revisions: Iterable[str]) -> None:
    """Refuse a range that is an option of git, which could make git do something else.

    Raises:
        UsageError: there is one.

    """
    for name in revisions:
        if name.startswith("-"):
            raise UsageError(
                f"not a range: {name}",
                slug="unknown-range",
                hint="a range is written as for git log: main, v1.0..HEAD, main...topic",
            )


def find_events(
    context: Context,
    known: Iterable[Event],
    revisions: Sequence[str] = (),
    *,
    since: str | None = None,
    witnesses: Mapping[Oid, Witness] = NOBODY,
    keep: Container[Oid] = (),
    exact: Sequence[Link] = (),
    endless: bool = False,
) -> Found:
    """Follow the drafts of history and return the facts, without writing anything.

    Drafts that ``known`` events say to be settled are not followed again. ``witnesses`` are
    hooks that saw commits being made, ``exact`` the rewrites that hooks were told of; ``keep``
    are commits from which a later walk will go on. ``endless`` follows drafts beyond their
    window, for who asks whose text stands now; what it finds is not to be written down.
    """
    known = tuple(remaining(known))
    told = by_kind(known)
    history = read_history(context, revisions, witnesses, (link.old for link in exact))
    closed = _closed(told.settles, history)
    stand_ins = attest(history, told)
    wanted = history.asked if since is None else _since(context, revisions, since)
    with context.path_filter() as paths, Patches(context.repo.git, paths.endings) as patches:
        evidence = Evidence(context, history, patches, told, exact)
        links = find_links(evidence, _drafts(history))
        inherit(history, links)
        # What git made from other commits is no draft, also where it is not known from which.
        every = _drafts(history) - evidence.remade
        links, gone = redrafts(evidence, links, every)
        own = every - forms(links, every) - gone.keys()
        own -= forgotten_drafts(told.tombstones, every)
        drafts = sources(links, wanted) & own
        followed = drafts - closed
        metas, parents = history.metas, history.parents
        carries = without_cycles(
            plan_carries(links, followed, Known(metas, parents, history.line)), parents
        )
        plan = make_plan(history, followed, carries, links, keep=keep, endless=endless)
        walked = walk_history(plan.nodes, patches, paths.counts, context.progress, keep=keep)
        missing = patches.missing
    events: tuple[Event, ...] = (
        *speak_for(events_of(context, history, plan, walked.facts), stand_ins),
        *(
            Rewrite(commit=new, at=moment(history, new), old=old, way="redraft")
            for old, new in gone.items()
        ),
    )
    whole = not revisions and since is None
    return Found(
        events=(*events, *declared(history, own, (*known, *events), whole=whole)),
        walked=walked,
        history=history,
        commits=len(history.metas),
        agent_commits=sum(made.author == "agent" for made in history.made_by.values()),
        drafts=len(followed),
        settled=len(drafts) - len(followed),
        missing_blobs=missing,
    )


def _closed(settles: Iterable[Settle], history: History) -> set[Oid]:
    """Return the drafts whose window closed so long ago that nothing can come into it any more.

    What counts is how far history has come, not the clock: commits made within the window may
    still arrive, by a pull or by a merge. Where that with which a draft landed is not on the
    trunk any more, all of history was rewritten, and what was measured was measured elsewhere.
    """
    latest = max((history.times[oid] for oid in history.trunk), default=0)
    return {
        event.commit
        for event in settles
        if event.reason == "landed" and event.at + HORIZON < latest and event.final in history.trunk
    }


def _since(context: Context, revisions: Sequence[str], since: str) -> AbstractSet[Oid]:
    limits = [f"--since={since}"] if since else []
    names = list(revisions) or [*RECORDED, "--branches", "HEAD"]
    return {commit.oid for commit in read_commits(context.repo.git, *limits, *names)}


def _drafts(history: History) -> set[Oid]:
    return {
        oid
        for oid, meta in history.metas.items()
        if history.made_by[oid].author == "agent"
        and len(meta.parents) < 2
        and oid not in history.cut
        and not (oid not in history.line and meta.message.startswith(_STASHED))
        and not history.told.get(oid, NOTHING_TOLD).skip
    }
