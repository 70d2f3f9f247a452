"""The ``git buildlog`` command: its commands, its global options, its way out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from buildlog_git import __version__
from buildlog_git.cli import (
    care,
    carry,
    data,
    experiment,
    history,
    install,
    mistakes,
    overview,
    report,
    rewards,
    rules,
    serve,
    session,
    single,
    start,
    sync,
    upkeep,
)
from buildlog_git.cli.failure import explain
from buildlog_git.cli.output import emit
from buildlog_git.cli.surroundings import Serve, Surroundings, serve_nothing
from buildlog_git.cli.teach import PARSING, Command, Group

PROGRAM = "git buildlog"
_HELP = """\
How much of what coding agents commit do people have to revise?

Reads it from git: who made each commit, and what became of its text. Facts are kept in
refs/notes/buildlog. No branch or index is ever touched, and no file but those of rules and,
where you install them, git's hooks.

\b
Start here:
  git buildlog demo      see it on a small repository that it builds
  git buildlog init      look at the repository you are in

'git buildlog <command> -h' explains a command, with examples.
"""


def _new_app() -> typer.Typer:
    return typer.Typer(
        help=_HELP,
        cls=Group,
        add_completion=False,
        rich_markup_mode=None,  # plain text reads well in any terminal and through any pipe
        pretty_exceptions_enable=False,
        context_settings=PARSING,
    )


app = _new_app()


def _print_version(wanted: bool) -> None:
    if wanted:
        emit(f"git-buildlog {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    directories: Annotated[
        list[Path] | None,
        typer.Option(
            "-C",
            metavar="<path>",
            help="Run as if started in <path>; given more than once, each adds to the last.",
            show_default=False,
        ),
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback does the work
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Set the surroundings of every command."""
    context.obj = Surroundings(Path().joinpath(*(directories or ())), context.obj or serve_nothing)
    if context.invoked_subcommand is None:
        emit(f"{context.get_help()}\n")


_COMMANDS = (
    (start.init, start.INIT_HELP, "Look at this repository's history, store facts, report."),
    (history.scan, history.SCAN_HELP, "Look for what is new in history and store it."),
    (report.report, report.REPORT_HELP, "Show how much of the agents' work was revised."),
    (overview.stats, overview.STATS_HELP, "Show the state of everything on one screen."),
    (history.log, history.LOG_HELP, "List commits with their agent and outcome."),
    (rewards.rewards, rewards.REWARDS_HELP, "List what each of the agents' drafts is worth."),
    (rewards.reward, rewards.REWARD_HELP, "Say what a draft is worth, by hand."),
    (mistakes.mistake, mistakes.MISTAKE_HELP, "Log a mistake of the open session."),
    (mistakes.mistakes, mistakes.MISTAKES_HELP, "List the mistakes that were made."),
    (single.distance, single.DISTANCE_HELP, "Measure one commit against another."),
    (single.blame, single.BLAME_HELP, "Show which lines of a file are an agent's."),
    (single.why, single.WHY_HELP, "Say who made a commit, and by which evidence."),
    (upkeep.check, upkeep.CHECK_HELP, "Say whether the stored facts are sound."),
    (carry.carry, carry.CARRY_HELP, "Carry a branch's drafts over to its squash commit."),
    (data.privacy, data.PRIVACY_HELP, "Show all that is stored about a commit."),
    (data.export, data.EXPORT_HELP, "Write the stored facts for other programs."),
    (data.import_, data.IMPORT_HELP, "Take over the folder of buildlog 0.8."),
    (care.compact, care.COMPACT_HELP, "Drop stored lines that no answer needs."),
    (care.forget, care.FORGET_HELP, "Forget what is stored about some commits."),
    (sync.sync, sync.SYNC_HELP, "Exchange facts with the team: fetch, unite, push."),
    (install.install, install.INSTALL_HELP, "Let git's hooks follow every commit here."),
    (install.uninstall, install.UNINSTALL_HELP, "Take the hooks out again."),
    (install.status, install.STATUS_HELP, "Say what is installed, and what waits."),
    (install.doctor, install.DOCTOR_HELP, "Look for what is wrong with the hooks."),
    (start.demo, start.DEMO_HELP, "Build a small repository and print its report."),
    (serve.mcp, serve.MCP_HELP, "Serve the commands to agents as tools."),
    (upkeep.drain, upkeep.DRAIN_HELP, "Turn what hooks have queued into facts, now."),
    (upkeep.learn, upkeep.LEARN_HELP, "Learn from the sessions now, for the next draws."),
    (upkeep.schema, upkeep.SCHEMA_HELP, "Print the JSON Schema of the outputs."),
)
for _function, _help, _short in _COMMANDS:
    app.command(
        _function.__name__.rstrip("_"),  # a word of Python's own may be a command of ours
        help=_help, short_help=_short, context_settings=PARSING, cls=Command,
    )(_function)  # fmt: skip
app.add_typer(
    session.app,
    name="session",
    help=session.SESSION_HELP,
    short_help="Start, end and look at sessions of work.",
)
app.add_typer(
    rules.app,
    name="rules",
    help=rules.RULES_HELP,
    short_help="List and change the rules that agents are given.",
)
app.add_typer(
    experiment.app,
    name="experiment",
    help=experiment.EXPERIMENT_HELP,
    short_help="Show what all sessions have shown so far.",
)


def run(server: Serve = serve_nothing) -> None:
    """Run the command line and exit."""
    sys.exit(execute(sys.argv[1:], server))


def execute(arguments: list[str], server: Serve = serve_nothing) -> int:
    """Run one command line and return its exit code."""
    command = typer.main.get_command(_just(arguments[0]) if arguments else app)
    try:
        code = command.main(arguments, prog_name=PROGRAM, standalone_mode=False, obj=server)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last door
        return explain(error)
    return code if isinstance(code, int) else 0


def _just(word: str) -> typer.Typer:
    """Return the command line with no other command than ``word``, all where there is none so.

    To read one command's arguments takes no other command's: to make them all is a fifth of what
    most commands take.
    """
    small = _new_app()
    small.callback(invoke_without_command=True)(main)
    small.registered_commands = [row for row in app.registered_commands if row.name == word]
    small.registered_groups = [row for row in app.registered_groups if row.name == word]
    return small if small.registered_commands or small.registered_groups else app
