"""What is installed here, what waits, and what went wrong last; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.exposure import NOBODY
from buildlog_git.core.hooks import BODY, EVERY, HOOKS, Hook, config_name, setting_of
from buildlog_git.core.session import Place
from buildlog_git.flows.context import Context
from buildlog_git.flows.localrules import is_intact, rules_in
from buildlog_git.flows.uninstall import lines_by_hand, local_hooks
from buildlog_git.gitio.backlog import backlog
from buildlog_git.gitio.faults import read_faults
from buildlog_git.gitio.headlog import head_ref
from buildlog_git.gitio.installed import (
    Record,
    aside,
    digest,
    displaced,
    lefthook_runs_us,
    made_by,
    read_file,
    read_record,
    state_of,
)
from buildlog_git.gitio.repo import Repo
from buildlog_git.gitio.sessionfiles import read_session
from buildlog_git.gitio.shown import read_on_disk
from buildlog_git.gitio.steps import is_executable
from buildlog_git.gitio.worktrees import find_worktree, worktree_name


@dataclass(frozen=True, slots=True)
class HookState:
    """One hook.

    ``state`` is ``active``, ``behind`` (another tool's stands there and runs ours), ``by-hand``,
    ``absent``, ``edited``, ``foreign`` (another tool's stands there) or ``not-executable``.
    ``before`` is the hook that ours runs, empty where there is none, and ``tool`` what wrote it,
    or what stands in front of ours, as far as that is known.
    """

    event: str
    state: str
    before: str
    tool: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Signals that no drain has read; ``since`` is when the oldest came (seconds since 1970)."""

    signals: int
    since: int | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """The session of this worktree's branch, where one is open; empty where it does not say."""

    branch: str
    id: str
    error_class: str


@dataclass(frozen=True, slots=True)
class ShownHere:
    """What was put for agents in this worktree: for which session, and which rules in which files.

    ``branch`` is empty where HEAD was on none. ``intact`` says that nobody has changed it since;
    ``due`` that the branch is another one now, whose rules come with the next drain.
    """

    branch: str
    session: str
    rules: tuple[str, ...]
    files: tuple[str, ...]
    intact: bool
    due: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """The last thing that went wrong where nobody was there to be told."""

    at: int
    slug: str
    message: str


@dataclass(frozen=True, slots=True)
class Status:
    """What there is; ``drain`` and ``command`` are what the hooks really use."""

    installed: bool
    dispatcher: str | None
    folder: str | None
    hooks: tuple[HookState, ...]
    drain: str
    command: str
    version: str
    waiting: Waiting
    session: OpenSession | None
    shown: ShownHere | None
    failure: Failure | None


def look(context: Context) -> Status:
    """Return what is installed in the repository, and what waits there."""
    repo = context.repo
    record = read_record(repo.common_dir)
    text = (read_file(repo.common_dir / BODY) or b"").decode("utf-8", "surrogateescape")
    faults = read_faults(repo.common_dir)
    last = max(faults, default=None)
    in_files = record is not None and record.dispatcher == "files"
    return Status(
        installed=record is not None,
        dispatcher=record.dispatcher if record else None,
        folder=str(repo.common_dir / record.folder) if record and in_files else None,
        hooks=hook_states(repo, record) if record else (),
        drain=setting_of(text, "drain"),
        command=setting_of(text, "command"),
        version=record.version if record else "",
        waiting=waiting(repo.common_dir, context.now),
        session=_session(repo),
        shown=shown_here(repo),
        failure=Failure(last.at, last.slug, last.message) if last else None,
    )


def waiting(common_dir: Path, now: int) -> Waiting:
    """Return what waits in the queue, and for how long."""
    found = backlog(common_dir)
    age = None if found.since is None else max(0, now - found.since)
    return Waiting(found.lines, found.since, age)


def hook_states(repo: Repo, record: Record) -> tuple[HookState, ...]:
    """Return what has become of each hook since the install."""
    if record.dispatcher == "config":
        return tuple(_settings(repo, record))
    if record.dispatcher == "by-hand":
        return tuple(
            HookState(Path(line.path).name, "by-hand" if line.present else "absent", line.path, "")
            for line in lines_by_hand(repo)
        )
    folder = repo.common_dir / record.folder
    return tuple(_file(repo.top, folder, hook.event, record) for hook in _placed(record))


def _placed(record: Record) -> list[Hook]:
    """Return the hooks that the install was to put somewhere."""
    return [hook for hook in EVERY if hook in HOOKS or record.digest(hook.event)]


def _settings(repo: Repo, record: Record) -> list[HookState]:
    settings = local_hooks(repo)
    states = []
    for hook in _placed(record):
        commands = settings.get(f"{config_name(hook.event)}.command", [])
        digests = [digest(command.encode("utf-8", "surrogateescape")) for command in commands]
        events = settings.get(f"{config_name(hook.event)}.event", [])
        state = "active" if digests == [record.digest(hook.event)] else "edited"
        state = state if commands and hook.event in events else "absent"
        states.append(HookState(hook.event, state, "", ""))
    return states


def _file(top: Path, folder: Path, event: str, record: Record) -> HookState:
    path = folder / event
    kept = aside(folder) / event
    content = read_file(kept)
    state: str = state_of(path, record.ours)
    if state == "ours":
        state = "active" if is_executable(path) else "not-executable"
    tool = made_by(content or b"")
    if state == "foreign":
        tool = made_by(read_file(path) or b"")
        if displaced(path, record.ours) == path.with_name(f"{event}.legacy") or (
            tool == "lefthook" and lefthook_runs_us(top, event)
        ):
            state = "behind"
    before = str(kept) if content is not None else ""
    return HookState(event, state, before, tool)


def shown_here(repo: Repo) -> ShownHere | None:
    """Return what agents can read in the worktree, None where nothing was ever put there."""
    name = worktree_name(repo)
    found, tree = read_on_disk(repo.common_dir, name), find_worktree(repo, name)
    if found is None or tree is None:
        return None
    return ShownHere(
        branch=found.ref.removeprefix("refs/heads/") if found.ref != NOBODY else "",
        session=found.session,
        rules=rules_in(tree, found),
        files=tuple(sorted(name for name, digest in found.files.items() if digest)),
        intact=is_intact(tree, found),
        due=(head_ref(tree.git_dir) or NOBODY) != found.ref,
    )


def _session(repo: Repo) -> OpenSession | None:
    ref = head_ref(repo.git_dir) or ""
    branch = ref.removeprefix("refs/heads/")
    try:
        session = read_session(repo.common_dir, Place(worktree_name(repo), ref)) if branch else None
    except ValueError:
        return OpenSession(branch, "", "")
    return OpenSession(branch, session.id, session.error_class) if session is not None else None
