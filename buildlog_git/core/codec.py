"""Events as lines: one compact JSON object a line, ASCII only, so a note is safe to print.

What a note holds was perhaps written by others, by a newer version, or by a disk that is
dying. So a line decodes to one of three things and never raises: an event; ``Unknown``, sound
JSON of a kind or format that this version does not know, which is kept and counted; or
``Damaged``, with the reason.

The decoder is written by hand and not with pydantic, because reading the ledger is on the
path of every command: importing pydantic's models costs about 290 ms of CPU, more than
decoding ten thousand lines here. The checks come from the annotations of the events
themselves, so there is still one definition of each event; they are made when a kind is first
met, and a test makes all of them.

Law: ``decode(encode(event)) == event`` for every event that ``encode`` accepts.
"""

from __future__ import annotations

import json
import re
from types import NoneType
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NamedTuple,
    NoReturn,
    get_args,
    get_origin,
    get_type_hints,
)

from buildlog_git.core.events import FORMAT, KINDS, every_kind
from buildlog_git.core.ids import Oid, is_oid

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildlog_git.core.events import Event

LINE_LIMIT = 64 * 1024
"""Bytes that a line may have; no event of ours comes near."""

SURELY_SHORT = LINE_LIMIT // 4
"""Bytes up to which a line is within the limit however we would write it: as ASCII a character
takes at most three times its bytes, and a number or a default little more."""

DEPTH_LIMIT = 64
"""Lists and objects that may lie in one another. Python has a limit too, but it counts from where
the decoder is called, and what a line says must not depend on that."""

TEXT_LIMIT = 200
"""Characters that a text field may have."""

NUMBER_LIMIT = 2**53
"""Largest magnitude of a number: what every JSON reader keeps exactly."""

LIST_LIMIT = 256
"""Items that a field may list."""

NATURAL = frozenset({"engine", "tokens", "removed", "lines", "files", "k", "policy_version",
                     "commits", "rules_start", "rules_end", "nth"})  # fmt: skip
"""Numbers that count things and so are never negative."""

_TOO_LONG = f"longer than {LINE_LIMIT} bytes"
_TOO_DEEP = "nested too deeply"
# Control characters, line separators, lone surrogates, and the marks that reorder text on a
# terminal or do not show: none of them belongs to a name, each of them can make a report lie.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)


class Unknown(NamedTuple):
    """A sound line that this version does not know: another kind, or a newer format."""

    raw: bytes


class Damaged(NamedTuple):
    """A line that no version can have meant; ``reason`` is a short phrase."""

    raw: bytes
    reason: str


class _Check(NamedTuple):
    """What a field must hold, in words and as a test of the value as JSON has it.

    ``read`` makes the field's value of it where that is another one.
    """

    expected: str
    holds: Callable[[Any], bool]
    read: Callable[[Any], Any] | None = None


class _Field(NamedTuple):
    name: str
    required: bool
    check: _Check


class _Shape(NamedTuple):
    make: Callable[..., Event]
    fields: tuple[_Field, ...]


def encode(event: Event) -> bytes:
    """Return the line of ``event``, without a newline.

    The keys are ``v``, ``kind``, ``id`` and ``at``, then the fields in their order; a field
    that is None is left out. The same event always gives the same bytes.

    Raises:
        ValueError: a field does not hold what ``decode`` accepts; see :func:`clip`.

    """
    head: dict[str, object] = {"v": FORMAT, "kind": event.kind, "id": "", "at": event.at}
    for field in _shape_of(type(event)).fields:
        value = getattr(event, field.name)
        if value is None and not field.required:
            continue
        plain = list(value) if type(value) is tuple else value
        if not field.check.holds(plain):
            raise ValueError(f"{event.kind}: {field.name} is not {field.check.expected}")
        head[field.name] = plain
    if fault := getattr(event, "fault", ""):
        raise ValueError(f"{event.kind}: {fault}")
    head["id"] = event.id
    line = json.dumps(head, separators=(",", ":")).encode("ascii")
    if len(line) > LINE_LIMIT:
        raise ValueError(f"{event.kind}: {_TOO_LONG}")
    return line


def decode(line: bytes) -> Event | Unknown | Damaged:
    """Return what ``line`` says. Never raises, whatever the bytes are."""
    if len(line) > LINE_LIMIT:
        return Damaged(line, _TOO_LONG)
    if line.count(b"[") + line.count(b"{") > DEPTH_LIMIT and _depth(line) > DEPTH_LIMIT:
        return Damaged(line, _TOO_DEEP)
    try:
        data = _JSON.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        return Damaged(line, "not UTF-8")
    except RecursionError:
        return Damaged(line, _TOO_DEEP)
    except ValueError:  # also a number of more digits than Python converts
        return Damaged(line, "not JSON")
    if type(data) is not dict:
        return Damaged(line, "not a JSON object")
    version, kind = data.get("v"), data.get("kind")
    if type(version) is not int or version < 1:
        return Damaged(line, "v is not a version")
    if version > FORMAT:
        return Unknown(line)
    if type(kind) is not str:
        return Damaged(line, "kind is not a text")
    cls = KINDS.get(kind) or every_kind().get(kind)
    return Unknown(line) if cls is None else _event(line, _shape_of(cls), data)


def clip(text: str) -> str:
    """Return ``text`` made fit for a text field: unsafe characters dropped, then cut."""
    return _UNSAFE.sub("", text)[:TEXT_LIMIT]


def _event(line: bytes, shape: _Shape, data: dict[str, Any]) -> Event | Damaged:
    values: dict[str, Any] = {}
    for field in shape.fields:
        value = data.get(field.name)
        if value is None:
            if field.required:
                return Damaged(line, f"{field.name} is missing")
        elif field.check.holds(value):
            values[field.name] = field.check.read(value) if field.check.read else value
        else:
            return Damaged(line, f"{field.name} is not {field.check.expected}")
    event = shape.make(**values)
    if fault := getattr(event, "fault", ""):
        return Damaged(line, fault)
    if data.get("id") != event.id:
        return Damaged(line, "id does not match the content")
    if len(line) > SURELY_SHORT and not _can_be_written(event):
        return Damaged(line, _TOO_LONG)
    return event


def _can_be_written(event: Event) -> bool:
    """Return whether the event fits a line of ours: UTF-8 is shorter than what we write."""
    try:
        encode(event)
    except ValueError:
        return False
    return True


def _depth(line: bytes) -> int:
    """Return how deep lists and objects lie in one another, outside of texts."""
    deepest = depth = 0
    for byte in re.sub(rb'"(?:[^"\\]|\\.)*"', b"", line):
        depth += (byte in b"[{") - (byte in b"]}")
        deepest = max(deepest, depth)
    return deepest


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_LIMIT and not _UNSAFE.search(value)


def _is_number(value: object) -> bool:
    # bool is an int to isinstance, but true is no number in JSON.
    return type(value) is int and -NUMBER_LIMIT <= value <= NUMBER_LIMIT


def _is_natural(value: object) -> bool:
    return type(value) is int and 0 <= value <= NUMBER_LIMIT


def _is_share(value: object) -> bool:
    # Not a number compares as false; what is beyond all numbers is above 1.
    return type(value) in (float, int) and 0 <= value <= 1  # type: ignore[operator]


def _is_list(value: object, holds: Callable[[Any], bool]) -> bool:
    return type(value) is list and len(value) <= LIST_LIMIT and all(map(holds, value))


def _floats(values: list[Any]) -> tuple[float, ...]:
    return tuple(map(float, values))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_JSON = json.JSONDecoder(parse_constant=_refuse)


def _check(name: str, hint: Any) -> _Check:
    """Return what a field must hold, from its annotation."""
    if get_origin(hint) is Literal:
        choices = frozenset(get_args(hint))
        return _Check("one of its values", lambda value: type(value) is str and value in choices)
    if hint is int and name in NATURAL:
        return _Check("a count", _is_natural)
    if hint == tuple[str, ...]:
        return _Check(
            f"a list of at most {LIST_LIMIT} plain texts", lambda v: _is_list(v, _is_text), tuple
        )
    if hint == tuple[float, ...]:
        return _Check(
            f"a list of at most {LIST_LIMIT} shares", lambda v: _is_list(v, _is_share), _floats
        )
    if hint not in _CHECKS:
        raise TypeError(f"no check for the field {name} of type {hint}")
    return _CHECKS[hint]


_CHECKS: dict[Any, _Check] = {
    Oid: _Check("a full object id", is_oid),
    str: _Check(f"a plain text of at most {TEXT_LIMIT} characters", _is_text),
    int: _Check("a whole number in range", _is_number),
    float: _Check("a number from 0 to 1", _is_share, float),
}
_SHAPES: dict[type[Event], _Shape] = {}


def _shape_of(cls: type[Event]) -> _Shape:
    """Return what a line of this kind holds."""
    if cls not in _SHAPES:
        hints = get_type_hints(cls)
        shape = []
        for name in cls._fields:
            hint = hints[name]
            if NoneType in get_args(hint):
                (hint,) = (part for part in get_args(hint) if part is not NoneType)
            shape.append(_Field(name, name not in cls._field_defaults, _check(name, hint)))
        _SHAPES[cls] = _Shape(cls, tuple(shape))
    return _SHAPES[cls]
