"""The pager, chosen as git chooses it.

``GIT_PAGER``, then ``pager.buildlog`` where it is a command, ``core.pager``, ``PAGER``, then the
one that git was built with; ``pager.buildlog`` may say no. Where git itself has started one for
us (``git -p buildlog …``) it says so in the environment.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress

from buildlog_git.core.booleans import NO, YES
from buildlog_git.gitio.run import Git

IN_USE = "GIT_PAGER_IN_USE"
_DEFAULTS = {"LESS": "FRX", "LV": "-c"}
"""What git puts into a pager's environment where the user has not: colours, and no stop where
everything fits on the screen."""
_PLAIN = frozenset({"less", "more", "pager", "most", "lv"})
"""Pagers that add nothing to a text that fits on the screen."""
_NOT_FOUND = (126, 127)


def in_use(environment: Mapping[str, str]) -> bool:
    """Return whether git has started a pager that we write to."""
    return environment.get(IN_USE, "").lower() in YES


def choose_pager(git: Git, environment: Mapping[str, str]) -> str | None:
    """Return the command of the pager for a terminal, None where none is wanted."""
    if in_use(environment):
        return None
    done = git.run("config", "--get", "pager.buildlog", check=False)
    chosen = done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    if done.returncode == 0 and chosen.lower() in {"", *NO}:
        return None
    if done.returncode == 0 and chosen.lower() not in YES and "GIT_PAGER" not in environment:
        command = chosen
    else:
        command = git.run("var", "GIT_PAGER", check=False).stdout.decode().rstrip("\n")
    return None if command in ("", "cat") else command


def adds_nothing(command: str) -> bool:
    """Return whether the pager would show a text that fits on the screen as it is."""
    words = command.split()
    return bool(words) and words[0].rpartition("/")[2] in _PLAIN


def show_in_pager(content: bytes, command: str) -> bool:
    """Let the pager show ``content``; return whether it could be started."""
    environment = {**_DEFAULTS, **os.environ}
    process = subprocess.Popen(["sh", "-c", command], stdin=subprocess.PIPE, env=environment)
    stdin = process.stdin
    assert stdin is not None  # noqa: S101 - it is a pipe
    with suppress(BrokenPipeError):  # the reader has seen enough
        stdin.write(content)
    with suppress(BrokenPipeError):
        stdin.close()
    while True:
        with suppress(KeyboardInterrupt):  # it is the pager's key
            return process.wait() not in _NOT_FOUND
