"""What turns our notes into the union with those of another history, as fast-import's commands.

Only notes that differ are read, and those that just one side has are taken over without being
read. Files that are no notes are kept: a new one of theirs is added, and where both have changed
one, git's rule is followed (whoever changed it), with a coin that falls the same way for both.

Who forgets starts a history of its own. So where two have no commit in common, the past of the
side that lacks a tombstone may still say what it names, although its notes do not any more
(somebody pruned them): that, too, is to be left behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.tombstones import buries
from buildlog_git.core.union import lines_of, united
from buildlog_git.errors import LedgerError
from buildlog_git.gitio.noteplan import Change, commands_of, path_of
from buildlog_git.gitio.notetree import Tree, list_notes, read_notes, sort_records, unreadable
from buildlog_git.gitio.treediff import file_at, has_held, merge_base

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from buildlog_git.core.ids import Oid
    from buildlog_git.core.union import Surviving, Union
    from buildlog_git.gitio.notetree import Entry, Record
    from buildlog_git.gitio.run import Git
    from buildlog_git.gitio.treediff import Difference

_FORBIDDEN = frozenset({b"", b".", b"..", b".git"})
"""Names that git itself takes for no file; whoever made such a tree meant no good."""


class Merged(NamedTuple):
    """What is to be done to our tree.

    ``received`` counts the commits whose notes change, ``lacking`` those of which they lack some.
    ``ours_forgotten`` says that we still said what theirs has forgotten, ``theirs_forgotten``
    the reverse; ``keeps_files`` that there are files of ours that are no notes.
    """

    commands: tuple[bytes, ...]
    received: int
    lacking: int
    ours_forgotten: bool
    theirs_forgotten: bool
    keeps_files: bool


def merge(
    git: Git, tip: Oid, theirs: Oid, found: Sequence[Difference], surviving: Surviving
) -> Merged:
    """Return how the notes at ``tip`` become those of both; ``found`` is where they differ.

    Raises:
        LedgerError: a note that differs cannot be read, or theirs are none.

    """
    mine = sort_records(one.ours for one in found if one.ours)
    other = sort_records(one.theirs for one in found if one.theirs)
    if not all(_plain(*one) for tree in (mine, other) for one in tree.entries.items()):
        # At other depths, what differs does not show all that a side says of a commit.
        touched = mine.entries.keys() | other.entries.keys()
        mine, other = (_only(list_notes(git, one), touched) for one in (tip, theirs))
    only_ours = {c for c, e in mine.entries.items() if c not in other.entries and _plain(c, e)}
    only_theirs = {c for c, e in other.entries.items() if c not in mine.entries and len(e) == 1}
    both = sorted((mine.entries.keys() | other.entries.keys()) - only_ours - only_theirs)
    commands = [
        _file(b"100644", other.entries[commit][0].blob, path_of(commit, mine.foreign))
        for commit in sorted(only_theirs)
    ]
    received, lacking = len(only_theirs), len(only_ours)
    ours_forgotten = theirs_forgotten = False
    related = merge_base(git, tip, theirs) is not None
    if not related:
        refuse_foreign(git, theirs)
        ours_forgotten = has_held(git, tip, _buried(git, other, only_theirs))
        theirs_forgotten = has_held(git, theirs, _buried(git, mine, only_ours))
    for commit, before, there, union in _unions(git, both, mine, other, surviving):
        ours_forgotten |= not related and any(map(buries, lines_of(there) - lines_of(before)))
        ours_forgotten |= union.ours_forgotten
        theirs_forgotten |= union.theirs_forgotten
        received += union.content != before
        lacking += union.content != there
        path = path_of(commit, mine.foreign)
        places = [entry.path for entry in mine.entries.get(commit, ())]
        if union.content != before or places != [path]:
            others = tuple(place for place in places if place != path)
            commands.append(commands_of(Change(path, union.content, others, 0)))
    commands += _foreign(git, tip, theirs, found)
    keeps_files = bool(sort_records(one.ours for one in found if one.ours).foreign)
    return Merged(tuple(commands), received, lacking, ours_forgotten, theirs_forgotten, keeps_files)


def refuse_foreign(git: Git, theirs: Oid) -> Tree:
    """Return the notes of a history that has nothing to do with ours, if it is one of notes.

    Files of other tools lie beside notes; where there is nothing else, somebody has put another
    history there, of sources perhaps, which is not for us to spread.

    Raises:
        LedgerError: ``foreign-notes``.

    """
    tree = list_notes(git, theirs)
    if tree.foreign and not tree.entries:
        raise LedgerError(
            f"what was fetched as notes, {theirs[:10]}, holds files and no notes",
            slug="foreign-notes",
            hint=f"nothing was changed here; see what it is: git show --stat {theirs[:10]}",
        )
    return tree


def _plain(commit: Oid, entries: Sequence[Entry]) -> bool:
    """Return whether a note lies where we would write it, and nowhere else."""
    return len(entries) == 1 and entries[0].path == path_of(commit, frozenset())


def _only(tree: Tree, commits: set[Oid]) -> Tree:
    return tree._replace(entries={c: e for c, e in tree.entries.items() if c in commits})


def _unions(
    git: Git, commits: Sequence[Oid], mine: Tree, other: Tree, surviving: Surviving
) -> Iterator[tuple[Oid, bytes, bytes, Union]]:
    """Yield what both had and what comes of it, for each note that has to be read."""
    sides = [
        read_notes(git, Tree(entries={c: side.entries.get(c, ()) for c in commits}))
        for side in (mine, other)
    ]
    for ours, theirs in zip(*sides, strict=True):
        if ours.content is None or theirs.content is None:
            raise unreadable(f"the note of {ours.commit} is not in this clone")
        union = united(ours.content, theirs.content, surviving)
        yield ours.commit, ours.content, theirs.content, union


def _buried(git: Git, tree: Tree, commits: set[Oid]) -> list[str]:
    """Return where the notes of ``commits`` may have lain, of those that hold a tombstone."""
    stones = [n.commit for n in read_notes(git, _only(tree, commits)) if buries(n.content or b"")]
    return [place for oid in stones for place in (path_of(oid, frozenset()), oid)]


# -- files that are no notes ------------------------------------------------------------------


def _foreign(git: Git, tip: Oid, theirs: Oid, found: Sequence[Difference]) -> Iterator[bytes]:
    """Yield what becomes of files that are no notes; ours stay wherever there is a doubt."""
    records = [record for one in found for record in one if record]
    entries = sort_records(records).entries.values()
    notes = {entry.path.encode() for several in entries for entry in several}
    only_ours = {one.path for one in found if one.theirs is None}
    folders = {folder for path in only_ours for folder in _above(path)}
    base: Oid | None = None
    for one in found:
        path = one.path
        if one.theirs is None or path in notes or _has_bad_name(path):
            continue
        if path in folders or not only_ours.isdisjoint(_above(path)):
            continue  # a file where the other side has a folder
        if one.ours is not None:
            base = base or merge_base(git, tip, theirs)
            if not _is_newer(one.theirs, one.ours, file_at(git, base, path)):
                continue
        yield _file(one.theirs.mode, one.theirs.oid, path)


def _above(path: bytes) -> Iterator[bytes]:
    """Yield the folders that a path lies in."""
    parts = path.split(b"/")
    return (b"/".join(parts[:count]) for count in range(1, len(parts)))


def _has_bad_name(path: bytes) -> bool:
    return any(part.lower() in _FORBIDDEN for part in path.split(b"/"))


def _is_newer(theirs: Record, ours: Record, before: Record | None) -> bool:
    """Return whether a file of both becomes theirs; if both changed it, by a coin."""
    if before is not None and before.oid in (ours.oid, theirs.oid):
        return before.oid == ours.oid
    return (theirs.oid, theirs.mode) > (ours.oid, ours.mode)


def _file(mode: bytes, oid: Oid, path: str | bytes) -> bytes:
    """Return the command that puts a file that git has at ``path``."""
    name = path.encode() if isinstance(path, str) else path
    quoted = b"".join(
        bytes([byte]) if 0x20 <= byte < 0x7F and byte not in b'"\\' else b"\\%03o" % byte
        for byte in name
    )
    return b'M %b %b "%b"\n' % (mode, oid.encode(), quoted)
