"""Reads the whole ledger: all notes, or only those that changed since they were last read."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from buildlog_git.core.canonical import LineReader
from buildlog_git.errors import LedgerError
from buildlog_git.gitio.notetree import Entry, Tree, annotated, diff_notes
from buildlog_git.ledger.cache import Cache, Stored
from buildlog_git.ledger.reading import (
    LedgerView,
    NoteRead,
    read_note,
    view_of,
    without_collector,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.notes import Notes
    from buildlog_git.gitio.notetree import Record


def read_whole(notes: Notes, tip: Oid, *, fresh: bool = False) -> LedgerView:
    """Return all that the ledger says at ``tip``; with ``fresh``, from the notes alone.

    Raises:
        LedgerError: git cannot read the notes (``ledger-unreadable``).

    """
    with without_collector():
        stored = None if fresh else read_on(notes, tip)
        if stored is not None:
            # The order of the tree, in which the bad lines are told.
            found: Iterable[tuple[Oid, NoteRead]] = stored.notes.items()
            if any(note.damaged for note in stored.notes.values()):
                found = sorted(found, key=lambda item: item[1].entries[0].path)
            return view_of(tip, found, len(stored.foreign))
        tree = notes.tree(tip)
        read = _read(notes, tree)
        if not fresh:
            Cache(notes.common).replace(tip, read.items(), tree.foreign)
        return view_of(tip, read.items(), len(tree.foreign))


def read_on(notes: Notes, tip: Oid) -> Stored | None:
    """Return what is remembered, brought to ``tip``; None where that cannot be done.

    It is written down too, where it can be.
    """
    cache = Cache(notes.common)
    stored = cache.load()
    if stored is None:
        return None
    records = [] if stored.tip == tip else diff_notes(notes.git, stored.tip, tip)
    if records is None:
        return None
    changed = _changed_entries(stored, records)
    for commit, note in stored.notes.items():
        if note.unread:  # it may have arrived since
            changed.setdefault(commit, note.entries)
    try:
        read = _read(notes, Tree(tip, {c: e for c, e in changed.items() if e}))
    except LedgerError:
        return None
    foreign = _changed_foreign(stored.foreign, records)
    news = {
        commit: read.get(commit)
        for commit in changed
        if read.get(commit) != stored.notes.get(commit)
    }
    if stored.tip != tip or news:
        cache.update(stored.tip, tip, news, foreign)
    for commit, new in news.items():
        if new is None:
            del stored.notes[commit]
        else:
            stored.notes[commit] = new
    return Stored(tip, stored.notes, foreign)


def _read(notes: Notes, tree: Tree) -> dict[Oid, NoteRead]:
    reader = LineReader()
    return {
        note.commit: read_note(tree.entries[note.commit], note.content, reader)
        for note in notes.contents(tree)
    }


def _changed_entries(stored: Stored, records: Iterable[Record]) -> dict[Oid, tuple[Entry, ...]]:
    """Return where the notes lie now that differ; nowhere, where they are gone."""
    changed: defaultdict[Oid, dict[str, Entry]] = defaultdict(dict)
    for record in records:
        commit = annotated(record.path)
        if commit is None:
            continue
        if commit not in changed and commit in stored.notes:
            changed[commit] = {entry.path: entry for entry in stored.notes[commit].entries}
        path = record.path.decode("ascii")
        changed[commit].pop(path, None)
        if record.regular:
            changed[commit][path] = Entry(path, record.oid)
    return {
        commit: tuple(entries[path] for path in sorted(entries))
        for commit, entries in changed.items()
    }


def _changed_foreign(foreign: frozenset[bytes], records: Iterable[Record]) -> frozenset[bytes]:
    paths = set(foreign)
    for record in records:
        paths.discard(record.path)
        if not record.gone and not (record.regular and annotated(record.path)):
            paths.add(record.path)
    return frozenset(paths)
