"""What the notes said when they were last read, so that only what changed since is read again.

A database below git's common directory with a row for each note: where it lies, its events as
plain values, its bad lines. It is good for one tip of the notes; from there to another one git
names the notes that differ, whichever way the ref went (an append, a fetch by force, a rewind,
another fan-out), and only these are read. It is never needed: whatever is wrong with it (another
version, damage, a full disk, a folder that is not ours to write to) costs the time of reading
all notes, and nothing else.

Damage is found by a checksum of each row and one of all rows, so that neither a changed byte nor
a lost row can ever look like an answer. Readers and writers need no patience for one another: a
database is made under another name and moved to its place when it is whole; what is added to it
is one short transaction, given up where somebody else is at it.
"""

from __future__ import annotations

import marshal
import os
import sqlite3
import stat
import sys
import time
from binascii import crc32
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from buildlog_git.core.events import ENGINE, FORMAT, every_kind
from buildlog_git.core.ids import Oid
from buildlog_git.gitio.notetree import Entry
from buildlog_git.ledger.reading import NoteRead

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

FILE = "buildlog/ledger.sqlite3"
"""The database, below git's common directory."""

LAYOUT = 2
"""Changes with the tables below, and with what the decoder accepts or says of a line."""

PATIENCE = 1.0
"""Seconds that a reader waits for a transaction that takes milliseconds."""

LEFT = 3600.0
"""Seconds after which a half-made database is that of a dead process."""

_SCHEMA = """
CREATE TABLE state (layout TEXT NOT NULL, tip TEXT NOT NULL, notes INTEGER NOT NULL,
                    total INTEGER NOT NULL, foreign_paths BLOB NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE notes (oid TEXT PRIMARY KEY, said BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID
"""
_BROKEN = (sqlite3.Error, OSError, ValueError, EOFError, TypeError, AttributeError, LookupError,
           OverflowError, MemoryError)  # fmt: skip
"""What a database that is no good may raise on the way to a note."""


class Place(NamedTuple):
    """The tip up to which notes are remembered; ``foreign`` as in a Tree."""

    tip: Oid
    foreign: frozenset[bytes]


class Stored(NamedTuple):
    """All notes that are remembered at a place."""

    place: Place
    notes: dict[Oid, NoteRead]


class _State(NamedTuple):
    """The one row of the table: how many rows the other has, and the sum of their checksums."""

    tip: str
    notes: int
    total: int
    foreign: bytes


class Cache:
    """The database of one clone; no method of it raises."""

    def __init__(self, common_dir: Path) -> None:
        self._common = common_dir
        self._path = common_dir / FILE
        kinds = every_kind()
        self._kinds = list(kinds.values())
        self._numbers = {kind: number for number, kind in enumerate(self._kinds)}
        shapes = [(name, kind._fields) for name, kind in kinds.items()]
        # Fields may be added to a kind without a new format: then rows are another version's.
        self._layout = (
            f"{LAYOUT} {FORMAT} {ENGINE} {sys.implementation.cache_tag} {sys.byteorder} "
            f"{crc32(repr(shapes).encode()):08x}"
        )

    def place(self) -> Place | None:
        """Return up to where notes are remembered; None where none are."""
        try:
            with self._opened(PATIENCE) as db:
                state = self._state(db)
                return None if state is None else _place(state)
        except _BROKEN:
            return None

    def some(self, place: Place, oids: Collection[Oid]) -> dict[Oid, NoteRead] | None:
        """Return what is remembered of the notes of ``oids``; None where it is no good."""
        try:
            with self._opened(PATIENCE) as db:
                db.execute("BEGIN")
                state = self._state(db)
                if state is None or state.tip != place.tip:
                    return None
                found = {}
                for oid in oids:
                    query = "SELECT said, sum FROM notes WHERE oid = ?"
                    row = db.execute(query, (oid,)).fetchone()
                    if row is not None:
                        if _sum(oid, row[0]) != row[1]:
                            return None
                        found[oid] = self._note(row[0])
                return found
        except _BROKEN:
            return None

    def load(self) -> Stored | None:
        """Return all that is remembered; None where that is nothing, or no good."""
        try:
            with self._opened(PATIENCE) as db:
                db.execute("BEGIN")
                state = self._state(db)
                if state is None:
                    return None
                notes: dict[Oid, NoteRead] = {}
                total = 0
                for oid, said, checksum in db.execute("SELECT oid, said, sum FROM notes"):
                    if _sum(oid, said) != checksum:
                        return None
                    total += checksum
                    notes[oid] = self._note(said)
                if (len(notes), total) != (state.notes, state.total):
                    return None
                return Stored(_place(state), notes)
        except _BROKEN:
            return None

    def update(self, before: Place, after: Place, changed: Mapping[Oid, NoteRead | None]) -> None:
        """Remember that the notes went to another place; None is a note that is gone."""
        with suppress(*_BROKEN), self._opened(0) as db:
            db.execute("PRAGMA synchronous=OFF")  # what a crash loses is read again
            db.execute("PRAGMA secure_delete=ON")  # what was forgotten is gone here, too
            db.execute("BEGIN IMMEDIATE")
            state = self._state(db)
            if state is None or state.tip != before.tip:
                return  # somebody else was here first
            count, total = state.notes, state.total
            for oid, note in changed.items():
                old = db.execute("SELECT sum FROM notes WHERE oid = ?", (oid,)).fetchone()
                if old is not None:
                    db.execute("DELETE FROM notes WHERE oid = ?", (oid,))
                    count, total = count - 1, total - old[0]
                if note is not None:
                    row = self._row(oid, note)
                    db.execute("INSERT INTO notes VALUES (?, ?, ?)", row)
                    count, total = count + 1, total + row[2]
            self._set_state(db, after, count, total)
            db.execute("COMMIT")

    def replace(self, place: Place, notes: Iterable[tuple[Oid, NoteRead]]) -> None:
        """Remember these notes, and nothing else."""
        new = self._path.with_name(f"{self._path.name}.new-{os.urandom(8).hex()}")
        try:
            self._make_folder()
            with closing(sqlite3.connect(new, isolation_level=None)) as db:
                db.execute("PRAGMA synchronous=OFF")
                db.execute("PRAGMA journal_mode=OFF")
                db.execute("BEGIN")
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                rows = sorted(self._row(oid, note) for oid, note in notes)
                db.executemany("INSERT INTO notes VALUES (?, ?, ?)", rows)
                total = sum(row[2] for row in rows)
                self._set_state(db, place, len(rows), total)
                db.execute("COMMIT")
            self._share(new, 0o666)
            # A journal that a dead process left would be played back into the new database.
            self._path.with_name(f"{self._path.name}-journal").unlink(missing_ok=True)
            new.replace(self._path)
            self._sweep()
        except _BROKEN:
            with suppress(OSError):
                new.unlink(missing_ok=True)

    @contextmanager
    def _opened(self, patience: float) -> Iterator[sqlite3.Connection]:
        """Open the database, which is not made where it is missing."""
        address = f"{self._path.absolute().as_uri()}?mode=rw"
        with closing(
            sqlite3.connect(address, timeout=patience, isolation_level=None, uri=True)
        ) as db:
            yield db

    def _state(self, db: sqlite3.Connection) -> _State | None:
        row = db.execute("SELECT * FROM state").fetchone()
        if row is None or row[0] != self._layout or row[5] != _state_sum(row[:5]):
            return None
        return _State(*row[1:5])

    def _set_state(self, db: sqlite3.Connection, place: Place, notes: int, total: int) -> None:
        db.execute("DELETE FROM state")
        foreign = marshal.dumps(sorted(place.foreign))
        row = (self._layout, place.tip, notes, total, foreign)
        db.execute("INSERT INTO state VALUES (?, ?, ?, ?, ?, ?)", (*row, _state_sum(row)))

    def _row(self, oid: Oid, note: NoteRead) -> tuple[str, bytes, int]:
        numbers = self._numbers
        said = marshal.dumps(
            (
                [(entry.path, entry.blob) for entry in note.entries],
                note.lines,
                note.unknown,
                note.damaged,
                [(name, numbers[type(event)], tuple(event)) for name, event in note.events],
                note.unread,
            )
        )
        return oid, said, _sum(oid, said)

    def _note(self, said: bytes) -> NoteRead:
        entries, lines, unknown, damaged, events, unread = marshal.loads(said)  # noqa: S302 - our own bytes: the checksum was right
        kinds, new = self._kinds, tuple.__new__
        return NoteRead(
            tuple([Entry(path, blob) for path, blob in entries]),
            lines,
            unknown,
            damaged,
            tuple([(name, new(kinds[kind], values)) for name, kind, values in events]),
            unread,
        )

    def _make_folder(self) -> None:
        folder = self._path.parent
        if not folder.is_dir():
            folder.mkdir(exist_ok=True)
            self._share(folder, 0o777)

    def _share(self, path: Path, most: int) -> None:
        """Let those write who may write to the git directory: its members may share it."""
        group = stat.S_IMODE(self._common.stat().st_mode) & (stat.S_IWGRP | stat.S_IWOTH)
        mode = stat.S_IMODE(path.stat().st_mode)
        wanted = mode | (group & most) | ((group << 1) & 0o444)
        if wanted != mode:
            path.chmod(wanted)

    def _sweep(self) -> None:
        """Delete what processes left that died while they made a database."""
        for path in self._path.parent.glob(f"{self._path.name}.new-*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > LEFT:
                    path.unlink()


def _place(state: _State) -> Place:
    return Place(Oid(state.tip), frozenset(marshal.loads(state.foreign)))  # noqa: S302 - as above


def _sum(oid: str, said: bytes) -> int:
    return crc32(said, crc32(oid.encode()))


def _state_sum(row: tuple[Any, ...]) -> int:
    return crc32(repr(row).encode())
