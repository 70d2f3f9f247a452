"""Take the hooks out again: what was there before comes back to the last bit.

Whatever somebody has changed since the install is theirs: it stays, and is named. What hooks
have queued stays too; facts in the ledger are no business of an uninstall.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from buildlog_git.core.hooks import BODY, EVERY, Hook, config_name, dispatcher, line_by_hand
from buildlog_git.flows.changes import Left, Line, Uninstalled, changes_of
from buildlog_git.flows.refspecs import refspec_removal
from buildlog_git.flows.withdrawal import withdrawal
from buildlog_git.gitio.hooksdir import hooks_dir
from buildlog_git.gitio.installed import (
    RECORD,
    Placed,
    Record,
    aside,
    digest,
    displaced,
    read_file,
    read_record,
    same_tool,
    state_of,
)
from buildlog_git.gitio.queue import FOLDER, Queue
from buildlog_git.gitio.repo import Repo
from buildlog_git.gitio.settings import is_on, local_values, read_config
from buildlog_git.gitio.steps import Step, perform

_STAYING = ("clone", "sessions", "ledger.lock")
"""What keeps our folder: the sessions are people's, who may install again."""


@dataclass(slots=True)
class Removal:
    """How the dispatchers of an install come out: steps, what stays, and whose hooks it is of."""

    steps: list[Step] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    staying: list[Placed] = field(default_factory=list)


def uninstall(repo: Repo, *, dry_run: bool = False) -> Uninstalled:
    """Undo what the last install did, and return what that was.

    Raises:
        GitError: something cannot be written, or git refused a setting.

    """
    common = repo.common_dir
    record = read_record(common) or _guessed(repo)
    shown = withdrawal(repo)
    if record is None and not shown:
        return Uninstalled(
            found=False, changes=(), left=(), by_hand=(), waiting=False, dry_run=dry_run
        )
    removal = removal_of(repo, record) if record else Removal()
    removal.steps += refspec_removal(repo.git, record.remotes if record else ())
    steps = [*removal.steps, *(_rest(common, record, removal) if record else ())]
    if not dry_run:
        perform(repo.git, steps)
    return Uninstalled(
        found=True,
        # What agents read goes when the last signals have been read, see withdraw.
        changes=changes_of([*steps, *(() if removal.left else shown)]),
        left=tuple(removal.left),
        by_hand=lines_by_hand(repo) if record and record.dispatcher == "by-hand" else (),
        waiting=Queue(common).waiting(),
        dry_run=dry_run,
    )


def wanted_hooks(pairs: list[tuple[str, str]]) -> tuple[Hook, ...]:
    """Return the hooks that are asked for: some need a setting that says so."""
    return tuple(hook for hook in EVERY if not hook.setting or is_on(pairs, hook.setting))


def removal_of(repo: Repo, record: Record, *, folders: bool = True) -> Removal:
    """Return how what git runs is taken out, the body left in its place; ``folders`` too."""
    removal = Removal()
    if record.dispatcher == "config":
        _take_settings(repo, record, removal)
    elif record.dispatcher == "files":
        folder = repo.common_dir / record.folder
        for placed in record.hooks:
            _take_file(folder, placed, record.ours, removal)
        if folders and not removal.staying:
            _take_folders(repo, folder, record, removal)
    return removal


def lines_by_hand(repo: Repo) -> tuple[Line, ...]:
    """Return the lines that hooks of others need where we may not write."""
    found = hooks_dir(repo)
    folder = found.path
    if found.owner == "husky" and folder.name == "_":
        folder = folder.parent  # husky runs the files there from those in its own folder
    wanted = wanted_hooks(read_config(repo.git))
    lines = []
    for hook in EVERY:
        path = folder / hook.event
        present = BODY.encode() in (read_file(path) or b"")
        if hook not in wanted and not present:
            continue
        lines.append(Line(str(path), line_by_hand(hook.event), present))
    return tuple(lines)


def _take_file(folder: Path, placed: Placed, ours: Collection[str], removal: Removal) -> None:
    path = folder / placed.event
    kept = aside(folder) / placed.event
    has_kept = read_file(kept) is not None or kept.is_symlink()
    state = state_of(path, ours)
    if state == "edited":
        removal.left.append(Left("hook-edited", str(path), str(kept) if has_kept else ""))
        removal.staying.append(placed)
    elif state == "foreign":
        put_aside = displaced(path, ours)
        if put_aside is not None:  # another tool runs us from there: give it what we stood for
            step = Step("move", str(kept), str(put_aside))
            removal.steps.append(step if has_kept else Step("remove", str(put_aside)))
        elif has_kept and same_tool(read_file(kept) or b"", read_file(path) or b""):
            removal.steps.append(Step("remove", str(kept)))
        elif has_kept:
            removal.left.append(Left("hook-replaced", str(path), str(kept)))
            removal.staying.append(placed)
    elif has_kept:
        removal.steps.append(Step("move", str(kept), str(path)))
    elif state == "ours":
        removal.steps.append(Step("remove", str(path)))


def _take_folders(repo: Repo, folder: Path, record: Record, removal: Removal) -> None:
    beside = aside(folder)
    for name in record.links:
        path = beside / name
        if path.is_symlink() or name == ".gitignore":
            removal.steps.append(Step("remove", str(path)))
    for made in reversed(record.made):
        removal.steps.append(Step("remove-folder", str(repo.common_dir / made)))


def _take_settings(repo: Repo, record: Record, removal: Removal) -> None:
    settings = local_hooks(repo)
    for placed in record.hooks:
        name = config_name(placed.event)
        commands = settings.get(f"{name}.command", [])
        if not commands:
            continue
        digests = {digest(command.encode("utf-8", "surrogateescape")) for command in commands}
        if not digests <= set(record.ours):
            removal.left.append(Left("setting-edited", f"{name}.command"))
            removal.staying.append(placed)
            continue
        removal.steps.append(Step("unset", f"{name}.command"))
        if settings.get(f"{name}.event"):
            removal.steps.append(Step("unset", f"{name}.event"))


def local_hooks(repo: Repo) -> dict[str, list[str]]:
    """Return the hooks in the repository's own configuration: values by key."""
    return local_values(repo.git, "hook")


def _rest(common: Path, record: Record, removal: Removal) -> list[Step]:
    """Return how the body and the record go, or what stays of the record."""
    if removal.staying:
        kept = replace(record, hooks=tuple(removal.staying), remotes=()).to_bytes()
        return [Step("write", str(common / RECORD), content=kept)]
    body = common / BODY
    steps = []
    if (content := read_file(body)) is not None:
        if digest(content) in record.ours or not record.version:
            steps.append(Step("remove", str(body)))
        else:
            removal.left.append(Left("body-edited", str(body)))
    stays = any((common / FOLDER / name).exists() for name in _STAYING)
    return [
        *steps,
        Step("remove", str(common / RECORD)),
        Step("remove-folder", str(common / FOLDER / "rewrites")),
        *(() if stays else (Step("remove-folder", str(common / FOLDER)),)),
    ]


def _guessed(repo: Repo) -> Record | None:
    """Return the record of an install whose own is gone, as far as it can be told."""
    common = repo.common_dir
    folder = hooks_dir(repo).path
    texts = {hook.event: dispatcher(hook.event, str(common)) for hook in EVERY}
    placed = {
        event: digest(text.encode("utf-8", "surrogateescape")) for event, text in texts.items()
    }
    if not any(state_of(folder / event) == "edited" for event in placed):
        return None
    beside = aside(folder)
    links = tuple(path.name for path in beside.iterdir()) if beside.is_dir() else ()
    return Record(
        version="",
        dispatcher="files",
        folder=str(folder),
        hooks=tuple(
            Placed(event, known)
            for event, known in placed.items()
            if state_of(folder / event) != "absent" or (beside / event).exists()
        ),
        made=(str(beside),),
        ours=tuple(placed.values()),
        links=tuple(name for name in links if name not in placed),
    )
