"""The report with what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.report import write_report
from buildlog_git.render.sentences import has_agents, next_step

if TYPE_CHECKING:
    from buildlog_git.core.report import Report
    from buildlog_git.render.page import Page


def write_report_and_next(page: Page, report: Report, repository: str) -> None:
    """Write the report and one command that leads on from it."""
    write_report(page, report, repository)
    if has_agents(report):
        step = next_step(report)
        page.sentence(step.command + (f"   ({step.text})" if step.text else ""), "Next:")
