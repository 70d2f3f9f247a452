"""The geometry of charts: from values to places in a drawing, without any markup.

A template draws them. Every chart comes with a sentence that says what it shows, for those who
do not see it, and stands beside a table with the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from buildlog_git.core.report import TrendItem
from buildlog_git.render.words import counted, distance_text

WIDTH, HEIGHT = 360.0, 180.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 12.0, 12.0, 26.0
_TOPS = (0.1, 0.2, 0.25, 0.5, 1.0)
_LABELS = 4
"""How many months are named below an axis at most."""


class Tick(NamedTuple):
    """A mark of an axis: where, and what it says."""

    at: float
    text: str


class Dot(NamedTuple):
    """A value of a line; ``text`` says it."""

    x: float
    y: float
    text: str


class Trend(NamedTuple):
    """A line over time; it has a gap where a month has no value."""

    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    text: str


class Bar(NamedTuple):
    """A bar of a histogram."""

    x: float
    y: float
    width: float
    height: float
    drafts: int
    text: str


class Histogram(NamedTuple):
    """Bars for drafts that were kept as written, and for each tenth of the distance."""

    bars: tuple[Bar, ...]
    x: tuple[Tick, ...]
    y: tuple[Tick, ...]
    text: str


class Span(NamedTuple):
    """An interval and its middle on an axis from 0 to 100."""

    low: float
    mid: float
    high: float


def trend(months: Sequence[TrendItem]) -> Trend | None:
    """Return the mean distance by month; None where two months at least are not there.

    Months without a draft have their place too, and no line runs across them.
    """
    known = [(_count(item.period), item) for item in months if item.mean is not None]
    if len(known) < 2:
        return None
    begin, end = known[0][0], known[-1][0]
    top = top_of(item.mean or 0.0 for _, item in known)
    step = (WIDTH - _LEFT - _RIGHT) / (end - begin)
    dots = {
        at: Dot(
            round(_LEFT + (at - begin) * step, 1),
            _y((item.mean or 0.0) / top),
            f"{item.period}: {distance_text(item.mean)} ({counted(item.n, 'draft')})",
        )
        for at, item in known
    }
    first, last = known[0][1], known[-1][1]
    every = -(-(end - begin + 1) // _LABELS)
    return Trend(
        lines=tuple(_lines(dots)),
        dots=tuple(dots.values()),
        x=tuple(
            Tick(round(_LEFT + (at - begin) * step, 1), _period(at))
            for at in range(begin, end + 1, every)
        ),
        y=_axis(top),
        text=f"Mean revision distance by month, from {distance_text(first.mean)} in "
        f"{first.period} to {distance_text(last.mean)} in {last.period}.",
    )


def _count(period: str) -> int:
    """Return the number of a month, counted through the years."""
    year, month = period.split("-")
    return int(year) * 12 + int(month) - 1


def _period(month: int) -> str:
    return f"{month // 12:04}-{month % 12 + 1:02}"


def _lines(dots: Mapping[int, Dot]) -> list[str]:
    lines: list[list[str]] = []
    for at, dot in dots.items():
        if at - 1 not in dots:
            lines.append([])
        lines[-1].append(f"{dot.x:.1f},{dot.y:.1f}")
    return [" ".join(points) for points in lines if len(points) > 1]


def histogram(distances: Sequence[float]) -> Histogram | None:
    """Return how many drafts have which distance; None where there are none."""
    if not distances:
        return None
    counts = [0] * 11
    for value in distances:
        counts[0 if value <= 0 else min(10, int(value * 10) + 1)] += 1
    top = max(counts)
    slot = (WIDTH - _LEFT - _RIGHT) / len(counts)
    bars = []
    for at, count in enumerate(counts):
        y = _y(count / top)
        what = "kept as written" if at == 0 else f"{(at - 1) / 10:.1f} to {at / 10:.1f}"
        bars.append(
            Bar(
                round(_LEFT + (at + 0.1) * slot, 1), y, round(slot * 0.8, 1),
                round(HEIGHT - _BOTTOM - y, 1), count, f"{what}: {counted(count, 'draft')}",
            )
        )  # fmt: skip
    edges = {0.5: "kept"} | {at + 1.0: f"{at / 10:g}" for at in (2, 4, 6, 8, 10)}
    kept = counts[0]
    return Histogram(
        bars=tuple(bars),
        x=tuple(Tick(round(_LEFT + at * slot, 1), text) for at, text in edges.items()),
        y=(Tick(_y(0.0), "0"), Tick(_y(1.0), f"{top:,}")),
        text=f"{kept:,} of {counted(len(distances), 'draft')} kept as written; the others by how "
        "much people changed them.",
    )


def span(
    low: float | None, mid: float | None, high: float | None, start: float, end: float
) -> Span | None:
    """Return an interval on an axis from ``start`` to ``end``; None where there is no value."""
    if mid is None or end <= start:
        return None
    ends = (low if low is not None else mid, mid, high if high is not None else mid)
    places = (100 * (value - start) / (end - start) for value in ends)
    return Span(*(round(min(100.0, max(0.0, place)), 2) for place in places))


def top_of(values: Iterable[float]) -> float:
    """Return a round number that no value is above, for the end of an axis."""
    greatest = max(values, default=1.0)
    return next((top for top in _TOPS if greatest <= top), 1.0)


def _axis(top: float) -> tuple[Tick, ...]:
    return tuple(Tick(round(_y(part), 1), f"{top * part:.3g}") for part in (0.0, 0.5, 1.0))


def _y(part: float) -> float:
    return round(HEIGHT - _BOTTOM - part * (HEIGHT - _TOP - _BOTTOM), 1)
