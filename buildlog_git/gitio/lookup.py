"""Looks single notes up: one git process that is asked for the tip, its folders and the notes.

Listing the folders and streaming the notes takes four processes. They are right for a scan; a
drain, which writes about one commit, spends a third of its time on them.
"""

from __future__ import annotations

from subprocess import PIPE, Popen
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.ids import Oid
from buildlog_git.gitio.notetree import (
    REF,
    Entry,
    Note,
    Record,
    Tree,
    sort_records,
    unite,
    unreadable,
)
from buildlog_git.gitio.objects import entries_of, has_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from buildlog_git.gitio.run import Git


class Found(NamedTuple):
    """The notes of some commits, and the part of the tree that holds them.

    ``folders`` are the contents of the tree objects on the way to them, by path, the top one's
    is empty; None where more than single notes were looked up.
    """

    tree: Tree
    notes: Iterable[Note]
    folders: Mapping[str, bytes] | None = None


def look_up(git: Git, commits: Collection[Oid]) -> Found | None:
    """Return the notes of ``commits``; None where that takes more than looking them up.

    That is so where there are no notes at all, where their ref cannot be read, and where notes
    lie at the top: such notes move into folders with the next write.

    Raises:
        LedgerError: a folder of the notes cannot be read.

    """
    process = git.popen("cat-file", "--batch", stdin=PIPE)
    with process:
        objects = _Objects(process)
        tip = objects.ask(f"{REF}^{{commit}}")
        if tip is None or tip.kind != b"commit":
            return None
        top = objects.folder("", tip.oid + "^{tree}")
        sorted_top = sort_records(_records(top, len(tip.oid)))
        if sorted_top.entries:
            return None
        entries = {commit: tuple(objects.entries("", top, commit)) for commit in commits}
        notes = [
            Note(commit, unite([objects.content(entry.blob) for entry in found]))
            for commit, found in entries.items()
        ]
        return Found(Tree(tip.oid, entries, sorted_top.foreign), notes, objects.folders)


class _Object(NamedTuple):
    oid: Oid
    kind: bytes
    content: bytes


class _Objects:
    """Answers of ``git cat-file --batch``, one question at a time."""

    def __init__(self, process: Popen[bytes]) -> None:
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        self._stdin = process.stdin
        self._stdout = process.stdout
        self.folders: dict[str, bytes] = {}

    def ask(self, name: str) -> _Object | None:
        """Return what ``name`` is; None where git lacks it."""
        try:
            self._stdin.write(name.encode("ascii") + b"\n")
            self._stdin.flush()
        except BrokenPipeError as error:
            raise unreadable("git broke off while it read the notes") from error
        header = self._stdout.readline().split()
        if header[-1:] == [b"missing"]:
            return None
        if len(header) != 3:
            raise unreadable("git broke off while it read the notes")
        content = self._stdout.read(int(header[2]) + 1)
        if len(content) != int(header[2]) + 1:
            raise unreadable("git broke off within a note")
        return _Object(Oid(header[0].decode("ascii")), header[1], content[:-1])

    def content(self, blob: Oid) -> bytes | None:
        """Return a note's bytes; None where git lacks it."""
        found = self.ask(blob)
        return None if found is None else found.content

    def folder(self, path: str, name: str) -> bytes:
        """Return the content of the folder at ``path``, whose object is ``name``."""
        if path not in self.folders:
            found = self.ask(name)
            if found is None or found.kind != b"tree":
                raise unreadable("a folder of the notes is missing")
            self.folders[path] = found.content
        return self.folders[path]

    def entries(self, path: str, folder: bytes, rest: str) -> Iterator[Entry]:
        """Yield where the notes of one commit lie in and below a folder, at any depth.

        ``rest`` is what ``path`` lacks of the commit's id.
        """
        digits = len(rest) + len(path.replace("/", ""))
        wanted = [name for name in (rest.encode(), rest[:2].encode()) if has_name(folder, name)]
        if not wanted:
            return
        here = b"".join(m[0] for m in entries_of(folder, digits) if m[2] in wanted)
        for record in _records(here, digits):
            name = record.path.decode("ascii")
            if name == rest and record.regular:
                yield Entry(path + name, record.oid)
            elif name == rest[:2] and record.tree:
                below = f"{path}{name}"
                yield from self.entries(f"{below}/", self.folder(below, record.oid), rest[2:])


def _records(tree: bytes, digits: int) -> Iterator[Record]:
    for found in entries_of(tree, digits):
        yield Record(found[1], found[2], Oid(found[3].hex()))
