"""The report as text: the answer first, then on what it rests and what is missing."""

from __future__ import annotations

from rich.cells import cell_len

from buildlog_git.core.report import DraftItem, Report
from buildlog_git.core.review import Grouping, Request
from buildlog_git.render import sentences
from buildlog_git.render.answer import write_answer
from buildlog_git.render.markup import short_path
from buildlog_git.render.page import Column, Page, Part, cut
from buildlog_git.render.words import (
    OUTCOMES,
    command,
    counted,
    distance_text,
    interval_text,
    safe,
    short,
    sparkline,
)

AGENTS_SHOWN = 5
DRAFTS_SHOWN = 4
GROUPS_SHOWN = 20
REQUEST_SHOWN = 12
NAME_WIDTH = 24
AGENT_WIDTH, RULES_WIDTH, PATH_WIDTH = 12, 18, 24
"""Of a pull request's drafts: together with the rest they fit into 80 columns."""


def write_report(page: Page, report: Report, repository: str) -> None:
    """Write the report on ``repository`` to ``page``; its first screen has all that matters."""
    _headline(page, report, repository)
    if report.request is not None:
        page.sentence(sentences.request_headline(report))
        page.sentence(sentences.repository_beside(report))
    if not sentences.has_agents(report):
        if report.learned is not None:
            write_answer(page, report.learned)
            page.blank()
        _no_agents(page, report)
        return
    _distance(page, report)
    page.blank()
    if report.learned is not None:
        write_answer(page, report.learned)
        page.blank()
    if report.groups is not None:
        _groups(page, report.groups)
    else:
        _agents(page, report)
    if ended := sentences.outcomes(report):
        page.line(("Outcomes: ", "bold"), ended)
    page.blank()
    if report.request is not None:
        _request(page, report, report.request)
    else:
        _most_revised(page, report)
    page.sentence(sentences.coverage(report), "Coverage:")
    remarks = [*sentences.warnings(report), sentences.evidence(report), sentences.observed(report)]
    for remark in filter(None, remarks):
        page.remark(remark)


def _headline(page: Page, report: Report, repository: str) -> None:
    where = f"{safe(repository)}  {safe(report.range)}"
    tail = " - ".join(sentences.volume(report))
    if cell_len(where) + 2 + len(tail) <= page.look.width:
        page.line((where, "bold"), f"  {tail}")
        return
    page.line((cut(where, page.look.width), "bold"))
    page.line(tail)


def _distance(page: Page, report: Report) -> None:
    if report.distance.mean is None:
        page.sentence("nothing is measured yet; the coverage below says why.", "Revision distance:")
        return
    mean, interval, drafts = sentences.mean_text(report)
    line = f" {interval}  {drafts}"
    if len(f"Revision distance {mean}{line}; {sentences.KEPT_IS_0}") <= page.look.width:
        line += f"; {sentences.KEPT_IS_0}"
    page.line((f"Revision distance {mean}", "bold"), line)
    touched = sentences.touched(report)
    page.line(touched, *_trend(report, page.look.width - len(touched)))


def _trend(report: Report, room: int) -> tuple[Part, ...]:
    label = "  By month "
    months = [item.mean for item in report.trend]
    fitting = min(len(months), room - len(label))
    return (label, (sparkline(months[-fitting:]), "cyan")) if fitting > 1 else ()


def _agents(page: Page, report: Report) -> None:
    rows = []
    for name, item in list(report.agents.items())[:AGENTS_SHOWN]:
        rows.append(
            (
                cut(safe(name), NAME_WIDTH),
                f"{item.commits:,}",
                f"{item.drafts:,}",
                f"{item.lines:,}",
                distance_text(item.distance),
                interval_text(item.low, item.high),
            )
        )
    columns = (
        Column("AGENT", style="cyan"), Column("COMMITS", right=True), Column("DRAFTS", right=True),
        Column("LINES", right=True), Column("DISTANCE", right=True), Column("95 % INTERVAL"),
    )  # fmt: skip
    page.table(columns, rows)
    more = len(report.agents) - AGENTS_SHOWN
    if more > 0:
        page.line(f"and {counted(more, 'more agent')} (--json has all)")


def _groups(page: Page, grouping: Grouping) -> None:
    columns = (
        Column(grouping.by.upper(), style="cyan"), Column("DRAFTS", right=True),
        Column("MEASURED", right=True), Column("LINES", right=True),
        Column("DISTANCE", right=True), Column("95 % INTERVAL"),
    )  # fmt: skip
    shown = grouping.groups[-GROUPS_SHOWN:] if grouping.by == "month" else grouping.groups
    page.table(
        columns,
        (
            (
                cut(safe(each.name), NAME_WIDTH), f"{each.drafts:,}", f"{each.n:,}",
                f"{each.lines:,}", distance_text(each.distance),
                interval_text(each.low, each.high),
            )
            for each in shown[:GROUPS_SHOWN]
        ),
    )  # fmt: skip
    more = len(grouping.groups) - GROUPS_SHOWN
    if more > 0:
        page.line(f"and {counted(more, 'more group')} (--json has all)")


def _request(page: Page, report: Report, request: Request) -> None:
    """Show each of the pull request's drafts, the latest first."""
    drafts = sorted(report.drafts, key=lambda item: (-item.at, item.commit))
    columns = [Column("COMMIT", style="yellow"), Column("AGENT", style="cyan")]
    ruled = any(item.rules for item in drafts)
    if ruled:
        columns.append(Column("RULES ON TRIAL"))
    columns += [Column("DISTANCE", right=True), Column("MOST REWORKED")]
    page.table(
        columns,
        (
            (
                short(item.commit), cut(safe(item.agent), AGENT_WIDTH),
                *([cut(safe(", ".join(item.rules)) or "-", RULES_WIDTH)] if ruled else []),
                sentences.value_of(item) or ("open" if item.state == "open" else "-"),
                short_path(request.reworked.get(item.commit, ""), PATH_WIDTH),
            )
            for item in drafts[:REQUEST_SHOWN]
        ),
    )  # fmt: skip
    if len(drafts) > REQUEST_SHOWN:
        page.line(f"and {counted(len(drafts) - REQUEST_SHOWN, 'more draft')} (--json has all)")
    page.blank()


def _most_revised(page: Page, report: Report) -> None:
    """Show the few drafts of which most was undone, the latest first among equals."""
    revised: list[DraftItem] = sentences.most_revised(report)
    if not revised:
        return
    columns = (
        Column("MOST REVISED", style="yellow"), Column("AGENT", style="cyan"),
        Column("LINES", right=True), Column("DISTANCE", right=True), Column("OUTCOME"),
        Column("MOSTLY BY"),
    )  # fmt: skip
    page.table(
        columns,
        (
            (
                short(item.commit), cut(safe(item.agent), NAME_WIDTH), f"{item.lines:,}",
                distance_text(item.distance), OUTCOMES[item.outcome], sentences.mostly_by(item),
            )
            for item in revised[:DRAFTS_SHOWN]
        ),
    )  # fmt: skip
    page.blank()


def _no_agents(page: Page, report: Report) -> None:
    if not report.commits.total:
        page.sentence("There are no commits here yet.")
    else:
        page.sentence(
            "No commit here carries a coding agent's mark, so there is nothing to report."
        )
        page.sentence(
            f"some agents leave none. {command('git buildlog why <commit>')} says what was seen.",
            "Why:",
        )
    if report.coverage.shallow:
        page.sentence(f"the history is shallow ({command('git fetch --unshallow')}).", "Warning:")
    for remark in sentences.missing_notes(report):
        page.remark(remark)
    page.sentence(
        f"{command('git buildlog demo')} builds a small repository and shows its report.", "Next:"
    )
