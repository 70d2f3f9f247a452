"""The fact that something is forgotten on purpose, so that no other clone brings it back.

To forget is to take lines out of a note. A clone that still has them would give them back with
the next union, and a scan would find the same facts again in history; so the note gets a
tombstone, which names what is gone by its id and says nothing of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.ids import Oid, event_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildlog_git.core.events import Event

_NAME = re.compile("[0-9a-f]{16}")


class Tombstone(NamedTuple):
    """What the note of ``commit`` said is forgotten; ``at`` is when that was decided.

    ``events`` are the ids of events, ``lines`` digests of whole lines: of another kind, of a newer
    format, damaged, or copies of what is still known of another commit.
    """

    commit: Oid
    at: int
    events: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "tombstone"

    @property
    def id(self) -> str:
        """One for each commit and what is forgotten of it."""
        return event_id(self.kind, self.commit, *self.events, "", *self.lines)

    @property
    def fault(self) -> str:
        """What is wrong with the fields together; empty where nothing is."""
        if not all(map(_NAME.fullmatch, (*self.events, *self.lines))):
            return "not a list of ids"
        return ""


KINDS: dict[str, type[Event]] = {"tombstone": Tombstone}


def forgotten(events: Iterable[Event]) -> frozenset[str]:
    """Return the ids of the events that ``events`` say are forgotten."""
    tombstones = [event for event in events if isinstance(event, Tombstone)]
    return frozenset(name for tombstone in tombstones for name in tombstone.events)


def remaining(events: Iterable[Event]) -> Sequence[Event]:
    """Return ``events`` without those that tombstones among them name."""
    given = tuple(events)
    # Of very many events the kinds are told apart without looking at each.
    gone = forgotten(given) if Tombstone in set(map(type, given)) else frozenset()
    if not gone:
        return given
    return tuple(e for e in given if isinstance(e, Tombstone) or e.id not in gone)


def forgotten_drafts(events: Iterable[Event], commits: Iterable[Oid]) -> frozenset[Oid]:
    """Return those of ``commits`` of which it is forgotten that they were drafts."""
    gone = forgotten(events)
    return frozenset(oid for oid in commits if gone and event_id("draft", oid) in gone)
