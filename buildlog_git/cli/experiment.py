"""The command ``experiment``: what the sessions have shown so far."""

from __future__ import annotations

import typer

from buildlog_git.cli.surroundings import Json, Stored, surroundings
from buildlog_git.cli.teach import PARSING, Command, Group, teach

EXPERIMENT_HELP = teach(
    "Show what all sessions together have shown so far.",
    "Sessions, mistakes and how many of them were made again, by error class; the mean reward "
    "of each class with its 95 % interval; and how often each rule was on and off. Drafts of "
    "all branches count. Without a command it prints the report.",
    {
        "experiment": "the report",
        "experiment report --json": "the report as data",
    },
    "See also: git buildlog session metrics, git buildlog mistakes, git buildlog report.",
)
REPORT_HELP = teach(
    "Print the report of all sessions.",
    "The same as git buildlog experiment.",
    {"experiment report": "in words", "experiment report --json": "as data"},
    "See also: git buildlog session metrics.",
)

app = typer.Typer(cls=Group, rich_markup_mode=None, add_completion=False, context_settings=PARSING)


@app.callback(invoke_without_command=True)
def experiment(context: typer.Context, stored: Stored = False, json: Json = False) -> None:
    """Print the report, where no command is named."""
    if context.invoked_subcommand is None:
        _show(context, stored=stored, json=json)


@app.command(
    "report",
    help=REPORT_HELP,
    short_help="Print the report of all sessions.",
    context_settings=PARSING,
    cls=Command,
)
def report(context: typer.Context, stored: Stored = False, json: Json = False) -> None:
    """Print the report."""
    above = context.parent.params if context.parent else {}
    _show(context, stored=stored or bool(above.get("stored")), json=json or bool(above.get("json")))


def _show(context: typer.Context, *, stored: bool, json: bool) -> None:
    from buildlog_git.cli.words.experiment import write_experiment
    from buildlog_git.flows.experiment import make_experiment

    here = surroundings(context)
    with here.context() as repository:
        result = make_experiment(repository, stored=stored)
    here.show(result, write_experiment, as_json=json)
