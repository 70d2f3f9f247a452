"""Numbers, names and dates as people read them; the same ones in every text format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

# Control characters, line separators, and the marks that reorder text: a commit's subject or
# a path may hold any of them, and on a terminal each can lie or do harm.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_BARS = "▁▂▃▄▅▆▇█"
GLUE = "\u00a0"
"""A space at which no line is broken; a page shows it as a plain one."""
OUTCOMES = {
    "accepted": "accepted",
    "revision": "revised",
    "rejected": "rejected",
    "unmeasurable": "not measurable",
}
"""What an outcome is called where people read it."""


class Remark(NamedTuple):
    """A sentence that a label begins; a command may end it, in brackets.

    ``subjects`` are names from outside with which the sentence begins. They and the command are
    for each format to escape; all else are our own words.
    """

    label: str
    text: str
    command: str = ""
    subjects: tuple[str, ...] = ()


def safe(text: str) -> str:
    """Return ``text`` with everything that a terminal would act upon shown as an escape."""
    text = _UNSAFE.sub(lambda found: _escape(found.group()), text)
    return _SURROGATE.sub(lambda found: _escape_byte(found.group()), text)


def _escape(char: str) -> str:
    code = ord(char)
    named = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}
    return named.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def _escape_byte(char: str) -> str:
    # Bytes that are no UTF-8 arrive as surrogates (PEP 383); others stand for nothing.
    code = ord(char)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def distance_text(value: float | None) -> str:
    """Return a distance to two digits, the most that a single one deserves."""
    if value is None:
        return "-"
    return "<0.01" if 0 < value < 0.005 else f"{value:.2f}"


def interval_text(low: float | None, high: float | None) -> str:
    """Return an interval in brackets, nothing where there is none."""
    return "" if low is None or high is None else f"[{low:.2f}-{high:.2f}]"


def percent(share: float) -> str:
    """Return a share in per cent, without rounding something to nothing or to all."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{100 * share:.0f} %"


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun, in the right form."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def command(text: str) -> str:
    """Return a command that no line may be broken in, so that it can be copied."""
    return text.replace(" ", GLUE)


def listed(items: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, or ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def few(items: Sequence[str], most: int) -> str:
    """Return the first ``most`` items as :func:`listed` does, and how many more there are."""
    rest = len(items) - most
    return listed([*items[:most], *([f"{rest:,} more"] if rest > 0 else [])])


def short(oid: str) -> str:
    """Return an object id short enough for a table, long enough to be the only one."""
    return oid[:10]


def sparkline(values: Sequence[float | None]) -> str:
    """Return one bar a value, from 0 to the greatest; a value that is missing is a gap."""
    top = max((value for value in values if value is not None), default=0.0)
    bars = []
    for value in values:
        if value is None:
            bars.append(" ")
        else:
            bars.append(_BARS[round(value / top * (len(_BARS) - 1))] if top else _BARS[0])
    return "".join(bars)
