"""The command that exchanges facts with others: ``sync``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from buildlog_git.cli.surroundings import Json, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import GitError, NotPushed, UsageError

if TYPE_CHECKING:
    from buildlog_git.flows.sync import Synced

SYNC_HELP = teach(
    "Exchange facts with the team: fetch theirs, unite, push ours.",
    "Clones and forks carry no notes of their own accord: this fetches those of a remote, unites "
    "both as sets of facts, and pushes refs/notes/buildlog alone, never by force. Where somebody "
    "else was faster it tries again; where you may not push, you still get theirs, and it exits "
    "with 4. The remote is buildlog.remote, else origin, else the only one. With git config "
    "buildlog.push true, and git buildlog install after it, each git push also starts a sync in "
    "the background.",
    {
        "sync": "with origin",
        "sync upstream --no-push": "only get what others know",
        "sync --all": "with every remote in turn",
        "sync --dry-run": "what exactly would be done",
    },
    "See also: git buildlog check, git buildlog doctor (unsafe refspecs).",
)

REPLACE = "git push --force-with-lease=refs/notes/buildlog:{theirs} {remote} refs/notes/buildlog"
"""Replaces what a remote had when it was fetched; what somebody pushed since then is safe."""
_FAILURES = {
    "refused": ("push-refused", "could not push to {remote}: {reason}",
                "facts of others are here; to only fetch: git buildlog sync --no-push"),
    "busy": ("remote-busy", "could not push to {remote}: others were always faster",
             "facts of others are here; try again"),
    "needs-force": ("needs-force", "{remote} still has what was forgotten here, and gets nothing",
                    f"to forget it there too: {REPLACE}"),
}  # fmt: skip


def sync(
    context: typer.Context,
    remote: Annotated[
        str | None,
        typer.Argument(
            metavar="[<remote>]",
            help="A remote, a path or an address. Default: origin.",
            show_default=False,
        ),
    ] = None,
    fetch_only: Annotated[
        bool, typer.Option("--no-push", "--fetch-only", help="Fetch and unite, but push nothing.")
    ] = False,
    everywhere: Annotated[bool, typer.Option("--all", help="With every remote in turn.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", "-n", help="Only say what would be done.")
    ] = False,
    json: Json = False,
) -> None:
    """Exchange facts."""
    from buildlog_git.cli.words.sync import write_synced
    from buildlog_git.flows.sync import sync as exchange

    if everywhere and remote is not None:
        raise UsageError(
            f"--all and {remote} exclude each other", slug="bad-usage", hint="git buildlog sync -h"
        )
    here = surroundings(context)
    with here.context() as repository:
        done = exchange(
            repository, remote, everywhere=everywhere, push=not fetch_only, dry_run=dry_run
        )
    here.show(done, write_synced, as_json=json)
    if not dry_run:
        _complain(done)


def _complain(done: Synced) -> None:
    """Exit with an error where a remote did not get what it lacks."""
    failed = next((one for one in done.remotes if one.push in _FAILURES), None)
    if failed is not None:
        slug, what, hint = _FAILURES[failed.push]
        words = {"remote": failed.remote, "reason": failed.reason, "theirs": failed.theirs}
        raise NotPushed(what.format(**words), slug=slug, hint=hint.format(**words))
    away = next((one for one in done.remotes if one.push == "unreachable"), None)
    if away is not None:
        raise GitError(away.reason, slug="remote-unreachable", hint=f"git ls-remote {away.remote}")
