"""A Markdown text as its blocks: headings, paragraphs, list items, code, tables, quotes.

Only what is needed to cut it without hurting anything: an item keeps what is nested in it, code
between fences is never looked into, a table stays whole. HTML comments are left out, because
agents do not see them; so is what stands between our own marks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple

Kind = Literal["heading", "paragraph", "item", "code", "table", "quote"]

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(?=\S)")
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_ITEM = re.compile(r"([ \t]*)(?:([-*+•])|(\d{1,9}[.)]))([ \t]+|$)")
_BREAK = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*$")
_TABLE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$")
_TAG = re.compile(r"[ \t]*</?[A-Za-z][\w.-]*[^<>]*>[ \t]*$")
_OURS = re.compile(r"<!-- buildlog:(?P<what>begin|end)\b[^<>]{0,400}-->")


class Block(NamedTuple):
    """A block; ``line`` counts from 1.

    ``text`` is without the mark of a heading or an item; ``level`` is that of a heading,
    ``ordered`` is said of an item of a numbered list.
    """

    kind: Kind
    text: str
    line: int
    level: int = 0
    ordered: bool = False


class Line(NamedTuple):
    """A line that agents see, and its number in the file."""

    number: int
    text: str


def blocks(text: str) -> list[Block]:
    """Return the blocks of a Markdown text."""
    lines = list(_seen(text.replace("\r\n", "\n").split("\n")))
    found = []
    at = 0
    while at < len(lines):
        block, at = _block(lines, at)
        if block is not None:
            found.append(block)
    return found


def _seen(lines: Sequence[str]) -> Iterator[Line]:
    """Yield the lines that agents see."""
    fence, comment, ours = "", False, False
    for number, line in enumerate(lines, 1):
        if fence or (_FENCE.match(line) and not comment and not ours):
            fence = _fence_after(line, fence)
            yield Line(number, line)
            continue
        mark = _OURS.search(line)
        if mark and not comment:
            ours = mark["what"] == "begin"
        kept, comment = _without_comments(line, comment=comment)
        # A line of nothing but a comment is none: an empty one would end a paragraph.
        if not ours and (kept.strip() or not line.strip()):
            yield Line(number, kept)


def _fence_after(line: str, fence: str) -> str:
    """Return the fence that is open after a line; empty where none is."""
    mark = _FENCE.match(line)
    if not fence:
        return mark[1] if mark else ""
    closes = mark and mark[1].startswith(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def _without_comments(line: str, *, comment: bool) -> tuple[str, bool]:
    kept = ""
    while line:
        before, found, line = line.partition("-->" if comment else "<!--")
        kept += "" if comment else before
        comment = comment != bool(found)
    return kept, comment


def _block(lines: Sequence[Line], at: int) -> tuple[Block | None, int]:
    """Return the block that begins at a line, if one does, and where the next may begin."""
    number, line = lines[at]
    if not line.strip() or _BREAK.match(line) or _TAG.match(line):
        return None, at + 1
    heading = _HEADING.match(line)
    if heading:
        return Block("heading", _heading(line[heading.end() :]), number, len(heading[1])), at + 1
    if _FENCE.match(line):
        end = _fenced(lines, at)
        return Block("code", _text(lines[at:end]), number), end
    item = _ITEM.match(line)
    if item:
        end = _item(lines, at, len(_wide(item[1])))
        text = _dedented(line[item.end() :], lines[at + 1 : end], len(_wide(item[0])))
        return Block("item", text, number, ordered=bool(item[3])), end
    if _is_quote(line):
        end = _while(lines, at, _is_quote)
        return Block("quote", _text(lines[at:end]), number), end
    if _is_table(lines, at):
        end = _while(lines, at, lambda line: "|" in line)
        return Block("table", _text(lines[at:end]), number), end
    end = _paragraph(lines, at)
    below = lines[end].text if end < len(lines) else ""
    if end == at + 1 and _UNDERLINE.match(below):
        level = 1 if "=" in below else 2
        return Block("heading", line.strip(), number, level), end + 1
    return Block("paragraph", _text(lines[at:end]), number), end


def _heading(text: str) -> str:
    """Return a heading without the marks that may close it."""
    text = text.strip()
    closed = text.rstrip("#")
    return closed.strip() if closed.endswith((" ", "\t")) else text


def _while(lines: Sequence[Line], at: int, holds: Callable[[str], bool]) -> int:
    return next((n for n in range(at, len(lines)) if not holds(lines[n].text)), len(lines))


def _fenced(lines: Sequence[Line], at: int) -> int:
    fence = ""
    for number in range(at, len(lines)):
        fence = _fence_after(lines[number].text, fence)
        if not fence:
            return number + 1
    return len(lines)


def _item(lines: Sequence[Line], at: int, indent: int) -> int:
    """Return where an item ends that is indented so far: with what no longer belongs to it."""
    number, blank = at + 1, False
    while number < len(lines):
        line = lines[number].text
        if not line.strip():
            number, blank = number + 1, True
            continue
        nested = _indent(line) > indent
        if not nested and (blank or _begins(lines, number)):
            break
        number, blank = _fenced(lines, number) if _FENCE.match(line) else number + 1, False
    while not lines[number - 1].text.strip():
        number -= 1
    return number


def _paragraph(lines: Sequence[Line], at: int) -> int:
    number = at + 1
    while number < len(lines) and lines[number].text.strip() and not _begins(lines, number):
        number += 1
    return number


def _begins(lines: Sequence[Line], at: int) -> bool:
    """Return whether something else than a paragraph begins at a line."""
    line = lines[at].text
    marks = (_HEADING, _FENCE, _ITEM, _BREAK, _UNDERLINE, _TAG)
    return any(mark.match(line) for mark in marks) or _is_quote(line) or _is_table(lines, at)


def _is_quote(line: str) -> bool:
    return line.lstrip().startswith(">")


def _is_table(lines: Sequence[Line], at: int) -> bool:
    below = lines[at + 1].text if at + 1 < len(lines) else ""
    return "|" in lines[at].text and "-" in below and "|" in below and bool(_TABLE.match(below))


def _dedented(first: str, rest: Sequence[Line], width: int) -> str:
    lines = [first]
    for _number, line in rest:
        lines.append(
            line[min(width, _indent(line)) :] if "\t" not in line[:width] else line.strip()
        )
    return "\n".join(line.rstrip() for line in lines).strip()


def _indent(line: str) -> int:
    wide = _wide(line)
    return len(wide) - len(wide.lstrip())


def _wide(text: str) -> str:
    return text.expandtabs(4)


def _text(lines: Sequence[Line]) -> str:
    return "\n".join(line.text.rstrip() for line in lines).strip("\n")
