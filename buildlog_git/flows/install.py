"""Put our hooks into a repository, beside those that are there.

Where git takes hooks from its configuration they go there and touch no file. Else each is a file
in the hooks directory, and what stood there is kept and run by it. A hooks directory that is
somebody else's (committed, shared, husky's) is not written to: the lines to add are returned.

The whole plan is made before anything is done, so that ``dry_run`` shows just what would be.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from buildlog_git import __version__
from buildlog_git.core.hooks import (
    BODY,
    CONFIG_HOOKS,
    DRAINS,
    EVERY,
    body,
    config_command,
    config_name,
    dispatcher,
    watched_variables,
)
from buildlog_git.errors import UsageError
from buildlog_git.flows.changes import Installed, Left, changes_of
from buildlog_git.flows.context import Context
from buildlog_git.flows.refspecs import wanted_refspec
from buildlog_git.flows.uninstall import lines_by_hand, local_hooks, removal_of, wanted_hooks
from buildlog_git.gitio.hooksdir import HooksDir, git_version, hook_template, hooks_dir
from buildlog_git.gitio.installed import (
    RECORD,
    Dispatcher,
    Placed,
    Record,
    aside,
    digest,
    displaced,
    made_by,
    read_file,
    read_record,
    same_tool,
    state_of,
)
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.settings import read_config
from buildlog_git.gitio.steps import Step, is_executable, perform


def install(context: Context, *, files: bool = False, dry_run: bool = False) -> Installed:
    """Install the hooks, bring them up to date, or repair them.

    Args:
        context: where.
        files: use files even where git takes hooks from its configuration: other programs on
            the machine may have an older git of their own.
        dry_run: only say what would be done.

    Raises:
        UsageError: the repository is bare, a setting cannot be used, or hooks are turned off.
        GitError: something cannot be written, or git refused a setting.

    """
    repo = context.repo
    if repo.bare:
        raise UsageError(
            "hooks follow commits in a work tree, and this repository is bare",
            slug="bare-repository",
            hint="install them in the clones in which people and agents commit",
        )
    plan = _Plan(context, files=files)
    plan.make()
    if not dry_run:
        perform(repo.git, plan.steps)
    return Installed(
        dispatcher=plan.dispatcher,
        folder=str(plan.hooks_dir.path),
        owner=plan.hooks_dir.owner,
        hooks=tuple(hook.event for hook in plan.hooks),
        drain=plan.drain,
        command=plan.command,
        changes=changes_of(plan.steps),
        left=tuple(plan.left),
        by_hand=lines_by_hand(repo) if plan.dispatcher == "by-hand" else (),
        lefthook=plan.lefthook,
        dry_run=dry_run,
    )


def drain_mode(pairs: list[tuple[str, str]]) -> str:
    """Return how the drain is started, by ``buildlog.drain``.

    Raises:
        UsageError: the setting says something else than there is.

    """
    mode = dict(pairs).get("buildlog.drain", DRAINS[0])
    if mode not in DRAINS:
        raise UsageError(
            f"buildlog.drain is {mode!r}: it must be {', '.join(DRAINS[:-1])} or {DRAINS[-1]}",
            slug="bad-setting",
            hint=f"git config buildlog.drain {DRAINS[0]}",
        )
    return mode


def find_command(pairs: list[tuple[str, str]]) -> str:
    """Return the command by which hooks start the drain, absolute where that can be told."""
    configured = dict(pairs).get("buildlog.command")
    if configured:
        return configured
    name = "git-buildlog"
    started = Path(sys.argv[0])
    for path in (started, Path(sys.executable).with_name(name)):
        if path.name == name and path.is_absolute() and os.access(path, os.X_OK):
            return str(path)
    return shutil.which(name) or name


def wanted_body(context: Context, drain: str, command: str) -> bytes:
    """Return the body as it should stand in the repository."""
    text = body(
        hook_template(),
        version=__version__,
        drain=drain,
        command=command,
        variables=watched_variables(context.settings.registry),
    )
    return text.encode("utf-8", "surrogateescape")


class _Plan:
    """The steps of an install, worked out from what is there."""

    def __init__(self, context: Context, *, files: bool) -> None:
        self.context = context
        self.repo = context.repo
        self.common = context.repo.common_dir
        pairs = read_config(self.repo.git)
        self.hooks = wanted_hooks(pairs)
        self.drain = drain_mode(pairs)
        self.command = find_command(pairs)
        self.body = wanted_body(context, self.drain, self.command)
        self.hooks_dir: HooksDir = hooks_dir(self.repo)
        self.before = read_record(self.common)
        self.dispatcher: Dispatcher = self._choose(files=files)
        self.steps: list[Step] = []
        self.left: list[Left] = []
        self.lefthook = self._lefthook() if self.dispatcher == "files" else ()

    def _choose(self, *, files: bool) -> Dispatcher:
        stays = self.before is not None and self.before.dispatcher == "files"
        if not (files or stays) and git_version(self.repo.git) >= CONFIG_HOOKS:
            return "config"
        if self.hooks_dir.path.exists() and not self.hooks_dir.path.is_dir():
            raise UsageError(
                f"git runs no hooks here: core.hooksPath is {self.hooks_dir.setting}",
                slug="hooks-off",
                hint="git config --show-origin core.hooksPath",
            )
        return "files" if self.hooks_dir.ours_to_write else "by-hand"

    def _lefthook(self) -> tuple[str, ...]:
        folder = self.hooks_dir.path
        places = {h.event: (folder / h.event, aside(folder) / h.event) for h in self.hooks}
        return tuple(
            event
            for event, paths in places.items()
            if any(made_by(read_file(path) or b"") == "lefthook" for path in paths)
        )

    def make(self) -> None:
        """Fill in the steps: first the record, by which all that follows can be undone."""
        folder = self.common / FOLDER
        for path in (folder, folder / "rewrites"):
            if not path.is_dir():
                self.steps.append(Step("make-folder", str(path)))
        record = Record(__version__, self.dispatcher, self._folder_name())
        before = self.before
        if before and (before.dispatcher, before.folder) != (record.dispatcher, record.folder):
            removal = removal_of(self.repo, before)
            self.steps += removal.steps
            self.left += removal.left
            before = None
        if before:
            record = replace(record, made=before.made, links=before.links, ours=before.ours)
        staying = self._drop(before) if before else ()
        hooks: list[Step] = []
        if self.dispatcher == "config":
            record = self._set(record, hooks)
        elif self.dispatcher == "files":
            record = self._place(record, before, hooks)
        record = replace(record, hooks=(*record.hooks, *staying))
        record = self._add_refspec(record, hooks)
        written = [placed.digest for placed in record.hooks]
        ours = dict.fromkeys([*record.ours, *written, digest(self.body)])
        content = replace(record, ours=tuple(ours)).to_bytes()
        if read_file(self.common / RECORD) != content:
            self.steps.append(Step("write", str(self.common / RECORD), content=content))
        if read_file(self.common / BODY) != self.body:
            self.steps.append(Step("write", str(self.common / BODY), content=self.body))
        self.steps += hooks

    def _add_refspec(self, record: Record, steps: list[Step]) -> Record:
        """Let a plain fetch bring others' notes too, beside ours."""
        found = wanted_refspec(self.context)
        remotes = self.before.remotes if self.before else ()
        if found is not None:
            name, refspec = found
            steps.append(Step("add-value", f"remote.{name}.fetch", refspec))
            remotes = tuple(dict.fromkeys([*remotes, name]))
        return replace(record, remotes=remotes)

    def _drop(self, before: Record) -> tuple[Placed, ...]:
        """Take out the hooks that are not asked for any more; return those that stay."""
        wanted = {hook.event for hook in self.hooks}
        gone = tuple(placed for placed in before.hooks if placed.event not in wanted)
        removal = removal_of(self.repo, replace(before, hooks=gone), folders=False)
        self.steps += removal.steps
        self.left += removal.left
        return tuple(removal.staying)

    def _folder_name(self) -> str:
        path = self.hooks_dir.path
        if path.is_relative_to(self.common):
            return path.relative_to(self.common).as_posix()
        return str(path)

    # -- hooks in git's configuration ---------------------------------------------------------

    def _set(self, record: Record, steps: list[Step]) -> Record:
        present = local_hooks(self.repo)
        hooks = []
        for hook in self.hooks:
            name = config_name(hook.event)
            command = config_command(hook.event, str(self.common))
            hooks.append(Placed(hook.event, digest(command.encode("utf-8", "surrogateescape"))))
            for key, value in ((f"{name}.event", hook.event), (f"{name}.command", command)):
                if present.get(key) != [value]:
                    steps.append(Step("set", key, value))
        return replace(record, hooks=tuple(hooks))

    # -- hooks in files -----------------------------------------------------------------------

    def _place(self, record: Record, before: Record | None, steps: list[Step]) -> Record:
        folder = self.hooks_dir.path
        made = list(record.made)
        if not folder.is_dir():
            steps.append(Step("make-folder", str(folder)))
            made.append(record.folder)
        hooks = []
        kept: list[Step] = []
        files: list[Step] = []
        for hook in self.hooks:
            text = dispatcher(hook.event, str(self.common))
            content = text.encode("utf-8", "surrogateescape")
            old = before.digest(hook.event) if before else ""
            hooks.append(Placed(hook.event, digest(content)))
            ours = {*record.ours, digest(content)}
            if not self._place_one(folder / hook.event, content, ours, kept, files) and old:
                hooks[-1] = Placed(hook.event, old)
        links = record.links
        if kept:
            links = self._make_beside(folder, record, made, steps)
        steps += [*kept, *files]
        return replace(record, hooks=tuple(hooks), made=tuple(made), links=links)

    def _place_one(
        self,
        path: Path,
        content: bytes,
        ours: Collection[str],
        kept: list[Step],
        files: list[Step],
    ) -> bool:
        """Plan one hook; return whether what stands there then is ``content``."""
        state = state_of(path, ours)
        place = aside(path.parent) / path.name
        if state == "edited":
            self.left.append(Left("hook-edited", str(path)))
            return False
        if state == "foreign":
            if path.is_dir():
                self.left.append(Left("hook-is-a-folder", str(path)))
                return False
            kept += self._make_room(path, place, ours)
            kept.append(Step("keep", str(path), str(place), read_file(path) or b""))
        if read_file(path) != content or not is_executable(path) or state == "foreign":
            files.append(Step("write", str(path), content=content, executable=True))
        return True

    def _make_room(self, path: Path, place: Path, ours: Collection[str]) -> list[Step]:
        """Return what becomes of an earlier hook, where a tool has put its own in our place."""
        put_aside = displaced(path, ours)
        earlier = read_file(place)
        if earlier is None:
            return [Step("remove", str(put_aside))] if put_aside else []
        present = read_file(path) or b""
        if same_tool(earlier, present):
            return [Step("remove", str(put_aside))] if put_aside else []
        if put_aside:  # the tool runs us from there: from now on it runs what we stood for
            return [Step("move", str(place), str(put_aside))]
        numbers = range(1, 1000)
        free = next(n for n in numbers if not place.with_name(f"{place.name}.{n}").exists())
        spare = place.with_name(f"{place.name}.{free}")
        self.left.append(Left("earlier-hook-kept", str(path), str(spare)))
        return [Step("move", str(place), str(spare))]

    def _make_beside(
        self, folder: Path, record: Record, made: list[str], steps: list[Step]
    ) -> tuple[str, ...]:
        """Plan the folder in which what was there is kept, with links to its old neighbours."""
        beside = aside(folder)
        links = list(record.links)
        if not beside.is_dir():
            steps.append(Step("make-folder", str(beside)))
            name = f"{record.folder}{beside.name.removeprefix(folder.name)}"
            if name not in made:
                made.append(name)
            if self.hooks_dir.owner == "own":
                steps.append(Step("write", str(beside / ".gitignore"), content=b"*\n"))
                links.append(".gitignore")
        events = {hook.event for hook in EVERY}
        names = sorted(os.listdir(folder)) if folder.is_dir() else []  # noqa: PTH208
        for name in names:
            passing = name.endswith(".sample") or state_of(folder / name, record.ours) == "ours"
            if name in events or passing or os.path.lexists(beside / name):
                continue
            steps.append(Step("link", str(beside / name), f"../{folder.name}/{name}"))
            links.append(name)
        return tuple(links)
