r"""JSON as the text that somebody wrote: where its parts stand, and one more or one less of them.

Settings files of editors and agents hold comments and a layout of their own, which a parser and a
printer would lose. So a value is only looked up, and what is added or taken out changes the bytes
around itself alone. Comments (``//`` and ``/* */``) and a comma behind the last part are read,
though JSON has neither.

Law: what :func:`inserted` adds to a container that has parts, :func:`removed` takes out again to
the byte.
"""

from __future__ import annotations

import json
import re
from typing import Any, NamedTuple

DEEPEST = 100
"""Containers within each other."""

_SPACE = r"(?:[ \t\r\n]+|//[^\r\n]*|/\*(?s:.*?)\*/)*"
_STRING = r'"(?:[^"\\\x00-\x1f]|\\.)*"'
_WORD = r"[-+.\w]+"


class OddJsonError(ValueError):
    """A text is no JSON; the message says where and why."""


class Node(NamedTuple):
    """A value: where it begins and ends in the text, and what it is.

    ``parts`` are the members or items of a container, which begin at ``starts``: of an object at
    their ``keys``.
    """

    start: int
    end: int
    value: Any
    parts: tuple[Node, ...] = ()
    starts: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()


def parsed(text: str) -> Node:
    """Return the value that a text is.

    Raises:
        OddJsonError: it is none.

    """
    start = _skip(text, 0)
    node = _node(text, start, 0)
    end = _skip(text, node.end)
    if end != len(text):
        raise _odd(text, end, "something stands behind its end")
    return node


def inserted(text: str, node: Node, part: str, unit: str) -> str:
    """Return the text with one more part at the end of a container.

    Args:
        text: what ``node`` was read from.
        node: an object or an array.
        part: an item, or a key with its value; its lines are indented as they are to stand below
            each other, without the container's own indentation.
        unit: by how much the parts of a container without any are indented.

    """
    close = node.end - 1
    outer = _indent(text, node.start)
    newline = "\r\n" if "\r\n" in text else "\n"
    if not node.parts:
        inner = outer + unit
        at, tail = node.start + 1, newline + outer
        if text[at:close].strip():  # a comment, behind which it comes
            at = len(text[:close].rstrip())
            tail = text[at:close]
        return text[:at] + newline + inner + _lines(part, inner, newline) + tail + text[close:]
    last = node.parts[-1].end
    behind = _skip(text, last)
    comma = text[behind] == ","
    at = max(len(text[:close].rstrip()), behind + comma if comma else last)
    inner = _indent(text, node.starts[-1])
    if not inner.startswith(outer) or not text[: node.starts[-1]].endswith(inner):
        inner = outer + unit
    gap = newline + inner if "\n" in text[at:close] else " "
    return "".join((
        text[:last], "" if comma else ",", text[last:at], gap, _lines(part, inner, newline),
        "," if comma else "", text[at:],
    ))  # fmt: skip


def removed(text: str, node: Node, number: int) -> str:
    """Return the text without one of the parts of a container."""
    start, end = node.starts[number], node.parts[number].end
    before = len(text[:start].rstrip(" \t\r\n"))
    behind = _skip(text, end)
    if text[behind] == ",":
        return text[:before] + text[end:behind] + text[behind + 1 :]
    if number:
        comma = _skip(text, node.parts[number - 1].end)
        return text[:comma] + text[comma + 1 : before] + text[end:]
    return text[:before] + text[end:]


def replaced(text: str, node: Node, number: int, part: str) -> str:
    """Return the text with another item in the place of one; see :func:`inserted`."""
    start = node.starts[number]
    newline = "\r\n" if "\r\n" in text else "\n"
    new = _lines(part, _indent(text, start), newline)
    return text[:start] + new + text[node.parts[number].end :]


def is_bare(text: str, node: Node) -> bool:
    """Return whether a container has no part and no comment."""
    return not node.parts and not text[node.start + 1 : node.end - 1].strip()


def unit_of(text: str) -> str:
    """Return by how much a text indents; two spaces where that cannot be told."""
    found = re.search(r"^[{\[][^\r\n]*\r?\n([ \t]+)[^ \t\r\n]", text.lstrip("\ufeff \t\r\n"))
    return found[1] if found else "  "


def _lines(part: str, indent: str, newline: str) -> str:
    return part.replace("\n", newline + indent)


def _indent(text: str, at: int) -> str:
    """Return the space that the line at a place begins with."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _skip(text: str, at: int) -> int:
    found = re.compile(_SPACE).match(text, at)
    assert found is not None  # noqa: S101 - it also matches nothing
    return found.end()


def _node(text: str, at: int, depth: int) -> Node:
    if depth > DEEPEST:
        raise _odd(text, at, "it is nested too deeply")
    first = text[at : at + 1]
    if first in ("{", "["):
        return _container(text, at, depth)
    found = re.compile(_STRING if first == '"' else _WORD).match(text, at)
    if found is None:
        raise _odd(text, at, "a value is missing")
    try:
        return Node(at, found.end(), json.loads(found[0]))
    except ValueError as error:
        raise _odd(text, at, "a value is none of JSON") from error


def _container(text: str, at: int, depth: int) -> Node:
    keyed = text[at] == "{"
    close = "}" if keyed else "]"
    parts: list[Node] = []
    starts: list[int] = []
    keys: list[str] = []
    here = _skip(text, at + 1)
    while text[here : here + 1] != close:
        starts.append(here)
        if keyed:
            key, here = _key(text, here)
            keys.append(key)
        parts.append(_node(text, here, depth + 1))
        here = _skip(text, parts[-1].end)
        if text[here : here + 1] == ",":
            here = _skip(text, here + 1)
        elif text[here : here + 1] != close:
            raise _odd(text, here, f"a comma or {close} is missing")
    values = [part.value for part in parts]
    value = dict(zip(keys, values, strict=True)) if keyed else values
    return Node(at, here + 1, value, tuple(parts), tuple(starts), tuple(keys))


def _key(text: str, at: int) -> tuple[str, int]:
    found = re.compile(_STRING).match(text, at)
    if found is None:
        raise _odd(text, at, "a key in quotes is missing")
    try:
        key = str(json.loads(found[0]))
    except ValueError as error:
        raise _odd(text, at, "a key is no string of JSON") from error
    here = _skip(text, found.end())
    if text[here : here + 1] != ":":
        raise _odd(text, here, "a colon is missing")
    return key, _skip(text, here + 1)


def _odd(text: str, at: int, why: str) -> OddJsonError:
    return OddJsonError(f"line {text.count(chr(10), 0, at) + 1}: {why}")
