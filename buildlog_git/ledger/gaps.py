"""Gaps: lines that the notes lack although their own past had them, and nobody has forgotten them.

``git notes prune`` leaves such, in a shallow clone for everybody's notes, and so does
``git notes remove``; when something is written about the same commit afterwards, the note is
there again, but not what it said. To forget is to leave a tombstone, not a gap. What
:mod:`buildlog_git.core.compaction` drops is none: another line says the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.codec import Damaged, Unknown, decode
from buildlog_git.core.compaction import Homes, at_home, compacted
from buildlog_git.core.union import lines_of
from buildlog_git.gitio.notetree import Tree, ended, list_notes, read_notes, sort_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from buildlog_git.core.events import Event
    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.run import Git
    from buildlog_git.gitio.treediff import Difference


class Gap(NamedTuple):
    """A note with a gap: where it lies now (nowhere, if it is gone), and what it is without."""

    commit: Oid
    places: tuple[str, ...]
    whole: bytes


class Gaps(NamedTuple):
    """All gaps of a notes commit, and its files that are no notes."""

    notes: tuple[Gap, ...]
    foreign: frozenset[bytes]


def find_gaps(git: Git, newer: Oid, found: Sequence[Difference]) -> Gaps:
    """Return what the notes commit ``newer`` lacks; ``found`` is its past (ours) against it.

    It costs what has changed: notes that are new are not read.

    Raises:
        LedgerError: the notes cannot be read.

    """
    before = sort_records(one.ours for one in found if one.ours)
    if not before.entries:
        return Gaps((), frozenset())
    if all(one.theirs for one in found if one.ours):
        after = sort_records(one.theirs for one in found if one.ours and one.theirs)
    else:  # a note may only have moved
        after = list_notes(git, newer)
    now = _only(after, before.entries)
    lost = {
        was.commit: (present.content, gone)
        for was, present in zip(read_notes(git, before), read_notes(git, now), strict=True)
        if was.content is not None and present.content is not None
        and (gone := _missing(was.content, present.content))
    }  # fmt: skip
    homes = _homes(git, newer, (line for _, gone in lost.values() for line in gone))
    notes = []
    for commit, (content, gone) in lost.items():
        needed = _needed(commit, content, gone, homes)
        if needed:
            places = tuple(entry.path for entry in now.entries[commit])
            notes.append(Gap(commit, places, ended(content) + needed))
    return Gaps(tuple(notes), after.foreign)


def _only(tree: Tree, commits: Iterable[Oid]) -> Tree:
    """Return where the notes of ``commits`` lie; those that are gone lie nowhere."""
    return tree._replace(entries={commit: tree.entries.get(commit, ()) for commit in commits})


def _missing(was: bytes, present: bytes) -> list[bytes]:
    """Return the lines that a note had and has no more, in their order."""
    gone = lines_of(was) - lines_of(present)
    return [line for line in dict.fromkeys(was.split(b"\n")) if line in gone] if gone else []


def _needed(
    commit: Oid, content: bytes, gone: Sequence[bytes], homes: Mapping[str, frozenset[Event]]
) -> bytes:
    """Return those of the lines that are gone which some answer needs."""
    kept = set(compacted(commit, ended(content) + b"\n".join(gone), homes).split(b"\n"))
    return b"".join(line + b"\n" for line in gone if line in kept)


def _homes(git: Git, newer: Oid, lines: Iterable[bytes]) -> Homes:
    """Return what is said at home of that of which ``lines`` may be copies."""
    known = [event for event in map(decode, lines) if not isinstance(event, Damaged | Unknown)]
    if not known:
        return {}
    notes = _only(list_notes(git, newer), {event.commit for event in known})
    return at_home((note.commit, note.content or b"") for note in read_notes(git, notes))
