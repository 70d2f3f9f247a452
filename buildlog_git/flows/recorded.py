"""What the ledger and hooks know that commits do not say: who made them, what stands for what.

A commit that a hook attributed has no mark; the ledger remembers it. A draft that an agent
replaced by itself, before anybody judged it, is no draft any more. And a draft that only the
ledger has (another clone rewrote it, or it is gone) is followed in the commit that it lives on
in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from buildlog_git.core.attribution import Attribution, Channel
from buildlog_git.core.carries import chain_order, forms
from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle
from buildlog_git.core.ids import Oid
from buildlog_git.core.rewrites import Link
from buildlog_git.core.stored import Stored
from buildlog_git.flows.facts import History
from buildlog_git.flows.lineage import Evidence

WITNESSED: dict[str, Channel] = {
    "environment": "environment",
    "session": "session",
    "explicit": "explicit",
}
"""Channels of which a commit's message shows nothing."""


def attest(history: History, known: Stored) -> dict[Oid, Oid]:
    """Say of each commit what the ledger attests; return what stands for missing drafts.

    The result maps a commit that is here to the draft that it stands for.
    """
    drafts = {event.commit: event for event in known.drafts}
    homes: dict[Oid, list[Oid]] = defaultdict(list)
    olds: dict[Oid, set[Oid]] = defaultdict(set)
    redrafted: set[Oid] = set()
    for event in known.rewrites:
        olds[event.commit].add(event.old)
        if event.way == "redraft":
            redrafted.add(event.old)
        elif event.way != "squash":
            homes[event.old].append(event.commit)
    replaced = {new for old in drafts for new in homes.get(old, ())}
    for oid, draft in drafts.items():
        if draft.channel in WITNESSED and oid in history.metas:
            history.made_by[oid] = _attested(draft)
    stand_ins: dict[Oid, Oid] = {}
    missing = drafts.keys() - history.metas.keys() - redrafted - replaced
    order = {oid: at for at, oid in enumerate(history.metas)} if missing else {}
    for oid, draft in drafts.items():
        if oid not in missing:
            continue
        here = [new for new in homes.get(oid, ()) if new in history.line]
        alone = [new for new in here if olds[new] & drafts.keys() - replaced == {oid}]
        if alone:
            first = min(alone, key=lambda new: (history.times[new], order[new]))
            stand_ins[first] = oid
            history.made_by[first] = _attested(draft)
    return stand_ins


def _attested(draft: Draft) -> Attribution:
    return Attribution("agent", draft.agent, draft.model, WITNESSED.get(draft.channel, "explicit"))


def inherit(history: History, links: Sequence[Link]) -> None:
    """Say of the new forms of attested drafts that the same agent made them."""
    for link in chain_order(links):
        made = history.made_by[link.old]
        if (
            made.channel in WITNESSED
            and made.author == "agent"
            and link.way != "squash"
            and history.made_by[link.new].author != "agent"
        ):
            history.made_by[link.new] = made


def redrafts(
    evidence: Evidence, links: Sequence[Link], every: AbstractSet[Oid]
) -> tuple[list[Link], dict[Oid, Oid]]:
    """Return the links without those by which agents replaced their own drafts, and those.

    The second value maps a draft that is none any more to the commit that replaces it. Where
    somebody had changed a draft before the agent did, it lives on, and the agent took what was
    lost on the way.
    """
    wanted = [link for link in links if link.way == "redraft"]
    news = {link.new for link in wanted}
    rest = [link for link in links if link.way != "redraft" and link.new not in news]
    if not wanted:
        return list(links), {}
    gone: dict[Oid, Oid] = {}
    replaced = forms(rest, every)
    came_from = {link.new: link.old for link in reversed(rest)}
    for link in wanted:
        first, seen = link.old, {link.old}
        while first in replaced and came_from[first] not in seen:
            first = came_from[first]
            seen.add(first)
        if first == link.old:
            gone[first] = link.new
            continue
        keys = evidence.keys([first, link.old])
        if keys[first] == keys[link.old]:
            gone[first] = link.new
        else:
            rest.append(Link(link.old, link.new, "amend", by="self"))
    return rest, gone


def speak_for(events: Iterable[Event], stand_ins: Mapping[Oid, Oid]) -> Iterator[Event]:
    """Yield the events, those about a commit that stands for a draft as the draft's own."""
    for event in events:
        if isinstance(event, Draft):
            if event.commit not in stand_ins:
                yield event
        elif isinstance(event, Revision):
            yield event._replace(draft=stand_ins.get(event.draft, event.draft))
        elif isinstance(event, Rewrite):
            yield event._replace(old=stand_ins.get(event.old, event.old))
        elif isinstance(event, Settle):
            yield event._replace(commit=stand_ins.get(event.commit, event.commit))
        else:
            yield event
