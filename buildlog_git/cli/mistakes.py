"""Commands about mistakes: ``mistake`` logs one, ``mistakes`` lists them."""

from __future__ import annotations

from typing import Annotated

import typer

from buildlog_git.cli.surroundings import Json, Stored, surroundings
from buildlog_git.cli.teach import teach

MISTAKE_HELP = teach(
    "Log a mistake that was made in the open session.",
    "It counts against the rules that are on in the session. Says whether the same mistake was "
    "made before: one of the same class in another session, with the same text or more than 0.7 "
    "of the words in common; what is negated in only one of them is another mistake. E-mail "
    "addresses and keys are taken out, and 200 characters are kept.",
    {
        "mistake tests 'forgot the empty list'": "of the class tests",
        "mistake style 'one-letter names' --corrected-by short-names": "and which rule would help",
        "mistake tests 'no case for zero' --repeat-of 3fa9": "the same one in other words",
    },
    "In a commit message the line 'Buildlog-Mistake: tests: forgot the empty list' says the "
    "same. See also: git buildlog mistakes, git buildlog session metrics.",
)
MISTAKES_HELP = teach(
    "List the mistakes that were made, the newest first.",
    "Those that somebody logged and those that commit messages declare.",
    {
        "mistakes": "all of them",
        "mistakes --repeats --class tests": "of one class, those that were made before",
        "mistakes --limit 10 --json": "the last ten, as data",
    },
    "See also: git buildlog mistake (log one), git buildlog experiment (the numbers).",
)


def mistake(
    context: typer.Context,
    error_class: Annotated[
        str, typer.Argument(metavar="<class>", help="The kind of mistake, one word.")
    ],
    text: Annotated[str, typer.Argument(metavar="<text>", help="What went wrong.")],
    corrected_by: Annotated[
        str | None,
        typer.Option("--corrected-by", metavar="<rule>", help="The rule that would prevent it."),
    ] = None,
    repeat_of: Annotated[
        str | None,
        typer.Option("--repeat-of", metavar="<id>", help="The mistake that it repeats."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", metavar="<id>", help="Another session than the open one."),
    ] = None,
    commit: Annotated[
        str, typer.Option("--commit", metavar="<commit>", help="Where it was made. Default: HEAD.")
    ] = "HEAD",
    json: Json = False,
) -> None:
    """Log a mistake."""
    from buildlog_git.cli.words.mistakes import write_logged
    from buildlog_git.flows.mistakes import log_mistake

    here = surroundings(context)
    with here.context() as repository:
        result = log_mistake(
            repository,
            error_class,
            text,
            corrected_by=corrected_by,
            repeat_of=repeat_of,
            session=session,
            commit=commit,
        )
    here.show(result, write_logged, as_json=json)


def mistakes(
    context: typer.Context,
    error_class: Annotated[
        str | None, typer.Option("--class", metavar="<class>", help="Only those of a class.")
    ] = None,
    repeats: Annotated[
        bool, typer.Option("--repeats", help="Only those that were made before.")
    ] = False,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="<n>", min=0, help="List only the newest <n>."),
    ] = None,
    stored: Stored = False,
    json: Json = False,
) -> None:
    """List mistakes."""
    from buildlog_git.cli.words.mistakes import write_mistakes
    from buildlog_git.flows.mistakes import list_mistakes

    here = surroundings(context)
    with here.context() as repository:
        result = list_mistakes(
            repository, error_class=error_class, only_repeats=repeats, limit=limit, stored=stored
        )
    here.show(result, write_mistakes, as_json=json)
