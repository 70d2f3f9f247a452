"""What is wrong with the hooks here, and what of it can be put right without asking.

Each check is a function that yields findings. Those of the files come first: they need no git,
and answer where git refuses the repository or half of it is gone.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from buildlog_git import __version__
from buildlog_git.core.booleans import NO
from buildlog_git.core.hooks import BODY, CONFIG_HOOKS, EVERY, MARK, PUSH, config_name, setting_of
from buildlog_git.core.moments import DAY
from buildlog_git.errors import BuildlogError, GitError
from buildlog_git.flows.agentcheck import Finding, agent_findings
from buildlog_git.flows.changes import Change
from buildlog_git.flows.context import Context, open_context
from buildlog_git.flows.install import drain_mode, find_command, install, wanted_body
from buildlog_git.flows.refspecs import dangers, mend
from buildlog_git.flows.status import hook_states, waiting
from buildlog_git.flows.uninstall import local_hooks, wanted_hooks
from buildlog_git.gitio.faults import read_faults
from buildlog_git.gitio.hooksdir import git_version, hooks_dir
from buildlog_git.gitio.installed import Record, aside, read_file, read_record
from buildlog_git.gitio.place import (
    Place,
    find_place,
    left_locks,
    not_writable,
    owner,
    why_not_writable,
)
from buildlog_git.gitio.repo import open_repo
from buildlog_git.gitio.run import Git, answer_of
from buildlog_git.gitio.settings import read_config
from buildlog_git.gitio.steps import is_executable

BACKLOG_SECONDS = 3600
"""A signal that waits longer than this is stuck; a drain takes a second."""
LOCK_SECONDS = 600
RECENT = 7 * DAY
"""Failures that are older explain nothing of today."""

_BY_INSTALL = frozenset({
    "hook-missing", "hook-not-executable", "hook-replaced", "hooks-shadowed", "body-missing",
    "body-outdated", "config-hooks-ignored", "command-missing", "record-missing", "push-changed",
})  # fmt: skip
"""What a new install puts right."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What the doctor found.

    ``fixed`` are the slugs of what ``--fix`` has put right, ``changes`` the settings that it
    changed for that.
    """

    ok: bool
    repository: str
    git: str
    installed: bool
    findings: tuple[Finding, ...]
    fixed: tuple[str, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Case:
    """What the checks look at; ``context`` is None where git or a setting stands in the way."""

    directory: Path
    place: Place
    context: Context | None
    obstacle: BuildlogError | None
    record: Record | None
    now: int


def examine(directory: Path, *, fix: bool = False) -> Diagnosis:
    """Look at everything that hooks need.

    Args:
        directory: somewhere in the repository.
        fix: repair what is safe to repair, and look again.

    Raises:
        GitError: there is no repository, not even a broken one.

    """
    case = _open(directory)
    findings = _findings(case)
    fixed: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    if fix:
        before = {finding.slug for finding in findings}
        _repair(case, findings)
        changes = mend(case.context.repo.git) if case.context else ()
        case = _open(directory)
        findings = _findings(case)
        fixed = tuple(sorted(before - {finding.slug for finding in findings}))
    return Diagnosis(
        ok=not any(finding.level == "wrong" for finding in findings),
        repository=str(case.place.top),
        git=_version_of_git(directory),
        installed=case.record is not None,
        findings=tuple(findings),
        fixed=fixed,
        changes=changes,
    )


def _open(directory: Path) -> _Case:
    context: Context | None = None
    obstacle: BuildlogError | None = None
    place = find_place(directory)
    try:
        context = open_context(directory)
    except BuildlogError as error:
        obstacle = error
        if place is None:
            raise
        with suppress(GitError):  # it was a setting: the repository itself is fine
            repo = open_repo(directory)
            place = Place(repo.top, repo.git_dir, repo.common_dir)
    if context is not None:
        place = Place(context.repo.top, context.repo.git_dir, context.repo.common_dir)
    assert place is not None  # noqa: S101 - or an error was raised
    now = context.now if context is not None else int(time.time())
    return _Case(directory, place, context, obstacle, read_record(place.common_dir), now)


def _findings(case: _Case) -> list[Finding]:
    return [finding for check in _CHECKS for finding in check(case)]


def _repair(case: _Case, findings: list[Finding]) -> None:
    slugs = {finding.slug for finding in findings}
    for finding in findings:
        if finding.slug == "stale-lock" and finding.level == "wrong":
            Path(finding.subject).unlink(missing_ok=True)
    if case.context is not None and slugs & _BY_INSTALL and slugs.isdisjoint({"not-writable"}):
        with suppress(BuildlogError):
            install(case.context)


# -- without git ----------------------------------------------------------------------------


def _access(case: _Case) -> Iterator[Finding]:
    if case.obstacle is None:
        return
    error = case.obstacle
    if error.slug == "repository-refused" and "dubious ownership" in error.message:
        yield Finding("unsafe-owner", "wrong", str(case.place.top), owner(case.place.git_dir))
    else:
        yield Finding(error.slug, "wrong", str(case.place.top), error.message)


def _writable(case: _Case) -> Iterator[Finding]:
    common = case.place.common_dir
    reason = why_not_writable(common)
    if reason is not None:
        yield Finding(reason[0], "wrong", str(reason[1]), owner(reason[1]))
        return
    path = not_writable(common)
    if path is not None:
        yield Finding("not-writable", "wrong", str(path), owner(path))


def _locks(case: _Case) -> Iterator[Finding]:
    for lock in left_locks(case.place, case.now):
        if lock.age > LOCK_SECONDS:
            ours = "refs/notes" in lock.path.as_posix()
            slug = "stale-lock" if ours else "stale-git-lock"
            yield Finding(slug, "wrong", str(lock.path), str(lock.age))


def _home(case: _Case) -> Iterator[Finding]:
    if not os.environ.get("HOME") and not os.environ.get("GIT_CONFIG_GLOBAL"):
        yield Finding("home-unset", "note", "HOME")
    if case.context and not case.context.repo.git.ok("var", "GIT_COMMITTER_IDENT"):
        yield Finding("no-identity", "wrong", "user.name, user.email")


def _queue(case: _Case) -> Iterator[Finding]:
    found = waiting(case.place.common_dir, case.now)
    if not found.signals or found.seconds is None or found.seconds < BACKLOG_SECONDS:
        return
    text = read_file(case.place.common_dir / BODY) or b""
    off = setting_of(text.decode("utf-8", "replace"), "drain") == "off"
    level: Literal["wrong", "note"] = "note" if off else "wrong"
    slug = "drain-off" if off else "queue-backlog"
    yield Finding(slug, level, str(found.signals), str(found.seconds))


def _failures(case: _Case) -> Iterator[Finding]:
    last = max(read_faults(case.place.common_dir), default=None)
    if last is not None and last.at > case.now - RECENT:
        yield Finding("last-failure", "note", last.slug, last.message)


def _command(case: _Case) -> Iterator[Finding]:
    content = read_file(case.place.common_dir / BODY)
    if case.record is None or content is None:
        return
    command = setting_of(content.decode("utf-8", "surrogateescape"), "command")
    path = shutil.which(command)
    if path is None:
        instead = shutil.which("git-buildlog")
        detail = instead or ""
        yield Finding("command-missing", "note" if instead else "wrong", command, detail)
        return
    answer = answer_of(path)
    if answer is None:
        yield Finding("command-broken", "wrong", command)
    elif answer.startswith("git-buildlog ") and answer != f"git-buildlog {__version__}":
        yield Finding("command-other-version", "note", command, answer.split()[1])


# -- with git -------------------------------------------------------------------------------


def _installed(case: _Case) -> Iterator[Finding]:
    if case.context is None or case.context.repo.bare:
        return
    repo = case.context.repo
    if case.record is None:
        folder = hooks_dir(repo).path
        ours = [h.event for h in EVERY if MARK.encode() in (read_file(folder / h.event) or b"")]
        ours += [h.event for h in EVERY if f"{config_name(h.event)}.command" in local_hooks(repo)]
        slug = "record-missing" if ours else "not-installed"
        yield Finding(slug, "wrong" if ours else "note", str(folder), ", ".join(ours))
        return
    body = read_file(repo.common_dir / BODY)
    if body is None:
        yield Finding("body-missing", "wrong", str(repo.common_dir / BODY))
    else:
        yield from _outdated(case.context, body)


def _outdated(context: Context, body: bytes) -> Iterator[Finding]:
    pairs = read_config(context.repo.git)
    text = body.decode("utf-8", "surrogateescape")
    try:
        drain = drain_mode(pairs)
    except BuildlogError as error:
        yield Finding(error.slug, "wrong", "buildlog.drain", error.message)
        return
    # A command that still runs is as good as the one that an install would find now.
    command = setting_of(text, "command")
    configured = dict(pairs).get("buildlog.command")
    command = find_command(pairs) if configured else command
    if body != wanted_body(context, drain, command):
        version = setting_of(text, "version")
        yield Finding("body-outdated", "wrong", str(context.repo.common_dir / BODY), version)


def _hooks(case: _Case) -> Iterator[Finding]:
    if case.context is None or case.record is None:
        return
    slugs = {
        "absent": "hook-missing",
        "edited": "hook-edited",
        "foreign": "hook-replaced",
        "not-executable": "hook-not-executable",
    }
    for hook in hook_states(case.context.repo, case.record):
        if hook.state in slugs:
            by_hand = case.record.dispatcher == "by-hand"
            slug = "line-missing" if by_hand else slugs[hook.state]
            yield Finding(slug, "wrong", hook.event, hook.before)
        elif hook.state == "behind":
            yield Finding("behind-another", "note", hook.event, hook.tool)
        elif hook.before and case.record.dispatcher == "files":
            kept = Path(hook.before)
            if not is_executable(kept):
                yield Finding("chained-not-executable", "note", hook.event, str(kept))


def _push(case: _Case) -> Iterator[Finding]:
    """Say where buildlog.push and the hook that it asks for differ."""
    if case.context is None or case.record is None or case.record.dispatcher == "by-hand":
        return
    wanted = PUSH in wanted_hooks(read_config(case.context.repo.git))
    if wanted != bool(case.record.digest(PUSH.event)):
        yield Finding(
            "push-changed", "wrong", PUSH.event, "not there yet" if wanted else "still there"
        )


def _dispatch(case: _Case) -> Iterator[Finding]:
    if case.context is None or case.record is None:
        return
    repo, record = case.context.repo, case.record
    if record.dispatcher == "files":
        found = hooks_dir(repo)
        folder = repo.common_dir / record.folder
        if found.path != folder.resolve():
            yield Finding("hooks-shadowed", "wrong", str(folder), str(found.path))
        if (beside := aside(folder)).exists() and not beside.is_dir():
            yield Finding("not-writable", "wrong", str(beside), owner(beside))
    if record.dispatcher == "config":
        if git_version(repo.git) < CONFIG_HOOKS:
            yield Finding("config-hooks-ignored", "wrong", _version_of_git(case.directory))
        settings = dict(read_config(repo.git, "hook"))
        names = [name for hook in EVERY for name in (config_name(hook.event), f"hook.{hook.event}")]
        for name in names:
            if settings.get(f"{name}.enabled", "true").lower() in NO:
                yield Finding("hook-disabled", "wrong", f"{name}.enabled")


def _refspecs(case: _Case) -> Iterator[Finding]:
    if case.context is None:
        return
    for danger, _ in dangers(case.context.repo.git):
        yield Finding(danger.slug, "wrong", danger.key, danger.value)


def _beside(case: _Case) -> Iterator[Finding]:
    """Say where pre-commit runs us too: it does no harm, since facts have ids."""
    if case.record is None:
        return
    content = read_file(case.place.top / ".pre-commit-config.yaml") or b""
    if b"buildlog-post-commit" in content:
        yield Finding("both-active", "note", ".pre-commit-config.yaml")


def _agents(case: _Case) -> Iterator[Finding]:
    if case.context is not None and not case.context.repo.bare:
        yield from agent_findings(case.context)


def _version_of_git(directory: Path) -> str:
    try:
        return ".".join(map(str, git_version(Git(directory))))
    except GitError:
        return ""


_CHECKS: tuple[Callable[[_Case], Iterator[Finding]], ...] = (
    _access, _writable, _locks, _home, _installed, _hooks, _push, _dispatch, _command, _queue,
    _failures, _refspecs, _beside, _agents,
)  # fmt: skip
