"""What ``log`` says: a line a commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.page import cut, padded
from buildlog_git.render.sentences import result_text
from buildlog_git.render.words import distance_text, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.log import Log, LogItem
    from buildlog_git.render.page import Page

_STYLES = {"accepted": "green", "rejected": "red"}
_BEFORE_SUBJECT = 50


def write_log(page: Page, log: Log) -> None:
    """Write the commits; a subject is cut at a terminal only, so that a pipe gets all of it."""
    room = page.look.width - _BEFORE_SUBJECT if page.look.terminal else None
    for item in log.commits:
        subject = safe(item.subject)
        page.line(
            (short(item.commit), "yellow"), " ", (padded(_who(item), 10), "cyan"),
            padded("" if item.lines is None else f"{item.lines:,}", 6, right=True),
            padded(_value(item), 6, right=True), " ",
            (padded(_outcome(item), 15), _STYLES.get(item.outcome or "", "")), " ",
            subject if room is None else cut(subject, room),
        )  # fmt: skip


def _who(item: LogItem) -> str:
    return safe(item.agent or "agent") if item.author == "agent" else ""


def _value(item: LogItem) -> str:
    if item.outcome in (None, "unmeasurable") or item.state == "open":
        return ""
    return distance_text(item.distance)


def _outcome(item: LogItem) -> str:
    if item.outcome is None or item.state is None:
        return ""
    return result_text(item.outcome, item.state)
