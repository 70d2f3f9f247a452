"""The local files of a worktree, for rules on trial: what agents can read in them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from buildlog_git.core.exposure import OnDisk
from buildlog_git.core.frontmatter import FENCE
from buildlog_git.core.rendering import (
    Block,
    ShownRule,
    front_matter,
    read_block,
    why_unread,
)
from buildlog_git.core.scopes import key_in, key_of, main_of
from buildlog_git.core.targets import LOCAL_FILES, TARGETS, Target
from buildlog_git.gitio.agentfiles import (
    Refused,
    find_file,
    ignored,
    names_in,
    read_agent_file,
    tracked,
)
from buildlog_git.gitio.run import Git
from buildlog_git.gitio.worktrees import Worktree

_IMPORTS = (b"@./GEMINI.local.md", b"@GEMINI.local.md")


def is_intact(tree: Worktree, found: OnDisk) -> bool:
    """Return whether agents can read just what was put for them."""
    return all(digest_in(tree.top, name) == digest for name, digest in found.files.items())


def digest_in(top: Path, name: str) -> str:
    """Return the digest of our block in a file, empty where an agent would not read it."""
    try:
        block = _readable(top, name)
    except Refused:
        return "?"
    return block.digest if block is not None else ""


def _readable(top: Path, name: str) -> Block | None:
    """Return our block in a file, None where an agent would not read it, or more than it.

    Raises:
        Refused: the file cannot be read.

    """
    content = read_agent_file(top, name) or b""
    block = read_block(content, "local")
    if block is None or why_unread(content, "local", _front(name, content)):
        return None
    return None if read_block(content[block.end :], "local") else block


def _front(name: str, content: bytes) -> str | None:
    """Return the front matter that a file is to have, None where it may have any."""
    key = key_in(name)
    if key:
        found = front_matter(content)
        return found if key_of(found) == key else f"{FENCE} {key}"
    target = next((target for target in TARGETS if target.local == name), None)
    return target.front if target else None


def rules_in(tree: Worktree, found: OnDisk) -> tuple[str, ...]:
    """Return the ids of the rules that agents can read in any of the files."""
    ids = set()
    for name in found.files:
        with suppress(Refused):
            block = _readable(tree.top, name)
            ids |= {rule.id for rule in block.rules} if block else set()
    return tuple(sorted(ids))


def still_there(
    tree: Worktree, rules: tuple[ShownRule, ...], found: OnDisk
) -> tuple[ShownRule, ...]:
    """Return the rules that every agent can still read as they were, in one of its files."""
    whole: dict[str, set[str]] = {}
    for name in found.files:
        its = whole.setdefault(main_of(name), set())
        with suppress(Refused):
            block = _readable(tree.top, name)
            its |= {r.id for r in block.rules if r.found == r.digest} if block else set()
    return tuple(sorted(rule for rule in rules if all(rule.id in its for its in whole.values())))


def local_faults(tree: Worktree) -> list[tuple[str, str]]:
    """Return the local files of ours that git tracks or shows: a slug and the path of each."""
    ours = []
    for path in local_files(tree.top):
        with suppress(Refused):
            name = find_file(tree.top, path)
            if read_block(read_agent_file(tree.top, name) or b"", "local") is not None:
                ours.append(name)
    git = git_in(tree)
    hidden = ignored(git, ours)
    committed = tracked(git, [name for name in ours if name not in hidden])
    return [
        ("local-tracked" if name in committed else "local-not-ignored", name)
        for name in ours
        if name not in hidden
    ]


def local_files(top: Path, targets: Iterable[Target] = TARGETS) -> list[str]:
    """Return the local files of targets, those for some paths only where they are there."""
    found = []
    for target in targets:
        folder = target.scoped.rpartition("/")[0]
        paths = [f"{folder}/{name}" for name in names_in(top, folder) if key_in(name)]
        found += [target.local, *(p for p in paths if main_of(p) == target.local)]
    return found


def is_used(top: Path, target: Target) -> bool:
    """Return whether a work tree has files of an agent that are not ours."""
    return any(_is_theirs(top, sign) for sign in target.signs)


def _is_theirs(top: Path, name: str) -> bool:
    path = top / name
    if main_of(name) in LOCAL_FILES:
        return False
    if not path.is_dir():
        return os.path.lexists(path)
    if not any(local.startswith(f"{name}/") for local in LOCAL_FILES):
        return True
    with suppress(OSError):
        return any(_is_theirs(top, f"{name}/{entry}") for entry in os.listdir(path))  # noqa: PTH208
    return False


def is_reached(top: Path, target: Target) -> bool:
    """Return whether an agent would read the local file: some have to be told of it."""
    if not target.imported_by:
        return True
    with suppress(Refused):
        content = read_agent_file(top, target.imported_by) or b""
        if any(line.strip() in _IMPORTS for line in content.splitlines()):
            return True
        settings = read_agent_file(top, ".gemini/settings.json") or b""
        return target.local.encode() in settings
    return False


def git_in(tree: Worktree) -> Git:
    """Return git in a worktree, whichever one it was opened in."""
    return Git(tree.top).with_env(GIT_DIR=str(tree.git_dir), GIT_WORK_TREE=str(tree.top))
