"""The command ``report``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from buildlog_git.cli.failure import TooLittleData
from buildlog_git.cli.formats import outputs
from buildlog_git.cli.plain import print_report
from buildlog_git.cli.surroundings import Json, Ranges, Stored, revisions, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from buildlog_git.core.attribution import Tier
    from buildlog_git.core.report import Report
    from buildlog_git.core.review import By

ENOUGH = 2
"""Measured drafts without which a mean says nothing."""

REPORT_HELP = teach(
    "Show how much of the agents' work people had to revise.",
    "What no scan has stored yet is looked up, without storing it. Every mean has its 95 % "
    "interval and the number of drafts it rests on; the coverage lines say what is missing. "
    "Formats: terminal, markdown (a comment on a pull request), summary (the longer one of a "
    "job), html (one file, no network) and json; several at once, one of them on standard "
    "output.",
    {
        "report": "the history of what is checked out",
        "report main..HEAD": "the commits of a branch",
        "report --base main": "a pull request, beside what main itself shows",
        "report --by dir": "by directory; also agent, class, rule, month",
        "report --json": "all numbers, each draft included",
        "report --format html:report.html --format markdown:comment.md":
            "two files from one computation",
        "report --evidence strict": "without trailers and footers, which can be copied",
        "report --fail-over 0.3 main..HEAD": "exit with 1 where the mean is above 0.3",
        "report --require-data": "exit with 3 where fewer than 2 drafts are measured",
    },
    "See also: git buildlog distance (one draft), git buildlog log (commit by commit).",
)  # fmt: skip

Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format", metavar="<format>[:<file>]", help="How and where to write; repeatable."
    ),
]
Base = Annotated[
    str | None,
    typer.Option(
        "--base",
        metavar="<commit>",
        help="Report on what HEAD, or the one commit that is named, adds to <commit>.",
    ),
]
Grouped = Annotated[
    str | None,
    typer.Option("--by", metavar="<what>", help="Group by agent, class, rule, dir or month."),
]
EvidenceTier = Annotated[
    str | None,
    typer.Option(
        "--evidence",
        metavar="<tier>",
        help="Which marks of agents count: strict or loose. Says what the other gives.",
    ),
]
FailOver = Annotated[
    float | None,
    typer.Option(
        "--fail-over",
        metavar="<x>",
        min=0,
        max=1,
        help="Exit with 1 if the mean is above <x> (0 to 1).",
    ),
]
RequireData = Annotated[
    bool, typer.Option("--require-data", help="Exit with 3 if fewer than 2 drafts are measured.")
]


def report(
    context: typer.Context,
    ranges: Ranges = None,
    json: Json = False,
    formats: Formats = None,
    base: Base = None,
    by: Grouped = None,
    evidence: EvidenceTier = None,
    stored: Stored = False,
    fail_over: FailOver = None,
    require_data: RequireData = False,
) -> None:
    """Print the report."""
    from buildlog_git.core.attribution import Tier
    from buildlog_git.core.review import By

    asked = outputs(formats, as_json=json)
    _one_of("--by", by, get_args(By))
    _one_of("--evidence", evidence, get_args(Tier))
    result = print_report(
        surroundings(context),
        revisions(ranges),
        asked,
        stored=stored,
        base=base,
        by=cast("By | None", by),
        evidence=cast("Tier | None", evidence),
    )
    if require_data:
        _require_data(result)
    if fail_over is not None:
        _fail_over(result, fail_over)


def _one_of(option: str, word: str | None, words: tuple[str, ...]) -> None:
    if word is not None and word not in words:
        raise UsageError(
            f"{option} does not know: {word}",
            slug="bad-choice",
            hint=f"{option} may be {', '.join(words)}",
        )


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
