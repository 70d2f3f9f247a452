"""The ledger: a set of events, kept one a line in the notes of the commits they are about.

A set, so nothing depends on the order in which clones, hooks and scans wrote: of two events
with one id the newer measurement counts, and of two measurements alike the greater bytes, on
every machine the same. Lines are only ever added. A line of a newer version or a damaged one
is counted, stays where it is, and loses nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.codec import NUMBER_LIMIT, Damaged, Unknown, decode, encode
from buildlog_git.gitio.notes import Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from buildlog_git.core.events import Event
    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.run import Git


class DamagedLine(NamedTuple):
    """A line that could not be read; ``line_no`` counts from 1 within the commit's note."""

    commit: Oid
    line_no: int
    reason: str


class LedgerView(NamedTuple):
    """All that the ledger said at ``tip``.

    ``events`` has each id once, by time and then id. ``lines`` counts the lines that are not
    blank, ``unknown`` those that only a newer version reads. ``notes`` counts annotated
    commits, ``unread`` those of them whose note this clone lacks (a partial clone),
    ``foreign`` files among the notes that are none; ``mixed`` says that the notes lie at more
    than one depth of folders.
    """

    events: tuple[Event, ...] = ()
    unknown: int = 0
    damaged: tuple[DamagedLine, ...] = ()
    notes: int = 0
    tip: Oid | None = None
    foreign: int = 0
    lines: int = 0
    unread: int = 0
    mixed: bool = False


class Appended(NamedTuple):
    """How many of the given events were written, how many the ledger had.

    ``tip`` is that of the notes now, ``before`` what it was.
    """

    written: int
    already: int
    tip: Oid | None
    before: Oid | None


class Ledger:
    """The ledger of one repository.

    ``common_dir`` is git's common directory, absolute or relative to ``git.cwd``;
    ``patience`` is how many seconds an append waits for other writers.
    """

    __slots__ = ("notes",)

    def __init__(self, git: Git, common_dir: Path, *, patience: float = 10.0) -> None:
        self.notes = Notes(git, common_dir, patience)

    def read(self) -> LedgerView:
        """Return the whole ledger; without a notes ref, an empty one whose tip is None.

        Raises:
            LedgerError: git cannot read the notes (``ledger-unreadable``).

        """
        tree = self.notes.tree()
        best: dict[str, Event] = {}
        damaged: list[DamagedLine] = []
        lines = unknown = unread = 0
        for note in self.notes.contents(tree):
            unread += note.content is None
            for number, line in _lines(note.content or b""):
                lines += 1
                found = decode(line)
                if isinstance(found, Damaged):
                    damaged.append(DamagedLine(note.commit, number, found.reason))
                elif isinstance(found, Unknown):
                    unknown += 1
                else:
                    _keep_better(best, found)
        ordered = sorted(best.items(), key=lambda item: (item[1].at, item[0]))
        return LedgerView(
            events=tuple(event for _, event in ordered),
            unknown=unknown,
            damaged=tuple(damaged),
            notes=len(tree.entries),
            tip=tree.tip,
            foreign=len(tree.foreign),
            lines=lines,
            unread=unread,
            mixed=tree.mixed,
        )

    def about(self, commit: Oid) -> tuple[Event, ...]:
        """Return what the note of one commit says; each id once.

        Raises:
            LedgerError: git cannot read the notes (``ledger-unreadable``).

        """
        best: dict[str, Event] = {}
        for _, line in _lines(self.notes.of(commit)):
            found = decode(line)
            if not isinstance(found, Damaged | Unknown):
                _keep_better(best, found)
        return tuple(best.values())

    def append(self, events: Iterable[Event]) -> Appended:
        """Add ``events``, each to the note of its commit, in one notes commit.

        An event whose id the ledger has from the same or a newer engine is not written again,
        nor is one that the note of its commit says is forgotten. This is decided under the
        ledger's lock, so parallel writers double nothing.

        Raises:
            ValueError: an event holds what its line may not, see ``codec.encode``.
            LedgerError: ``ledger-busy``, ``ledger-read-only``, ``ledger-unreadable`` or
                ``ledger-write-failed``; nothing was written.

        """
        given = list(events)
        best: dict[str, Event] = {}
        for event in given:
            _keep_better(best, event)
        batch: defaultdict[Oid, list[bytes]] = defaultdict(list)
        facts: dict[bytes, _Fact] = {}
        for name, event in best.items():
            line = encode(event)
            batch[event.commit].append(line)
            facts[line] = (name, _engine(event))
        written = self.notes.append(batch, keep=_missing(facts))
        already = len(given) - written.lines
        return Appended(written.lines, already, written.tip, written.before)


_Fact = tuple[str, int]
"""The id of an event and the version of its measurement."""


def _missing(facts: dict[bytes, _Fact]) -> Callable[[bytes, Sequence[bytes]], Sequence[bytes]]:
    """Return the choice of those lines that a note does not have; ``facts`` is by line."""

    def keep(existing: bytes, lines: Sequence[bytes]) -> Sequence[bytes]:
        have: dict[str, int] = {}
        for _, line in _lines(existing):
            found = decode(line)
            if not isinstance(found, Damaged | Unknown):
                have[found.id] = max(_engine(found), have.get(found.id, -1))
        if b'"tombstone"' in existing:
            have |= _forgotten(existing)
        return [line for line in lines if have.get(facts[line][0], -1) < facts[line][1]]

    return keep


def _forgotten(content: bytes) -> dict[str, int]:
    """Return what a note says is forgotten, as facts that no measurement is newer than."""
    from buildlog_git.core.forgotten import forgotten  # rare: no drain pays for it

    found = (decode(line) for _, line in _lines(content))
    known = [event for event in found if not isinstance(event, Damaged | Unknown)]
    return dict.fromkeys(forgotten(known), NUMBER_LIMIT)


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the bytes of each line that is not blank."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line and not line.isspace():
            yield number, line


def _keep_better(best: dict[str, Event], event: Event) -> None:
    name = event.id
    known = best.get(name)
    if known is None or (known != event and _rank(known) < _rank(event)):
        best[name] = event


def _rank(event: Event) -> tuple[int, bytes]:
    return _engine(event), encode(event)


def _engine(event: Event) -> int:
    """Return the version of the event's measurement; 0 for a plain fact."""
    engine: int = getattr(event, "engine", 0)
    return engine
