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
    from collections.abc import Callable

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


class _Value(NamedTuple):
    """How a field's value looks, and what makes it of the text, written as Python."""

    pattern: str
    made: str = "{}"


_VALUES = {
    Oid: _Value(_OID),
    str: _Value(_TEXT),
    int: _Value(_NUMBER, "int({})"),
    float: _Value(f"({_SHARE})", "share({})"),
    tuple[str, ...]: _Value(_TEXTS, "texts({})"),
    tuple[float, ...]: _Value(_SHARES, "shares({})"),
}


class _Shape(NamedTuple):
    """How the lines of one kind look, and what makes the event of a match's groups."""

    pattern: re.Pattern[str]
    make: Callable[[tuple[str, ...]], Event]
    faulty: bool
    """Whether the fields together may be wrong."""


class LineReader:
    """Reads many lines; what it says of each is what ``decode`` says, with the event's id."""

    def __init__(self) -> None:
        self._shapes: dict[bytes, _Shape | None] = {}

    def read(self, line: bytes) -> tuple[str, Event] | Unknown | Damaged:
        """Return the event of ``line`` after its id, or what is wrong with it; never raises."""
        if len(line) <= LINE_LIMIT and line.startswith(_START) and line.isascii():
            kind = line[len(_START) : line.find(b'"', len(_START))]
            try:
                shape = self._shapes[kind]
            except KeyError:
                shape = self._shapes[kind] = _shape_of(kind)
            match = None if shape is None else shape.pattern.fullmatch(line.decode("ascii"))
            if match is not None and shape is not None:
                groups = match.groups()
                event = shape.make(groups)
                if event.id == groups[0] and not (shape.faulty and getattr(event, "fault", False)):
                    return groups[0], event
        other = decode(line)
        return other if isinstance(other, Unknown | Damaged) else (other.id, other)


def _shape_of(kind: bytes) -> _Shape | None:
    """Return how the lines of ``kind`` look, None where one pattern does not tell."""
    cls = every_kind().get(kind.decode("utf-8", "replace"))
    if cls is None:
        return None
    hints = get_type_hints(cls)
    start = re.escape(f"{_START.decode()}{kind.decode()}")
    parts = [rf'{start}","id":"([0-9a-f]{{16}})","at":{_NUMBER}']
    values = {"at": "int(g[1])"}
    for name in cls._fields:
        if name == "at":
            continue
        optional = cls._field_defaults.get(name, ...) is None
        value = _value(name, hints[name])
        if value is None or (optional and value.made == "int({})"):
            return None
        values[name] = value.made.format(f"g[{len(values) + 1}]")
        part = f',"{name}":{value.pattern}'
        parts.append(f"(?:{part})?" if optional else part)
    # Written out, it takes half the time of a loop over the fields.
    code = f"lambda g: new(cls, ({', '.join(values[name] for name in cls._fields)},))"
    known = {"new": tuple.__new__, "cls": cls, "texts": _texts, "shares": _shares, "share": _share}
    make = eval(code, known)  # noqa: S307 - nothing in it comes from outside
    return _Shape(re.compile("".join([*parts, r"\}"])), make, hasattr(cls, "fault"))


def _value(name: str, hint: Any) -> _Value | None:
    """Return how a field's value looks, None for what is left to the decoder."""
    if NoneType in get_args(hint):
        (hint,) = (part for part in get_args(hint) if part is not NoneType)
    if get_origin(hint) is Literal:
        return _Value(f'"({"|".join(map(re.escape, get_args(hint)))})"')
    if hint is int and name in NATURAL:
        return _Value(_NATURAL, "int({})")
    return _VALUES.get(hint)


def _texts(listed: str) -> tuple[str, ...]:
    return tuple(listed[1:-1].split('","')) if listed else ()


def _shares(listed: str) -> tuple[float, ...]:
    return tuple(map(float, listed.split(","))) if listed else ()


def _share(text: str | None) -> float | None:
    return None if text is None else float(text)
