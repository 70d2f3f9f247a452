"""Events as lines: one compact JSON object a line, ASCII only, so a note is safe to print.

What a note holds was perhaps written by others, by a newer version, or by a disk that is
dying. So a line decodes to one of three things and never raises: an event; ``Unknown``, sound
JSON of a kind or format that this version does not know, which is kept and counted; or
``Damaged``, with the reason.

The decoder is written by hand and not with pydantic, because reading the ledger is on the
path of every command: importing pydantic's models costs about 290 ms of CPU, more than
decoding ten thousand lines here. The checks come from the annotations of the dataclasses
themselves, so there is still one definition of each event, and a field of a type without a
check fails at import.

Law: ``decode(encode(event)) == event`` for every event that ``encode`` accepts.
"""

from __future__ import annotations

import json
import re
from dataclasses import MISSING, dataclass, fields
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args, get_origin, get_type_hints

from buildlog_git.core.events import FORMAT, KINDS, Event
from buildlog_git.core.ids import Oid

if TYPE_CHECKING:
    from collections.abc import Callable

LINE_LIMIT = 64 * 1024
"""Bytes that a line may have; no event of ours comes near."""

TEXT_LIMIT = 200
"""Characters that a text field may have."""

NUMBER_LIMIT = 2**53
"""Largest magnitude of a number: what every JSON reader keeps exactly."""

_NATURAL = frozenset({"engine", "tokens", "removed", "lines", "files"})
"""Numbers that count things and so are never negative."""

_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
# Control characters, line separators, lone surrogates, and the marks that reorder text on a
# terminal: none of them belongs to a name, each of them can make a report lie.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Unknown:
    """A sound line that this version does not know: another kind, or a newer format."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Damaged:
    """A line that no version can have meant; ``reason`` is a short phrase."""

    raw: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    required: bool
    expected: str
    holds: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class _Shape:
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
    for field in _SHAPES[event.kind].fields:
        value = getattr(event, field.name)
        if value is None and not field.required:
            continue
        if not field.holds(value):
            raise ValueError(f"{event.kind}: {field.name} is not {field.expected}")
        head[field.name] = value
    head["id"] = event.id
    return json.dumps(head, separators=(",", ":")).encode("ascii")


def decode(line: bytes) -> Event | Unknown | Damaged:
    """Return what ``line`` says. Never raises, whatever the bytes are."""
    if len(line) > LINE_LIMIT:
        return Damaged(line, f"longer than {LINE_LIMIT} bytes")
    try:
        data = _JSON.decode(line.decode("utf-8"))
    except UnicodeDecodeError:
        return Damaged(line, "not UTF-8")
    except RecursionError:
        return Damaged(line, "nested too deeply")
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
    shape = _SHAPES.get(kind)
    return Unknown(line) if shape is None else _event(line, shape, data)


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
        elif field.holds(value):
            values[field.name] = value
        else:
            return Damaged(line, f"{field.name} is not {field.expected}")
    event = shape.make(**values)
    if data.get("id") != event.id:
        return Damaged(line, "id does not match the content")
    return event


def _is_oid(value: object) -> bool:
    return isinstance(value, str) and _OID.fullmatch(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= TEXT_LIMIT and not _UNSAFE.search(value)


def _is_number(value: object) -> bool:
    # bool is an int to isinstance, but true is no number in JSON.
    return type(value) is int and -NUMBER_LIMIT <= value <= NUMBER_LIMIT


def _is_natural(value: object) -> bool:
    return type(value) is int and 0 <= value <= NUMBER_LIMIT


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


_JSON = json.JSONDecoder(parse_constant=_refuse)


def _check(name: str, hint: Any) -> tuple[str, Callable[[Any], bool]]:
    """Return what a field must hold, in words and as a test, from its annotation."""
    if get_origin(hint) is Literal:
        choices = frozenset(get_args(hint))
        return "one of its values", lambda value: type(value) is str and value in choices
    if hint is Oid:
        return "a full object id", _is_oid
    if hint is str:
        return f"a plain text of at most {TEXT_LIMIT} characters", _is_text
    if hint is int and name in _NATURAL:
        return "a count", _is_natural
    if hint is int:
        return "a whole number in range", _is_number
    raise TypeError(f"no check for the field {name} of type {hint}")


def _shape(cls: type[Event]) -> _Shape:
    hints = get_type_hints(cls)
    shape = []
    for field in fields(cls):
        hint = hints[field.name]
        if NoneType in get_args(hint):
            (hint,) = (part for part in get_args(hint) if part is not NoneType)
        shape.append(_Field(field.name, field.default is MISSING, *_check(field.name, hint)))
    return _Shape(cls, tuple(shape))


_SHAPES = {kind: _shape(cls) for kind, cls in KINDS.items()}
