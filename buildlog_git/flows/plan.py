"""What the walk over history has to look at: the commits that a draft reaches, and no others."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from buildlog_git.core.carries import sources
from buildlog_git.core.graph import HORIZON, NEVER, ancestors, landings
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Carry, Node
from buildlog_git.core.rewrites import Link
from buildlog_git.core.trailers import reverted
from buildlog_git.flows.declared import skipped
from buildlog_git.flows.facts import History, Plan
from buildlog_git.flows.walking import maker, reverts_of


def make_plan(
    history: History,
    drafts: AbstractSet[Oid],
    carries: dict[Oid, tuple[Carry, ...]],
    links: Sequence[Link],
    *,
    keep: Container[Oid] = (),
    endless: bool = False,
) -> Plan:
    """Return how ``drafts`` are followed.

    Args:
        history: all commits.
        drafts: those that are followed.
        carries: what commits take over from those that they replace.
        links: where commits live on.
        keep: commits whose owners are wanted, whether or not a draft reaches them.
        endless: whether drafts are followed beyond their window.

    """
    landed = landings(history.parents, history.branch.tip if history.branch else None)
    homes = [(oid, new) for new, found in carries.items() for c in found for oid in c.drafts]
    landing = {oid: landed[oid] for oid in drafts if oid in landed}
    for oid, new in homes:
        if new in landed and history.times[landed[new]] < _landed_at(history, landing.get(oid)):
            landing[oid] = landed[new]
    neutral = history.neutral | skipped(history.told)
    reverts = _reverts(history, drafts, carries, links) if drafts else {}
    nodes = []
    for oid in _reached(history, drafts, carries, keep):
        made = maker(oid, history.made_by[oid], neutral)
        ends = oid in landing and not endless
        window = history.times[landing[oid]] + HORIZON if ends else NEVER
        nodes.append(
            Node(
                oid=oid,
                parents=_parents(history, oid),
                time=history.times[oid],
                by=made.by,
                agent=made.agent,
                draft=oid in drafts,
                until=window if oid in drafts else 0,
                carries=carries.get(oid, ()),
                reverts=reverts.get(oid, frozenset()),
            )
        )
    return Plan(nodes, drafts, carries, landing, frozenset(oid for oid, _ in homes), reverts)


def _parents(history: History, oid: Oid) -> tuple[Oid, ...]:
    return () if oid in history.cut else history.parents[oid]


def _reached(
    history: History,
    drafts: AbstractSet[Oid],
    carries: Mapping[Oid, Sequence[Carry]],
    keep: Container[Oid],
) -> Iterator[Oid]:
    """Yield the commits that know of a draft, and those to ``keep``, parents first.

    Of what came before all drafts that are followed a walk could tell nothing.
    """
    knowing: set[Oid] = set()
    for oid in _in_order(history, carries) if carries else history.metas:
        if (
            oid in drafts
            or not knowing.isdisjoint(_parents(history, oid))
            or any(carry.source in knowing for carry in carries.get(oid, ()))
        ):
            knowing.add(oid)
            yield oid
        elif oid in keep:
            yield oid


def _landed_at(history: History, landing: Oid | None) -> int:
    return NEVER if landing is None else history.times[landing]


def _reverts(
    history: History,
    drafts: AbstractSet[Oid],
    carries: Mapping[Oid, Sequence[Carry]],
    links: Sequence[Link],
) -> dict[Oid, frozenset[Oid]]:
    """Return what each commit on a branch says that it reverts, with the drafts in that.

    A draft is reverted with the commit that it lives on in, or with the merge that brought it.
    """
    named = reverts_of(
        (meta for oid, meta in history.metas.items() if oid in history.line),
        reverted,
        history.metas,
    )
    found = {}
    for oid, targets in named.items():
        brought = targets | (sources(links, targets) & drafts)
        for target in targets:
            brought |= {draft for carry in carries.get(target, ()) for draft in carry.drafts}
            above = history.parents[target]
            if len(above) > 1:
                inside = ancestors(history.parents, [target])
                brought |= (inside - ancestors(history.parents, above[:1])) & drafts
        found[oid] = brought
    return found


def _in_order(history: History, carries: Mapping[Oid, Sequence[Carry]]) -> Iterator[Oid]:
    """Yield all commits, parents and carried ones first, else in the order that they have."""
    done: set[Oid] = set()
    for oid in history.metas:
        stack = [(oid, False)]
        while stack:
            at, ready = stack.pop()
            if at in done or at not in history.metas:
                continue
            if ready:
                done.add(at)
                yield at
                continue
            stack.append((at, True))
            before = (*_parents(history, at), *(carry.source for carry in carries.get(at, ())))
            stack += [(source, False) for source in before if source not in done]
