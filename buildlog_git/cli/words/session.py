"""What ``session`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.moments import day_of
from buildlog_git.render.page import Column
from buildlog_git.render.words import counted, distance_text, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.session_by_hand import SessionList, StartedSession
    from buildlog_git.flows.session_view import SessionItem
    from buildlog_git.render.page import Page

_REASONS = {
    "command": "by command",
    "merged": "with the merge of its branch",
    "deleted": "with its branch",
    "idle": "because nothing happened any more",
}


def write_started(page: Page, started: StartedSession) -> None:
    """Say which session was started, and what is on."""
    page.line(("Session ", "bold"), (started.id, "yellow"), f"  class {safe(started.error_class)}")
    for name in started.ended:
        page.line(f"Ended before it: {name}")
    page.line(("Rules: ", "bold"), f"{started.message} ({started.rules} in the repository)")
    for rule in started.selected:
        page.line(f"  {safe(rule)}{' (forced)' if rule in started.forced else ''}")


def write_session(page: Page, item: SessionItem) -> None:
    """Write one session and what came of it."""
    page.line(
        ("Session ", "bold"), (item.id, "yellow"), f"  class {safe(item.error_class)}",
        f"  {safe(item.branch)}" if item.branch else "",
    )  # fmt: skip
    how = f"ended {_REASONS[item.reason]}" if item.reason else "open"
    page.line(f"{day_of(item.started)}, {duration(item.duration)}, {how}; base {short(item.base)}")
    on = ", ".join(map(safe, item.selected)) or "none"
    arm = {"control": " (a control session)", "forced": " (with forced rules)"}.get(item.arm, "")
    page.line(("Rules on: ", "bold"), f"{on}{arm}, of {len(item.offered)} offered")
    if item.offered:
        _write_draw(page, item)
    parts = [
        counted(item.commits, "commit"), counted(item.drafts, "draft"),
        counted(item.rewards, "reward"), counted(item.mistakes, "mistake"),
        counted(item.repeats, "repeat"),
    ]  # fmt: skip
    mean = "" if item.reward is None else f"; mean reward {distance_text(item.reward)}"
    page.line(("What came of it: ", "bold"), ", ".join(parts) + mean)
    if item.rules_start is not None:
        end = "" if item.rules_end is None else f", {item.rules_end} at its end"
        page.line(("Rules in the repository: ", "bold"), f"{item.rules_start} at its start{end}")
    for label, text in (("Entry: ", item.entry), ("Notes: ", item.notes)):
        if text:
            page.line((label, "bold"), safe(text))


_REPLAYED = {
    True: "made again from the ledger, it is the same",
    False: "made again from the ledger, it is ANOTHER one",
    None: "written down by an early version, it cannot be made again",
}


def _write_draw(page: Page, item: SessionItem) -> None:
    """Say how probable each rule was, and whether the draw can be made again."""
    page.line(("Draw: ", "bold"), f"{safe(item.policy)}; {_REPLAYED[item.replayed]}")
    page.table(
        (Column("  RULE"), Column("PROBABILITY", right=True), Column("")),
        (
            (f"  {safe(rule)}", f"{chance:.2f}", _drawn(item, rule))
            for rule, chance in zip(item.offered, item.probability, strict=True)
        ),
    )
    if item.removed:
        page.line(("Taken off by a person: ", "bold"), ", ".join(map(safe, item.removed)))


def _drawn(item: SessionItem, rule: str) -> str:
    if rule in item.besides:
        return "held, and read nevertheless"
    return "" if rule in item.held else "drawn"


def write_sessions(page: Page, sessions: SessionList) -> None:
    """Write all sessions, a line each."""
    if not sessions.sessions:
        page.sentence("There are no sessions yet.")
        return
    columns = (
        Column("SESSION", style="yellow"), Column("DAY"), Column("LASTED", right=True),
        Column("STATE"), Column("CLASS"), Column("DRAFTS", right=True),
        Column("REWARD", right=True), Column("MISTAKES", right=True),
        Column("RULES ON", names=True),
    )  # fmt: skip
    page.table(
        columns,
        (
            (
                item.id, day_of(item.started), duration(item.duration), item.reason or "open",
                safe(item.error_class), str(item.drafts), distance_text(item.reward),
                str(item.mistakes), safe(" ".join(item.selected)),
            )
            for item in sessions.sessions
        ),
    )  # fmt: skip


def duration(seconds: int) -> str:
    """Return a length of time in its two largest units."""
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 24 * 60:
        return f"{minutes // 60} h {minutes % 60:02} min"
    return f"{minutes // (24 * 60)} d {minutes // 60 % 24} h"
