"""A repository seen without git: where its parts are, and whether they can be written.

For the doctor, who must also answer where git refuses to.
"""

from __future__ import annotations

import errno
import os
import pwd
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.queue import FOLDER

LOCKS = (f"{REF}.lock", "packed-refs.lock", "config.lock", "HEAD.lock", "index.lock")
_TRIAL = b"\0" * 8192


class Place(NamedTuple):
    """The work tree's root, its git directory, and the one that all worktrees share."""

    top: Path
    git_dir: Path
    common_dir: Path


class Lock(NamedTuple):
    """A lock file that git has left, and its age in seconds."""

    path: Path
    age: int


def find_place(directory: Path) -> Place | None:
    """Return the repository that ``directory`` is in, as far as its files show."""
    given = os.environ.get("GIT_DIR")
    if given:
        return _place(directory, directory / given)
    with suppress(OSError):
        start = directory.resolve()
        for folder in (start, *start.parents):
            found = _place(folder, folder / ".git")
            if found is not None:
                return found
            if _is_git_dir(folder):
                return _place(folder, folder)
    return None


def _place(top: Path, git_dir: Path) -> Place | None:
    with suppress(OSError, ValueError):
        if git_dir.is_file():
            text = git_dir.read_text("utf-8", "surrogateescape")
            git_dir = top / text.removeprefix("gitdir: ").rstrip("\n")
        if not _is_git_dir(git_dir):
            return None
        common = git_dir
        if (git_dir / "commondir").is_file():
            text = (git_dir / "commondir").read_text("utf-8", "surrogateescape")
            common = git_dir / text.rstrip("\n")
        return Place(top, git_dir.resolve(), common.resolve())
    return None


def _is_git_dir(path: Path) -> bool:
    """Whether it is, or was before it was damaged: git itself asks for all of these."""
    if (path / "commondir").is_file():
        return True
    parts = ("HEAD", "config", "objects", "refs")
    return sum(os.path.lexists(path / part) for part in parts) >= 3


def why_not_writable(common_dir: Path) -> tuple[str, Path] | None:
    """Return why nothing can be written and where: ``disk-full`` or ``not-writable``.

    Tried with a real file: permissions do not tell of a full disk or a read-only mount.
    """
    folder = common_dir / FOLDER
    folder = folder if folder.is_dir() else common_dir
    trial = folder / f"doctor.{os.getpid()}"
    try:
        with trial.open("wb") as stream:
            stream.write(_TRIAL)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        return ("disk-full" if full else "not-writable", folder)
    finally:
        with suppress(OSError):
            trial.unlink()
    return None


def not_writable(common_dir: Path) -> Path | None:
    """Return the first part that the drain writes to and must not."""
    notes = common_dir / REF
    objects = common_dir / "objects"
    paths = [common_dir / FOLDER / "queue", notes, notes.parent, objects]
    with suppress(OSError):
        paths += [entry for entry in objects.iterdir() if len(entry.name) == 2]
    for path in paths:
        if path.exists() and not os.access(path, os.W_OK):
            return path
    return None


def owner(path: Path) -> str:
    """Return who owns a file."""
    try:
        number = path.stat().st_uid
    except OSError:
        return "nobody that can be told"
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def left_locks(place: Place, now: int) -> list[Lock]:
    """Return lock files that lie there; git itself holds one for less than a second."""
    found = []
    for name in LOCKS:
        base = place.git_dir if name in ("HEAD.lock", "index.lock") else place.common_dir
        with suppress(OSError):
            found.append(Lock(base / name, int(now - (base / name).stat().st_mtime)))
    return found
