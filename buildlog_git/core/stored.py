"""Stored facts by their kind: of very many, each question is about few kinds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle
from buildlog_git.core.forgotten import Tombstone


class Stored(NamedTuple):
    """What a ledger says of drafts and of what became of them, each kind in its order."""

    drafts: Sequence[Draft] = ()
    revisions: Sequence[Revision] = ()
    rewrites: Sequence[Rewrite] = ()
    settles: Sequence[Settle] = ()
    tombstones: Sequence[Tombstone] = ()


def by_kind(events: Iterable[Event]) -> Stored:
    """Return the facts by their kind, without those of other kinds."""
    found: defaultdict[type, list[Any]] = defaultdict(list)
    for event in events:
        found[type(event)].append(event)
    return Stored(*(found[kind] for kind in (Draft, Revision, Rewrite, Settle, Tombstone)))
