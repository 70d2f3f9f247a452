"""Reads notes that hold nothing but lines as ``codec.encode`` writes them, many at once.

Nearly all notes are so. msgspec reads such lines into typed values and writes them again, both
in C; where what it writes is, byte for byte, what it read, the lines are the ones that our
encoder writes of these values, and nothing else can be in them: no unknown field, no key twice,
no escape, no other way to write a number. What it cannot say of a value is asked here: whether a
text is an object id, and whether the id of the event fits.

Any other note is left to the decoder, line by line. A test makes sure that both say the same.
"""

from __future__ import annotations

from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, get_args, get_type_hints

import msgspec
from msgspec import Meta

from buildlog_git.core.codec import LIST_LIMIT, NATURAL, NUMBER_LIMIT, SURELY_SHORT, TEXT_LIMIT
from buildlog_git.core.events import FORMAT, Revision, every_kind
from buildlog_git.core.ids import Oid, event_id, is_oid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildlog_git.core.events import Event

_START, _TAGGED = f'{{"v":{FORMAT},"kind":"'.encode(), b'{"kind":"'
"""How our lines begin, and how they do for msgspec, which wants the kind first."""

_TEXT = Annotated[str, Meta(max_length=TEXT_LIMIT)]
_SHARE = Annotated[float, Meta(ge=0, le=1)]
_TYPES: dict[Any, Any] = {
    Oid: str,
    str: _TEXT,
    int: Annotated[int, Meta(ge=-NUMBER_LIMIT, le=NUMBER_LIMIT)],
    float: _SHARE,
    tuple[str, ...]: Annotated[tuple[_TEXT, ...], Meta(max_length=LIST_LIMIT)],
    tuple[float, ...]: Annotated[tuple[_SHARE, ...], Meta(max_length=LIST_LIMIT)],
}
_fields = msgspec.structs.astuple
_COUNT = Annotated[int, Meta(ge=0, le=NUMBER_LIMIT)]


class _Shape(NamedTuple):
    """A kind, and what msgspec cannot say of its fields.

    ``oids`` are the places of object ids among the fields, ``faulty`` says that the fields may be
    wrong together.
    """

    cls: type[Event]
    oids: tuple[int, ...]
    faulty: bool


Told = list[tuple[str, "Event"]]
"""Events, each after its id."""


class NoteReader:
    """Reads notes whose lines are all ours."""

    def __init__(self) -> None:
        self._shapes = dict(_shape_of(kind, cls) for kind, cls in every_kind().items())
        self._decode = msgspec.json.Decoder(_either(self._shapes)).decode_lines
        self._encode = msgspec.json.Encoder().encode_lines
        self._revision: Any = next(s for s, shape in self._shapes.items() if shape.cls is Revision)
        self._oids: dict[str, str] = {}

    def read(self, contents: Sequence[bytes]) -> list[Told | None]:
        """Return the events of each note; None where not all lines are ours.

        Many notes at a time cost less than one by one.
        """
        every = self._events(b"".join(contents)) if all(map(_is_whole, contents)) else None
        if every is None:
            return [self._events(content) if _is_whole(content) else None for content in contents]
        told: list[Told | None] = []
        start = 0
        for content in contents:
            end = start + content.count(b"\n")
            told.append(every[start:end])
            start = end
        return told

    def _events(self, content: bytes) -> Told | None:
        if not content.isascii() or b"\\" in content or b"\x7f" in content:
            return None
        plain = content.replace(_START, _TAGGED)
        try:
            lines = self._decode(plain)
        except msgspec.MsgspecError:
            return None
        # One start less a line: then each line had one, and had it at its start.
        if len(content) - len(plain) != len(lines) * (len(_START) - len(_TAGGED)):
            return None
        return self._told(lines) if self._encode(lines) == plain else None

    def _told(self, lines: Sequence[Any]) -> Told | None:
        """Return the events of lines as msgspec read them; None where one is not right."""
        told: Told = []
        revision, known, new = self._revision, self._oids.get, tuple.__new__
        for line in lines:
            if type(line) is revision:  # nearly all are, and each step counts
                # One text for each object id, however many lines name it: a third of the memory.
                commit, draft = known(line.commit), known(line.draft)
                if commit and draft:
                    if event_id("revision", draft, commit) != line.id:
                        return None
                    fields = (commit, line.at, draft, *_fields(line)[4:])
                    told.append((line.id, new(Revision, fields)))
                    continue
            event = self._event(line)
            if event is None:
                return None
            told.append((line.id, event))
        return told

    def _event(self, line: Any) -> Event | None:
        cls, oids, faulty = self._shapes[type(line)]
        _, at, commit, *more = _fields(line)
        fields = (commit, at, *more)
        for place in oids:
            if not self._is_oid(fields[place]):
                return None
        event: Event = tuple.__new__(cls, fields)
        if event.id != line.id or (faulty and getattr(event, "fault", False)):
            return None
        return event

    def _is_oid(self, text: str | None) -> bool:
        if text is None or text in self._oids:
            return True
        if not is_oid(text):
            return False
        self._oids[text] = text
        return True


def _is_whole(content: bytes) -> bool:
    """Return whether the last line is ended, and none may be longer than we write."""
    return content[-1:] in (b"", b"\n") and (
        len(content) <= SURELY_SHORT or max(map(len, content.split(b"\n"))) <= SURELY_SHORT
    )


def _shape_of(kind: str, cls: type[Event]) -> tuple[type[msgspec.Struct], _Shape]:
    """Return how the lines of a kind look to msgspec, from the annotations of its fields."""
    hints = get_type_hints(cls)
    # The order of the line, in which the time comes before the commit.
    fields: list[Any] = [("id", str), ("at", _TYPES[int]), ("commit", str)]
    oids = [cls._fields.index("commit")]
    for place, name in enumerate(cls._fields[2:], start=2):
        hint = hints[name]
        if NoneType in get_args(hint):
            (hint,) = (part for part in get_args(hint) if part is not NoneType)
        if hint is Oid:
            oids.append(place)
        read = _COUNT if hint is int and name in NATURAL else _TYPES.get(hint, hint)
        if name not in cls._field_defaults:
            fields.append((name, read))
        elif cls._field_defaults[name] is None:
            fields.append((name, read | None, None))
        else:
            fields.append((name, read))
    # Only a field that may be missing has a default here: that is what our encoder leaves out.
    struct = msgspec.defstruct(
        cls.__name__, fields, tag_field="kind", tag=kind,
        kw_only=True, omit_defaults=True, gc=False,
    )  # fmt: skip
    return struct, _Shape(cls, tuple(oids), hasattr(cls, "fault"))


def _either(structs: Any) -> Any:
    """Return the type of what is one of ``structs``."""
    either: Any = None
    for struct in structs:
        either = struct if either is None else either | struct
    return either
