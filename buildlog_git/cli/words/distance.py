"""What ``distance`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.page import Column
from buildlog_git.render.words import OUTCOMES, counted, distance_text, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.distance import DistanceResult
    from buildlog_git.render.page import Page

FILES_SHOWN = 15
_STATES = {
    "open": "open: nothing has judged it yet",
    "provisional": "provisional: later commits may still change it",
    "settled": "settled: nothing later counts",
}


def write_distance(page: Page, result: DistanceResult) -> None:
    """Say how much of a draft is undone, why, and where."""
    who = safe(result.agent) if result.agent else "no known agent"
    page.line(
        "Draft ", (short(result.draft), "yellow"), f" by {who}, as it stands in ",
        (short(result.final), "yellow"),
    )  # fmt: skip
    page.line(
        (f"Revision distance {distance_text(result.distance)}", "bold"),
        f"  {OUTCOMES[result.outcome]}: {safe(result.reason)}",
    )
    if result.tokens or result.removed:
        page.line(_size(result))
    page.line(f"State: {_STATES[result.state]}.")
    _files(page, result)


def _size(result: DistanceResult) -> str:
    parts = []
    if result.tokens:
        parts.append(
            f"{result.kept:,} of {counted(result.lines, 'line')} kept as written, "
            f"{counted(result.tokens, 'token')} in all"
        )
    if result.removed:
        parts.append(f"{counted(result.removed, 'token')} removed")
    return "; ".join(parts) + "."


def _files(page: Page, result: DistanceResult) -> None:
    if len(result.files) < 2:
        return
    page.blank()
    # The order is that of the distance, so that what was reworked most is seen first.
    files = sorted(result.files, key=lambda part: (-(part.distance or 0.0), part.path))
    page.table(
        (Column("DISTANCE", right=True), Column("TOKENS", right=True), Column("FILE")),
        (
            (distance_text(part.distance), f"{part.tokens:,}", safe(part.path))
            for part in files[:FILES_SHOWN]
        ),
    )
    if len(files) > FILES_SHOWN:
        page.line(f"and {counted(len(files) - FILES_SHOWN, 'more file')} (--json has all)")
