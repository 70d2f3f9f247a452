"""Commands that show or move what is stored: ``privacy``, ``export`` and ``import``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from buildlog_git.cli.output import emit
from buildlog_git.cli.surroundings import DryRun, Json, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import UsageError

PRIVACY_HELP = teach(
    "Show all that is stored about a commit, and all that this clone keeps.",
    "First the lines of the commit's note as they are, then what each field means. Notes hold "
    "numbers, ids and digests, names of agents and rules, and words that a person gave by hand, "
    "from which addresses and keys were removed; no source text, no prompts, nobody's name. "
    "Then the files in this clone, which are never pushed.",
    {
        "privacy": "of HEAD",
        "privacy a1b2c3d --json": "of another commit, as data",
    },
    "See also: git buildlog forget, git buildlog schema events.",
)
EXPORT_HELP = teach(
    "Write what is stored in a form that other programs read.",
    "ndjson has every event, one JSON object a line; sqlite a table for each kind of event; csv "
    "one table of all drafts of HEAD's history with what they are worth. The same ledger gives "
    "the same bytes. Nothing that was forgotten is in it.",
    {
        "export > events.ndjson": "every event",
        "export --format csv": "drafts and rewards, for a spreadsheet",
        "export --format sqlite --out ledger.sqlite3": "for SQL",
    },
    "See also: git buildlog schema events (what a line holds), FORMAT.md.",
)
IMPORT_HELP = teach(
    "Take over what buildlog 0.8 wrote into its own folder.",
    "Sessions, mistakes and rewards become facts about the last commit before them. It drew "
    "rules without writing down with which probability, so its sessions count as observed only. "
    "What is not taken over is counted and named. Run twice, it writes nothing more.",
    {
        "import . --dry-run": "what would come of ./buildlog",
        "import ../old/buildlog": "from another place",
    },
    "See also: git buildlog rules import (the rules of CLAUDE.md and others).",
)


class Form(StrEnum):
    """What an export can be."""

    ndjson = "ndjson"
    csv = "csv"
    sqlite = "sqlite"


def privacy(
    context: typer.Context,
    commit: Annotated[
        str,
        typer.Argument(metavar="[<commit>]", help="Any name of a commit.", show_default=False),
    ] = "HEAD",
    json: Json = False,
) -> None:
    """Show what is stored."""
    from buildlog_git.cli.words.data import write_privacy
    from buildlog_git.flows.privacy import look

    here = surroundings(context)
    with here.context() as repository:
        found = look(repository, commit)
    here.show(found, write_privacy, as_json=json)


def export(
    context: typer.Context,
    form: Annotated[
        Form, typer.Option("--format", metavar="<form>", help="ndjson, csv or sqlite.")
    ] = Form.ndjson,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="<file>", help="Where to. Default: standard output."),
    ] = None,
    json: Json = False,
) -> None:
    """Export the ledger."""
    from buildlog_git.cli.words.data import write_exported
    from buildlog_git.flows.export import as_text
    from buildlog_git.flows.export import export as put

    here = surroundings(context)
    if out is None and json:
        raise UsageError(
            "--json tells what was written where, so it needs a file",
            slug="no-file",
            hint="git buildlog export --format ndjson prints JSON by itself",
        )
    with here.context() as repository:
        if out is not None:
            done = put(repository, form.value, here.directory / out)
        else:
            text = as_text(repository, form.value)
    if out is None:
        emit(text.decode())
    else:
        here.show(done, write_exported, as_json=json)


def import_(
    context: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="<folder>", help="The old buildlog folder, or its parent.")
    ],
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Import the folder of buildlog 0.8."""
    from buildlog_git.cli.words.data import write_imported
    from buildlog_git.flows.legacy import import_legacy

    here = surroundings(context)
    with here.context() as repository:
        done = import_legacy(repository, here.directory / directory, dry_run=dry_run)
    here.show(done, write_imported, as_json=json)
