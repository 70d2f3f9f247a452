"""What ``install`` and ``uninstall`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.hooks import line_by_hand
from buildlog_git.render.words import command, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildlog_git.flows.changes import Change, Installed, Left, Line, Uninstalled
    from buildlog_git.render.page import Page

_ACTIONS = {
    "make-folder": "make folder",
    "write": "write",
    "keep": "keep",
    "move": "move",
    "link": "link",
    "remove": "remove",
    "remove-folder": "remove folder",
    "set": "git config",
    "unset": "git config --unset",
    "add-value": "git config --add",
    "drop-value": "git config --unset",
}
_WHY = {
    "hook-edited": "was changed after it was installed, and stays as it is",
    "hook-replaced": "is another tool's now, and stays; what was there before us is kept",
    "hook-is-a-folder": "is a folder, and stays",
    "earlier-hook-kept": "was replaced by another tool; what it replaced is kept",
    "setting-edited": "was changed after it was installed, and stays as it is",
    "body-edited": "was changed after it was installed, and stays as it is",
}
_OWNERS = {
    "husky": "husky's: it writes them anew at each install",
    "committed": "committed, and so the whole team's",
    "shared": "shared with other repositories",
}


def write_installed(page: Page, done: Installed) -> None:
    """Say what was installed, or would be, and what is left to do."""
    _changes(page, done.changes, dry_run=done.dry_run)
    if done.dispatcher == "by-hand":
        page.sentence(
            f"The hooks in {safe(done.folder)} are {_OWNERS[done.owner]}. They are not written "
            "to; our part is in place and waits for the lines below, which do nothing in clones "
            "without it.",
            "Not ours:",
        )
        _by_hand(page, [line for line in done.by_hand if not line.present], "Add to")
    _left(page, done.left)
    _lefthook(page, done.lefthook)
    if done.dry_run:
        return
    how = {
        "config": "in the repository's git configuration",
        "files": f"as files in {safe(done.folder)}",
        "by-hand": f"from {safe(done.folder)}",
    }[done.dispatcher]
    if not done.by_hand or all(line.present for line in done.by_hand):
        page.sentence(f"{', '.join(done.hooks)} {how}.", "Installed:")
    drain = {
        "background": "by itself, in the background",
        "foreground": "by itself, before git's command ends",
        "off": "only by other commands of git buildlog (buildlog.drain is off)",
    }[done.drain]
    page.sentence(f"{drain}: {safe(done.command)}", "Drained:")
    page.sentence(command("git buildlog uninstall"), "Undo:")


def write_uninstalled(page: Page, done: Uninstalled) -> None:
    """Say what was taken out, or would be."""
    if not done.found:
        page.sentence("Nothing of git buildlog is installed here.")
        return
    _changes(page, done.changes, dry_run=done.dry_run)
    _left(page, done.left)
    _by_hand(page, [line for line in done.by_hand if line.present], "Take out of")
    if done.waiting:
        page.sentence(
            f"signals wait in the queue; {command('git buildlog scan')} reads them.", "Kept:"
        )
    if not done.dry_run and not done.left:
        page.sentence("The hooks are out. Stored facts stay in refs/notes/buildlog.")


def _changes(page: Page, changes: Sequence[Change], *, dry_run: bool) -> None:
    if not changes:
        page.sentence("Nothing to change.")
        return
    page.line("Would:" if dry_run else "Done:")
    for change in changes:
        action = _ACTIONS[change.action]
        if change.action == "set":
            text = f"{action} {change.target} {safe(change.other)}"
        else:
            joined = {"keep": " at ", "move": " to ", "link": " to "}.get(change.action, " ")
            text = f"{action} {safe(change.target)}"
            text += f"{joined}{safe(change.other)}" if change.other else ""
        page.line(f"  {text}")


def _left(page: Page, left: Sequence[Left]) -> None:
    for item in left:
        kept = f": {safe(item.other)}" if item.other else ""
        page.sentence(f"{safe(item.target)} {_WHY[item.slug]}{kept}.", "Left:")


def _lefthook(page: Page, events: Sequence[str]) -> None:
    if not events:
        return
    page.sentence(
        f"its hooks are run by ours. {command('lefthook install')} writes them anew without us; "
        f"then run {command('git buildlog install')} again, or have lefthook itself run us, by "
        "these lines in lefthook-local.yml:",
        "lefthook:",
    )
    for event in events:
        page.line(f"  {event}:")
        page.line("    commands:")
        page.line("      buildlog:")
        run = line_by_hand(event).replace('"$@"', "{0}")
        page.line(f"        run: {run}")
        if event == "post-rewrite":
            page.line("        use_stdin: true")


def _by_hand(page: Page, lines: Sequence[Line], what: str) -> None:
    for line in lines:
        page.line(f"{what} {safe(line.path)}:")
        page.line(f"  {line.line}")
