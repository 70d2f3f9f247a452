"""Reads the whole ledger: all notes, or only those that changed since they were last read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.errors import LedgerError
from buildlog_git.gitio.notetree import Entry, Tree, annotated
from buildlog_git.gitio.treediff import differences
from buildlog_git.ledger.cache import Cache, Place, Stored
from buildlog_git.ledger.reading import (
    LedgerView,
    NoteRead,
    read_notes,
    view_of,
    without_collector,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.notes import Notes
    from buildlog_git.gitio.treediff import Difference

FEW = 50
"""Notes up to which the decoder reads them as fast as it takes to make a better reader."""


def read_whole(notes: Notes, tip: Oid, *, fresh: bool = False) -> LedgerView:
    """Return all that the ledger says at ``tip``; with ``fresh``, from the notes alone.

    Raises:
        LedgerError: git cannot read the notes (``ledger-unreadable``).

    """
    with without_collector():
        stored = None if fresh else _remembered(notes, tip)
        if stored is not None:
            found: Collection[tuple[Oid, NoteRead]] = stored.notes.items()
            if any(note.damaged for note in stored.notes.values()):
                # The order of the tree, in which the bad lines are told.
                found = sorted(found, key=lambda item: item[1].entries[0].path)
            return view_of(tip, found, len(stored.place.foreign))
        tree = notes.tree(tip)
        read = _read(notes, tree)
        if not fresh:
            Cache(notes.common).replace(Place(tip, tree.foreign), read.items())
        return view_of(tip, read.items(), len(tree.foreign))


class News(NamedTuple):
    """What differs from one place to another; None is a note that is gone."""

    before: Place
    after: Place
    changed: dict[Oid, NoteRead | None]


def read_on(notes: Notes, tip: Oid) -> News | None:
    """Bring what is remembered to ``tip``, and return what that changed.

    It costs what has changed, whatever the ledger holds. None where nothing is remembered from
    which one could go on; where it cannot be written down, only the result tells of it.
    """
    cache = Cache(notes.common)
    before = cache.place()
    if before is None:
        return None
    if before.tip == tip:
        return News(before, before, {})
    try:
        files = differences(notes.git, before.tip, tip)
    except LedgerError:  # git may have collected the old tip, which nothing keeps
        return None
    touched = {commit for file in files if (commit := annotated(file.path))}
    known = cache.some(before, touched)
    if known is None:
        return None
    entries = _entries(known, files)
    changed: dict[Oid, NoteRead | None] = dict.fromkeys(touched)
    try:
        changed |= _read(notes, Tree(tip, {c: found for c, found in entries.items() if found}))
    except LedgerError:
        return None
    after = Place(tip, _foreign(before.foreign, files))
    cache.update(before, after, changed)
    return News(before, after, changed)


def _remembered(notes: Notes, tip: Oid) -> Stored | None:
    """Return all notes as they are at ``tip`` without reading most of them; None where in vain."""
    news = read_on(notes, tip)
    stored = None if news is None else Cache(notes.common).load()
    if news is None or stored is None:
        return None
    if stored.place == news.before:  # nothing could be written down
        _apply(stored.notes, news.changed)
    elif stored.place.tip != tip:  # somebody else went on from there
        return None
    return _with_arrived(notes, Stored(news.after, stored.notes))


def _with_arrived(notes: Notes, stored: Stored) -> Stored:
    """Return the notes with those that this clone lacked when they were read, and has now."""
    lacking = {commit: note.entries for commit, note in stored.notes.items() if note.unread}
    if lacking:
        read = _read(notes, Tree(stored.place.tip, lacking))
        arrived: dict[Oid, NoteRead | None] = {
            commit: note for commit, note in read.items() if not note.unread
        }
        if arrived:
            Cache(notes.common).update(stored.place, stored.place, arrived)
            _apply(stored.notes, arrived)
    return stored


def _apply(known: dict[Oid, NoteRead], changed: Mapping[Oid, NoteRead | None]) -> None:
    for commit, note in changed.items():
        if note is None:
            known.pop(commit, None)
        else:
            known[commit] = note


def _read(notes: Notes, tree: Tree) -> dict[Oid, NoteRead]:
    reader = None
    if len(tree.entries) > FEW:
        from buildlog_git.core.canonical import NoteReader  # takes as long as to read so many

        reader = NoteReader()
    return read_notes(notes.contents(tree), tree.entries, reader)


def _entries(
    known: Mapping[Oid, NoteRead], files: Iterable[Difference]
) -> dict[Oid, tuple[Entry, ...]]:
    """Return where the notes lie now that differ; nowhere, where they are gone."""
    changed: dict[Oid, dict[str, Entry]] = {}
    for file in files:
        commit = annotated(file.path)
        if commit is None:
            continue
        if commit not in changed:
            entries = known[commit].entries if commit in known else ()
            changed[commit] = {entry.path: entry for entry in entries}
        path = file.path.decode("ascii")
        changed[commit].pop(path, None)
        if file.theirs is not None and file.theirs.regular:
            changed[commit][path] = Entry(path, file.theirs.oid)
    return {
        commit: tuple(entries[path] for path in sorted(entries))
        for commit, entries in changed.items()
    }


def _foreign(before: frozenset[bytes], files: Iterable[Difference]) -> frozenset[bytes]:
    paths = set(before)
    for file in files:
        paths.discard(file.path)
        now = file.theirs
        if now is not None and not (now.regular and annotated(file.path)):
            paths.add(file.path)
    return frozenset(paths)
