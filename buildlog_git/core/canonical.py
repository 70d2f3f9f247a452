"""Reads the lines that ``codec.encode`` writes at once, by one pattern a kind.

Nearly every line of a ledger was written by us: its keys are in their order, its texts are
plain. One match of such a line says what takes the decoder a parser and a check for each field.
What the pattern does not know (a field of a newer version, an escape) is left to the
decoder; what it knows it reads as the decoder does, which a test makes sure of. Most lines are
revisions: those of a note are found in one pass of their pattern over the whole note.

Compiling the patterns costs more than decoding a few hundred lines, so that only who reads a
whole ledger does it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from buildlog_git.core.codec import (
    LINE_LIMIT,
    LIST_LIMIT,
    NATURAL,
    TEXT_LIMIT,
    Damaged,
    Unknown,
    decode,
)
from buildlog_git.core.events import FORMAT, Revision, every_kind
from buildlog_git.core.ids import Oid, event_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildlog_git.core.events import Event

_START = f'{{"v":{FORMAT},"kind":"'
_NATURAL = r"(0|[1-9][0-9]{0,14})"
_NUMBER = r"(0|-?[1-9][0-9]{0,14})"
_OID = '"([0-9a-f]{40}|[0-9a-f]{64})"'
_PLAIN = rf'"[ !#-\[\]-~]{{0,{TEXT_LIMIT}}}"'
_TEXT = f'"({_PLAIN[1:-1]})"'
_SHARE = r"(?:0\.[0-9]{1,17}|[01](?:\.0)?)"
_MORE = f"{{0,{LIST_LIMIT - 1}}}"
_TEXTS = rf"\[((?:{_PLAIN}(?:,{_PLAIN}){_MORE})?)\]"
_SHARES = rf"\[((?:{_SHARE}(?:,{_SHARE}){_MORE})?)\]"


def _texts(listed: str) -> tuple[str, ...]:
    return tuple(listed[1:-1].split('","')) if listed else ()


def _shares(listed: str) -> tuple[float, ...]:
    return tuple(map(float, listed.split(","))) if listed else ()


def _share(text: str | None) -> float | None:
    return None if text is None else float(text)


def _count(text: str | None) -> int | None:
    return None if text is None else int(text)


class _Value(NamedTuple):
    """How a field's value looks, and what makes it of the text where that is not the text."""

    pattern: str
    make: Callable[[Any], Any] | None = None


_VALUES = {
    Oid: _Value(_OID),
    str: _Value(_TEXT),
    int: _Value(_NUMBER, int),
    float: _Value(f"({_SHARE})", float),
    tuple[str, ...]: _Value(_TEXTS, _texts),
    tuple[float, ...]: _Value(_SHARES, _shares),
}
_OPTIONAL: dict[Callable[[Any], Any] | None, Callable[[Any], Any]] = {int: _count, float: _share}

Groups = Sequence[Any]
"""The groups of a match: texts, or None for a field that is not there."""
_Pass = tuple["Callable[[str], list[Groups]]", "Callable[[Groups], tuple[Any, ...]]"]


class _Shape(NamedTuple):
    """How the lines of one kind look: groups are the id, ``at``, ``commit`` and the others.

    The others are texts up to the group ``texts``, from there numbers up to ``numbers``, and
    ``more`` stretches that are made alike: how, from which group, to which. ``faulty`` says that
    the fields together may be wrong.
    """

    cls: type[Event]
    pattern: re.Pattern[str]
    texts: int
    numbers: int
    more: tuple[tuple[Callable[[Any], Any] | None, int, int], ...]
    faulty: bool

    def fields(self, groups: Groups) -> tuple[Any, ...]:
        """Return the fields that a match's groups say."""
        texts, numbers = self.texts, self.numbers
        fields = (groups[2], int(groups[1]), *groups[3:texts], *map(int, groups[texts:numbers]))
        for make, start, end in self.more:
            part = groups[start:end]
            fields += tuple(part) if make is None else tuple(map(make, part))
        return fields

    def event(self, groups: Groups) -> Event | None:
        """Return the event of a match's groups; None where the decoder has something against it."""
        event: Event = tuple.__new__(self.cls, self.fields(groups))
        if event.id != groups[0] or (self.faulty and getattr(event, "fault", False)):
            return None
        return event


class LineReader:
    """Reads many lines; what it says of each is what ``decode`` says, with the event's id."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape | None] = {}
        self._revisions: _Pass | None = None

    def events(self, content: bytes) -> list[tuple[str, Event]] | None:
        """Return the events of a note, each after its id; None unless all lines are ours.

        Then :meth:`read` says which are not.
        """
        if not content.isascii():
            return None
        split, fields = self._revisions or self._look_for_revisions()
        new = tuple.__new__
        found: list[tuple[str, Event]] = []
        for groups in split(content.decode("ascii")):
            name = groups[0]
            if name:
                if event_id("revision", groups[3], groups[2]) != name:
                    return None
                event: Event = new(Revision, fields(groups))
                found.append((name, event))
            else:
                known = self._known(groups[-1])
                if known is None:
                    return None
                found.append(known)
        return found

    def _look_for_revisions(self) -> _Pass:
        """Return what splits a note into lines: the groups of a revision, or at last the line."""
        shape = _shape_of("revision")
        assert shape is not None  # noqa: S101 - the reader is made for its shape
        split = re.compile(f"^{shape.pattern.pattern}$|^(.+)$", re.MULTILINE).findall
        self._revisions = (split, shape.fields)
        return self._revisions

    def _known(self, line: str) -> tuple[str, Event] | None:
        """Return the event of a line that looks as we write it; None for any other line."""
        if not line.startswith(_START) or len(line) > LINE_LIMIT:
            return None
        kind = line[len(_START) : line.find('"', len(_START))]
        try:
            shape = self._shapes[kind]
        except KeyError:
            shape = self._shapes[kind] = _shape_of(kind)
        match = None if shape is None else shape.pattern.fullmatch(line)
        if match is None or shape is None:
            return None
        groups = match.groups()
        event = shape.event(groups)
        return None if event is None else (groups[0], event)

    def read(self, content: bytes) -> Iterator[tuple[int, tuple[str, Event] | Unknown | Damaged]]:
        """Yield the number of each line that is not blank, and what it says; never raises.

        That is an event after its id, or what is wrong with the line.
        """
        for number, line in enumerate(content.split(b"\n"), start=1):
            known = self._known(line.decode("ascii")) if line.isascii() else None
            if known is not None:
                yield number, known
                continue
            if line and not line.isspace():
                other = decode(line)
                if isinstance(other, Unknown | Damaged):
                    yield number, other
                else:
                    yield number, (other.id, other)


def _shape_of(kind: str) -> _Shape | None:
    """Return how the lines of ``kind`` look, None where one pattern does not tell."""
    cls = every_kind().get(kind)
    if cls is None or cls._fields[:2] != ("commit", "at"):
        return None
    hints = get_type_hints(cls)
    start = re.escape(f"{_START}{kind}")
    pattern = [rf'{start}","id":"([0-9a-f]{{16}})","at":{_NUMBER},"commit":{_OID}']
    stretches: list[tuple[Callable[[Any], Any] | None, int, int]] = [(None, 3, 3), (int, 3, 3)]
    for group, name in enumerate(cls._fields[2:], start=3):
        optional = cls._field_defaults.get(name, ...) is None
        value = _value(name, hints[name])
        if value is None:
            return None
        field = f',"{name}":{value.pattern}'
        pattern.append(f"(?:{field})?" if optional else field)
        make = _OPTIONAL.get(value.make, value.make) if optional else value.make
        if make is None and len(stretches) == 2 and stretches[1][1] == stretches[1][2]:
            stretches = [(None, 3, group + 1), (int, group + 1, group + 1)]
        elif stretches[-1][0] is make:
            stretches[-1] = (make, stretches[-1][1], group + 1)
        else:
            stretches.append((make, group, group + 1))
    whole = re.compile("".join([*pattern, r"\}"]))
    (_, _, texts), (_, _, numbers), *more = stretches
    return _Shape(cls, whole, texts, numbers, tuple(more), hasattr(cls, "fault"))


def _value(name: str, hint: Any) -> _Value | None:
    """Return how a field's value looks, None for what is left to the decoder."""
    if NoneType in get_args(hint):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Literal:
        return _Value(f'"({"|".join(map(re.escape, get_args(hint)))})"')
    if hint is int and name in NATURAL:
        return _Value(_NATURAL, int)
    return _VALUES.get(hint)
