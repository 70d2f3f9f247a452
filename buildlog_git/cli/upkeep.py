"""Commands about the store: ``check``, ``drain``, ``learn`` and ``schema``."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from buildlog_git.cli.output import emit
from buildlog_git.cli.surroundings import Json, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import CheckFailed

CHECK_HELP = teach(
    "Say whether the ledger is sound.",
    "The ledger is refs/notes/buildlog: one JSON object a line. A damaged line loses nothing "
    "else, but what it said is gone. Exits with 1 where something that was written cannot be "
    "read. Notes on commits that no branch has are counted; --repair looks for where those "
    "live on (git filter-repo, a rebase in another clone, a forge), by the map that filter-repo "
    "leaves, by tree, author's date and subject, by patch id, or by what is stored of a draft "
    "whose commit is gone. It only says so, until --yes: then the facts are added.",
    {
        "check": "after somebody edited the notes by hand, or a merge of notes",
        "check --json": "with the place of each damaged line",
        "check --repair": "after all of history was rewritten: what lives on where",
        "check --repair --yes": "and write it to the ledger",
    },
    "See also: git buildlog schema events (what a line holds), git buildlog scan --full.",
)
DRAIN_HELP = teach(
    "Turn what hooks have queued into facts, now.",
    "Hooks start it by themselves, and every command that shows facts does the same first; by "
    "hand it is needed only where buildlog.drain is off. It also reads what HEAD's reflogs say "
    "and no hook saw. It prints nothing and exits with 0, as hooks want it; --verbose tells.",
    {
        "drain": "as hooks do",
        "drain --verbose": "and say what was found",
    },
    "See also: git buildlog status, git buildlog doctor.",
)
LEARN_HELP = teach(
    "Learn from the sessions now, for the next draws.",
    "After a session has begun this happens by itself, in the background (git config "
    "buildlog.learn off turns it off, and draws then believe what they did). What the posterior "
    "says of the rules on trial is kept in the git directory, so that a draw at a checkout costs "
    "the same whatever the ledger holds.",
    {"learn": "and say what it rests on", "learn --json": "the same as data"},
    "See also: git buildlog rules effects (what it says).",
)
SCHEMA_HELP = teach(
    "Print the JSON Schema of what the commands print with --json.",
    "Each schema has a version in its $id; fields may be added within a version, so ignore what "
    "you do not know. There is one for each command that has --json, and "
    "events for the lines in refs/notes/buildlog.",
    {
        "schema report": "of git buildlog report --json",
        "schema events": "of the ledger's lines",
        "schema": "one object with all of them",
    },
    "See also: https://json-schema.org",
)


def check(
    context: typer.Context,
    mend: Annotated[
        bool, typer.Option("--repair", help="Look for where stranded drafts live on.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="With --repair: write what was found.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the ledger."""
    from buildlog_git.cli.words.check import write_check
    from buildlog_git.flows.check import check as examine
    from buildlog_git.flows.dispatchers import active_dispatchers
    from buildlog_git.flows.repair import repair

    here = surroundings(context)
    with here.context(drain=False) as repository:
        done = repair(repository, dry_run=not yes) if mend else None
        health = examine(repository.ledger, active_dispatchers(repository.repo), done)
    here.show(health, write_check, as_json=json)
    if not health.ok:
        raise CheckFailed(
            "the ledger is not sound: not all that was written can be read",
            slug="ledger-not-sound",
            hint="git buildlog scan --full writes again what history still tells",
        )


def drain(
    context: typer.Context,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say what was found.")] = False,
    summary: Annotated[  # noqa: ARG001 - without the others it never comes here
        bool, typer.Option("--summary", help="At a terminal, one line about the last commit.")
    ] = False,
    json: Json = False,
) -> None:
    """Drain the queue; alone or with ``--summary`` it is done without this module."""
    from buildlog_git.cli.words.drain import write_drained
    from buildlog_git.flows.drain import drain as empty

    here = surroundings(context)
    with here.context(drain=False) as repository:
        drained = empty(repository)
    if verbose or json:
        here.show(drained, write_drained, as_json=json)


def learn(
    context: typer.Context,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing, and give way to other work.")
    ] = False,
) -> None:
    """Learn from the sessions."""
    from buildlog_git.cli.words.learn import write_kept
    from buildlog_git.flows.lesson import learn_and_keep

    if quiet:
        os.nice(10)
    here = surroundings(context)
    with here.context(drain=not quiet) as repository:
        kept = learn_and_keep(repository, stored=quiet)
    if not quiet:
        here.show(kept, write_kept, as_json=json)


def schema(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[<name>]", help="Of which output. Default: all.", show_default=False
        ),
    ] = None,
) -> None:
    """Print JSON schemas."""
    import json

    from buildlog_git.flows.schema import all_schemas, schema_of

    found = schema_of(name) if name is not None else all_schemas()
    emit(f"{json.dumps(found, indent=2)}\n")
