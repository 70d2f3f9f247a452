"""What waits in the queue, seen without taking anything from it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.signals import MAIN_WORKTREE, Signal, parse_signal
from buildlog_git.gitio.queue import FOLDER


class Backlog(NamedTuple):
    """How many lines no drain has read yet, and since when the oldest waits, if that is known."""

    lines: int
    since: int | None


def backlog(common_dir: Path) -> Backlog:
    """Return what waits in the queue."""
    folder = common_dir / FOLDER
    lines = 0
    since: int | None = None
    with suppress(OSError):
        taken = [path for path in folder.iterdir() if path.name.startswith("queue.taken.")]
        for path in [*sorted(taken, key=_order), folder / "queue"]:
            unread = _unread(path)
            if unread and since is None:
                since = _arrived(common_dir, unread[0], path)
            lines += len(unread)
    return Backlog(lines, since)


def _order(path: Path) -> int:
    part = path.name.split(".")[2]
    return int(part) if part.isdigit() else 0


def _unread(path: Path) -> list[bytes]:
    offset = path.name.rpartition(".")[2]
    try:
        content = path.read_bytes()
    except OSError:
        return []
    return content[int(offset) if offset.isdigit() else 0 :].splitlines()


def _arrived(common_dir: Path, line: bytes, path: Path) -> int | None:
    """Return when a line was written: no later than its file, by HEAD's reflog if that knows."""
    signal = parse_signal(line.decode("utf-8", "replace"))
    at = _logged(common_dir, signal) if signal is not None else None
    if at is not None:
        return at
    try:
        return int(path.stat().st_mtime)
    except OSError:
        return None


def _logged(common_dir: Path, signal: Signal) -> int | None:
    if signal.head is None:
        return None
    here = signal.worktree == MAIN_WORKTREE
    folder = common_dir if here else common_dir / "worktrees" / signal.worktree
    try:
        log = (folder / "logs" / "HEAD").read_bytes()
    except OSError:
        return None
    for row in reversed(log.splitlines()):
        head, _, _ = row.partition(b"\t")
        words = head.split(b" ")
        if len(words) > 3 and words[1] == signal.head.encode() and words[-2].isdigit():
            return int(words[-2])
    return None
