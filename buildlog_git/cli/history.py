"""Commands about many commits: ``scan``, ``report`` and ``log``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from buildlog_git.cli.failure import TooLittleData
from buildlog_git.cli.surroundings import Json, Ranges, revisions, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import CheckFailed

if TYPE_CHECKING:
    from buildlog_git.core.report import Report

ENOUGH = 2
"""Measured drafts without which a mean says nothing."""

SCAN_HELP = teach(
    "Look through history and store what became of the agents' commits.",
    "Facts go to refs/notes/buildlog and nowhere else. A second scan adds only what is new, so "
    "it may run as often as you like; one that was cut off is completed by the next.",
    {
        "scan": "everything that this repository knows, reflogs too",
        "scan main...topic": "the drafts of one branch",
        "scan --since '2 weeks ago'": "recent drafts only",
        "scan --full": "look again at drafts whose time was up",
    },
    "See also: git buildlog report (what came out), git buildlog check (is the store sound).",
)
REPORT_HELP = teach(
    "Show how much of the agents' work people had to revise.",
    "What no scan has stored yet is looked up, without storing it. Every mean has its 95 % "
    "interval and the number of drafts it rests on; the coverage lines say what is missing.",
    {
        "report": "the history of what is checked out",
        "report main..HEAD": "the commits of a branch",
        "report --json": "all numbers, each draft included",
        "report --fail-over 0.3 main..HEAD": "exit with 1 where the mean is above 0.3",
        "report --require-data": "exit with 3 where fewer than 2 drafts are measured",
    },
    "See also: git buildlog distance (one draft), git buildlog log (commit by commit).",
)
LOG_HELP = teach(
    "List commits with their agent and what became of its text.",
    "As git log --oneline, newest first. The columns: commit, agent, lines that the agent wrote, "
    "revision distance, outcome, subject. An outcome 'so far' may still change; 'open' means "
    "that nothing has judged the draft yet.",
    {
        "log": "the history of what is checked out",
        "log --agents main..HEAD": "only the agents' commits of a branch",
        "log --json": "the same as data",
    },
    "See also: git buildlog distance and git buildlog why (one commit).",
)


def scan(
    context: typer.Context,
    ranges: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[<range>...]",
            help="Commits whose drafts are followed, as for git log. Default: all.",
            show_default=False,
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="<date>", help="Only drafts after this date, as for git log."
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Look again at drafts whose window has closed.")
    ] = False,
    json: Json = False,
) -> None:
    """Scan history."""
    from buildlog_git.cli.words.scan import write_scan
    from buildlog_git.flows.scan import scan as find

    here = surroundings(context)
    with here.context() as repository:
        result = find(repository, revisions(ranges), since=since, full=full)
    here.show(result, write_scan, as_json=json)


def report(
    context: typer.Context,
    ranges: Ranges = None,
    json: Json = False,
    stored: Annotated[
        bool, typer.Option("--stored", help="Ask the ledger alone; look nothing up in history.")
    ] = False,
    fail_over: Annotated[
        float | None,
        typer.Option(
            "--fail-over",
            metavar="<x>",
            min=0,
            max=1,
            help="Exit with 1 if the mean is above <x> (0 to 1).",
        ),
    ] = None,
    require_data: Annotated[
        bool,
        typer.Option("--require-data", help="Exit with 3 if fewer than 2 drafts are measured."),
    ] = False,
) -> None:
    """Print the report."""
    from buildlog_git.cli.quick import kept
    from buildlog_git.cli.words.steps import write_report_and_next
    from buildlog_git.flows.drain import looks_again
    from buildlog_git.flows.report import make_lasting_report

    here, asked = surroundings(context), revisions(ranges)
    with here.context() as repository:
        repo = repository.repo
        answer = None if stored else kept(repo, repository.now, asked, as_json=json)
        result, span = make_lasting_report(repository, asked, stored=stored)
    text = here.show(
        result, lambda page, made: write_report_and_next(page, made, repo.name), as_json=json
    )
    if answer is not None:
        answer.keep(text, span.cut(looks_again(repo.common_dir)))
    if require_data:
        _require_data(result)
    if fail_over is not None:
        _fail_over(result, fail_over)


def _require_data(report: Report) -> None:
    measured = report.distance.n
    if measured < ENOUGH:
        raise TooLittleData(
            f"too little data: {measured} measured drafts, {ENOUGH} are required",
            slug="too-little-data",
            hint="widen the range, or wait until people have worked on the drafts",
        )


def _fail_over(report: Report, limit: float) -> None:
    mean = report.distance.mean
    if mean is not None and mean > limit:
        raise CheckFailed(
            f"the mean revision distance {mean:.2f} is above {limit:g}",
            slug="over-limit",
            hint="git buildlog log --agents shows the drafts",
        )


def log(
    context: typer.Context,
    ranges: Ranges = None,
    json: Json = False,
    agents: Annotated[
        bool, typer.Option("--agents", help="Leave out commits without an agent's mark.")
    ] = False,
) -> None:
    """List commits."""
    from buildlog_git.cli.words.log import write_log
    from buildlog_git.flows.log import make_log

    here = surroundings(context)
    with here.context() as repository:
        result = make_log(repository, revisions(ranges), agents_only=agents)
    here.show(result, write_log, as_json=json)
