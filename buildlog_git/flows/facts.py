"""From a walk over history to the facts that the ledger holds.

Both ways into history come out here, the scan of all of it and the drain that follows a single
commit: the same walk gives the same events, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

from buildlog_git.core.attribution import Attribution, CommitMeta
from buildlog_git.core.codec import NUMBER_LIMIT, clip
from buildlog_git.core.distance import STANDS, distance
from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle
from buildlog_git.core.graph import HORIZON
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Carry, Facts, Node
from buildlog_git.core.region import ZERO, Account
from buildlog_git.core.session import word_in
from buildlog_git.core.trailers import NOTHING_TOLD, Directives
from buildlog_git.flows.context import Context, Witness
from buildlog_git.flows.walking import standing_reverts
from buildlog_git.gitio.repo import DefaultBranch, Tips

NOBODY: Mapping[Oid, Witness] = MappingProxyType({})


class History(NamedTuple):
    """All commits that the repository still knows, and what can be said of each."""

    metas: dict[Oid, CommitMeta]
    made_by: dict[Oid, Attribution]
    parents: dict[Oid, tuple[Oid, ...]]
    times: dict[Oid, int]
    branch: DefaultBranch | None
    line: set[Oid]
    """Commits that a branch or HEAD contains; the others only a reflog knows."""
    trunk: set[Oid]
    """Commits that the default branch contains."""
    cut: frozenset[Oid]
    """Commits at which a shallow history ends."""
    told: Mapping[Oid, Directives]
    """What messages tell this program, of the commits whose message tells anything."""
    asked: AbstractSet[Oid]
    """The commits of the range that was asked for; all where none was."""
    head: Oid | None = None
    tips: Tips = MappingProxyType({})
    """All branches, those of remotes too."""
    neutral: frozenset[Oid] = frozenset()
    """Commits that the repository tells blame to ignore."""


class Plan(NamedTuple):
    """What the walk will do: its nodes in order, and of each draft where it lands.

    ``landing`` has the commit with which a draft (or the commit that it was rewritten to)
    reached the default branch, ``reverts`` the commits on a branch that say what they revert.
    """

    nodes: list[Node]
    drafts: AbstractSet[Oid]
    carries: dict[Oid, tuple[Carry, ...]]
    landing: dict[Oid, Oid]
    rewritten: frozenset[Oid]
    reverts: dict[Oid, frozenset[Oid]]


def events_of(context: Context, history: History, plan: Plan, facts: Facts) -> Iterator[Event]:
    """Yield the facts that a walk has found."""
    for oid in history.metas:
        if oid in plan.drafts:
            yield _draft_event(history, facts, oid)
    yield from _revision_events(history, facts)
    for new, found in plan.carries.items():
        for carry in found:
            for old in sorted(carry.drafts):
                yield Rewrite(commit=new, at=moment(history, new), old=old, way=carry.way)
    yield from _settle_events(context, history, plan, facts)


def moment(history: History, oid: Oid) -> int:
    """Return a commit's steady time, within what the ledger's format can hold."""
    return max(-NUMBER_LIMIT, min(NUMBER_LIMIT, history.times[oid]))


def _draft_event(history: History, facts: Facts, oid: Oid) -> Draft:
    found, size = history.made_by[oid], facts.sizes[oid]
    return Draft(
        commit=oid,
        at=moment(history, oid),
        agent=clip(found.agent or ""),
        channel=clip(found.channel or ""),
        model=clip(found.model) if found.model else None,
        session=word_in(history.told.get(oid, NOTHING_TOLD).session),
        tokens=size.tokens,
        removed=size.removed,
        lines=size.lines,
        files=size.files,
    )


def _revision_events(history: History, facts: Facts) -> Iterator[Revision]:
    pairs: dict[tuple[Oid, Oid], Revision] = {}
    for change in facts.changes:
        account = change.account
        key = (change.draft, change.commit)
        if key in pairs:
            before = pairs[key]
            account = account.plus(
                Account(before.cost, before.grow, before.lost, before.restored, before.gone)
            )
        pairs[key] = Revision(
            commit=change.commit,
            at=moment(history, change.commit),
            draft=change.draft,
            by=change.by,
            way=change.way,
            **account._asdict(),
        )
    yield from pairs.values()


def _settle_events(
    context: Context, history: History, plan: Plan, facts: Facts
) -> Iterator[Settle]:
    standing = standing_reverts(plan.reverts)
    accounts = _accounts_on(history.line, facts)
    for oid in sorted(plan.drafts):
        revert = standing.get(oid)
        value = distance(facts.sizes[oid], accounts.get(oid, ZERO))
        if revert is not None and value is not None and value >= STANDS:
            yield Settle(commit=oid, at=moment(history, revert), reason="reverted", final=revert)
        link = plan.landing.get(oid)
        end = history.times[link or oid] + HORIZON
        if link:
            yield Settle(commit=oid, at=end, reason="landed", final=link)
        elif end <= context.now and oid not in history.line and oid not in plan.rewritten:
            yield Settle(commit=oid, at=end, reason="dropped")


def _accounts_on(line: AbstractSet[Oid], facts: Facts) -> dict[Oid, Account]:
    accounts: dict[Oid, Account] = {}
    for change in facts.changes:
        if change.commit in line:
            accounts[change.draft] = accounts.get(change.draft, ZERO).plus(change.account)
    return accounts
