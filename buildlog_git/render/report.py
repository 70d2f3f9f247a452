"""The report as text: the answer first, then on what it rests and what is missing."""

from __future__ import annotations

from rich.cells import cell_len

from buildlog_git.core.report import DAY, DraftItem, Report
from buildlog_git.render.answer import write_answer
from buildlog_git.render.page import Column, Page, Part, cut
from buildlog_git.render.words import (
    OUTCOMES,
    command,
    counted,
    distance_text,
    interval_text,
    percent,
    safe,
    short,
    sparkline,
)

AGENTS_SHOWN = 5
DRAFTS_SHOWN = 4
NAME_WIDTH = 24


def write_report(page: Page, report: Report, repository: str) -> None:
    """Write the report on ``repository`` to ``page``; its first screen has all that matters."""
    _headline(page, report, repository)
    if not report.commits.agent and not report.drafts:
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
    _agents(page, report)
    _outcomes(page, report)
    page.blank()
    _most_revised(page, report)
    _coverage(page, report)
    if report.learned is None or not report.learned.learned.randomised:
        page.sentence(
            "what history shows, not an experiment: it says how much was revised, not why.",
            "Observed, not randomised:",
        )


def _headline(page: Page, report: Report, repository: str) -> None:
    parts = [_span(report)] if report.drafts else []
    parts += [
        counted(report.commits.total, "commit"),
        counted(report.commits.agent, "agent commit"),
        counted(len(report.drafts), "draft"),
    ]
    where = f"{safe(repository)}  {safe(report.range)}"
    tail = " - ".join(parts)
    if cell_len(where) + 2 + len(tail) <= page.look.width:
        page.line((where, "bold"), f"  {tail}")
        return
    page.line((cut(where, page.look.width), "bold"))
    page.line(tail)


def _span(report: Report) -> str:
    times = [item.at for item in report.drafts]
    return counted((max(times) - min(times)) // DAY + 1, "day")


def _distance(page: Page, report: Report) -> None:
    mean = report.distance
    if mean.mean is None:
        page.sentence("nothing is measured yet; the coverage below says why.", "Revision distance:")
        return
    interval = interval_text(mean.low, mean.high) or "(too few for an interval)"
    page.line(
        (f"Revision distance {distance_text(mean.mean)}", "bold"), f" {interval}",
        f"  {counted(mean.n, 'draft')} measured; 0 = kept as written",
    )  # fmt: skip
    touched = "People changed none of the drafts."
    if report.touched:
        touched = (
            f"People changed {percent(report.touched)} of the drafts; "
            f"those by {distance_text(report.touched_distance)} on average."
        )
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


def _outcomes(page: Page, report: Report) -> None:
    parts = [
        f"{number:,} {OUTCOMES[outcome]}" for outcome, number in report.outcomes.items() if number
    ]
    if parts:
        page.line(("Outcomes: ", "bold"), ", ".join(parts))


def _most_revised(page: Page, report: Report) -> None:
    """Show the few drafts of which most was undone, the latest first among equals."""
    revised = [
        item
        for item in report.drafts
        if item.distance and item.outcome != "unmeasurable" and item.state != "open"
    ]
    revised.sort(key=lambda item: (-round(item.distance or 0.0, 2), -item.at, item.commit))
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
                distance_text(item.distance), OUTCOMES[item.outcome], _mostly_by(item),
            )
            for item in revised[:DRAFTS_SHOWN]
        ),
    )  # fmt: skip
    page.blank()


def _mostly_by(item: DraftItem) -> str:
    if item.reason == "dropped":
        return "its branch was dropped"
    greatest = max(item.revisions, key=lambda revision: revision.cost, default=None)
    return f"{greatest.way} {short(greatest.commit)}" if greatest else ""


def _coverage(page: Page, report: Report) -> None:
    """Say what the numbers do not rest on; nothing is left out because it is unpleasant."""
    seen = report.coverage
    parts = []
    if seen.unknown_share:
        parts.append(
            f"{percent(seen.unknown_share)} of the commits carry no mark of who wrote them"
        )
    for number, noun, what in (
        (seen.unscanned, "agent commit", "not measured"),
        (seen.unmeasurable, "draft", "not measurable"),
        (seen.open, "draft", "still open"),
        (seen.provisional, "draft", "provisional"),
        (seen.rewritten, "draft", "followed through a rewrite (amend, rebase, squash)"),
        (seen.dropped, "draft", "dropped with its branch"),
    ):
        if number:
            parts.append(f"{counted(number, noun)} {what}")
    page.sentence((", ".join(parts) or "nothing is missing") + ".", "Coverage:")
    if seen.shallow:
        fetch = command("git fetch --unshallow")
        page.sentence(f"the history is shallow: older drafts are missing ({fetch}).", "Warning:")
    if seen.missing_blobs:
        page.sentence(
            f"{counted(seen.missing_blobs, 'file version')} could not be read, because this "
            "clone lacks them; the text in them is not measured.",
            "Warning:",
        )
    if seen.damaged:
        check = command("git buildlog check")
        page.sentence(
            f"{counted(seen.damaged, 'damaged line')} in the ledger ({check}).", "Warning:"
        )
    _notes(page, report)


def _notes(page: Page, report: Report) -> None:
    """Say that others may know what this clone does not."""
    if report.coverage.missing_notes:
        page.sentence(
            "there are no notes in this clone; if others have stored some, "
            f"{command('git buildlog sync')} fetches them.",
            "Warning:",
        )


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
    _notes(page, report)
    page.sentence(
        f"{command('git buildlog demo')} builds a small repository and shows its report.", "Next:"
    )
