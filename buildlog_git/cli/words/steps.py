"""The report with what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.report import write_report
from buildlog_git.render.words import short

if TYPE_CHECKING:
    from buildlog_git.core.report import Report
    from buildlog_git.render.page import Page


def write_report_and_next(page: Page, report: Report, repository: str) -> None:
    """Write the report and one command that leads on from it."""
    write_report(page, report, repository)
    if report.commits.agent or report.drafts:
        page.sentence(next_step(report), "Next:")


def next_step(report: Report) -> str:
    """Return the one command that is most worth while now."""
    if report.coverage.unscanned and not report.drafts:
        return "git buildlog scan"
    if report.coverage.damaged:
        return "git buildlog check"
    judged = [item for item in report.drafts if item.distance and item.reason != "dropped"]
    if not judged:
        return "git buildlog log --agents"
    most = max(judged, key=lambda item: (round(item.distance or 0, 2), item.at, item.commit))
    return f"git buildlog distance {short(most.commit)}   (where most was revised)"
