"""What every command has: its surroundings, and the arguments that many take."""

from __future__ import annotations

from typing import Annotated

import typer

from buildlog_git.cli.here import Serve, Surroundings, say_problems, serve_nothing

__all__ = [
    "DryRun", "Json", "Ranges", "Serve", "Stored", "Surroundings", "revisions", "say_problems",
    "serve_nothing", "surroundings",
]  # fmt: skip

Json = Annotated[
    bool, typer.Option("--json", help="Print JSON; 'git buildlog schema' describes it.")
]
Stored = Annotated[
    bool, typer.Option("--stored", help="Ask the ledger alone; look nothing up in history.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Only say what would be done; write nothing.")
]
Ranges = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[<range>...]",
        help="Commits, as for git log: main, v1.0..HEAD, main...topic. Default: HEAD's history.",
        show_default=False,
    ),
]


def surroundings(context: typer.Context) -> Surroundings:
    """Return what the callback of the whole program has found out."""
    found = context.find_object(Surroundings)
    return found if found is not None else Surroundings()


def revisions(ranges: list[str] | None) -> tuple[str, ...]:
    """Return the ranges that a person named."""
    return tuple(ranges or ())
