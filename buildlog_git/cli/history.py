"""Commands about many commits: ``scan`` and ``log``."""

from __future__ import annotations

from typing import Annotated

import typer

from buildlog_git.cli.surroundings import Json, Ranges, revisions, surroundings
from buildlog_git.cli.teach import teach

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
    here.show(result, write_log, as_json=json, paged=True)
