"""Commands about one commit or file: ``distance``, ``why`` and ``blame``."""

from __future__ import annotations

from typing import Annotated

import typer

from buildlog_git.cli.surroundings import Json, surroundings
from buildlog_git.cli.teach import teach

DISTANCE_HELP = teach(
    "Measure how much of an agent's commit is undone in another commit.",
    "The distance runs from 0 (kept as written) to 1 (all undone). It counts tokens, not lines: "
    "layout, moved text, lock files and generated files cost nothing. New work next to the "
    "agent's text costs nothing either.",
    {
        "distance HEAD~3": "what became of that commit by now",
        "distance a1b2c3d v2.0": "what of it stood in that release",
        "distance --as-agent main~5": "of a commit without an agent's mark",
        "distance main..topic~2 topic": "of a series of commits, taken as one draft",
    },
    "See also: git buildlog why (who made a commit), git buildlog report (all drafts).",
)
WHY_HELP = teach(
    "Say who made a commit, and which evidence says so.",
    "A commit is an agent's where its message, author or trailers carry the agent's mark. "
    "Without any mark nobody can say: a person made it, or an agent that leaves none. Your own "
    "agents' marks can be taught with git config buildlog.agent.<name>.<where> <pattern>.",
    {
        "why HEAD": "who made the last commit",
        "why --json a1b2c3d": "the same, for a script",
    },
    "See also: git buildlog log (all commits with their agents).",
)

BLAME_HELP = teach(
    "Show which lines of a file are an agent's, under which rules, and since when.",
    "As git blame, of the file as HEAD has it, but by who owns the text: a line that was moved, "
    "indented anew or merged keeps its owner, and a line of which a person changed a word still "
    "is the agent's. The columns: draft, agent, day, rules on trial, line. Lines without them are "
    "no agent's, as far as is known.",
    {
        "blame src/app.py": "line by line",
        "blame --json src/app.py": "with how many tokens of each line are the draft's",
    },
    "See also: git buildlog distance (what became of a whole draft).",
)


def distance(
    context: typer.Context,
    draft: Annotated[
        str, typer.Argument(metavar="<draft>", help="The commit to measure, or a series A..B.")
    ],
    final: Annotated[
        str | None,
        typer.Argument(
            metavar="[<final>]",
            help="The commit to compare with. Default: HEAD.",
            show_default=False,
        ),
    ] = None,
    as_agent: Annotated[
        bool, typer.Option("--as-agent", help="Take the commit for an agent's, marked or not.")
    ] = False,
    json: Json = False,
) -> None:
    """Measure one draft."""
    from buildlog_git.cli.words.distance import write_distance
    from buildlog_git.flows.distance import measure_distance

    here = surroundings(context)
    with here.context() as repository:
        result = measure_distance(repository, draft, final)
    here.show(result, write_distance, as_json=json)
    if result.agent is None and not as_agent and not json:
        typer.echo(
            "note: the commit carries no agent's mark; it was measured as if it did (--as-agent)",
            err=True,
        )


def why(
    context: typer.Context,
    commit: Annotated[str, typer.Argument(metavar="<commit>", help="Any name of a commit.")],
    json: Json = False,
) -> None:
    """Say who made one commit."""
    from buildlog_git.cli.words.why import write_why
    from buildlog_git.flows.why import why as find

    here = surroundings(context)
    with here.context() as repository:
        result = find(repository, commit)
    here.show(result, write_why, as_json=json)


def blame(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="<file>", help="A file that HEAD has.")],
    json: Json = False,
) -> None:
    """Show whose text stands in a file."""
    from buildlog_git.cli.words.blame import write_blame
    from buildlog_git.flows.blame import blame as find

    here = surroundings(context)
    with here.context() as repository:
        result = find(repository, file)
    here.show(result, write_blame, as_json=json, paged=True)
