"""Reads the lines that ``codec.encode`` writes at once, by one pattern a kind.

Nearly every line of a ledger was written by us: its keys are in their order, its texts are
plain. One match of such a line says what takes the decoder a parser and a check for each field.
What the pattern does not know (a field of a newer version, an escape, a list) is left to the
decoder; what it knows it reads as the decoder does, which a test makes sure of.

Compiling the patterns costs more than decoding a few hundred lines, so that only who reads a
whole ledger does it.
"""

from __future__ import annotations

import re
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from buildlog_git.core.codec import LINE_LIMIT, NATURAL, TEXT_LIMIT, Damaged, Unknown, decode
from buildlog_git.core.events import FORMAT, every_kind
from buildlog_git.core.ids import Oid

if TYPE_CHECKING:
    from buildlog_git.core.events import Event

_START = f'{{"v":{FORMAT},"kind":"'.encode()
_NATURAL = r"(0|[1-9][0-9]{0,14})"
_NUMBER = r"(0|-?[1-9][0-9]{0,14})"
_OID = '"([0-9a-f]{40}|[0-9a-f]{64})"'
_TEXT = rf'"([ !#-\[\]-~]{{0,{TEXT_LIMIT}}})"'


class _Shape(NamedTuple):
    """How the lines of one kind look: groups are ``id``, ``at``, and the other fields in order."""

    make: type[Event]
    pattern: re.Pattern[str]
    numbers: tuple[int, ...]
    """The groups that are numbers, without ``at``, counted in the event."""


class LineReader:
    """Reads many lines; what it says of each is what ``decode`` says, with the event's id."""

    def __init__(self) -> None:
        self._shapes: dict[bytes, _Shape | None] = {}

    def read(self, line: bytes) -> tuple[str, Event] | Unknown | Damaged:
        """Return the event of ``line`` after its id, or what is wrong with it; never raises."""
        if len(line) <= LINE_LIMIT and line.startswith(_START):
            found = self._canonical(line)
            if found is not None:
                return found
        other = decode(line)
        return other if isinstance(other, Unknown | Damaged) else (other.id, other)

    def _canonical(self, line: bytes) -> tuple[str, Event] | None:
        kind = line[len(_START) : line.find(b'"', len(_START))]
        try:
            shape = self._shapes[kind]
        except KeyError:
            shape = self._shapes[kind] = _shape_of(kind)
        if shape is None or not line.isascii():
            return None
        match = shape.pattern.fullmatch(line.decode("ascii"))
        if match is None:
            return None
        name, at, commit, *rest = match.groups()
        values = [commit, int(at), *rest]
        for place in shape.numbers:
            values[place] = int(values[place])
        event: Event = tuple.__new__(shape.make, values)
        return (name, event) if event.id == name else None


def _shape_of(kind: bytes) -> _Shape | None:
    """Return how the lines of ``kind`` look, None where one pattern does not tell."""
    make = every_kind().get(kind.decode("utf-8", "replace"))
    if make is None or make._fields[:2] != ("commit", "at") or hasattr(make, "fault"):
        return None
    hints = get_type_hints(make)
    start = re.escape(f"{_START.decode()}{kind.decode()}")
    parts = [rf'{start}","id":"([0-9a-f]{{16}})","at":{_NUMBER}']
    numbers = []
    for place, name in enumerate(make._fields):
        if name == "at":
            continue
        value = _value(name, hints[name])
        optional = make._field_defaults.get(name, ...) is None
        number = value in (_NATURAL, _NUMBER)
        if value is None or (optional and number):
            return None
        if number:
            numbers.append(place)
        parts.append(f'(?:,"{name}":{value})?' if optional else f',"{name}":{value}')
    return _Shape(make, re.compile("".join([*parts, r"\}"])), tuple(numbers))


def _value(name: str, hint: Any) -> str | None:
    """Return the pattern of a field's value, None for what is left to the decoder."""
    if NoneType in get_args(hint):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Literal:
        return f'"({"|".join(map(re.escape, get_args(hint)))})"'
    if hint is int:
        return _NATURAL if name in NATURAL else _NUMBER
    return {Oid: _OID, str: _TEXT}.get(hint)
