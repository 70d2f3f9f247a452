"""What one clone remembers so that a commit costs no more than its own patch.

A database below git's common directory with three things: how far the reflogs of HEAD were
read, which drafts are still open, and, for recent commits, who owns each line of the files
that hold their text. All of it can be found again in history, so it may be deleted at any
time; a database that another version of the program or of Python wrote, or that is damaged,
is thrown away. It is never fetched or pushed: unlike the notes it holds tokens of the sources.

Owners are kept by file: a manifest for each commit says which rows its files are in, so that a
commit reads and writes only the files that it touches.
"""

from __future__ import annotations

import marshal
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

from buildlog_git.core.events import ENGINE
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import State, Trail
from buildlog_git.core.region import Account, CurLine, OrigLine, Region
from buildlog_git.core.state import FileState

FILE = "buildlog/local.sqlite3"
LAYOUT = f"3 {ENGINE} {sys.implementation.cache_tag} {sys.byteorder}"
"""Changes with everything that changes what the bytes of a row mean."""
KEEP = 256
"""States of commits that are kept besides those of branches' tips."""

_SCHEMA = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE heads (worktree TEXT PRIMARY KEY, size INTEGER NOT NULL, tip TEXT NOT NULL,
                    ref TEXT) WITHOUT ROWID;
CREATE TABLE drafts (number INTEGER PRIMARY KEY, oid TEXT NOT NULL UNIQUE, agent TEXT,
                     time INTEGER NOT NULL, until INTEGER NOT NULL,
                     identity TEXT NOT NULL, tokens INTEGER NOT NULL,
                     removed INTEGER NOT NULL, lines INTEGER NOT NULL, keys BLOB);
CREATE TABLE states (number INTEGER PRIMARY KEY, oid TEXT NOT NULL UNIQUE, time INTEGER NOT NULL,
                     age INTEGER NOT NULL, files BLOB NOT NULL, trails BLOB NOT NULL);
CREATE TABLE files (number INTEGER PRIMARY KEY, content BLOB NOT NULL);
"""


def throw_away(common_dir: Path) -> bool:
    """Delete what the clone remembers besides the ledger; return whether owners were among it.

    All of it is a copy: of what the ledger says, of what history tells, or of what was printed.
    """
    folder = (common_dir / FILE).parent
    live = (common_dir / FILE).exists()
    for path in (*folder.glob("*.sqlite3*"), *folder.glob("answers/*"), *folder.glob("answers/.*")):
        path.unlink(missing_ok=True)
    return live


class Head(NamedTuple):
    """How far a worktree's reflog of HEAD was read: its size, the commit and branch then."""

    size: int
    tip: str
    ref: str | None


class OpenDraft(NamedTuple):
    """A draft that is still followed; ``keys`` are what it changed, where that was asked for.

    ``identity`` is a digest of what a rebase and a cherry-pick leave as it was; ``tokens``,
    ``removed`` and ``lines`` are its size, as in a Draft.
    """

    number: int
    oid: Oid
    agent: str | None
    time: int
    until: int
    identity: str
    tokens: int
    removed: int
    lines: int
    keys: bytes | None = None


class Manifest(NamedTuple):
    """What is remembered of one commit: its steady time, and where its files' owners are.

    ``files`` maps a path to its row and the drafts that it knows, ``trails`` is as in a State.
    """

    time: int
    age: int
    files: dict[str, tuple[int, tuple[int, ...]]]
    trails: dict[int, Trail]


class Local:
    """The database of one clone; a context manager that closes it. Nothing is kept until commit."""

    def __init__(self, common_dir: Path) -> None:
        """Open or make it.

        Raises:
            OSError: the place cannot be written.
            sqlite3.Error: the same, as the database says it.

        """
        self._path = common_dir / FILE
        self._path.parent.mkdir(exist_ok=True)
        self._db = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _open(self) -> sqlite3.Connection:
        """Open the database, made anew where its bytes are another version's or damaged."""
        db = sqlite3.connect(self._path, isolation_level=None)
        try:
            if self._begin(db):
                return db
        except sqlite3.OperationalError:  # locked, full or read-only: no reason to throw it away
            db.close()
            raise
        except sqlite3.DatabaseError:
            pass
        db.close()
        for suffix in ("", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        db = sqlite3.connect(self._path, isolation_level=None)
        self._begin(db)
        return db

    def _begin(self, db: sqlite3.Connection) -> bool:
        """Begin a transaction; return whether the database is one of ours."""
        # What a crash of the machine loses is found again in history: nobody waits for the disk.
        db.execute("PRAGMA synchronous=OFF")
        db.execute("BEGIN IMMEDIATE")
        if not db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone():
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute("INSERT INTO facts VALUES ('layout', ?)", (LAYOUT,))
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
            return False
        found = db.execute("SELECT value FROM facts WHERE name = 'layout'").fetchone()
        return found is not None and found[0] == LAYOUT

    def commit(self) -> None:
        """Keep what was changed, and go on."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN IMMEDIATE")

    # -- single facts -----------------------------------------------------------------------

    def fact(self, name: str) -> str | None:
        """Return what was remembered under ``name``."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return row[0] if row else None

    def remember(self, name: str, value: str) -> None:
        """Remember ``value`` under ``name``."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def heads(self) -> dict[str, Head]:
        """Return how far each worktree's reflog was read."""
        rows = self._db.execute("SELECT worktree, size, tip, ref FROM heads")
        return {row[0]: Head(row[1], row[2], row[3]) for row in rows}

    def set_head(self, worktree: str, head: Head) -> None:
        """Remember how far a worktree's reflog was read."""
        self._db.execute("INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)", (worktree, *head))

    def drop_head(self, worktree: str) -> None:
        """Forget a worktree that is gone."""
        self._db.execute("DELETE FROM heads WHERE worktree = ?", (worktree,))

    # -- owners -----------------------------------------------------------------------------

    def drafts(self) -> list[OpenDraft]:
        """Return the drafts that are followed, by number from 0."""
        rows = self._db.execute("SELECT * FROM drafts ORDER BY number")
        return [OpenDraft(*row) for row in rows]

    def add_draft(self, draft: OpenDraft) -> None:
        """Add a draft, or change what is known of it."""
        self._db.execute(
            "INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", draft
        )

    def manifest(self, oid: str) -> Manifest | None:
        """Return what is remembered of a commit."""
        row = self._db.execute(
            "SELECT time, age, files, trails FROM states WHERE oid = ?", (oid,)
        ).fetchone()
        if row is None:
            return None
        trails = marshal.loads(row[3])  # noqa: S302 - our own bytes, plain values only
        return Manifest(row[0], row[1], marshal.loads(row[2]), _trails(trails))  # noqa: S302

    def file(self, row: int) -> FileState:
        """Return the owners of a file's lines."""
        (content,) = self._db.execute(
            "SELECT content FROM files WHERE number = ?", (row,)
        ).fetchone()
        return _file_state(marshal.loads(content))  # noqa: S302 - as above

    def add_file(self, state: FileState) -> int:
        """Store the owners of a file's lines and return their row."""
        content = marshal.dumps(_plain_file(state))
        row = self._db.execute("INSERT INTO files (content) VALUES (?)", (content,)).lastrowid
        assert row is not None  # noqa: S101 - an insert has one
        return row

    def add_manifest(self, oid: Oid, manifest: Manifest) -> None:
        """Remember a commit."""
        trails = {
            draft: [(commit, tuple(account)) for commit, account in trail]
            for draft, trail in manifest.trails.items()
        }
        self._db.execute(
            "INSERT OR REPLACE INTO states (oid, time, age, files, trails) VALUES (?, ?, ?, ?, ?)",
            (
                oid,
                manifest.time,
                manifest.age,
                marshal.dumps(manifest.files),
                marshal.dumps(trails),
            ),
        )

    def replace(
        self, drafts: Iterable[OpenDraft], states: Mapping[Oid, State], times: Mapping[Oid, int]
    ) -> None:
        """Forget all drafts and owners, and remember these instead.

        Of a commit only what may still change is kept: drafts whose window is open there.
        """
        for table in ("drafts", "states", "files"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
        until = []
        for draft in drafts:
            self.add_draft(draft)
            until.append(draft.until)
        rows: dict[int, tuple[int, tuple[int, ...]]] = {}
        for oid, state in states.items():
            now = times[oid]
            files = {}
            for path, file in state.files.items():
                if not any(until[draft] >= now for draft in file.known):
                    continue
                if id(file) not in rows:
                    rows[id(file)] = (self.add_file(file), tuple(sorted(file.known)))
                files[path] = rows[id(file)]
            trails = {draft: t for draft, t in state.trails.items() if until[draft] >= now}
            self.add_manifest(oid, Manifest(now, state.age, files, trails))

    def prune(self, tips: Iterable[str]) -> None:
        """Forget states of old commits, and files that no remembered commit has."""
        (count,) = self._db.execute("SELECT count(*) FROM states").fetchone()
        if count <= 2 * KEEP:
            return
        wanted = set(tips)
        old = self._db.execute(
            "SELECT number, oid FROM states ORDER BY number DESC LIMIT -1 OFFSET ?", (KEEP,)
        ).fetchall()
        gone = [(number,) for number, oid in old if oid not in wanted]
        self._db.executemany("DELETE FROM states WHERE number = ?", gone)
        used: set[int] = set()
        for (files,) in self._db.execute("SELECT files FROM states"):
            used |= {row for row, _ in marshal.loads(files).values()}  # noqa: S302 - as above
        every = [row for (row,) in self._db.execute("SELECT number FROM files")]
        self._db.executemany(
            "DELETE FROM files WHERE number = ?", [(row,) for row in every if row not in used]
        )


def _trails(plain: dict[int, list[tuple[str, tuple[int, ...]]]]) -> dict[int, Trail]:
    return {
        draft: tuple((Oid(commit), Account(*account)) for commit, account in trail)
        for draft, trail in plain.items()
    }


def _plain_file(state: FileState) -> tuple[Any, ...]:
    regions = [
        (
            region.draft,
            region.start,
            region.size,
            [(list(line.tokens), list(line.flags), line.text) for line in region.orig],
            [(None if c.tokens is None else list(c.tokens), c.person) for c in region.cur],
            tuple(region.account),
        )
        for region in state.regions
    ]
    return (state.lines, regions, dict(state.gone))


def _file_state(plain: tuple[Any, ...]) -> FileState:
    lines, regions, gone = plain
    return FileState(
        lines,
        tuple(
            Region(
                draft,
                start,
                size,
                tuple(OrigLine(*line) for line in orig),
                tuple(CurLine(*line) for line in cur),
                Account(*account),
            )
            for draft, start, size, orig, cur, account in regions
        ),
        gone,
    )
