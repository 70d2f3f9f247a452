"""Changes to files and to git's configuration, as values: planned, shown, then carried out.

Each step is whole or not done at all: files are written beside and renamed, and what is moved
aside is linked at its new place before anything takes its old one.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from buildlog_git.errors import GitError
from buildlog_git.gitio.replacing import replace_file
from buildlog_git.gitio.run import Git

Action = Literal[
    "make-folder",
    "write",
    "keep",
    "move",
    "link",
    "remove",
    "remove-folder",
    "set",
    "unset",
    "add-value",
    "drop-value",
]


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    ``target`` is a path, or a key of git's configuration; ``other`` is where a file is kept or
    moved to, what a link points to, or the value of the key. ``content`` is what to write, or
    what must still stand in a file that is to be kept.
    """

    action: Action
    target: str
    other: str = ""
    content: bytes = field(default=b"", repr=False)
    executable: bool = False


def perform(git: Git, steps: Iterable[Step]) -> None:
    """Carry out ``steps`` in their order.

    Raises:
        GitError: a file cannot be written, or git refused a setting; what was before stays done.

    """
    for step in steps:
        try:
            _perform(git, step)
        except OSError as error:
            raise GitError(
                f"{error.filename or step.target} cannot be written: {error.strerror or error}",
                slug="not-writable",
                hint="git buildlog doctor tells more; what was done before that can be taken back "
                "by git buildlog uninstall",
            ) from error


def _perform(git: Git, step: Step) -> None:
    path = Path(step.target)
    match step.action:
        case "make-folder":
            path.mkdir(parents=True, exist_ok=True)
            # As wide as what it lies in: a group may share the repository.
            path.chmod(stat.S_IMODE(path.parent.stat().st_mode))
        case "write":
            replace_file(path, step.content, mode=0o777 if step.executable else 0o666)
        case "keep":
            _keep(path, Path(step.other), step.content)
        case "move":
            path.replace(step.other)
        case "link":
            with suppress(OSError):  # a system without links does without
                path.symlink_to(step.other)
        case "remove":
            path.unlink(missing_ok=True)
        case "remove-folder":
            with suppress(OSError):  # somebody else has put something there
                path.rmdir()
        case "set":
            git.run("config", "--local", "--replace-all", step.target, step.other)
        case "unset":
            git.run("config", "--local", "--unset-all", step.target)
        case "add-value":
            git.run("config", "--local", "--add", step.target, step.other)
        case "drop-value":
            escaped = re.sub(r"([][\\.^$*+?(){}|])", r"\\\1", step.other)
            git.run("config", "--local", "--unset-all", step.target, f"^{escaped}$")


def _keep(path: Path, place: Path, content: bytes) -> None:
    """Make ``path`` stand at ``place`` too, the same to the last bit."""
    if content and path.read_bytes() != content:  # another install was faster
        raise FileExistsError(errno.EEXIST, "it was changed meanwhile", str(path))
    place.unlink(missing_ok=True)
    if path.is_symlink():
        place.symlink_to(path.readlink())
        return
    try:
        os.link(path, place)
    except OSError:
        shutil.copy2(path, place)


def is_executable(path: Path) -> bool:
    """Return whether git would run the file; as root too, who may read all but not run all."""
    try:
        return bool(path.stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH))
    except OSError:
        return False
