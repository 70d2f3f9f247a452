"""Commands that change rules: ``add``, ``import``, ``pin``, ``trial``, ``propose`` ..."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from buildlog_git.cli.surroundings import DryRun, Json, say_problems, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.core.rules import STATES, State
from buildlog_git.errors import UsageError

ADD_HELP = teach(
    "Add a rule, or the rules of a pack.",
    "Writes one file a rule into .buildlog/rules and commits nothing. The id is made of the first "
    "words unless you give one; it stays when the text is changed. A rule that says the same as "
    "one that is there is refused; one that says the opposite is not, and the contradiction is "
    "shown. New rules are on trial.",
    {
        'rules add "Do not mock the database."': "one rule",
        "rules add --id no-mocks --class tests - <rule.md": "its text from standard input",
        "rules add --seed python": "all rules of a pack",
        "rules add --seed tests/tests-few-mocks": "one rule of a pack",
    },
    "See also: git buildlog rules seeds.",
)
IMPORT_HELP = teach(
    "Cut the agents' files that you have into rules.",
    "CLAUDE.md, AGENTS.md, GEMINI.md, .claude/rules, .cursor/rules, .cursorrules, Copilot's, "
    "Windsurf's, Continue's and Cline's files, in any folder, become one rule for each list item "
    "or paragraph that asks for something. The files stay as they are, and importing again adds "
    "nothing. Imported rules are pinned, because that is what they are today: read in every "
    "session. A rule on trial must not stand in such a file as well, or it is never off.",
    {
        "rules import --dry-run": "see what would be made of them",
        "rules import": "from all of them",
        "rules import CLAUDE.md --state trial": "from one of them, on trial",
        "rules import --all docs/style.md": "also what only describes",
    },
    "See also: git buildlog rules list, git buildlog rules trial <id>.",
)
PIN_HELP = teach(
    "Pin rules: they are on in every session.",
    "Changes the state in the front matter of each rule's own file and nothing else.",
    {"rules pin no-mocks": "one rule", "rules pin no-mocks short-names": "several"},
    "See also: git buildlog rules trial, git buildlog rules retire.",
)
TRIAL_HELP = teach(
    "Put rules on trial: sessions draw them by chance, so that their effect can be told.",
    "Changes the state in the front matter of each rule's own file and nothing else. Take the "
    "rule out of the files that agents always read, such as CLAUDE.md, or it is never off.",
    {"rules trial no-mocks": "one rule"},
    "See also: git buildlog rules effects.",
)
RETIRE_HELP = teach(
    "Retire rules: they are never on.",
    "Changes the state in the front matter of each rule's own file and nothing else. The file "
    "stays, so that the rule is known and is not imported or proposed again.",
    {"rules retire no-mocks": "one rule"},
    "See also: git buildlog rules trial.",
)
SEEDS_HELP = teach(
    "List packs of rules to start from.",
    "Packs are YAML files: the repository's in .buildlog/seeds, yours in "
    "$XDG_CONFIG_HOME/buildlog/seeds, and those that come with the program. Of two with one name "
    "the first of these counts. Nothing is on until it is added.",
    {"rules seeds": "all packs", "rules add --seed security": "take one over, on trial"},
    "See also: git buildlog rules add.",
)

PROPOSE_HELP = teach(
    "Suggest rules from the repository's own history.",
    "From mistakes that were made again, from what the notes of sessions ask for, and from folders "
    "in which people revise agents' drafts clearly more than elsewhere; each with its evidence. "
    "Nothing is written unless you say so: --add makes a rule on trial of a proposal, --reject a "
    "retired one, so that it is not proposed again. What it suggests is observed, not randomised: "
    "a trial tells whether it helps.",
    {
        "rules propose": "what history suggests",
        "rules propose --add care-in-src-api": "put one on trial",
        "rules propose --reject care-in-docs": "never suggest that again",
    },
    "See also: git buildlog rules trial, git buildlog rules effects.",
)

StateOption = Annotated[
    str, typer.Option("--state", metavar="<state>", help="pinned, trial or retired.")
]
Rules = Annotated[list[str], typer.Argument(metavar="<id>...", help="The rules.")]
Globs = Annotated[
    list[str] | None,
    typer.Option("--scope", metavar="<glob>", help="Files that it is about; repeatable."),
]


def add(
    context: typer.Context,
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[<text>]", help="The rule; - reads standard input.", show_default=False
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option("--seed", metavar="<pack>[/<id>]", help="Add a pack, or one rule of it."),
    ] = None,
    name: Annotated[str, typer.Option("--id", metavar="<id>", help="Its id.")] = "",
    title: Annotated[str, typer.Option("--title", metavar="<text>", help="A short title.")] = "",
    error_class: Annotated[
        str, typer.Option("--class", metavar="<class>", help="The kind of work it is for.")
    ] = "general",
    scope: Globs = None,
    state: StateOption = "trial",
    json: Json = False,
) -> None:
    """Add rules."""
    from buildlog_git.cli.words.rule_changes import write_added
    from buildlog_git.flows.adding import Told, add_rule, add_seed

    if (text is None) == (seed is None):
        raise UsageError("say either a text or --seed", slug="usage", hint="see: rules add -h")
    here = surroundings(context)
    with here.context() as repository:
        if seed is not None:
            result = add_seed(repository, seed, _state(state))
        else:
            told = Told(_text(text or ""), name, title, error_class, tuple(scope or ()))
            result = add_rule(repository, told, _state(state))
    say_problems(result.problems, "bad-rule")
    here.show(result, write_added, as_json=json)


def import_files(
    context: typer.Context,
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[<file>...]", help="Default: all that agents read.", show_default=False
        ),
    ] = None,
    state: StateOption = "pinned",
    dry_run: DryRun = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also make rules of what only describes.")
    ] = False,
    json: Json = False,
) -> None:
    """Import rules."""
    from buildlog_git.cli.words.rule_changes import write_imported
    from buildlog_git.flows.importing import import_rules

    here = surroundings(context)
    with here.context() as repository:
        result = import_rules(
            repository,
            [here.directory / file for file in files or ()],
            state=_state(state),
            dry_run=dry_run,
            everything=everything,
        )
    say_problems(result.problems, "bad-rule")
    here.show(result, write_imported, as_json=json)


def pin(context: typer.Context, names: Rules, json: Json = False) -> None:
    """Pin rules."""
    _set(context, names, "pinned", as_json=json)


def trial(context: typer.Context, names: Rules, json: Json = False) -> None:
    """Put rules on trial."""
    _set(context, names, "trial", as_json=json)


def retire(context: typer.Context, names: Rules, json: Json = False) -> None:
    """Retire rules."""
    _set(context, names, "retired", as_json=json)


def seeds(context: typer.Context, json: Json = False) -> None:
    """List packs."""
    from buildlog_git.cli.words.rule_changes import write_seeds
    from buildlog_git.flows.seeds import list_seeds

    here = surroundings(context)
    with here.context() as repository:
        result = list_seeds(repository)
    say_problems(result.problems, "bad-rule")
    here.show(result, write_seeds, as_json=json)


def propose(
    context: typer.Context,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="<id>", help="Put one on trial; repeatable."),
    ] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option("--reject", metavar="<id>", help="Turn one down for good; repeatable."),
    ] = None,
    json: Json = False,
) -> None:
    """Suggest rules."""
    from buildlog_git.cli.words.rule_changes import write_proposals
    from buildlog_git.flows.proposing import propose as look

    here = surroundings(context)
    with here.context() as repository:
        result = look(repository, add=add or (), reject=reject or ())
    say_problems(result.problems, "bad-rule")
    here.show(result, write_proposals, as_json=json)


def _set(context: typer.Context, names: list[str], state: State, *, as_json: bool) -> None:
    from buildlog_git.cli.words.rule_changes import write_changed
    from buildlog_git.flows.rulefiles import set_state

    here = surroundings(context)
    with here.context() as repository:
        result = set_state(repository, names, state)
    here.show(result, write_changed, as_json=as_json)


def _state(text: str) -> State:
    for state in STATES:
        if state == text:
            return state
    raise UsageError(
        f"no state of a rule: {text}", slug="bad-state", hint=f"it is one of {', '.join(STATES)}"
    )


def _text(given: str) -> str:
    if given != "-":
        return given
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(
            "what came on standard input is not UTF-8", slug="not-utf8", hint="nothing was added"
        ) from error
