"""Commands that take something out of the ledger: ``compact`` and ``forget``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from buildlog_git.cli.output import is_terminal
from buildlog_git.cli.surroundings import DryRun, Json, revisions, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import UsageError
from buildlog_git.render.words import counted

if TYPE_CHECKING:
    from buildlog_git.flows.forget import Forgotten

COMPACT_HELP = teach(
    "Drop the lines of the ledger that no answer needs.",
    "Doubled and blank lines, and older measurements of what a newer one says. No event, no "
    "damaged line and no line of a newer version is lost; every report stays as it is. It is "
    "one commit more on the notes ref; nothing is forgotten by it.",
    {
        "compact --dry-run": "what it would save",
        "compact": "after a new version has measured all of history again",
    },
    "See also: git buildlog check, git buildlog forget.",
)
FORGET_HELP = teach(
    "Forget what is stored about some commits, or what was stored before a date.",
    "The lines leave the notes, and the notes ref starts again without its history, so that "
    "their text is in no commit that it reaches. A tombstone stays, which holds ids and no text: "
    "it keeps other clones and the next scan from bringing them back. Afterwards the notes must "
    "be pushed once by force, which this command does not do; it prints how. Sync first, so that "
    "nothing of others is lost by that.",
    {
        "forget HEAD~3 --dry-run": "what would go",
        "forget main..topic": "all that the notes of these commits say",
        "forget --before 2026-01-01": "all facts of an earlier time",
        "forget --yes a1b2c3d": "without being asked",
    },
    "See also: git buildlog privacy (what is stored about a commit).",
)


def compact(context: typer.Context, dry_run: DryRun = False, json: Json = False) -> None:
    """Compact the ledger."""
    from buildlog_git.cli.words.care import write_compacted
    from buildlog_git.flows.compact import compact as drop

    here = surroundings(context)
    with here.context() as repository:
        done = drop(repository, dry_run=dry_run)
    here.show(done, write_compacted, as_json=json)


def forget(
    context: typer.Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[<commit>|<range>...]",
            help="Commits, and ranges as for git log.",
            show_default=False,
        ),
    ] = None,
    before: Annotated[
        str | None,
        typer.Option(
            "--before", metavar="<date>", help="All facts of an earlier day or time (ISO 8601)."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Forget."""
    from buildlog_git.cli.words.care import write_forgotten
    from buildlog_git.flows.forget import forget as let_go

    here = surroundings(context)
    wanted = revisions(names)
    with here.context() as repository:
        done = let_go(repository, wanted, before=before, dry_run=dry_run or not yes)
    if not dry_run and not yes and done.notes:
        _ask(done)
        with here.context(drain=False) as repository:
            done = let_go(repository, wanted, before=before)
    here.show(done, write_forgotten, as_json=json)


def _ask(done: Forgotten) -> None:
    if not is_terminal(sys.stdin):
        raise UsageError(
            "nothing was forgotten: nobody is there to be asked",
            slug="not-confirmed",
            hint="say --yes, or --dry-run to see what would go",
        )
    lines = counted(done.events + done.unreadable, "line")
    notes = counted(done.notes, "note")
    typer.confirm(f"Forget {lines} of {notes} for ever?", abort=True, err=True)
