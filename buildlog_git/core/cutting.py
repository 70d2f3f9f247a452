"""Agents' files cut into rules: one for each list item and each paragraph that asks.

What belongs together stays together. A paragraph keeps the code or table that it introduces.
The steps of a numbered list are one rule, unless each of them asks by itself. An item whose
sense depends on what introduces its list ("Avoid:", "All changes need to:"), or on a heading
that forbids, gets that before it: cut off from it, it would say something else.

What only describes is left, and said with the reason; nothing is dropped in silence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from buildlog_git.core.asking import asks, asks_below, asks_in_prose, is_links, plain
from buildlog_git.core.blocks import Block, blocks
from buildlog_git.core.polarity import NEGATING, words
from buildlog_git.core.rules import LONGEST_TITLE, has_control
from buildlog_git.core.session import GENERAL

_SLUG_WORDS = 4
_SLUG_LENGTH = 32
_DULL = frozenset({
    "a", "an", "the", "of", "to", "in", "on", "for", "with", "and", "or", "at", "by", "as",
    "your", "you", "is", "are", "this", "that", "it", "its", "all", "when", "if", "should",
    "must", "also", "please", "need",
})  # fmt: skip
"""Words that an id does without."""
_LEAD_LENGTH = 240
"""A lead that is longer is cut to its last sentence."""
_FEW = 2
"""A lead of so many words is part of the id: ``avoid``, ``do not``."""
_SHORT = 6
"""A lead of so many words can stand before each item of its list."""

_SENTENCE = r"(?<=[.!?])(?<!\.\w\.)\s+(?=[^a-z\s])"

_CLASSES = {
    "test": "tests", "tests": "tests", "testing": "tests",
    "docs": "docs", "documentation": "docs", "documenting": "docs",
    "security": "security", "refactoring": "refactor", "performance": "perf",
}  # fmt: skip
"""The error class by the first word of a heading."""


class Piece(NamedTuple):
    """A rule to be; ``line`` is where it stands, ``section`` the headings above it."""

    text: str
    title: str
    slug: str
    error_class: str
    section: tuple[str, ...]
    line: int


class Left(NamedTuple):
    """What was left where it is, and why; ``text`` is its beginning."""

    line: int
    text: str
    why: str


class Cut(NamedTuple):
    """What a file was cut into."""

    pieces: tuple[Piece, ...] = ()
    left: tuple[Left, ...] = ()


class _Unit(NamedTuple):
    """What stays together.

    ``lead`` introduces it; ``prose`` is the paragraph that it is or begins with; ``items`` are
    those of a list that stays whole.
    """

    text: str
    line: int
    section: tuple[str, ...]
    lead: str = ""
    prose: str = ""
    items: tuple[str, ...] = ()


def cut(text: str, *, everything: bool = False) -> Cut:
    """Return what a Markdown text is cut into; with ``everything``, also what only describes."""
    pieces: list[Piece] = []
    left: list[Left] = []
    for unit in _units(blocks(text)):
        why = _why_left(unit, everything=everything)
        if why:
            left.append(Left(unit.line, summary(unit.text), why))
        else:
            pieces.append(_piece(unit))
    return Cut(tuple(pieces), tuple(left))


def _why_left(unit: _Unit, *, everything: bool) -> str:
    if has_control(unit.text):
        return "it has control characters"
    if is_links(unit.text):
        return "it only points elsewhere"
    if unit.text.lstrip().startswith(("```", "~~~")):
        return "it is code that nothing introduces"
    if unit.prose:
        asked = asks_in_prose(unit.prose)
    else:
        asked = any(asks(item, unit.section, unit.lead) for item in unit.items or (unit.text,))
    return "" if asked or everything else "it describes and asks for nothing"


def _units(found: Sequence[Block]) -> list[_Unit]:
    units: list[_Unit] = []
    section: list[tuple[int, str]] = []
    at = 0
    while at < len(found):
        block = found[at]
        at += 1
        above = tuple(title for _level, title in section)
        if block.kind == "heading":
            section = [one for one in section if one[0] < block.level]
            section.append((block.level, plain(block.text)))
        elif block.kind == "item":
            end = _end_of_list(found, at - 1)
            units += _items(found[at - 1 : end], above, _heading_lead(above))
            at = end
        elif block.kind == "paragraph" and block.text.rstrip("*_ ").endswith(":"):
            unit, at = _introduced(found, at, above)
            units += unit
        elif block.kind == "code" and units and units[-1].section == above:
            units[-1] = _with(units[-1], block)
        else:
            units.append(_prose(block, above))
    return units


def _prose(block: Block, above: tuple[str, ...]) -> _Unit:
    return _Unit(block.text, block.line, above, _heading_lead(above), block.text)


def _introduced(found: Sequence[Block], at: int, above: tuple[str, ...]) -> tuple[list[_Unit], int]:
    """Return the units of a paragraph that ends in a colon, with what it introduces."""
    lead = found[at - 1]
    if at < len(found) and found[at].kind == "item":
        end = _end_of_list(found, at)
        return _items(found[at:end], above, lead.text, lead), end
    unit = _prose(lead, above)
    while at < len(found) and found[at].kind in ("code", "table", "quote"):
        unit = _with(unit, found[at])
        at += 1
    return [unit], at


def _items(
    items: Sequence[Block], above: tuple[str, ...], lead: str, said: Block | None = None
) -> list[_Unit]:
    """Return the units of a list: its items, or all of it where they belong together."""
    texts = tuple(item.text for item in items)
    if not _belong_together(items, lead, prose=said is not None):
        return [_Unit(item.text, item.line, above, lead) for item in items]
    marks = (f"{number}." if item.ordered else "-" for number, item in enumerate(items, 1))
    listed = "\n".join(
        f"{mark} {_indented(text, len(mark) + 1)}" for mark, text in zip(marks, texts, strict=True)
    )
    if said is None:
        return [_Unit(listed, items[0].line, above, lead, items=texts)]
    whole = f"{said.text}\n\n{listed}"
    return [_Unit(whole, said.line, above, _heading_lead(above), items=(said.text, *texts))]


def _belong_together(items: Sequence[Block], lead: str, *, prose: bool) -> bool:
    """Return whether a list is one rule: steps, alternatives, or no rules without their lead."""
    texts = [item.text for item in items]
    if all(item.ordered for item in items) and not all(asks(text) for text in texts):
        return True
    if any(re.search(r"\b(?:or|and)$", text.rstrip(" ,;")) for text in texts[:-1]):
        return True
    fragments = sum(not asks(text) for text in texts)
    if not prose or 2 * fragments < len(texts) or len(words(lead)) <= _SHORT:
        return False
    return asks_in_prose(lead) or asks_below(lead)


def _end_of_list(found: Sequence[Block], at: int) -> int:
    ordered = found[at].ordered
    end = at
    while end < len(found) and found[end].kind == "item" and found[end].ordered == ordered:
        end += 1
    return end


def _heading_lead(above: Sequence[str]) -> str:
    """Return the last heading where it forbids what stands below it."""
    forbids = bool(above) and bool(set(words(above[-1])) & (NEGATING | {"anti", "don"}))
    return f"{above[-1]}:" if forbids else ""


def _with(unit: _Unit, block: Block) -> _Unit:
    return unit._replace(text=f"{unit.text}\n\n{block.text}")


def _indented(text: str, width: int) -> str:
    return text.replace("\n", "\n" + " " * width)


def _piece(unit: _Unit) -> Piece:
    lead = _needed(unit)
    text = f"{lead}\n\n- {_indented(unit.text, 2)}" if lead else unit.text
    said = f"{lead} {unit.text}" if lead and len(words(lead)) <= _SHORT else unit.text
    named = said if len(words(lead)) <= _FEW else unit.text
    if unit.prose:
        sentences = re.split(_SENTENCE, unit.prose)
        said = next((sentence for sentence in sentences if asks_in_prose(sentence)), said)
        named = said
    return Piece(
        text="\n".join(line.rstrip() for line in text.split("\n")),
        title=summary(said),
        slug=slug(named),
        error_class=_class_of(unit.section),
        section=unit.section,
        line=unit.line,
    )


def _needed(unit: _Unit) -> str:
    """Return what introduces a unit, if it would say something else, or nothing, without it."""
    lead = unit.lead.strip()
    said = plain(unit.text)
    if not lead or not said:
        return ""
    fragment = said[0].islower() or not asks(unit.text)
    if not (set(words(lead)) & NEGATING or (fragment and asks_below(lead)) or said[0].islower()):
        return ""
    if len(lead) > _LEAD_LENGTH:
        lead = re.split(_SENTENCE, lead)[-1]
    return lead


def _class_of(section: Sequence[str]) -> str:
    for heading in reversed(section):
        first = words(heading)[:1]
        if first and first[0] in _CLASSES:
            return _CLASSES[first[0]]
    return GENERAL


def summary(text: str, length: int = LONGEST_TITLE) -> str:
    """Return the first sentence of a text on one line, cut at a word where it is too long."""
    line = " ".join(plain(_opening(text)).split())
    line = re.split(_SENTENCE, line, maxsplit=1)[0].rstrip(".:;, ")
    if len(line) <= length:
        return line
    return line[: length - 1].rsplit(" ", 1)[0].rstrip(".:;, ") + "…"


def slug(text: str) -> str:
    """Return an id made of the first words of a text; empty where it has no Latin letters."""
    line = (
        unicodedata.normalize("NFKD", plain(_opening(text))).replace("'", "").replace("\u2019", "")
    )
    found = re.findall(r"[a-z0-9]+", line.encode("ascii", "ignore").decode().lower())
    telling = [word for word in found if word not in _DULL] or found
    name = "-".join(telling[:_SLUG_WORDS])
    if len(name) > _SLUG_LENGTH:
        name = name[:_SLUG_LENGTH].rpartition("-")[0] or name[:_SLUG_LENGTH]
    return name


def _opening(text: str) -> str:
    """Return what stands before the first code, empty line or row of a table."""
    opening = re.split(r"\n\s*(?:\n|```|~~~|\|)", text.strip(), maxsplit=1)[0]
    return re.sub(r"^(?:\d+[.)]|[-*+])\s+", "", opening)
