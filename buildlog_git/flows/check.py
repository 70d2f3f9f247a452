"""Whether the ledger is sound: every line read, every reference found.

Sound means that nothing that was written is lost to the reader. What belongs to the normal
life of a repository is counted, but fails nothing: an amended draft that git has collected, a
note that a squash merge stranded, a line that a newer version wrote, another tool's file.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildlog_git.core.events import Draft, Revision, every_kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildlog_git.core.ids import Oid
    from buildlog_git.ledger.store import DamagedLine, Ledger

SHOWN = 50
"""Damaged lines and missing objects that are listed; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Commits that events name and that were not found; ``first`` is sorted and capped."""

    count: int
    first: tuple[Oid, ...]


@dataclass(frozen=True, slots=True)
class Health:
    """What the ledger holds, and what is wrong with it.

    ``ok`` says whether nothing that was written is lost to the reader. ``lines`` are all that
    are not blank, ``events`` the different ones of this version, ``doubled`` the lines that say
    once more, or in an older measurement, what another line says. ``damaged`` lists at most
    ``SHOWN`` of the ``damaged_lines``. ``absent`` are commits that events are about and this
    repository lacks, ``undrafted`` those that revisions name as drafts without a draft in the
    ledger.
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


def check(ledger: Ledger) -> Health:
    """Read the whole ledger and return its health.

    Raises:
        LedgerError: git cannot read the notes at all (``ledger-unreadable``).

    """
    view = ledger.read()
    kinds = Counter(event.kind for event in view.events)
    drafts = {event.commit for event in view.events if isinstance(event, Draft)}
    revised = {event.draft for event in view.events if isinstance(event, Revision)}
    undrafted = _missing(revised - drafts)
    return Health(
        ok=not (view.damaged or view.unread or undrafted.count),
        tip=view.tip,
        notes=view.notes,
        lines=view.lines,
        events=len(view.events),
        kinds={kind: kinds[kind] for kind in every_kind()},
        doubled=view.lines - view.unknown - len(view.damaged) - len(view.events),
        unknown=view.unknown,
        damaged_lines=len(view.damaged),
        damaged=view.damaged[:SHOWN],
        unread_notes=view.unread,
        foreign_files=view.foreign,
        mixed_fanout=view.mixed,
        absent=_missing(ledger.notes.absent({event.commit for event in view.events})),
        undrafted=undrafted,
    )


def _missing(commits: frozenset[Oid] | set[Oid]) -> Missing:
    return Missing(len(commits), tuple(sorted(commits)[:SHOWN]))
