"""Which lines of a note no answer needs.

Blank lines; a line that says word for word what a line before it says; an older measurement of
what a newer one says; and a copy in the note of another commit (as ``notes.rewriteRef`` makes
them) of what the right note says. Whatever else two lines of one id may differ in, both stay,
and so does every line that this version cannot read.

Law: the ledger reads the same events before and after.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from buildlog_git.core.codec import Damaged, Unknown, decode
from buildlog_git.core.events import engine_of
from buildlog_git.core.forgotten import Tombstone
from buildlog_git.core.tombstones import surviving

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from buildlog_git.core.events import Event
    from buildlog_git.core.ids import Oid

Homes = dict[str, frozenset["Event"]]
"""What the notes of the right commits say, by id."""


def at_home(notes: Iterable[tuple[Oid, bytes]]) -> Homes:
    """Return what each note says about its own commit."""
    found: defaultdict[str, set[Event]] = defaultdict(set)
    for commit, content in notes:
        for line in surviving(content.split(b"\n")):
            event = decode(line)
            if not isinstance(event, Damaged | Unknown) and event.commit == commit:
                found[event.id].add(event)
    return {name: frozenset(events) for name, events in found.items()}


def compacted(commit: Oid, content: bytes, homes: Mapping[str, frozenset[Event]]) -> bytes:
    """Return the note of ``commit`` without the lines that no answer needs."""
    lines = [line for line in content.split(b"\n") if line and not line.isspace()]
    kept: list[tuple[bytes, Event | None]] = []
    newest: dict[str, int] = {}
    said: set[tuple[str, Event]] = set()
    for line in surviving(lines):
        event = decode(line)
        if isinstance(event, Damaged | Unknown):
            kept.append((line, None))
        elif (event.kind, event) not in said and not _is_copy(commit, event, homes):
            said.add((event.kind, event))
            newest[event.id] = max(engine_of(event), newest.get(event.id, 0))
            kept.append((line, event))
    return b"".join(
        line + b"\n"
        for line, event in kept
        if event is None or engine_of(event) == newest[event.id]
    )


def _is_copy(commit: Oid, event: Event, homes: Mapping[str, frozenset[Event]]) -> bool:
    if event.commit == commit or isinstance(event, Tombstone):
        return False  # a tombstone is for the lines beside it
    return any(
        home == event or engine_of(home) > engine_of(event) for home in homes.get(event.id, ())
    )
