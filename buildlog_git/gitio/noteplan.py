"""What becomes of notes that are written to: their new content, and how git is told of it.

Most changes are of a few notes, one folder deep, whose folders were read on the way to them:
these are made as objects. All others are commands for ``git fast-import``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.gitio.notetree import ended, unreadable
from buildlog_git.gitio.objects import Objects, add_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.lookup import Found

FEW = 16
"""Notes up to which each is stored as an object of its own; git keeps more of them in one file."""


class Change(NamedTuple):
    """What becomes of one commit's note: ``content`` at ``path``, nothing at ``removed``.

    Where ``tree`` is given, that is what ``path`` holds; where ``content`` is None, nothing.
    """

    path: str
    content: bytes | None
    removed: tuple[str, ...]
    added: int
    tree: str = ""


def plan(
    found: Found,
    wanted: Mapping[Oid, Sequence[bytes]],
    keep: Callable[[bytes, Sequence[bytes]], Sequence[bytes]],
) -> list[Change]:
    """Return what becomes of the notes that were found; ``keep`` as for ``Notes.append``."""
    changes = []
    for note in found.notes:
        new = wanted.get(note.commit, ())
        if note.content is None:
            if new:
                raise unreadable(f"the note of {note.commit} is not in this clone")
            continue
        lines = keep(note.content, new) if new else ()
        path = path_of(note.commit, found.tree.foreign)
        entries = found.tree.entries[note.commit]
        others = tuple(entry.path for entry in entries if entry.path != path)
        if lines or others:
            content = ended(note.content) + b"".join(line + b"\n" for line in lines)
            changes.append(Change(path, content, others, len(lines)))
    return changes


def path_of(commit: Oid, foreign: frozenset[bytes]) -> str:
    """Return where the note of ``commit`` goes: in a folder, unless a foreign file bars it."""
    folder = commit[:2]
    return commit if folder.encode() in foreign else f"{folder}/{commit[2:]}"


class Small(NamedTuple):
    """A change of a few notes as objects, the top folder among them."""

    objects: Objects
    root: Oid


def small_of(found: Found, changes: Sequence[Change]) -> Small | None:
    """Return the objects of ``changes``; None where more is to be done than to write notes."""
    if found.folders is None or found.tree.tip is None or len(changes) > FEW:
        return None
    files = {c.path: c.content for c in changes if c.content is not None}
    if len(files) < len(changes) or any(change.removed or change.tree for change in changes):
        return None
    objects = Objects(len(found.tree.tip))
    root = add_tree(objects, found.folders, files)
    return None if root is None else Small(objects, root)


def commands_of(change: Change) -> bytes:
    """Return the commands of fast-import for one change."""
    removed = b"".join(b"D %b\n" % path.encode() for path in change.removed)
    if change.tree:
        return removed + b'M 040000 %b "%b"\n' % (change.tree.encode(), change.path.encode())
    if change.content is None:
        return removed
    return removed + b"M 100644 inline %b\n" % change.path.encode() + data(change.content)


def data(content: bytes) -> bytes:
    """Return ``content`` as fast-import reads it."""
    return b"data %d\n%b\n" % (len(content), content)
