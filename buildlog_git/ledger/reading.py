"""What the notes say: each note as its events and its bad lines, and all of them as one view.

A note is read once, into values that a cache can keep; the view is put together from such
values alone. So it cannot depend on whether they were just read or remembered.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.codec import Damaged, Unknown, decode, encode
from buildlog_git.core.events import engine_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from buildlog_git.core.canonical import NoteReader
    from buildlog_git.core.events import Event
    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.notetree import Entry, Note

BATCH = 100
"""Notes that are read at once: more is hardly faster, and a strange line in one of them costs that
all are read again one by one."""


class DamagedLine(NamedTuple):
    """A line that could not be read; ``line_no`` counts from 1 within the commit's note."""

    commit: Oid
    line_no: int
    reason: str


class LedgerView(NamedTuple):
    """All that the ledger said at ``tip``.

    ``by_id`` has each event once, in no order to rely on. ``lines`` counts the lines that are not
    blank, ``unknown`` those that only a newer version reads. ``notes`` counts annotated
    commits, ``unread`` those of them whose note this clone lacks (a partial clone),
    ``foreign`` files among the notes that are none; ``mixed`` says that the notes lie at more
    than one depth of folders.
    """

    by_id: Mapping[str, Event] = MappingProxyType({})
    unknown: int = 0
    damaged: tuple[DamagedLine, ...] = ()
    notes: int = 0
    tip: Oid | None = None
    foreign: int = 0
    lines: int = 0
    unread: int = 0
    mixed: bool = False

    @property
    def events(self) -> tuple[Event, ...]:
        """The events by time and then id; who folds them needs no order, which costs a tenth."""
        ordered = sorted([(event.at, name, event) for name, event in self.by_id.items()])
        return tuple([item[2] for item in ordered])


class NoteRead(NamedTuple):
    """What the note of one commit says, and where it lies.

    ``damaged`` are numbers of lines and reasons, ``events`` are after their ids, doubles and
    all. ``unread`` says that this clone lacks the note.
    """

    entries: tuple[Entry, ...]
    lines: int = 0
    unknown: int = 0
    damaged: tuple[tuple[int, str], ...] = ()
    events: tuple[tuple[str, Event], ...] = ()
    unread: bool = False


def read_notes(
    notes: Iterable[Note], entries: Mapping[Oid, tuple[Entry, ...]], reader: NoteReader | None
) -> dict[Oid, NoteRead]:
    """Return what notes say that lie at ``entries``.

    It is the same with and without a ``reader``, who is worth having for some hundred notes.
    """
    if reader is None:
        return {note.commit: _by_line(entries[note.commit], note.content) for note in notes}
    found: dict[Oid, NoteRead] = {}
    notes = iter(notes)
    while several := list(islice(notes, BATCH)):
        told = reader.read([note.content or b"" for note in several])
        for (commit, content), events in zip(several, told, strict=True):
            if events and content is not None:
                found[commit] = NoteRead(entries[commit], len(events), events=tuple(events))
            else:
                found[commit] = _by_line(entries[commit], content)
    return found


def _by_line(entries: tuple[Entry, ...], content: bytes | None) -> NoteRead:
    """Return what a note says whose bytes are ``content``, None where this clone lacks them."""
    if content is None:
        return NoteRead(entries, unread=True)
    lines = unknown = 0
    damaged = []
    events = []
    for number, line in note_lines(content):
        lines += 1
        found = decode(line)
        if isinstance(found, Damaged):
            damaged.append((number, found.reason))
        elif isinstance(found, Unknown):
            unknown += 1
        else:
            events.append((found.id, found))
    return NoteRead(entries, lines, unknown, tuple(damaged), tuple(events))


def view_of(tip: Oid, notes: Collection[tuple[Oid, NoteRead]], foreign: int) -> LedgerView:
    """Return the view of notes that are given in the order of their tree."""
    damaged: list[DamagedLine] = []
    lines = unknown = unread = count = 0
    depths: set[int] = set()
    for commit, note in notes:
        count += 1
        lines += note.lines
        unknown += note.unknown
        unread += note.unread
        depths.update([entry.path.count("/") for entry in note.entries])
        for number, reason in note.damaged:
            damaged.append(DamagedLine(commit, number, reason))
    return LedgerView(
        by_id=_best(notes),
        unknown=unknown,
        damaged=tuple(damaged),
        notes=count,
        tip=tip,
        foreign=foreign,
        lines=lines,
        unread=unread,
        mixed=len(depths) > 1,
    )


def _best(notes: Collection[tuple[Oid, NoteRead]]) -> Mapping[str, Event]:
    """Return each event once, by its id."""
    best: dict[str, Event] = {}
    said = 0
    for _, note in notes:
        said += len(note.events)
        best.update(note.events)
    if len(best) < said:  # some are there twice
        best.clear()
        for _, note in notes:
            for name, event in note.events:
                keep_better(best, name, event)
    return best


def note_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each line that is not blank."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line and not line.isspace():
            yield number, line


def keep_better(best: dict[str, Event], name: str, event: Event) -> None:
    """Keep the newer of two measurements; of equal ones the greater bytes, on every machine."""
    known = best.get(name)
    if known is None or (known != event and _rank(known) < _rank(event)):
        best[name] = event


def _rank(event: Event) -> tuple[int, bytes]:
    return engine_of(event), encode(event)


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the cycle collector out of work that makes no cycles, but millions of values."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
