"""Reads the patch of one commit (``git diff-tree -p -U0``) as file changes and hunks.

Splitting at file boundaries is done in C over the bytes and hunks are read only when asked
for, because most files of most commits never concern a draft. A line of a patch that belongs
to a file's content always begins with ``+``, ``-``, a space or a backslash, so a boundary can
not be mistaken for content.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import NamedTuple

_FILE = b"diff --git "
_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@.*$", re.MULTILINE)
_SPECIAL_MODE = re.compile(
    rb"^(?:(?:new|deleted) file mode|(?:old|new) mode|index [0-9a-f]+\.\.[0-9a-f]+) 1[26]0000$",
    re.MULTILINE,
)
_ESCAPE = rb"\\([0-7]{3}|.)"
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f",
            b"v": b"\v", b'"': b'"', b"\\": b"\\"}  # fmt: skip


class Hunk(NamedTuple):
    """One change: ``old`` lines from index ``start`` (0-based) give way to ``new`` lines.

    Where nothing is removed, ``start`` is the index before which the new lines go.
    """

    start: int
    old: list[str]
    new: list[str]


class FileChange:
    """What one commit did to one file; a path is None where the file did not exist."""

    def __init__(self, old_path: str | None, new_path: str | None, body: bytes) -> None:
        self.old_path = old_path
        self.new_path = new_path
        self.body = body

    @property
    def path(self) -> str:
        """The path after the change, or before it where the file was deleted."""
        return self.new_path or self.old_path or ""

    @property
    def renamed(self) -> bool:
        """Whether the file had another path before."""
        return self.old_path not in (None, self.path)

    @cached_property
    def hunks(self) -> list[Hunk]:
        """The hunks in file order; bytes that are no UTF-8 are kept as surrogates."""
        parts = _HUNK.split(self.body.decode("utf-8", "surrogateescape"))
        hunks = []
        for at in range(1, len(parts), 5):
            start, old_count = int(parts[at]), int(parts[at + 1] or 1)
            lines = parts[at + 4].split("\n")
            hunks.append(
                Hunk(
                    start - 1 if old_count else start,
                    [line[1:] for line in lines if line.startswith("-")],
                    [line[1:] for line in lines if line.startswith("+")],
                )
            )
        return hunks


def parse_patch(patch: bytes) -> list[FileChange]:
    """Return the file changes of a patch, without symlinks and submodules.

    A binary file and a change of mode alone appear without hunks or not at all.
    """
    if not patch:
        return []
    sections = patch.split(b"\n" + _FILE)
    if sections[0].startswith(_FILE):
        sections[0] = sections[0][len(_FILE) :]
    else:
        del sections[0]
    changes = []
    for section in sections:
        change = _parse_file(section)
        if change is not None:
            changes.append(change)
    return changes


def _parse_file(section: bytes) -> FileChange | None:
    cut = section.find(b"\n@@ ")
    header = section if cut < 0 else section[:cut]
    if _SPECIAL_MODE.search(header):
        return None
    old: str | None = None
    new: str | None = None
    named = False
    for line in header.split(b"\n")[1:]:
        if line.startswith(b"--- "):
            old, named = _side(line[4:]), True
        elif line.startswith(b"+++ "):
            new, named = _side(line[4:]), True
        elif line.startswith(b"rename from "):
            old, named = unquote(line[12:]), True
        elif line.startswith(b"rename to "):
            new, named = unquote(line[10:]), True
    if not named:
        return None
    return FileChange(old, new, b"" if cut < 0 else section[cut + 1 :])


def _side(name: bytes) -> str | None:
    # Git ends a name that holds white space with a tab, for the sake of patch(1).
    name = name.removesuffix(b"\t")
    return None if name == b"/dev/null" else unquote(name)[2:]


def unquote(name: bytes) -> str:
    """Return a path as git prints it, C-quoted or plain, as text with surrogates."""
    if name.startswith(b'"') and name.endswith(b'"') and len(name) > 1:
        name = re.sub(_ESCAPE, _unescape, name[1:-1])
    return name.decode("utf-8", "surrogateescape")


def _unescape(match: re.Match[bytes]) -> bytes:
    escape = match[1]
    return _ESCAPES.get(escape) or bytes([int(escape, 8)])
