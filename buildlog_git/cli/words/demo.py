"""What ``demo`` says: the story, then the report as ``init`` prints it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from buildlog_git.cli.words.init import UNDO
from buildlog_git.render.page import padded
from buildlog_git.render.report import write_report
from buildlog_git.render.words import command, counted, distance_text, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.demo import Demo
    from buildlog_git.render.page import Page


def write_demo(page: Page, demo: Demo) -> None:
    """Tell the story and show the report on it."""
    report = demo.init.report
    found = {item.commit: item for item in report.drafts}
    folder = safe(demo.folder)
    page.line(f"Built {folder}: {counted(report.commits.total, 'commit')}. What the agents wrote:")
    for chapter in demo.chapters:
        item = found.get(chapter.draft)
        if item is None:  # the present was set to before its branch was given up
            continue
        measured = None if item.outcome == "unmeasurable" else item.distance
        page.line(
            "  ", (short(item.commit), "yellow"), " ", (padded(item.agent, 8), "cyan"),
            f"{distance_text(measured):>4}  {chapter.tells}",
        )  # fmt: skip
    page.blank()
    write_report(page, report, demo.init.repository)
    page.blank()
    page.sentence(
        f"{command(f'cd {shlex.quote(folder)}; git buildlog log')}; "
        + command(f"git buildlog distance {short(demo.chapters[0].draft)}"),
        "Try:",
    )
    page.sentence(f"what init stored there goes with {command(UNDO)}", "Undo:")
