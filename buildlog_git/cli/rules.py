"""Commands that show rules and put them into files; those that change rules are beside."""

from __future__ import annotations

from typing import Annotated

import typer

from buildlog_git.cli import rule_changes as changes
from buildlog_git.cli.output import emit
from buildlog_git.cli.surroundings import DryRun, Json, say_problems, surroundings
from buildlog_git.cli.teach import PARSING, Command, Group, teach
from buildlog_git.errors import CheckFailed

RULES_HELP = teach(
    "The rules that the team gives its coding agents.",
    "A rule is a short Markdown file in .buildlog/rules, committed like code. Pinned rules are "
    "always on; rules on trial are drawn by chance for each session, so that their effect can be "
    "told; retired ones are off.",
    {
        "rules import": "make rules of the agents' files that you have",
        "rules list": "all of them",
        "rules --check": "say what is wrong with them, as CI would",
    },
    "See also: git buildlog session start.",
)
LIST_HELP = teach(
    "List the rules of the work tree.",
    "With what each costs an agent to read, in tokens (an estimate, one for four characters), the "
    "sessions that had it on and off, and how well founded it is: how often it was on or would "
    "have prevented a mistake, how lately, and whether another rule says the opposite. That is no "
    "effect. --check fails where a file cannot be read as a rule or two rules say the same.",
    {
        "rules list": "as a table",
        "rules list --json": "with all fields",
        "rules list --check": "what is wrong with them; exit code 1 where anything is",
    },
    "See also: git buildlog rules show <id>.",
)
SHOW_HELP = teach(
    "Show one rule and what is known of it.",
    "The text as agents read it, what is known of it from sessions and mistakes, and, where "
    "sessions drew it, its effect.",
    {"rules show no-mocks": "by its id"},
    "See also: git buildlog rules list.",
)
EFFECTS_HELP = teach(
    "Show what each rule on trial does to the revision distance.",
    "Each session draws some of the rules on trial by chance; what changes with them is their "
    "effect, in points of revision distance, with a 95 % interval. P is the probability that it "
    "helps by more than a point. 'helps: keep' holds however often you look; the other verdicts "
    "are for now. Before there are 50 rewards nothing is said.",
    {"rules effects": "as a table", "rules effects --json": "in full, by class too"},
    "See also: git buildlog rules show <id>, git buildlog report.",
)

RENDER_HELP = teach(
    "Put the pinned rules into the files that agents read.",
    "AGENTS.md, CLAUDE.md, GEMINI.md and copilot-instructions.md get a block between markers, and "
    "all else in them stays byte by byte; Cursor, Windsurf, Continue and Cline get files of their "
    "own. The whole set is written each time, for the agents that the repository has files of (git "
    "config --add buildlog.target <agent>, or targets in [tool.buildlog]). What somebody has "
    "changed within a block is not overwritten without --force. Rules for some paths get files "
    "of their own for Claude Code, Cursor and Copilot; to others the paths are said. Two more "
    "places are served where they are named: claude-settings, a hook in .claude/settings.json that "
    "prints the rules when Claude starts, and claude-skill, a skill that Claude reads when the "
    "work calls for it. Rules on trial are not among them: hooks put those of each session into "
    "files that git ignores.",
    {
        "rules render": "for the agents that are used here",
        "rules render --check": "exit with 1 where a file is behind, for CI and pre-commit",
        "rules render --diff": "what would change; nothing is written",
        "rules render --target cursor": "for one agent",
        "rules render --target claude-skill": "as a skill for Claude",
    },
    "See also: git buildlog rules list.",
)


Check = Annotated[bool, typer.Option("--check", help="Say what is wrong; exit with 1 if it is.")]


def list_all(context: typer.Context, check: Check = False, json: Json = False) -> None:
    """List the rules."""
    from buildlog_git.cli.words.rules import write_list
    from buildlog_git.flows.rulebook import list_rules

    if check:
        _check(context, as_json=json)
        return
    here = surroundings(context)
    with here.context() as repository:
        result = list_rules(repository)
    say_problems(result.problems, "bad-rule")
    here.show(result, write_list, as_json=json)


def show(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="<id>", help="The rule.")],
    json: Json = False,
) -> None:
    """Show one rule."""
    from buildlog_git.cli.words.rules import write_shown
    from buildlog_git.flows.rulebook import show_rule

    here = surroundings(context)
    with here.context() as repository:
        result = show_rule(repository, name)
    here.show(result, write_shown, as_json=json)


def effects(context: typer.Context, json: Json = False) -> None:
    """Show what all rules do."""
    from buildlog_git.cli.words.rules import write_effects
    from buildlog_git.flows.lesson import read_lesson

    here = surroundings(context)
    with here.context() as repository:
        result = read_lesson(repository)
    here.show(result, write_effects, as_json=json)


def render(
    context: typer.Context,
    target: Annotated[
        list[str] | None,
        typer.Option("--target", metavar="<agent>", help="An agent, or all; repeatable."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 where a file is behind.")
    ] = False,
    dry_run: DryRun = False,
    diff: Annotated[
        bool, typer.Option("--diff", help="Show what would change, line by line; write nothing.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite what was changed by hand in our block, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Put pinned rules where agents read them."""
    from functools import partial

    from buildlog_git.cli.words.pinned import write_rendering
    from buildlog_git.flows.pinned import render_rules

    here = surroundings(context)
    only_looks = dry_run or (diff and not check)
    write = not (check or only_looks)
    with here.context(drain=False) as repository:
        result = render_rules(repository, tuple(target or ()), write=write, force=force)
    say_problems(result.problems, "bad-rule")
    here.show(result, partial(write_rendering, diff=diff, would=not write), as_json=json)
    if not result.current and not only_looks:
        raise CheckFailed(
            "not all files have the pinned rules",
            slug="rules-stale",
            hint="git buildlog rules render" if check else "see above",
        )


def _check(context: typer.Context, *, as_json: bool) -> None:
    from buildlog_git.cli.words.rules import write_check
    from buildlog_git.flows.rulebook import check_rules

    here = surroundings(context)
    with here.context(drain=False) as repository:
        result = check_rules(repository)
    here.show(result, write_check, as_json=as_json)
    if not result.sound:
        raise CheckFailed(
            "not all rules can be used as they are",
            slug="rules-unsound",
            hint="each is named above; nothing was changed",
        )


app = typer.Typer(cls=Group, rich_markup_mode=None, add_completion=False, context_settings=PARSING)


@app.callback(invoke_without_command=True)
def explain(context: typer.Context, check: Check = False, json: Json = False) -> None:
    """Say which commands there are, where none is named."""
    if check:
        _check(context, as_json=json)
        raise typer.Exit
    if context.invoked_subcommand is None:
        emit(f"{context.get_help()}\n")


for _name, _function, _help, _short in (
    ("list", list_all, LIST_HELP, "List all of them."),
    ("show", show, SHOW_HELP, "Show one of them."),
    ("add", changes.add, changes.ADD_HELP, "Add one, or those of a pack."),
    ("import", changes.import_files, changes.IMPORT_HELP, "Cut the agents' files into rules."),
    ("pin", changes.pin, changes.PIN_HELP, "Let some be on in every session."),
    ("trial", changes.trial, changes.TRIAL_HELP, "Put some on trial."),
    ("retire", changes.retire, changes.RETIRE_HELP, "Let some never be on."),
    ("seeds", changes.seeds, changes.SEEDS_HELP, "List packs of rules to start from."),
    ("propose", changes.propose, changes.PROPOSE_HELP, "Suggest rules from history."),
    ("effects", effects, EFFECTS_HELP, "Show what each of them does to the distance."),
    ("render", render, RENDER_HELP, "Put pinned ones into the files that agents read."),
):
    app.command(_name, help=_help, short_help=_short, context_settings=PARSING, cls=Command)(
        _function
    )
