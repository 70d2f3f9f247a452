"""A forest plot in one line of text: an interval and its middle on an axis around zero."""

from __future__ import annotations

WIDTH = 15
"""Characters of the axis; an odd number, so that zero has one of its own."""
REACH = 0.3
"""What lies beyond this, in points of revision distance, is marked as such."""


def forest(low: float, middle: float, high: float, *, reach: float = REACH) -> str:
    """Return ``──●──┼`` for the interval from ``low`` to ``high`` around ``middle``.

    The axis runs from ``-reach`` to ``reach``; an arrow at its end stands for what lies beyond.
    """
    last, zero = WIDTH - 1, WIDTH // 2
    first, dot, end = (_place(value, reach) for value in (low, middle, high))
    # An interval beside zero must not touch its cell, however close it is.
    if low > 0:
        first = max(first, zero + 1)
    if high < 0:
        end = min(end, zero - 1)
    dot = max(first, min(end, dot))
    cells = [" "] * WIDTH
    for at in range(max(0, first), min(last, end) + 1):
        cells[at] = "─"
    cells[zero] = "┼" if first <= zero <= end else "│"
    if first < 0:
        cells[0] = "◂"
    if end > last:
        cells[last] = "▸"
    if 0 <= dot <= last:
        cells[dot] = "●"
    return "".join(cells)


def _place(value: float, reach: float) -> int:
    """Return the cell of a value, -1 or ``WIDTH`` where it lies beyond the axis."""
    if value < -reach:
        return -1
    if value > reach:
        return WIDTH
    return round((value + reach) / (2 * reach) * (WIDTH - 1))
