"""Reads the lines that ``codec.encode`` writes at once, by one pattern a kind.

Nearly every line of a ledger was written by us: its keys are in their order, its texts are
plain. One match of such a line says what takes the decoder a parser and a check for each field.
What the pattern does not know (a field of a newer version, an escape) is left to the
decoder; what it knows it reads as the decoder does, which a test makes sure of.

Compiling the patterns costs more than decoding a few hundred lines, so that only who reads a
whole ledger does it.
"""

from __future__ import annotations

import re
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
from buildlog_git.core.events import FORMAT, every_kind
from buildlog_git.core.ids import Oid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from buildlog_git.core.events import Event

_START = f'{{"v":{FORMAT},"kind":"'.encode()
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
    float: _Value(f"({_SHARE})", _share),
    tuple[str, ...]: _Value(_TEXTS, _texts),
    tuple[float, ...]: _Value(_SHARES, _shares),
}


class _Shape(NamedTuple):
    """How the lines of one kind look: groups are ``id``, ``at``, ``commit`` and the others.

    ``parts`` are the others in stretches that are made alike: how, from which group, to which.
    ``faulty`` says that the fields together may be wrong.
    """

    cls: type[Event]
    pattern: re.Pattern[str]
    parts: tuple[tuple[Callable[[Any], Any] | None, int, int], ...]
    faulty: bool

    def event(self, groups: tuple[str, ...]) -> Event:
        """Return the event of a match's groups."""
        values: tuple[Any, ...] = (groups[2], int(groups[1]))
        for make, start, end in self.parts:
            part = groups[start:end]
            values += part if make is None else tuple(map(make, part))
        event: Event = tuple.__new__(self.cls, values)
        return event


class LineReader:
    """Reads many lines; what it says of each is what ``decode`` says, with the event's id."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape | None] = {}

    def read(self, content: bytes) -> Iterator[tuple[int, tuple[str, Event] | Unknown | Damaged]]:
        """Yield the number of each line that is not blank, and what it says; never raises.

        That is an event after its id, or what is wrong with the line.
        """
        shapes, start = self._shapes, len(_START)
        for number, line in enumerate(content.split(b"\n"), start=1):
            if line.startswith(_START) and len(line) <= LINE_LIMIT and line.isascii():
                text = line.decode("ascii")
                kind = text[start : text.find('"', start)]
                try:
                    shape = shapes[kind]
                except KeyError:
                    shape = shapes[kind] = _shape_of(kind)
                match = None if shape is None else shape.pattern.fullmatch(text)
                if match is not None and shape is not None:
                    groups = match.groups()
                    event = shape.event(groups)
                    if event.id == groups[0] and not (
                        shape.faulty and getattr(event, "fault", False)
                    ):
                        yield number, (groups[0], event)
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
    start = re.escape(f"{_START.decode()}{kind}")
    pattern = [rf'{start}","id":"([0-9a-f]{{16}})","at":{_NUMBER},"commit":{_OID}']
    parts: list[tuple[Callable[[Any], Any] | None, int, int]] = []
    for group, name in enumerate(cls._fields[2:], start=3):
        optional = cls._field_defaults.get(name, ...) is None
        value = _value(name, hints[name])
        if value is None:
            return None
        if optional and value.make is int:
            value = value._replace(make=_count)
        field = f',"{name}":{value.pattern}'
        pattern.append(f"(?:{field})?" if optional else field)
        if parts and parts[-1][0] is value.make:
            parts[-1] = (value.make, parts[-1][1], group + 1)
        else:
            parts.append((value.make, group, group + 1))
    whole = re.compile("".join([*pattern, r"\}"]))
    return _Shape(cls, whole, tuple(parts), hasattr(cls, "fault"))


def _value(name: str, hint: Any) -> _Value | None:
    """Return how a field's value looks, None for what is left to the decoder."""
    if NoneType in get_args(hint):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Literal:
        return _Value(f'"({"|".join(map(re.escape, get_args(hint)))})"')
    if hint is int and name in NATURAL:
        return _Value(_NATURAL, int)
    return _VALUES.get(hint)
