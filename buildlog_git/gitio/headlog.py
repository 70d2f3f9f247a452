"""What HEAD's reflogs say that nobody has read yet, for every worktree.

Git writes a line for nearly everything that moves HEAD, and names what did it. So hooks only
have to say that something happened; a commit that no hook saw (another client, a killed
process, hooks not installed) is in the next lines that are read.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.ids import Oid
from buildlog_git.core.signals import MAIN_WORKTREE

_LINE = 4096
"""Bytes before the position within which the last line that was read is looked for."""


class Move(NamedTuple):
    """One line: HEAD of ``worktree`` went from ``old`` to ``new`` because of ``verb``.

    ``verb`` is what stands before the colon, such as ``commit (amend)``, ``rest`` what follows;
    ``at`` is when, in seconds since 1970. ``start`` is where the line begins, in bytes.
    """

    worktree: str
    old: Oid
    new: Oid
    verb: str
    rest: str
    at: int
    start: int = 0

    @property
    def target(self) -> str | None:
        """The name that a checkout went to, None for anything else and for a no-op."""
        source, arrow, target = self.rest.removeprefix("moving from ").rpartition(" to ")
        if self.verb != "checkout" or not arrow or source == target:
            return None
        return target


class Position(NamedTuple):
    """How far a log was read: its size then, and the commit of its last line."""

    size: int
    tip: str


def head_logs(common_dir: Path) -> dict[str, Path]:
    """Return the reflog of HEAD of each worktree that has one."""
    found = {MAIN_WORKTREE: common_dir / "logs" / "HEAD"}
    with suppress(OSError):
        for folder in sorted((common_dir / "worktrees").iterdir()):
            found[folder.name] = folder / "logs" / "HEAD"
    return {name: path for name, path in found.items() if path.is_file()}


def head_ref(git_dir: Path) -> str | None:
    """Return the branch that HEAD of a worktree is on, as far as its file tells."""
    with suppress(OSError):
        text = (git_dir / "HEAD").read_text("utf-8", "surrogateescape").strip()
        ref = text.removeprefix("ref: ")
        if ref.startswith("refs/heads/") and ref != "refs/heads/.invalid":
            return ref
    return None


def read_moves(worktree: str, path: Path, since: Position | None) -> tuple[list[Move], Position]:
    """Return what a log says after ``since``, and how far it was read now.

    Where the lines before were expired, what follows the last known commit is returned, or
    everything that is left.
    """
    content, start = b"", 0
    with path.open("rb") as file:
        if since is not None:
            skipped = max(0, since.size - _LINE)
            file.seek(skipped)
            content = file.read()
            start = since.size - skipped
        if since is None or not _ends_at(content, start, since.tip):
            file.seek(0)
            skipped, content = 0, file.read()
            start = _after(content, since.tip) if since is not None else 0
    end = content.rfind(b"\n") + 1
    moves = list(_parse(worktree, content[start:end], skipped + start))
    tip = moves[-1].new if moves else (since.tip if since else "")
    return moves, Position(skipped + end, tip)


def last_move(git_dir: Path) -> Move | None:
    """Return what the last line of a worktree's reflog of HEAD says."""
    with suppress(OSError), (git_dir / "logs" / "HEAD").open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 16 * _LINE))
        moves = list(_parse(MAIN_WORKTREE, file.read().rstrip(b"\n").rpartition(b"\n")[2]))
        return moves[-1] if moves else None
    return None


def _ends_at(content: bytes, start: int, tip: str) -> bool:
    """Return whether a line that leads to ``tip`` ends just before ``start``."""
    if start == 0:
        return True
    line = content[:start].rstrip(b"\n").rpartition(b"\n")[2]
    return content[start - 1 : start] == b"\n" and b" " + tip.encode() + b" " in line


def _after(content: bytes, tip: str) -> int:
    last = content.rfind(b" " + tip.encode() + b" ")
    return content.find(b"\n", last) + 1 if tip and last >= 0 else 0


def _parse(worktree: str, content: bytes, start: int = 0) -> Iterator[Move]:
    for raw in content.split(b"\n"):
        line, here = raw.decode("utf-8", "surrogateescape"), start
        start += len(raw) + 1
        head, _, message = line.partition("\t")
        words = head.split(" ", 2)
        if len(words) < 3:
            continue
        verb, _, rest = message.partition(": ")
        when = head.rsplit(" ", 2)[-2]
        at = int(when) if when.isdigit() else 0
        yield Move(worktree, Oid(words[0]), Oid(words[1]), verb, rest, at, here)
