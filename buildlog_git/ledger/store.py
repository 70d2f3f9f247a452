"""The ledger: a set of events, kept one a line in the notes of the commits they are about.

A set, so nothing depends on the order in which clones, hooks and scans wrote: of two events
with one id the newer measurement counts, and of two measurements alike the greater bytes, on
every machine the same. Lines are only ever added. A line of a newer version or a damaged one
is counted, stays where it is, and loses nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.codec import NUMBER_LIMIT, Damaged, Unknown, decode, encode
from buildlog_git.core.events import engine_of
from buildlog_git.core.ids import event_id
from buildlog_git.gitio.notes import Notes
from buildlog_git.ledger.reading import (
    DamagedLine,
    LedgerView,
    keep_better,
    note_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from buildlog_git.core.events import Event
    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.run import Git


__all__ = ["Appended", "DamagedLine", "Ledger", "LedgerView"]


class Appended(NamedTuple):
    """How many of the given events were written, how many the ledger had.

    ``tip`` is that of the notes now, ``before`` what it was.
    """

    written: int
    already: int
    tip: Oid | None
    before: Oid | None


class Ledger:
    """The ledger of one repository.

    ``common_dir`` is git's common directory, absolute or relative to ``git.cwd``;
    ``patience`` is how many seconds an append waits for other writers.
    """

    __slots__ = ("notes",)

    def __init__(self, git: Git, common_dir: Path, *, patience: float = 10.0) -> None:
        self.notes = Notes(git, common_dir, patience)

    def read(self, *, fresh: bool = False) -> LedgerView:
        """Return the whole ledger; without a notes ref, an empty one whose tip is None.

        What was read before is remembered (:mod:`buildlog_git.ledger.cache`); ``fresh`` reads
        every note again, for who must know what really lies there.

        Raises:
            LedgerError: git cannot read the notes (``ledger-unreadable``).

        """
        tip = self.notes.tip()
        if tip is None:
            return LedgerView()
        # Who reads no whole ledger, as most drains, need not import what reads one.
        from buildlog_git.ledger.whole import read_whole

        return read_whole(self.notes, tip, fresh=fresh)

    def about(self, commit: Oid) -> tuple[Event, ...]:
        """Return what the note of one commit says; each id once.

        Raises:
            LedgerError: git cannot read the notes (``ledger-unreadable``).

        """
        best: dict[str, Event] = {}
        for event in _events(self.notes.of(commit)):
            keep_better(best, event.id, event)
        return tuple(best.values())

    def append(self, events: Iterable[Event]) -> Appended:
        """Add ``events``, each to the note of its commit, in one notes commit.

        An event whose id the ledger has from the same or a newer engine is not written again,
        nor is one that the note of its commit says is forgotten, nor what became of a session of
        which it says so. This is decided under the ledger's lock, so parallel writers double
        nothing.

        Raises:
            ValueError: an event holds what its line may not, see ``codec.encode``.
            LedgerError: ``ledger-busy``, ``ledger-read-only``, ``ledger-unreadable`` or
                ``ledger-write-failed``; nothing was written.

        """
        given = list(events)
        best: dict[str, Event] = {}
        for event in given:
            keep_better(best, event.id, event)
        batch: defaultdict[Oid, list[bytes]] = defaultdict(list)
        facts: dict[bytes, _Fact] = {}
        for name, event in best.items():
            line = encode(event)
            batch[event.commit].append(line)
            facts[line] = _Fact(name, engine_of(event), _session_of(event))
        written = self.notes.append(batch, keep=_missing(facts))
        already = len(given) - written.lines
        return Appended(written.lines, already, written.tip, written.before)


class _Fact(NamedTuple):
    """The id of an event, the version of its measurement, and what it is a part of.

    That is the id of the event with which a session began, for what became of it.
    """

    name: str
    engine: int
    whole: str


def _session_of(event: Event) -> str:
    if event.kind not in ("session-end", "exposure"):
        return ""
    return event_id("session", getattr(event, "session", ""))


def _missing(facts: dict[bytes, _Fact]) -> Callable[[bytes, Sequence[bytes]], Sequence[bytes]]:
    """Return the choice of those lines that a note does not have; ``facts`` is by line."""

    def keep(existing: bytes, lines: Sequence[bytes]) -> Sequence[bytes]:
        have: dict[str, int] = {}
        known = _events(existing)
        for event in known:
            have[event.id] = max(engine_of(event), have.get(event.id, -1))
        if b'"tombstone"' in existing:
            have |= _forgotten(known)
        return [line for line in lines if _is_new(facts[line], have)]

    return keep


def _is_new(fact: _Fact, have: dict[str, int]) -> bool:
    return have.get(fact.name, -1) < fact.engine and have.get(fact.whole, 0) < NUMBER_LIMIT


def _events(content: bytes) -> list[Event]:
    """Return the events of a note, doubles and all."""
    found = (decode(line) for _, line in note_lines(content))
    return [event for event in found if not isinstance(event, Damaged | Unknown)]


def _forgotten(known: Sequence[Event]) -> dict[str, int]:
    """Return what a note says is forgotten, as facts that no measurement is newer than."""
    from buildlog_git.core.forgotten import forgotten  # rare: no drain pays for it

    return dict.fromkeys(forgotten(known), NUMBER_LIMIT)
