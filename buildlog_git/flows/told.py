"""What hooks were told of rewrites: which commit each one replaced, and who ran git.

Git hands the map of an amend or a rebase to post-rewrite, and to nobody else. With the agents'
variables of the process it also tells who did it: an agent that amends its own draft before
anybody has judged it replaces that draft; what it takes from others on the way is its doing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from buildlog_git.core.attribution import environment_evidence
from buildlog_git.core.events import Draft, Event
from buildlog_git.core.ids import Oid
from buildlog_git.core.registry import Registry
from buildlog_git.core.rewrites import Link, read_rewrite_map
from buildlog_git.core.signals import Signal
from buildlog_git.flows.context import Witness
from buildlog_git.gitio.headlog import Move
from buildlog_git.gitio.queue import Queue

AMEND = "commit (amend)"
"""The verb of an amend in HEAD's reflog."""


def told_links(
    queue: Queue,
    signals: Sequence[Signal],
    moves: Sequence[Move],
    known: Iterable[Event],
    witnesses: Mapping[Oid, Witness],
    registry: Registry,
) -> list[Link]:
    """Return the rewrites that the signals tell of, in their order.

    Args:
        queue: where the maps are.
        signals: of all hooks.
        moves: of HEAD; an amend is known before its post-rewrite hook runs.
        known: the ledger's facts: whose each draft is.
        witnesses: what hooks saw of commits that the ledger may not know yet.
        registry: the marks of agents.

    """
    rewrites = [signal for signal in signals if signal.hook == "post-rewrite"]
    amends = [move for move in moves if move.verb == AMEND and move.new in witnesses]
    if not rewrites and not amends:
        return []
    agents = {event.commit: event.agent for event in known if isinstance(event, Draft)}
    for commit, witness in witnesses.items():
        agent = _agent(witness.variables, registry)
        if agent and commit not in agents:
            agents[commit] = agent
    links = []
    for move in amends:
        agent = _agent(witnesses[move.new].variables, registry)
        links.append(_by(Link(move.old, move.new, "amend"), agent, agents))
    for signal in rewrites:
        found = queue.rewrite_map(signal.words.get("map", ""))
        agent = _agent(signal.variables, registry)
        for link in read_rewrite_map(found.pairs, found.done):
            if link.way == "amend" and signal.words.get("cmd") == "rebase":
                # An apply that never stopped leaves no list of its steps; it amends nothing.
                link = link._replace(way="rewrite")  # noqa: PLW2901
            links.append(_by(link, agent, agents))
    return links


def map_names(signals: Iterable[Signal]) -> list[str]:
    """Return the names of the maps that signals point to."""
    return [signal.words["map"] for signal in signals if "map" in signal.words]


def _agent(variables: Mapping[str, str], registry: Registry) -> str | None:
    evidence = environment_evidence(variables, registry)
    return evidence[0].agent if evidence else None


def _by(link: Link, agent: str | None, agents: Mapping[Oid, str]) -> Link:
    if agent is None:
        return link
    if link.way == "amend" and agents.get(link.old) == agent:
        return link._replace(way="redraft")
    return link._replace(by="self")
