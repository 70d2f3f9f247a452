"""Reads what git is configured with, in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.booleans import YES
from buildlog_git.gitio.run import Git

if TYPE_CHECKING:
    from collections.abc import Iterable


def local_values(git: Git, section: str) -> dict[str, list[str]]:
    """Return the values of each key below ``section`` in the repository's own configuration."""
    found: dict[str, list[str]] = {}
    for key, value in read_config(git, section, "--local"):
        found.setdefault(key, []).append(value)
    return found


def is_on(pairs: Iterable[tuple[str, str]], key: str) -> bool:
    """Return whether the last setting of ``key`` says yes; unset it is off."""
    values = [value for name, value in pairs if name == key]
    return bool(values) and values[-1].lower() in {"", *YES}


def read_config(git: Git, section: str = "buildlog", *scope: str) -> list[tuple[str, str]]:
    """Return (key, value) of every setting below ``section``, in the order that they apply.

    ``scope`` is an option of ``git config`` such as ``--local``; without it, all scopes count.
    """
    done = git.run("config", *scope, "-z", "--get-regexp", rf"^{section}\.", check=False)
    pairs = []
    for item in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        if item:
            key, _, value = item.partition("\n")
            pairs.append((key, value))
    return pairs
