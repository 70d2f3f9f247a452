"""Makes a few objects and stores them at once, in the kind of pack that git's transport takes.

To change one note of 300,000, ``git fast-import`` takes a folder apart into a thousand entries,
puts it together again, looks for what it resembles, and starts another process to store what
comes of it. Here a folder is its bytes, in which one entry is replaced, and ``git
unpack-objects`` stores the note, its folder, the top folder and the commit: three fifths of the
cost for a small ledger, two fifths for a large one.

Storing moves no ref, so that a kill leaves objects that nobody refers to, and nothing else.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from buildlog_git.core.digests import sha1, sha256
from buildlog_git.core.ids import Oid

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from subprocess import CompletedProcess

    from buildlog_git.gitio.run import Git

_KINDS = {b"commit": 1, b"tree": 2, b"blob": 3}
_FOLDER = b"40000"


class Objects:
    """Objects that are to be stored; ``digits`` are those of an object id of the repository."""

    def __init__(self, digits: int) -> None:
        self._digest = sha1 if digits == 40 else sha256
        self._packed: dict[Oid, bytes] = {}

    def add(self, kind: bytes, content: bytes) -> Oid:
        """Add an object (``blob``, ``tree`` or ``commit``) and return its id."""
        oid = Oid(self._digest(b"%b %d\0" % (kind, len(content)) + content).hexdigest())
        # Not compressed: git reads it at once, and stores it in its own way.
        self._packed[oid] = _head(_KINDS[kind], len(content)) + zlib.compress(content, 0)
        return oid

    def store(self, git: Git) -> CompletedProcess[bytes]:
        """Let git store the objects; the ones that it has are left alone."""
        numbers = (number.to_bytes(4, "big") for number in (2, len(self._packed)))
        pack = b"".join([b"PACK", *numbers, *self._packed.values()])
        # To compress a folder of hashes takes longer than all else, for a third of its size; they
        # are compressed when git packs them.
        quick = ("-c", "core.compression=0")
        return git.run(
            *quick, "unpack-objects", "-q", stdin=pack + self._digest(pack).digest(), check=False
        )


def _head(kind: int, size: int) -> bytes:
    """Return what stands before an object in a pack: its kind and size, seven bits a byte."""
    head = bytearray([kind << 4 | size & 15])
    size >>= 4
    while size:
        head[-1] |= 128
        head.append(size & 127)
        size >>= 7
    return bytes(head)


def add_tree(
    objects: Objects, folders: Mapping[str, bytes], files: Mapping[str, bytes]
) -> Oid | None:
    """Add ``files`` (by path, one folder deep), the folders that they change, and the top one.

    ``folders`` are the contents of those folders as they are, one that is missing there is new;
    the top one's path is empty. Returns the id of the top folder; None where a path is not one
    folder deep, or a file is to be where a folder is.
    """
    changed: dict[str, bytes] = {}
    for path, content in files.items():
        folder, _, name = path.partition("/")
        if not name or "/" in name:
            return None
        before = changed.get(folder, folders.get(folder, b""))
        after = with_entry(before, b"100644", name.encode(), objects.add(b"blob", content))
        if after is None:
            return None
        changed[folder] = after
    top: bytes | None = folders[""]
    for folder, content in changed.items():
        if top is not None:
            top = with_entry(top, _FOLDER, folder.encode(), objects.add(b"tree", content))
    return None if top is None else objects.add(b"tree", top)


def with_entry(tree: bytes, mode: bytes, name: bytes, oid: Oid) -> bytes | None:
    """Return a tree object's content with one more entry, or with another one of that name.

    None where what has that name is a folder and ``mode`` says a file, or the other way round.
    """
    entry = b"%b %b\0%b" % (mode, name, bytes.fromhex(oid))
    for found in entries_of(tree, len(oid)):
        other = found[2]
        if other == name:
            same = (found[1] == _FOLDER) == (mode == _FOLDER)
            return tree[: found.start()] + entry + tree[found.end() :] if same else None
        # Nearly all names differ before the one ends, and need not be asked what they name.
        if (other > name or name.startswith(other)) and _key(found[1], other) > _key(mode, name):
            place = found.start()
            # What sorts behind may still have that name: a folder does.
            return None if has_name(tree[place:], name) else tree[:place] + entry + tree[place:]
    return tree + entry


def has_name(tree: bytes, name: bytes) -> bool:
    """Return whether a tree may have an entry of that name: False is sure, True is not."""
    return b" %b\0" % name in tree


def entries_of(tree: bytes, digits: int) -> Iterator[re.Match[bytes]]:
    """Yield the entries of a tree object's content: mode, name, and the id's bytes."""
    return re.finditer(rb"(?s)([0-7]+) ([^\0]+)\0(.{%d})" % (digits // 2), tree)


def _key(mode: bytes, name: bytes) -> bytes:
    """Return what git sorts the entries of a tree by."""
    return name + b"/" if mode == _FOLDER else name
