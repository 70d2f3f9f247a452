"""Takes over what ``buildlog`` 0.8 wrote into its own folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.events import Event
from buildlog_git.core.forgotten import Tombstone, forgotten
from buildlog_git.core.graph import steady_times
from buildlog_git.core.ids import Oid
from buildlog_git.core.legacy import Legacy, Timeline, facts_of
from buildlog_git.core.session_events import Mistake, Reward
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.repo import head_commit

FILES = ("sessions.jsonl", "mistakes.jsonl", "reward_events.jsonl")
_PLACES = ("buildlog/.buildlog", ".buildlog", ".")
_LEFT = {
    "bandit_state.jsonl": "what it believed of rules: learned anew from facts",
    "promoted.json": "the rules that it promoted: git buildlog rules import CLAUDE.md",
    "rejected.json": "the rules that it rejected",
    "review_learnings.json": "what reviews taught it",
    "active_session.json": "a session that was not ended",
}
"""Other files of it, and what they hold."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A file that was not taken over, and what it holds."""

    file: str
    entries: int
    what: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What was found in an old folder.

    ``written`` facts are new, ``already`` were in the ledger, ``merged`` were said twice in the
    folder, and ``buried`` are those that somebody made the ledger forget. ``unread`` rows are not
    what the old program writes.
    """

    dry_run: bool
    directory: str
    sessions: int
    mistakes: int
    rewards: int
    written: int
    already: int
    merged: int
    buried: int
    unread: int
    left: tuple[NotTaken, ...]


def import_legacy(context: Context, directory: Path, *, dry_run: bool = False) -> Imported:
    """Write what the old program knew to the ledger; run twice, it writes nothing more.

    Args:
        context: where.
        directory: the old ``buildlog`` folder, or the one that it lies in.
        dry_run: write nothing.

    Raises:
        UsageError: there is no such folder, or no commit to attach anything to.
        LedgerError: the ledger cannot be written; it is as it was.

    """
    folder = _find(directory)
    if head_commit(context.repo.git) is None:
        raise UsageError(
            "there are no commits here yet",
            slug="no-commits",
            hint="every fact belongs to a commit: make one first",
        )
    sessions, mistakes, rewards = (_rows(folder / name) for name in FILES)
    legacy = facts_of(sessions, mistakes, rewards, _timeline(context))
    events = {event.id: event for event in _all(legacy)}
    stored = context.ledger.read().events
    known = {_homeless(event) for event in stored}
    buried = _buried(events, stored)
    new = [e for name, e in events.items() if _homeless(e) not in known and name not in buried]
    written = len(new) if dry_run else context.ledger.append(new).written
    return Imported(
        dry_run=dry_run,
        directory=str(folder),
        sessions=sum(event.kind == "session" for event in legacy.sessions),
        mistakes=len(legacy.mistakes),
        rewards=len(legacy.rewards),
        written=written,
        already=len(events) - len(new) - len(buried),
        merged=len(_all(legacy)) - len(events),
        buried=len(buried),
        unread=legacy.unread,
        left=tuple(_left(folder)),
    )


def _buried(events: Mapping[str, Event], stored: Iterable[Event]) -> frozenset[str]:
    """Return the ids of those of ``events`` that are forgotten, whichever commit they were for."""
    stones = [event for event in stored if isinstance(event, Tombstone)]
    gone = forgotten(stones)
    places = {stone.commit for stone in stones}
    return frozenset(
        name
        for name, event in events.items()
        if name in gone
        or (
            isinstance(event, Mistake | Reward)
            and any(event._replace(commit=commit).id in gone for commit in places)
        )
    )


def _homeless(event: Event) -> tuple[object, ...]:
    """Return what an event says, whichever commit it was the last before."""
    if isinstance(event, Mistake):
        return ("mistake", event._replace(commit=Oid(""), repeat_of=None))
    if isinstance(event, Reward):
        return ("reward", event._replace(commit=Oid("")))
    return (event.id,)


def _all(legacy: Legacy) -> tuple[Event, ...]:
    return (*legacy.sessions, *legacy.mistakes, *legacy.rewards)


def _find(directory: Path) -> Path:
    for place in _PLACES:
        folder = directory / place
        if any((folder / name).is_file() for name in (*FILES, "promoted.json")):
            return folder
    raise UsageError(
        f"no folder of buildlog 0.8: {directory}",
        slug="no-old-buildlog",
        hint=f"it holds .buildlog/ with {', '.join(FILES)}",
    )


def _timeline(context: Context) -> Timeline:
    commits = read_commits(context.repo.git, "HEAD")
    parents = {commit.oid: commit.parents for commit in commits}
    own = {commit.oid: commit.commit_time for commit in commits}
    times = steady_times(list(own), parents, own, context.now)
    order = sorted(own, key=lambda oid: (times[oid], oid))
    return Timeline([times[oid] for oid in order], order)


def _rows(path: Path) -> Iterator[object]:
    """Yield what each line holds; None for what is no JSON."""
    try:
        stream = path.open("rb")
    except OSError:
        return
    with stream:
        for line in stream:
            if line.strip():
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError):
                    yield None


def _left(folder: Path) -> Iterator[NotTaken]:
    for name, what in _LEFT.items():
        for path in (folder / name, folder.parent / name):
            if path.is_file():
                yield NotTaken(name, _entries(path), what)
                break


def _entries(path: Path) -> int:
    if path.suffix == ".jsonl":
        return sum(1 for _ in _rows(path))
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return 0
    listed = told.get("skill_ids", told) if isinstance(told, dict) else told
    return len(listed) if isinstance(listed, list | dict) else 0
