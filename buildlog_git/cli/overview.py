"""The command ``stats``: the state of everything on one screen."""

from __future__ import annotations

import typer

from buildlog_git.cli.surroundings import Json, Stored, surroundings
from buildlog_git.cli.teach import teach

STATS_HELP = teach(
    "Show the state of everything on one screen.",
    "Totals, what the numbers do not rest on, streaks, and what wants attention. The numbers are "
    "those of git buildlog report and rewards. A streak is a run of days (UTC) with a draft, or "
    "of drafts that people kept as they were.",
    {"stats": "of what is checked out", "stats --json": "the same as data"},
    "See also: git buildlog report, git buildlog experiment, git buildlog status.",
)


def stats(
    context: typer.Context,
    stored: Stored = False,
    json: Json = False,
) -> None:
    """Show the state of everything."""
    from buildlog_git.cli.words.overview import write_overview
    from buildlog_git.flows.overview import make_overview

    here = surroundings(context)
    with here.context() as repository:
        result = make_overview(repository, stored=stored)
    here.show(result, write_overview, as_json=json)
