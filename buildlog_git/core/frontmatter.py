"""The few fields above a Markdown text, between two lines of dashes.

Read here without a YAML library, because a session's beginning must not wait for one: ``key:
value``, quoted or not, lists in brackets or below each other, folded text. That is all that
rule files and the agents' own rule files use. A field is changed in its own line; every other
byte stays, also a byte order mark, line ends, comments and keys that we do not know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

FENCE = "---"
MARK = "\ufeff"
"""What some editors put before the first character."""

_PLAIN = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._/,()'+-=<>;$~^"
)
"""Characters that stand in a value as they are; what holds another one is quoted."""


class Parts(NamedTuple):
    """The fields by key, in lower case, and the text below them.

    ``twice`` are repeated keys, ``above`` counts the lines before the text.
    """

    fields: Mapping[str, tuple[str, ...]]
    text: str
    twice: tuple[str, ...] = ()
    above: int = 0

    def get(self, key: str) -> str:
        """Return a field as one value; empty where there is none."""
        return ", ".join(self.fields.get(key, ()))


def split(content: str) -> Parts:
    """Return the parts of a file; the text has plain line ends and no space around it."""
    content = content.removeprefix(MARK).replace("\r\n", "\n")
    lines = content.split("\n")
    end = _end(lines)
    if not end:
        return Parts({}, content.strip(), above=_leading(content))
    fields: dict[str, tuple[str, ...]] = {}
    twice = []
    for start, stop in _entries(lines, end):
        key = lines[start].partition(":")[0].strip().lower()
        if key in fields:
            twice.append(key)
        found = _values(lines[start].partition(":")[2].strip(), lines[start + 1 : stop])
        if found:
            fields[key] = found
    below = "\n".join(lines[end + 1 :])
    return Parts(fields, below.strip(), tuple(twice), end + 1 + _leading(below))


def _leading(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def with_field(content: str, key: str, value: str) -> str:
    """Return ``content`` with one field set; nothing else is changed.

    A field that is not there yet becomes the last one.
    """
    mark = MARK if content.startswith(MARK) else ""
    lines = content.removeprefix(MARK).split("\n")
    end = _end(lines)
    tail = "\r" if lines[0].endswith("\r") else ""
    said = f"{key}: {scalar(value)}"
    if not end:
        head = [FENCE + tail, said + tail, FENCE + tail]
        return mark + "\n".join(head + lines)
    for start, stop in _entries(lines, end):
        name, _colon, old = lines[start].partition(":")
        if name.strip().lower() == key:
            comment = _comment(old.rstrip("\r"))
            lines[start:stop] = [f"{name}: {scalar(value)}{comment}{tail}"]
            break
    else:
        lines.insert(end, said + tail)
    return mark + "\n".join(lines)


def printed(fields: Mapping[str, str | Sequence[str]], text: str) -> str:
    """Return a new file: fields in the order given, those that are empty left out."""
    lines = [FENCE]
    for key, value in fields.items():
        if isinstance(value, str):
            lines += [f"{key}: {scalar(value)}"] if value else []
        elif value:
            lines += [f"{key}:", *(f"  - {scalar(item)}" for item in value)]
    return "\n".join([*lines, FENCE, "", text, ""])


def scalar(value: str) -> str:
    """Return a value as it stands in a line; quoted where it would be read as another one."""
    plain = value[:1].isalnum() and value == value.strip() and not set(value) - _PLAIN
    return value if plain else json.dumps(value, ensure_ascii=False)


def _end(lines: Sequence[str]) -> int:
    """Return the number of the line that closes the fields; 0 where there are none."""
    if lines[0].rstrip() != FENCE:
        return 0
    return next((n for n, line in enumerate(lines) if n and line.rstrip() == FENCE), 0)


def _entries(lines: Sequence[str], end: int) -> list[tuple[int, int]]:
    """Return where each field begins and ends."""
    starts = [
        number
        for number in range(1, end)
        if ":" in lines[number] and lines[number][:1] not in (" ", "\t", "-", "#", "")
    ]
    return [
        (start, next((n for n in range(start + 1, stop) if not _goes_on(lines[n])), stop))
        for start, stop in zip(starts, [*starts[1:], end], strict=False)  # there may be none
    ]


def _goes_on(line: str) -> bool:
    return line[:1] in (" ", "\t", "-", "]")


def _values(first: str, below: Sequence[str]) -> tuple[str, ...]:
    """Return what a field holds: one value, or the items of a list."""
    rest = [line.strip() for line in below if line.strip() and not line.strip().startswith("#")]
    first = _bare(first)
    if first[:1] in (">", "|") and len(first) <= 2:
        return (" ".join(rest),) if rest else ()
    if not first and all(line.startswith("-") for line in rest):
        return tuple(filter(None, (_value(line[1:].strip()) for line in rest)))
    if first.startswith("[") and "".join([first, *map(_bare, rest)]).endswith("]"):
        inner = "".join([first, *map(_bare, rest)])[1:-1]
        return tuple(filter(None, (_value(item.strip()) for item in split_list(inner))))
    return tuple(filter(None, [_value(" ".join(filter(None, [first, *rest])))]))


def split_list(text: str) -> list[str]:
    """Return the parts between commas that stand outside quotes and brackets."""
    parts, depth, quote = [""], 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "{[(":
            depth += 1
        elif char in "}])":
            depth -= 1
        if char == "," and not quote and depth <= 0:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _value(text: str) -> str:
    text = _bare(text)
    if not text or _closed(text) != len(text):  # it is in no quotes, or not all of it
        return text
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1]


def _bare(text: str) -> str:
    """Return a value without the comment behind it."""
    comment = _comment(text)
    return text[: len(text) - len(comment)].strip() if comment else text.strip()


def _comment(text: str) -> str:
    """Return the comment behind a value, with the space before it."""
    for number in range(_closed(text), len(text)):
        if text[number] == "#" and number and text[number - 1] in " \t":
            return text[len(text[:number].rstrip()) :]
    return ""


def _closed(text: str) -> int:
    """Return where a value in quotes ends; 0 where it is in none."""
    start = len(text) - len(text.lstrip())
    quote = text[start : start + 1]
    if quote not in ("'", '"'):
        return 0
    number = start + 1
    while number < len(text):
        doubled = quote == "'" and text[number : number + 2] == "''"
        if doubled or (quote == '"' and text[number] == "\\"):
            number += 2
        elif text[number] == quote:
            return number + 1
        else:
            number += 1
    return 0
