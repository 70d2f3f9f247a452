"""A page of text for a terminal or a pipe: lines, sentences and tables in one look."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.color import ColorSystem
from rich.style import Style

from buildlog_git.render.look import WIDTH, Look
from buildlog_git.render.words import GLUE, Remark, command, listed, safe

Part = str | tuple[str, str]
"""Plain text, or text with a style such as ``bold`` or ``yellow``."""

_GAP = "  "
"""What stands between two columns."""
_ASCII = str.maketrans("▁▂▃▄▅▆▇█…─│┼●◂▸", ".:-=+*#@~-|+o<>")
"""What our own marks become where only ASCII is sure to show."""


_NARROW = 16
"""Cells in which names can still be read below each other; in fewer they get lines of their own."""


class Column(NamedTuple):
    """A column of a table: its heading, whether its cells stand on the right, their style.

    Cells of the last column may be ``names`` between spaces, none of which is ever cut.
    """

    heading: str
    right: bool = False
    style: str = ""
    names: bool = False


class Page:
    """Collects lines; :meth:`text` returns them."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._out = StringIO()

    def blank(self) -> None:
        """Add an empty line."""
        self._out.write("\n")

    def line(self, *parts: Part) -> None:
        """Add one line, however long."""
        for part in parts:
            text, style = (part, "") if isinstance(part, str) else part
            self._out.write(self._styled(text, style))
        self._out.write("\n")

    def sentence(self, text: str, label: str = "") -> None:
        """Add a sentence, wrapped to the width; ``label`` begins it and stands out."""
        rows = textwrap.wrap(
            f"{label} {text}" if label else text,
            self.look.width,
            subsequent_indent="  " if label else "",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for number, row in enumerate(rows):
            if label and number == 0:
                self.line((label, "bold"), _spaced(row[len(label) :]))
            else:
                self.line(_spaced(row))

    def remark(self, remark: Remark) -> None:
        """Add a remark, its command in brackets."""
        tail = f" ({command(safe(remark.command))})." if remark.command else ""
        begin = f"{listed([safe(name) for name in remark.subjects])} " if remark.subjects else ""
        self.sentence(f"{begin}{remark.text}{tail}", remark.label)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str]]) -> None:
        """Add a table with each row on one line.

        Where it is too wide, the cells of the last column are cut: the numbers before it would
        be other numbers. Names go on in the next line, or stand below their row where they have
        no room beside it.
        """
        headings = [column.heading for column in columns]
        kept = [headings, *rows]
        widths = [max(map(cell_len, cells)) for cells in zip(*kept, strict=True)]
        room = max(WIDTH, self.look.width) - sum(width + len(_GAP) for width in widths[:-1])
        if columns[-1].names and widths[-1] > room:
            self._named(columns, kept, widths[:-1], room)
            return
        widths[-1] = min(widths[-1], max(cell_len(headings[-1]), room))
        for row in kept:
            self._row(columns, row, widths, heading=row is headings)

    def _row(
        self, columns: Sequence[Column], row: Sequence[str], widths: Sequence[int], *, heading: bool
    ) -> None:
        parts: list[Part] = []
        for column, cell, width in zip(columns, row, widths, strict=True):
            style = "bold" if heading else column.style
            parts += [(padded(cell, width, right=column.right), style), _GAP]
        self.line(*parts[:-1])

    def _named(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        room: int,
    ) -> None:
        """Add a table with names in its last column that have no room on one line."""
        longest = max(cell_len(name) for row in rows for name in row[-1].split(" "))
        beside = room >= max(_NARROW, longest)
        label = f"{columns[-1].heading.lower()}: "
        margin = sum(width + len(_GAP) for width in widths) if beside else len(_GAP) * 2
        width = room if beside else max(WIDTH, self.look.width) - margin
        for number, row in enumerate(rows):
            names = row[-1] if beside or not row[-1] else label + row[-1]
            lines = _in_lines(names, width)
            if beside:
                self._row(columns, (*row[:-1], lines[0]), (*widths, room), heading=number == 0)
            else:
                self._row(columns[:-1], row[:-1], widths, heading=number == 0)
            for line in lines[1:] if beside else lines if number and row[-1] else ():
                self.line(" " * margin + line)

    def text(self) -> str:
        """Return the page; no line ends in spaces."""
        whole = "\n".join(line.rstrip(" ") for line in self._out.getvalue().split("\n"))
        return whole if self.look.unicode else whole.translate(_ASCII)

    def _styled(self, text: str, style: str) -> str:
        if not style or not self.look.colour:
            return text
        return Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def _spaced(row: str) -> str:
    return row.replace(GLUE, " ")


def _in_lines(text: str, width: int) -> list[str]:
    """Return words in lines of a width; one that is longer stands whole on a line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if not lines[-1] or cell_len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def cut(text: str, width: int) -> str:
    """Return ``text`` cut to ``width`` terminal cells, with a mark where it was cut."""
    return text if cell_len(text) <= width else set_cell_size(text, max(0, width - 1)) + "…"


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Return ``text`` cut or filled up to exactly ``width`` terminal cells."""
    text = cut(text, width)
    space = " " * (width - cell_len(text))
    return space + text if right else text + space
