"""Whether the ledger is sound: every line read, every reference found.

Sound means that nothing that was written is lost to the reader. What belongs to the normal
life of a repository is counted, but fails nothing: an amended draft that git has collected, a
note that a squash merge stranded, a line that a newer version wrote, another tool's file, a
session that another clone has not shared yet.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle, every_kind
from buildlog_git.core.forgotten import Tombstone, forgotten, remaining
from buildlog_git.core.ids import event_id
from buildlog_git.core.session_events import Mistake, Reward, Session
from buildlog_git.flows.repair import homes
from buildlog_git.gitio.reach import unreached

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from buildlog_git.core.ids import Oid
    from buildlog_git.flows.repair import Repair
    from buildlog_git.ledger.store import DamagedLine, Ledger

SHOWN = 50
"""Damaged lines and missing objects that are listed; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What events name and was not found; ``first`` is sorted and capped."""

    count: int
    first: tuple[str, ...]


NONE = Missing(0, ())


@dataclass(frozen=True, slots=True)
class Health:
    """What the ledger holds, and what is wrong with it.

    ``ok`` says whether nothing that was written is lost to the reader. ``lines`` are all that
    are not blank, ``events`` the different ones of this version, ``doubled`` the lines that say
    once more, or in an older measurement, what another line says. ``damaged`` lists at most
    ``SHOWN`` of the ``damaged_lines``.

    Of what events name, ``absent`` are the commits with notes that this repository lacks,
    ``stranded`` those that are here but that no branch, tag or HEAD reaches (the notes hold what
    was said of them all the same); ``homeless`` are those of both that were drafts, were not
    dropped, and of which nobody has written down where they live on. ``unnamed`` are commits
    that are lacking and that other events only name, ``undrafted`` what revisions take for
    drafts without a draft in the ledger, ``sessionless`` the sessions that nothing says began,
    ``unrepeated`` the mistakes that others are said to repeat. ``unburied`` are the commits of
    which something is forgotten that a line still says, which no answer heeds: a copy in another
    note, or a line that another tool has brought back. ``dispatchers`` run the hooks;
    ``repair`` is there where one was asked for.
    """

    ok: bool
    tip: Oid | None
    notes: int
    lines: int
    events: int
    kinds: Mapping[str, int]
    doubled: int
    unknown: int
    damaged_lines: int
    damaged: tuple[DamagedLine, ...]
    unread_notes: int
    foreign_files: int
    mixed_fanout: bool
    absent: Missing
    undrafted: Missing
    stranded: Missing = NONE
    homeless: Missing = NONE
    unnamed: Missing = NONE
    sessionless: Missing = NONE
    unrepeated: Missing = NONE
    unburied: Missing = NONE
    dispatchers: tuple[str, ...] = ()
    repair: Repair | None = None


def check(ledger: Ledger, dispatchers: Sequence[str] = (), done: Repair | None = None) -> Health:
    """Read the whole ledger and return its health.

    ``dispatchers`` and ``done`` are told along with it.

    Raises:
        LedgerError: git cannot read the notes at all (``ledger-unreadable``).

    """
    view = ledger.read(fresh=True)
    every = view.events
    kinds = Counter(event.kind for event in every)
    events = remaining(every)
    gone = forgotten(every)
    undrafted = _missing(_undrafted(events, gone))
    named = _named(events)
    about = {event.commit for event in events}
    absent = ledger.notes.absent(about | named)
    stranded = unreached(ledger.notes.git, about - absent)
    astray = stranded | absent
    dropped = {e.commit for e in events if isinstance(e, Settle) and e.reason == "dropped"}
    drafts = {event.commit for event in events if isinstance(event, Draft)} - dropped
    return Health(
        ok=not (view.damaged or view.unread or undrafted.count),
        tip=view.tip,
        notes=view.notes,
        lines=view.lines,
        events=len(every),
        kinds={kind: kinds[kind] for kind in every_kind()},
        doubled=view.lines - view.unknown - len(view.damaged) - len(every),
        unknown=view.unknown,
        damaged_lines=len(view.damaged),
        damaged=view.damaged[:SHOWN],
        unread_notes=view.unread,
        foreign_files=view.foreign,
        mixed_fanout=view.mixed,
        absent=_missing(absent & about),
        stranded=_missing(stranded),
        homeless=_missing((drafts & astray) - set(homes(events, astray))),
        unnamed=_missing((absent & named) - about),
        undrafted=undrafted,
        sessionless=_missing(_sessionless(events, gone)),
        unrepeated=_missing(_unrepeated(events, gone)),
        unburied=_missing(_unburied(view.events, gone)),
        dispatchers=tuple(dispatchers),
        repair=done,
    )


def _missing(names: Collection[str]) -> Missing:
    return Missing(len(names), tuple(sorted(names)[:SHOWN]))


def _named(events: Iterable[Event]) -> set[Oid]:
    """Return the commits that events name besides the one that they are about."""
    found: set[Oid | None] = set()
    for event in events:
        if isinstance(event, Rewrite):
            found.add(event.old)
        elif isinstance(event, Settle):
            found.add(event.final)
        elif isinstance(event, Reward | Mistake):
            found.add(event.declared)
    return {oid for oid in found if oid}


def _undrafted(events: Iterable[Event], gone: Collection[str]) -> set[Oid]:
    drafts, judged = set(), set()
    for event in events:
        if isinstance(event, Draft):
            drafts.add(event.commit)
        elif isinstance(event, Revision):
            judged.add(event.draft)
    return {oid for oid in judged - drafts if event_id("draft", oid) not in gone}


def _sessionless(events: Iterable[Event], gone: Collection[str]) -> set[str]:
    begun, named = set(), set()
    for event in events:
        if isinstance(event, Session):
            begun.add(event.session)
        elif session := getattr(event, "session", None):
            named.add(session)
    return {name for name in named - begun if event_id("session", name) not in gone}


def _unburied(events: Iterable[Event], gone: Collection[str]) -> set[Oid]:
    if not gone:
        return set()
    said = (event for event in events if not isinstance(event, Tombstone))
    return {event.commit for event in said if event.id in gone}


def _unrepeated(events: Iterable[Event], gone: Collection[str]) -> set[str]:
    made, named = set(), set()
    for event in events:
        if isinstance(event, Mistake):
            made.add(event.id)
            named |= {event.repeat_of} if event.repeat_of else set()
    return named - made - set(gone)
