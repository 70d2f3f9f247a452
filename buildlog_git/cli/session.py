"""Commands about sessions: ``session start``, ``end``, ``list``, ``show`` and ``metrics``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from buildlog_git.cli.output import emit
from buildlog_git.cli.plain import begin_session
from buildlog_git.cli.surroundings import Json, Stored, say_problems, surroundings
from buildlog_git.cli.teach import PARSING, Command, Group, teach

SESSION_HELP = teach(
    "Start, end and look at sessions of work with agents.",
    "A session is one stretch of work on a branch, with the rules that are on in it. Hooks start "
    "one at a checkout or commit and end it when its branch is merged or deleted; by hand one "
    "can say more about it.",
    {
        "session start --class tests": "start one, and say what kind of work it is",
        "session end --note 'flaky again'": "end the open one",
        "session list": "all of them",
        "session show": "the open one and what came of it",
        "session metrics": "mistakes, repeats and rules of all of them",
    },
    "See also: git buildlog rewards (what the drafts are worth).",
)
START_HELP = teach(
    "Start a session on the branch that is checked out.",
    "At most k of the rules on trial come on, drawn by chance, and the chance of each is "
    "written down. Rules on trial are the files in .buildlog/rules, or those that --rule names. "
    "One session in 33 is a control without any of them (git config buildlog.holdout). The "
    "session that is open there ends.",
    {
        "session start": "class and rules as the branch and the repository say",
        "session start --class tests -k 2": "of a class, with at most two rules",
        "session start --rule short-names --rule no-mocks": "draw from these",
        "session start --force no-mocks": "put one on for sure; it is left out of comparisons",
        "session start --without no-mocks": "keep one off, should it be drawn; the same",
    },
    "See also: git buildlog session end.",
)
END_HELP = teach(
    "End the open session of the branch that is checked out.",
    "Prints what came of it: how long it took, its drafts, rewards and mistakes, and how many "
    "rules the repository had at its start and at its end. Notes are kept without e-mail "
    "addresses and keys.",
    {
        "session end": "that is all",
        "session end --note 'tests were flaky' --entry notes.md": "with words for later",
    },
    "See also: git buildlog session show.",
)
LIST_HELP = teach(
    "List sessions, the newest first.",
    "What is stored is asked, from this clone and from those whose facts were fetched.",
    {"session list": "as a table", "session list --json": "with all fields"},
    "See also: git buildlog session show <id>.",
)
SHOW_HELP = teach(
    "Show one session and what came of it.",
    "Without an id, the open session of the branch that is checked out. The beginning of an id "
    "is enough where it is the only one.",
    {"session show": "the open one", "session show 3fa9": "any other"},
    "See also: git buildlog session list, git buildlog rewards.",
)
METRICS_HELP = teach(
    "Count the mistakes of sessions, how many were made again, and the rules.",
    "Without an id, all sessions together and each of them. Rules are those of the repository, "
    "on trial or pinned, when the session started and when it ended (or now). The beginning of "
    "an id is enough where it is the only one.",
    {"session metrics": "all of them", "session metrics 3fa9 --json": "one, as data"},
    "See also: git buildlog mistakes, git buildlog experiment.",
)

Note = Annotated[str, typer.Option("--note", metavar="<text>", help="A few words to keep with it.")]
Names = list[str] | None


def start(
    context: typer.Context,
    error_class: Annotated[
        str | None,
        typer.Option(
            "--class", metavar="<class>", help="The kind of work. Default: by the branch's prefix."
        ),
    ] = None,
    k: Annotated[
        int | None,
        typer.Option("-k", metavar="<n>", min=0, max=256, help="At most so many rules."),
    ] = None,
    rule: Annotated[
        Names, typer.Option("--rule", metavar="<id>", help="A rule to draw from; repeatable.")
    ] = None,
    seed: Annotated[
        Names,
        typer.Option("--seed", metavar="<id>", help="A seed rule to draw from too; repeatable."),
    ] = None,
    force: Annotated[
        Names, typer.Option("--force", metavar="<id>", help="A rule to put on; repeatable.")
    ] = None,
    without: Annotated[
        Names, typer.Option("--without", metavar="<id>", help="A rule to take off; repeatable.")
    ] = None,
    note: Note = "",
    json: Json = False,
) -> None:
    """Start a session."""
    from buildlog_git.core.session import Asked
    from buildlog_git.flows.session_by_hand import words

    here = surroundings(context)
    asked = Asked(error_class, k, words(rule), words(seed), words(force), note, words(without))
    begin_session(here, asked, as_json=json)


def end(
    context: typer.Context,
    note: Note = "",
    entry: Annotated[
        Path | None,
        typer.Option("--entry", metavar="<file>", help="A file that tells about the session."),
    ] = None,
    json: Json = False,
) -> None:
    """End the open session."""
    from buildlog_git.cli.words.session import write_session
    from buildlog_git.flows.session_by_hand import end_session

    here = surroundings(context)
    with here.context() as repository:
        path = here.directory / entry if entry is not None else None
        result = end_session(repository, note=note, entry=path)
    here.show(result, write_session, as_json=json)


def list_all(context: typer.Context, json: Json = False) -> None:
    """List sessions."""
    from buildlog_git.cli.words.session import write_sessions
    from buildlog_git.flows.session_by_hand import list_sessions

    here = surroundings(context)
    with here.context() as repository:
        result = list_sessions(repository)
    say_problems(result.problems, "session-problem")
    here.show(result, write_sessions, as_json=json)


def show(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[<id>]", help="The session. Default: the open one.", show_default=False
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Show a session."""
    from buildlog_git.cli.words.session import write_session
    from buildlog_git.flows.session_by_hand import show_session

    here = surroundings(context)
    with here.context() as repository:
        result = show_session(repository, name)
    here.show(result, write_session, as_json=json)


def metrics(
    context: typer.Context,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[<id>]", help="The session. Default: all of them.", show_default=False
        ),
    ] = None,
    stored: Stored = False,
    json: Json = False,
) -> None:
    """Count mistakes, repeats and rules."""
    from buildlog_git.cli.words.experiment import write_metrics
    from buildlog_git.flows.experiment import session_metrics

    here = surroundings(context)
    with here.context() as repository:
        result = session_metrics(repository, name, stored=stored)
    here.show(result, write_metrics, as_json=json)


app = typer.Typer(cls=Group, rich_markup_mode=None, add_completion=False, context_settings=PARSING)


@app.callback(invoke_without_command=True)
def explain(context: typer.Context) -> None:
    """Say which commands there are, where none is named."""
    if context.invoked_subcommand is None:
        emit(f"{context.get_help()}\n")


for _name, _function, _help, _short in (
    ("start", start, START_HELP, "Start one on the branch that is checked out."),
    ("end", end, END_HELP, "End the open one."),
    ("list", list_all, LIST_HELP, "List all of them."),
    ("show", show, SHOW_HELP, "Show one and what came of it."),
    ("metrics", metrics, METRICS_HELP, "Count mistakes, repeats and rules."),
):
    app.command(_name, help=_help, short_help=_short, context_settings=PARSING, cls=Command)(
        _function
    )
