r"""For which files a rule is meant, in the form that each agent has for it, or in words.

Claude Code, Cursor and Copilot apply a file of rules to the paths that its front matter names, so
that rules of one scope get a file of their own there. Its name holds a digest of the front matter:
whoever changes that is found out by the name alone. All other agents are told in the rule's own
line: "In \`tests/\*\*\`: use the fixtures." So are those three where a glob has signs that they
would not read as we do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from buildlog_git.core.ids import event_id
from buildlog_git.core.rendering import ShownRule
from buildlog_git.core.targets import Target

MOST = 32
"""Globs that one front matter names."""
_PLAIN = r"[\w./*?\[\]{},+@() ~-]+"
_KEYED = r"buildlog-([0-9a-f]{8})(?=\.)"


class Part(NamedTuple):
    """A file of an agent: its path below the work tree, its front matter, and its rules.

    ``keyed`` says that the name holds a digest of the front matter.
    """

    path: str
    head: str
    rules: tuple[ShownRule, ...]
    keyed: bool = False


def parts_of(
    target: Target, rules: Iterable[ShownRule], *, committed: bool = False, words: bool = False
) -> list[Part]:
    """Return the files in which an agent is to find rules; the first is the one for all files.

    Args:
        target: the agent.
        rules: with their scopes.
        committed: whether they are for the files that the team commits.
        words: whether scopes are only said in words.

    """
    path, head, scoped = (
        (target.committed, target.committed_head, target.scoped_committed)
        if committed
        else (target.local, target.head, target.scoped)
    )
    plain: list[ShownRule] = []
    apart: dict[str, list[ShownRule]] = {}
    for rule in sorted(rules):
        front = head_of(target.scope_key, rule.scope) if rule.scope and not words else ""
        if front:
            apart.setdefault(front, []).append(rule._replace(scope=()))
        else:
            plain.append(rule)
    return [
        Part(path, head, tuple(plain)),
        *(
            Part(scoped.format(key_of(front)), front, tuple(those), keyed=True)
            for front, those in sorted(apart.items())
        ),
    ]


def key_of(head: str) -> str:
    """Return the digest of a front matter that its file's name holds."""
    return event_id("front", head)[:8]


def key_in(path: str) -> str:
    """Return the digest in the name of a file; empty where there is none."""
    found = re.match(_KEYED, path.rpartition("/")[2])
    return found[1] if found else ""


def main_of(path: str) -> str:
    """Return the file for all paths that stands beside the one for some; else the same."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{re.sub(_KEYED, 'buildlog', name)}"


def head_of(key: str, scope: Sequence[str]) -> str:
    """Return the front matter that names the globs of a scope; empty where nothing can.

    Args:
        key: what the agent calls them: ``paths``, ``globs`` or ``applyTo``.
        scope: the globs.

    """
    spread = (one for glob in scope for one in (_spread(glob) if key != "paths" else [glob]))
    globs = list(dict.fromkeys(spread))
    if not key or not globs or len(globs) > MOST:
        return ""
    if not all(re.fullmatch(_PLAIN, glob) and glob == glob.strip() for glob in globs):
        return ""
    if key == "paths":
        lines = ["paths:", *(f"  - {json.dumps(glob, ensure_ascii=False)}" for glob in globs)]
    elif key == "globs":
        lines = ["description: Rules of the team", f"globs: {','.join(globs)}",
                 "alwaysApply: false"]  # fmt: skip
    else:
        lines = [f"applyTo: '{','.join(globs)}'"]
    return "\n".join(("---", *lines, "---", ""))


def _spread(glob: str) -> list[str]:
    """Return a glob without alternatives in braces, once for each: a comma parts two globs."""
    found = re.search(r"\{([^{}]*)\}", glob)
    if found is None:
        return [glob] if not set("{},") & set(glob) else [""]  # which nothing can name
    globs = []
    for one in found[1].split(","):
        globs += _spread(glob[: found.start()] + one + glob[found.end() :])
        if len(globs) > MOST:
            break
    return globs
