"""What is stored about one commit, and what this clone keeps besides: all of it, and no more.

Notes go wherever somebody pushes them, so whoever commits may ask what they say of it. The raw
lines come first, because words could leave something out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from buildlog_git.core.codec import Damaged, Unknown, decode
from buildlog_git.core.ids import Oid
from buildlog_git.core.meanings import KINDS, meaning
from buildlog_git.flows.context import Context
from buildlog_git.gitio.keep import KEEP
from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.repo import resolve

_LOCAL = {
    "installed.json": "which hooks were installed, with digests of their files",
    "hook": "the hook itself",
    "local.sqlite3": "tokens of the sources by owner, so that a commit costs no scan",
    "ledger.sqlite3": "a copy of what the notes say, for speed",
    "answers": "the last reports, as they were printed",
    "clone": "a random id of this clone",
    "log": "the last problems",
    "sessions": "open sessions, with the names of their branches",
    "queue.taken": "what a drain has taken of the queue, kept for a minute",
    "queue": "what hooks saw and nothing has read yet: commits, agents' variables by name",
    "shown": "which rules are where agents read them",
    "texts": "the texts of rules that are on in open sessions",
    "beliefs": "what is believed of the rules on trial, for the next draw",
    "rewrites": "which commits a rewrite replaced, until it is read or for a day",
    "united": "the tips of notes that were united last",
}
"""What lies in our folder below the git directory, by how the name begins."""


@dataclass(frozen=True, slots=True)
class StoredField:
    """A field of a line: its name, its value as JSON, and what it means."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line of the note, as it is, and what it says.

    ``about`` is what its kind means, or why the line cannot be read.
    """

    raw: str
    kind: str | None
    about: str
    fields: tuple[StoredField, ...]


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file in this clone that is never pushed: its path below the git directory, its size."""

    path: str
    bytes: int
    what: str


@dataclass(frozen=True, slots=True)
class Privacy:
    """All that is stored about a commit, and all that this clone keeps.

    ``elsewhere`` are the notes of other commits that name this one; ``kept`` says that a private
    ref keeps the commit from being collected; ``refs`` are all refs of ours.
    """

    commit: Oid
    ref: str
    lines: tuple[StoredLine, ...]
    elsewhere: tuple[Oid, ...]
    kept: bool
    refs: int
    local: tuple[LocalFile, ...]


def look(context: Context, name: str = "HEAD") -> Privacy:
    """Return what is stored about the commit that ``name`` names.

    Raises:
        UsageError: there is no such commit.
        LedgerError: the notes cannot be read.

    """
    git = context.repo.git
    oid = resolve(git, name)
    content = context.ledger.notes.of(oid)
    naming = {
        note.commit
        for note in context.ledger.notes.contents(context.ledger.notes.tree())
        if note.commit != oid and oid.encode() in (note.content or b"")
    }
    own = git.lines("for-each-ref", "--format=%(refname)", KEEP.rpartition("/")[0])
    return Privacy(
        commit=oid,
        ref=REF,
        lines=tuple(_line(line) for line in content.split(b"\n") if line.strip()),
        elsewhere=tuple(sorted(naming)),
        kept=f"{KEEP}/{oid}" in own,
        refs=len(own),
        local=tuple(_files(context)),
    )


def _line(line: bytes) -> StoredLine:
    raw = line.decode("utf-8", "backslashreplace")
    found = decode(line)
    if isinstance(found, Damaged):
        return StoredLine(raw, None, f"a line that cannot be read: {found.reason}", ())
    if isinstance(found, Unknown):
        return StoredLine(raw, None, "a line of a kind or version that this one does not know", ())
    told = json.loads(line)
    fields = tuple(
        StoredField(name, json.dumps(value), meaning(found.kind, name))
        for name, value in told.items()
    )
    return StoredLine(raw, found.kind, KINDS.get(found.kind, ""), fields)


def _files(context: Context) -> Iterator[LocalFile]:
    folder = context.repo.common_dir / FOLDER
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file() or path.is_symlink():
            inside = path.relative_to(folder).as_posix()
            what = next((w for start, w in _LOCAL.items() if inside.startswith(start)), "")
            what = "a lock" if inside.endswith(".lock") else what
            yield LocalFile(f"{FOLDER}/{inside}", path.lstat().st_size, what)
