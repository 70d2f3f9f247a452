"""The local files of a worktree, for rules on trial: what is in them, and what is put there.

A file that git tracks is never written, nor one that it would show: git is asked each time, for a
branch may bring a ``.gitignore`` of its own. What somebody else has in a file of ours stays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.exposure import OnDisk
from buildlog_git.core.rendering import (
    Block,
    ShownRule,
    body_of,
    front_matter,
    read_block,
    why_unfit,
    why_unread,
    with_block,
    with_copy,
    without_block,
    without_copy,
)
from buildlog_git.core.targets import LOCAL_FILES, TARGETS, Target
from buildlog_git.gitio.agentfiles import (
    Refused,
    exclude,
    find_file,
    ignored,
    put_agent_file,
    read_agent_file,
    remove_agent_file,
    tracked,
)
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.run import Git
from buildlog_git.gitio.worktrees import Worktree

_IMPORTS = (b"@./GEMINI.local.md", b"@GEMINI.local.md")


# -- what is there --------------------------------------------------------------------------


def is_intact(tree: Worktree, found: OnDisk) -> bool:
    """Return whether agents can read just what was put for them."""
    return all(_digest_in(tree.top, name) == digest for name, digest in found.files.items())


def _digest_in(top: Path, name: str) -> str:
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
    target = next((target for target in TARGETS if target.local == name), None)
    if block is None or why_unread(content, "local", target.front if target else None):
        return None
    return None if read_block(content[block.end :], "local") else block


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
    """Return the rules that agents can still read as they were, in every file."""
    there = set(rules)
    for name in found.files:
        block = None
        with suppress(Refused):
            block = _readable(tree.top, name)
        whole = {rule.id for rule in block.rules if rule.found == rule.digest} if block else set()
        there = {rule for rule in there if rule.id in whole}
    return tuple(sorted(there))


def local_faults(tree: Worktree) -> list[tuple[str, str]]:
    """Return the local files of ours that git tracks or shows: a slug and the path of each."""
    ours = []
    for target in TARGETS:
        with suppress(Refused):
            name = find_file(tree.top, target.local)
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


def is_used(top: Path, target: Target) -> bool:
    """Return whether a work tree has files of an agent that are not ours."""
    return any(_is_theirs(top, sign) for sign in target.signs)


def _is_theirs(top: Path, name: str) -> bool:
    path = top / name
    if name in LOCAL_FILES:
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


# -- what is written ------------------------------------------------------------------------


class Written(NamedTuple):
    """What was written: for which targets, our block's digest in each file, and what was wrong.

    ``wrong`` says that a file which could not be written has other rules than it should.
    """

    targets: tuple[Target, ...]
    files: Mapping[str, str]
    problems: list[str]
    wrong: bool


class Writing:
    """One worktree's files, brought to what they are to be."""

    def __init__(self, common_dir: Path, tree: Worktree) -> None:
        self.tree = tree
        self.common = common_dir
        self.git = git_in(tree)
        self.problems: list[str] = []
        self.wrong = False

    def write(self, targets: tuple[Target, ...], rules: tuple[ShownRule, ...] | None) -> Written:
        """Put ``rules`` into the files of ``targets``, and nothing into those of the others.

        Without any rule the block is there and empty: a control session differs from the others
        by the rules alone. Where ``rules`` is None there is no block.
        """
        body = body_of(rules) if rules is not None else None
        places: dict[Target, str] = {}
        for target in TARGETS:
            if target in targets or os.path.lexists(self.tree.top / target.local):
                try:
                    places[target] = find_file(self.tree.top, target.local)
                except Refused as error:
                    self._refuse(target, str(error), body, asked=target in targets)
        safe = self._safe([places[t] for t in targets if t in places], writes=body is not None)
        committed = tracked(self.git, [name for name in places.values() if name not in safe])
        served, files = [], {}
        for target, name in places.items():
            wanted = body if target in targets else None
            try:
                self._write_one(target, name, wanted, safe, committed)
            except Refused as error:
                self._refuse(target, str(error), wanted, asked=target in targets)
                continue
            if target in targets:
                served.append(target)
                files[name] = _digest_in(self.tree.top, name)
        return Written(tuple(served), files, self.problems, self.wrong)

    def _safe(self, names: list[str], *, writes: bool) -> frozenset[str]:
        why = ""
        if writes:
            try:
                exclude(self.common, names)
            except Refused as error:
                why = f".git/info/exclude: {error}"
        safe = ignored(self.git, names)
        if why and not safe.issuperset(names):
            self.problems.append(why)
        return safe

    def _write_one(
        self,
        target: Target,
        name: str,
        body: str | None,
        safe: frozenset[str],
        committed: frozenset[str],
    ) -> None:
        top = self.tree.top
        present = read_agent_file(top, name)
        if name in committed:
            # A sparse checkout, or somebody, may have taken it away: then nobody reads it.
            if _rules_of(present or b"") != (body or ""):
                raise Refused("git tracks it; git rm --cached it, and ignore it")
            return
        hidden = name in safe
        wanted = content_of(top, target, present, body if hidden else None)
        if wanted is None and present is not None:
            remove_agent_file(top, name)
        elif wanted is not None and wanted != present:
            put_agent_file(top, name, wanted, self.common / FOLDER)
        if body and not hidden:
            raise Refused("git would show it as untracked: a .gitignore un-ignores it")

    def _refuse(self, target: Target, why: str, body: str | None, *, asked: bool) -> None:
        """Say why a file is not as it should be, and whether it has other rules than that."""
        present = b""
        with suppress(Refused):
            present = read_agent_file(self.tree.top, target.local) or b""
        there = _rules_of(present)
        self.wrong = self.wrong or (there not in ("", body or ""))
        if asked or there:
            self.problems.append(f"{target.local}: {why}")


def _rules_of(content: bytes) -> str:
    block = read_block(content, "local")
    return block.content if block is not None else ""


def content_of(top: Path, target: Target, present: bytes | None, body: str | None) -> bytes | None:
    """Return what a local file is to hold, None where there is to be none.

    ``body`` is what the block holds, None where there is to be no block.

    Raises:
        Refused: it cannot hold that, or somebody has changed what is not theirs.

    """
    before = present or b""
    base = without_copy(before) if target.copies else before
    if base is None:
        raise Refused(f"the copy of {target.copies} in it was changed by hand; delete it")
    theirs, copied = without_block(base, "local"), base != before
    if body is None and theirs == before:
        return present
    # A front matter that was changed is none of somebody's words, but in the way of ours.
    alone = not theirs.strip() or (
        bool(target.head)
        and theirs.decode("utf-8", "replace").replace("\r\n", "\n").strip()
        == front_matter(theirs).strip()
    )
    if body is None and alone:
        return None
    content = theirs
    if body is not None:
        unfit = why_unfit(base, body)
        if unfit:
            raise Refused(unfit)
        content = with_block(target.head.encode() if alone else base, "local", body)
        if why := why_unread(content, "local", target.front):
            raise Refused(why)
    if target.copies and (alone or copied):
        content = _with_copy(top, target, content, body or "")
    size = len(content) if target.in_bytes else len(content.decode("utf-8", "replace"))
    if body and size > target.limit:
        raise Refused(f"it would be longer than {target.limit:,} characters, "
                      f"which is all that {target.name} reads")  # fmt: skip
    return content


def _with_copy(top: Path, target: Target, content: bytes, body: str) -> bytes:
    original = read_agent_file(top, target.copies)
    if original is None:
        return content
    unfit = why_unfit(original, body)
    if unfit:
        raise Refused(f"{target.copies} cannot be copied: {unfit}")
    return with_copy(content, original)
