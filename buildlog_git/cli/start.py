"""Commands of the first minute: ``init`` and ``demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buildlog_git.cli.surroundings import Json, surroundings
from buildlog_git.cli.teach import teach

INIT_HELP = teach(
    "Look at this repository: what does its history already tell?",
    "Scans the whole history, stores the facts in refs/notes/buildlog and prints the first "
    "report. No branch, index or file of yours is touched. To undo it: "
    "git update-ref -d refs/notes/buildlog",
    {
        "init": "in any repository in which agents have committed",
        "-C ../api init --json": "in another one, as data",
    },
    "See also: git buildlog demo (without a repository at hand), git buildlog report.",
)
DEMO_HELP = teach(
    "Build a small repository with agents' commits and print its report.",
    "The repository tells a story: agents write, a person corrects, amends, squashes, reverts. "
    "It is the same everywhere, and so small that every number can be counted by hand.",
    {
        "demo": "builds it in buildlog-demo",
        "demo /tmp/greenhouse": "builds it elsewhere",
    },
    "Then go there and try git buildlog log, git buildlog distance and git buildlog why.",
)


def init(context: typer.Context, json: Json = False) -> None:
    """Look at the repository for the first time."""
    from buildlog_git.cli.words.init import write_init
    from buildlog_git.flows.init import initialise

    here = surroundings(context)
    with here.context() as repository:
        result = initialise(repository)
    here.show(result, write_init, as_json=json)


def demo(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(metavar="[<folder>]", help="A new or empty folder. Default: buildlog-demo."),
    ] = Path("buildlog-demo"),
    json: Json = False,
) -> None:
    """Build the demo repository."""
    from buildlog_git.cli.progress import progress_bar
    from buildlog_git.cli.words.demo import write_demo
    from buildlog_git.flows.demo import build_demo

    here = surroundings(context)
    with progress_bar() as progress:
        result = build_demo(here.directory / folder, progress)
    here.show(result, write_demo, as_json=json)
