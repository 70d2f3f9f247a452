"""Commands about hooks: ``install``, ``uninstall``, ``status`` and ``doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from buildlog_git.cli.plain import show_status
from buildlog_git.cli.surroundings import DryRun, Json, Surroundings, surroundings
from buildlog_git.cli.teach import teach
from buildlog_git.errors import BuildlogError, CheckFailed

if TYPE_CHECKING:
    from buildlog_git.flows.context import Context

INSTALL_HELP = teach(
    "Let git's hooks follow every commit in this repository.",
    "Each hook takes about 3 ms: it puts a line into a queue and starts the drain in the "
    "background (git config buildlog.drain background|foreground|off). Git 2.54 and newer get "
    "them in the repository's configuration; older git gets files in its hooks directory, and "
    "what stood there is still run, with the same arguments, input and exit code. A plain git "
    "fetch then brings others' facts too, beside yours. Run it again after an update, or after "
    "another tool has written its hooks.",
    {
        "install --dry-run": "what exactly would be done",
        "install": "in this clone, for all its worktrees",
        "install --files": "where programs with an older git of their own commit too",
    },
    "See also: git buildlog status, git buildlog doctor, git buildlog uninstall.",
)
UNINSTALL_HELP = teach(
    "Take the hooks out again.",
    "What stood there before comes back as it was. What somebody has changed since is not "
    "touched, and named. Facts that are stored, and signals that wait, stay.",
    {
        "uninstall --dry-run": "what exactly would be done",
        "uninstall": "in this clone, for all its worktrees",
    },
    "To delete the facts too: git update-ref -d refs/notes/buildlog",
)
STATUS_HELP = teach(
    "Say what is installed here, and what waits.",
    "The hooks and how they are started, the drain, signals that no drain has read yet, the "
    "open session of this worktree, the last problem. Nothing is changed.",
    {
        "status": "in words",
        "status --json": "as data",
    },
    "See also: git buildlog doctor (what is wrong, and what to do about it).",
)
DOCTOR_HELP = teach(
    "Look for what is wrong with the hooks, and say what to do.",
    "It also answers where git refuses the repository, or half of it is broken. Exits with 1 "
    "where something is wrong. --fix repairs what can be repaired without asking: it writes "
    "hooks anew, makes them executable, removes locks that a killed process has left, and mends "
    "refspecs that would overwrite the notes; other settings stay.",
    {
        "doctor": "after something looked odd",
        "doctor --fix": "and repair what is safe to",
    },
    "See also: git buildlog status, git buildlog check (of the stored facts).",
)


def install(
    context: typer.Context,
    dry_run: DryRun = False,
    files: Annotated[
        bool,
        typer.Option("--files", help="Use files even where git takes hooks from its config."),
    ] = False,
    json: Json = False,
) -> None:
    """Install the hooks."""
    from buildlog_git.cli.words.install import write_installed
    from buildlog_git.flows.install import install as put

    here = surroundings(context)
    with here.context(drain=False) as repository:
        done = put(repository, files=files, dry_run=dry_run)
        if not dry_run:
            _begin(repository)
    here.show(done, write_installed, as_json=json)
    if not done.complete and not dry_run:
        raise CheckFailed(
            "not all hooks are in place yet",
            slug="install-incomplete",
            hint="see above; afterwards: git buildlog doctor",
        )


def _begin(repository: Context) -> None:
    """Let the first drain know where the hooks came in; without that it begins with the last."""
    from contextlib import suppress
    from sqlite3 import Error

    from buildlog_git.flows.news import mark_heads
    from buildlog_git.gitio.installed import read_record
    from buildlog_git.gitio.lock import Busy

    with suppress(Busy, OSError, Error):
        if read_record(repository.repo.common_dir) is not None:
            mark_heads(repository)


def _leave(here: Surroundings) -> None:
    """Read what is queued and tidy up, where the repository can still be read."""
    from contextlib import suppress

    from buildlog_git.flows.leave import leave

    with suppress(BuildlogError), here.context(drain=False) as repository:
        leave(repository)


def uninstall(context: typer.Context, dry_run: DryRun = False, json: Json = False) -> None:
    """Take the hooks out."""
    from buildlog_git.cli.words.install import write_uninstalled
    from buildlog_git.flows.uninstall import uninstall as take
    from buildlog_git.flows.withdrawal import withdraw
    from buildlog_git.gitio.repo import open_repo

    here = surroundings(context)
    repo = open_repo(here.directory)
    done = take(repo, dry_run=dry_run)
    if done.found and not done.left and not dry_run:
        _leave(here)
        withdraw(repo)
    here.show(done, write_uninstalled, as_json=json)
    if done.left and not dry_run:
        raise CheckFailed(
            "not all was taken out: what somebody has changed since stays",
            slug="uninstall-incomplete",
            hint="see above; then run it again",
        )


def status(context: typer.Context, json: Json = False) -> None:
    """Say what is installed and what waits."""
    show_status(surroundings(context), as_json=json)


def doctor(
    context: typer.Context,
    fix: Annotated[bool, typer.Option("--fix", help="Repair what is safe to repair.")] = False,
    json: Json = False,
) -> None:
    """Look for what is wrong."""
    from buildlog_git.cli.words.doctor import write_diagnosis
    from buildlog_git.flows.doctor import examine

    here = surroundings(context)
    diagnosis = examine(here.directory, fix=fix)
    here.show(diagnosis, write_diagnosis, as_json=json)
    if not diagnosis.ok:
        raise CheckFailed(
            "something is wrong with the hooks",
            slug="doctor",
            hint="each line above says what to do",
        )
