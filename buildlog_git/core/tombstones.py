"""Tombstones and lines: what is taken out of a note, and how a union of notes keeps it out.

A tombstone lies in the note that held the lines: whoever has all lines of one note can tell
which of them are forgotten, without looking at any other.

Law: ``surviving`` is a closure, and tombstones always survive. So for any two sets of lines
``surviving(a + b) == surviving(surviving(a) + surviving(b))``: clones may unite in any order.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from buildlog_git.core.codec import LIST_LIMIT, Damaged, Unknown, decode
from buildlog_git.core.forgotten import Tombstone
from buildlog_git.core.ids import Oid, digest_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildlog_git.core.events import Event

_MARK = b'"tombstone"'


def bury(
    commit: Oid, lines: Iterable[bytes], *, at: int, copies: Iterable[bytes] = ()
) -> list[Tombstone]:
    """Return the tombstones for ``lines`` of the note of ``commit``; none for tombstones.

    ``copies`` are lines that go from this note alone, because they tell of another commit, of
    which nothing is to be forgotten: they are named as lines, and their events stay known.
    """
    events, others = set(), set(map(line_digest, copies))
    for line in lines:
        found = decode(line)
        if isinstance(found, Damaged | Unknown):
            others.add(line_digest(line))
        elif not isinstance(found, Tombstone):
            events.add(found.id)
    return [
        *(Tombstone(commit, at, events=part) for part in _parts(events)),
        *(Tombstone(commit, at, lines=part) for part in _parts(others)),
    ]


def surviving(lines: Iterable[bytes]) -> list[bytes]:
    """Return those of a note's ``lines`` that no tombstone among them names, in their order.

    To be given all that any clone has of one note, as a union does.
    """
    given = list(lines)
    if not any(map(buries, given)):
        return given
    read = [(line, decode(line)) for line in given]
    stones = [event for _, event in read if isinstance(event, Tombstone)]
    events = {name for stone in stones for name in stone.events}
    others = {name for stone in stones for name in stone.lines}
    return [line for line, found in read if not _is_named(line, found, events, others)]


def buries(content: bytes) -> bool:
    """Return whether a line, or a note, may hold a tombstone; quick, and right as we write them."""
    return _MARK in content


def line_digest(line: bytes) -> str:
    """Return the name of a whole line, whoever can read it."""
    return digest_bytes(line).hex()[:16]


def _is_named(
    line: bytes, found: Event | Unknown | Damaged, events: set[str], others: set[str]
) -> bool:
    if isinstance(found, Tombstone):
        return False
    if others and line_digest(line) in others:
        return True
    if isinstance(found, Unknown):  # whoever buried it may have been able to read it
        name = json.loads(line).get("id") if events else None
        return isinstance(name, str) and name in events
    return not isinstance(found, Damaged) and found.id in events


def _parts(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    ordered = sorted(names)
    for at in range(0, len(ordered), LIST_LIMIT):
        yield tuple(ordered[at : at + LIST_LIMIT])
