"""Reads the tree of notes: which commits have notes, where these lie, what they hold.

Three git processes read any number of notes (the tip, the tree, one stream of blobs), and one
note at a time is held. A note may lie at any depth of fan-out (``abcd…``, ``ab/cd…``); where
one commit has several, they are united. A file whose path is no object id is foreign.
"""

from __future__ import annotations

import re
from collections import defaultdict
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.errors import GitError, LedgerError
from buildlog_git.gitio.run import feed, unnamed_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildlog_git.gitio.run import Git

REF = "refs/notes/buildlog"

BROKEN = 100
"""Damaged notes from which on something else is taken to be wrong."""

_HEX = r"([0-9a-f]{%d}|[0-9a-f]{%d})"
_PLAIN = rf"(?<![^\0])100644 blob {_HEX % (40, 64)}\t([0-9a-f]{{2}})/{_HEX % (38, 62)}\0"
_CHUNK = 1 << 18
_NOTE = re.compile(rb"(?:[0-9a-f]{2}/)*[0-9a-f]+")


class Entry(NamedTuple):
    """Where a note lies in the tree: its path, and the blob that holds it."""

    path: str
    blob: Oid


class Record(NamedTuple):
    """What a tree says of one path: its mode, and the object there."""

    mode: bytes
    path: bytes
    oid: Oid

    @property
    def regular(self) -> bool:
        """Whether it is a plain file, as a note is."""
        return self.mode.startswith(b"100")

    @property
    def tree(self) -> bool:
        """Whether it is a folder; ``git ls-tree`` and the object write it differently."""
        return self.mode in (b"40000", b"040000")


class Tree(NamedTuple):
    """The notes of one notes commit, without their content.

    ``entries`` maps the annotated commit to its notes, mostly one; ``foreign`` holds the paths
    of files that are no notes. ``tip`` is None where the ref does not exist.
    """

    tip: Oid | None = None
    entries: Mapping[Oid, tuple[Entry, ...]] = MappingProxyType({})
    foreign: frozenset[bytes] = frozenset()

    @property
    def mixed(self) -> bool:
        """Whether notes lie at more than one depth, which ``git notes merge`` may refuse."""
        depths = {note.path.count("/") for notes in self.entries.values() for note in notes}
        return len(depths) > 1


class Note(NamedTuple):
    """All bytes noted about one commit; None where git lacks a blob of it, or cannot read it."""

    commit: Oid
    content: bytes | None


def read_tip(git: Git) -> Oid | None:
    """Return the newest notes commit, or None where there are no notes.

    Raises:
        LedgerError: the ref exists, but not as a commit that can be read.

    """
    for _ in range(2):
        found = git.run("rev-parse", "--quiet", "--verify", f"{REF}^{{commit}}", check=False)
        if found.returncode == 0:
            return parse_oid(found.stdout.decode("ascii").strip())
        if not git.ok("rev-parse", "--quiet", "--verify", REF):
            break
        # The first writer of all may have made it in between: ask once more.
    else:
        raise unreadable("the ref is no readable commit")
    # Not a repository at all must not look like a repository without notes.
    git.run("rev-parse", "--git-dir")
    return None


def list_notes(git: Git, tip: Oid) -> Tree:
    """Return the notes of the notes commit ``tip``.

    Raises:
        LedgerError: the tree cannot be read.

    """
    try:
        listed = git.out("ls-tree", "-z", "--full-tree", "-r", tip)
    except GitError as error:
        raise unreadable(error.message) from error
    plain = re.findall(_PLAIN, listed.decode("ascii", "replace"))
    if len(plain) == listed.count(b"\0"):  # nothing but notes, each at its place: nearly always
        entries: dict[Any, tuple[Entry, ...]] = {
            folder + rest: (Entry(f"{folder}/{rest}", blob),) for blob, folder, rest in plain
        }
        return Tree(tip, entries)
    return sort_records(map(_record, filter(None, listed.split(b"\0"))))._replace(tip=tip)


def _record(line: bytes) -> Record:
    about, _, path = line.partition(b"\t")
    mode, _, oid = about.split(b" ")
    return Record(mode, path, Oid(oid.decode("ascii")))


def sort_records(records: Iterable[Record]) -> Tree:
    """Return which of ``records`` are notes, and which are foreign."""
    entries: defaultdict[Oid, list[Entry]] = defaultdict(list)
    foreign = set()
    for record in records:
        commit = annotated(record.path)
        if commit and record.regular:
            entries[commit].append(Entry(record.path.decode("ascii"), record.oid))
        elif not record.tree:
            foreign.add(record.path)
    found = {commit: tuple(notes) for commit, notes in entries.items()}
    return Tree(None, found, frozenset(foreign))


def annotated(path: bytes) -> Oid | None:
    """Return the commit whose note lies at ``path``, None where no note can lie there."""
    commit = path.replace(b"/", b"")
    if len(commit) in (40, 64) and _NOTE.fullmatch(path):
        return Oid(commit.decode("ascii"))
    return None


def read_notes(git: Git, tree: Tree) -> Iterator[Note]:
    """Yield the notes of ``tree`` one by one, each commit once, read as they stream.

    Raises:
        LedgerError: git breaks off again and again.

    """
    entries = tree.entries
    blobs = _blobs(git, [entry.blob for notes in entries.values() for entry in notes])
    for commit, notes in entries.items():
        alone = len(notes) == 1
        yield Note(commit, next(blobs) if alone else unite([next(blobs) for _ in notes]))


def _blobs(git: Git, blobs: Sequence[Oid]) -> Iterator[bytes | None]:
    """Yield the bytes of ``blobs`` in their order; None for one that git lacks or cannot read.

    Git says that it lacks an object whose head is damaged, and breaks off at one whose rest is.
    Then it is started again behind that one, so that nothing else is lost.
    """
    at, broken = 0, 0
    while at < len(blobs):
        start = at
        for content in _stream(git, blobs[at:]):
            at += 1
            yield content
        if at < len(blobs) and at == start:
            broken += 1
            if broken > BROKEN:
                raise unreadable("git broke off while it read the notes")
            at += 1
            yield None


def _stream(git: Git, blobs: Sequence[Oid]) -> Iterator[bytes | None]:
    """Yield the bytes of ``blobs`` for as long as git answers."""
    with unnamed_file() as names:  # a pipe could fill up on both sides
        names.write(feed(blobs))
        names.seek(0)
        process = git.popen("cat-file", "--batch", "--buffer", stdin=names.fileno())
    assert process.stdout is not None  # noqa: S101 - popen promises a pipe
    with process, open(process.stdout.fileno(), "rb", _CHUNK, closefd=False) as stream:
        line, read = stream.readline, stream.read
        for _ in blobs:
            about = line().partition(b" ")[2]
            if about == b"missing\n":
                yield None
                continue
            if about[:5] != b"blob ":
                return
            size = int(about[5:])
            content = read(size + 1)
            if len(content) != size + 1:
                return
            yield content[:-1]


def unite(contents: Sequence[bytes | None]) -> bytes | None:
    """Return the first content, and below it the lines that only the others have."""
    united = b""
    for content in contents:
        if content is None:
            return None
        if not united:
            united = content
            continue
        have = set(united.split(b"\n"))
        extra = [line for line in content.split(b"\n") if line not in have]
        united = ended(united) + b"".join(line + b"\n" for line in extra)
    return united


def ended(content: bytes) -> bytes:
    """Return ``content`` with a newline at its end, if it has any bytes."""
    return content + b"\n" if content and not content.endswith(b"\n") else content


def unreadable(reason: str) -> LedgerError:
    """Return the error that says why the notes cannot be read."""
    return LedgerError(
        f"the ledger cannot be read: {reason}",
        slug="ledger-unreadable",
        hint="run git fsck; in a partial clone, fetch the notes with --no-filter",
    )
