"""What a hook tells the drain: one line of words, written in about 3 ms and read later.

    1 post-commit wt=- ref=refs/heads/main head=<oid> tty=1 env.CLAUDECODE=1

A signal is a hint and never the only source: which commits there are is read from git itself.
It carries what git does not keep: the variables by which agents are known, whether a person
sat at a terminal, and the map of a rewrite. So a lost or damaged line loses only that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from buildlog_git.core.ids import Oid, is_oid

VERSION = "1"
MAIN_WORKTREE = "-"
"""The name of the main worktree; a linked one has the name that git gave it."""

_HOOKS = frozenset({"post-commit", "post-checkout", "post-merge", "post-rewrite"})
_SAFE = re.compile(r"[A-Za-z0-9._:/@+=-]{1,200}")


class Signal(NamedTuple):
    """One call of a hook.

    ``worktree`` is ``-`` for the main one; ``ref`` the branch that was checked out, None where
    HEAD was detached or could not be read; ``head`` the commit, where the hook could read it;
    ``words`` what else the line says, by name; ``variables`` the agents' variables that were set.
    """

    hook: str
    worktree: str = MAIN_WORKTREE
    ref: str | None = None
    head: Oid | None = None
    terminal: bool = False
    words: Mapping[str, str] = {}
    variables: Mapping[str, str] = {}


def parse_signal(line: str) -> Signal | None:
    """Return what ``line`` says, or None where it is not a line of ours or is damaged."""
    version, _, rest = line.partition(" ")
    hook, _, rest = rest.partition(" ")
    if version != VERSION or hook not in _HOOKS:
        return None
    words: dict[str, str] = {}
    variables: dict[str, str] = {}
    for word in rest.split(" "):
        name, equals, value = word.partition("=")
        if not equals:
            continue
        if name.startswith("env."):
            variables[name[4:]] = value
        else:
            words[name] = value
    head = words.pop("head", "")
    ref = words.pop("ref", "")
    return Signal(
        hook=hook,
        worktree=words.pop("wt", MAIN_WORKTREE) or MAIN_WORKTREE,
        ref=ref if ref.startswith("refs/heads/") else None,
        head=head if is_oid(head) else None,
        terminal=words.pop("tty", "") == "1",
        words=words,
        variables=variables,
    )


def format_signal(signal: Signal) -> str:
    """Return the line of ``signal``, without a newline; what is not safe in it is left out."""
    words = [
        VERSION,
        signal.hook,
        f"wt={signal.worktree}",
        f"ref={signal.ref or '-'}",
        f"head={signal.head or '-'}",
    ]
    if signal.terminal:
        words.append("tty=1")
    words += [f"{name}={value}" for name, value in signal.words.items() if _SAFE.fullmatch(value)]
    words += [
        f"env.{name}={value if _SAFE.fullmatch(value) else '1'}"
        for name, value in signal.variables.items()
        if value
    ]
    return " ".join(words)
