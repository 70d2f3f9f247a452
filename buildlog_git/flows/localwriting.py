"""Puts rules on trial into the local files of a worktree, and takes them out again.

A file that git tracks is never written, nor one that it would show: git is asked each time, for a
branch may bring a ``.gitignore`` of its own. What somebody else has in a file of ours stays.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.frontmatter import FENCE
from buildlog_git.core.rendering import (
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
from buildlog_git.core.scopes import key_in, parts_of
from buildlog_git.core.targets import TARGETS, Target
from buildlog_git.flows.localrules import digest_in, git_in, local_files
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
from buildlog_git.gitio.worktrees import Worktree


class Written(NamedTuple):
    """What was written: for which targets, our block's digest in each file, and what was wrong.

    ``wrong`` says that a file which could not be written has other rules than it should.
    """

    targets: tuple[Target, ...]
    files: Mapping[str, str]
    problems: list[str]
    wrong: bool


class _Job(NamedTuple):
    """What a file is to hold: nothing of ours where ``body`` is None; ``asked`` by the rules.

    ``target`` is the agent called ``agent`` with this file and its front matter.
    """

    agent: str
    target: Target
    body: str | None
    asked: bool


class Writing:
    """One worktree's files, brought to what they are to be."""

    def __init__(self, common_dir: Path, tree: Worktree) -> None:
        self.tree = tree
        self.common = common_dir
        self.git = git_in(tree)
        self.problems: list[str] = []
        self.wrong = False
        self._refused: list[_Job] = []

    def write(self, targets: tuple[Target, ...], rules: tuple[ShownRule, ...] | None) -> Written:
        """Put ``rules`` into the files of ``targets``, and nothing into those of the others.

        Without any rule the block is there and empty: a control session differs from the others
        by the rules alone. Where ``rules`` is None there is no block.
        """
        jobs = self._jobs(targets, rules)
        places: dict[_Job, str] = {}
        for job in jobs:
            try:
                places[job] = find_file(self.tree.top, job.target.local)
            except Refused as error:
                self._refuse(job, str(error))
        wanted = [name for job, name in places.items() if job.asked]
        safe = self._safe(wanted, writes=rules is not None)
        committed = tracked(self.git, [name for name in places.values() if name not in safe])
        files = {}
        for job, name in places.items():
            try:
                self._write_one(job.target, name, job.body, safe, committed)
            except Refused as error:
                self._refuse(job, str(error))
                continue
            if job.asked:
                files[name] = digest_in(self.tree.top, name)
        return Written(self._served(targets, rules), files, self.problems, self.wrong)

    def _jobs(self, targets: tuple[Target, ...], rules: tuple[ShownRule, ...] | None) -> list[_Job]:
        """Return what each file is to hold, also those that are there and are to have nothing."""
        jobs = []
        for target in TARGETS:
            asked = target in targets
            parts = {part.path: part for part in parts_of(target, rules or ())} if asked else {}
            there = [p for p in local_files(self.tree.top, [target])
                     if os.path.lexists(self.tree.top / p)]  # fmt: skip
            for path in dict.fromkeys((*parts, *there)):
                part = parts.get(path)
                head = part.head if part else FENCE if key_in(path) else target.head
                body = body_of(part.rules) if part and rules is not None else None
                its = target._replace(local=path, head=head)
                jobs.append(_Job(target.name, its, body, asked=part is not None))
        return jobs

    def _served(
        self, targets: tuple[Target, ...], rules: tuple[ShownRule, ...] | None
    ) -> tuple[Target, ...]:
        """Return the agents of which no file was refused; the others may have a part of it."""
        part = {job.agent for job in self._refused if job.asked}
        self.wrong = self.wrong or any(
            target.name in part and len(parts_of(target, rules or ())) > 1 for target in targets
        )
        return tuple(target for target in targets if target.name not in part)

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

    def _refuse(self, job: _Job, why: str) -> None:
        """Say why a file is not as it should be, and whether it has other rules than that."""
        self._refused.append(job)
        present = b""
        with suppress(Refused):
            present = read_agent_file(self.tree.top, job.target.local) or b""
        there = _rules_of(present)
        self.wrong = self.wrong or (there not in ("", job.body or ""))
        if job.asked or there:
            self.problems.append(f"{job.target.local}: {why}")


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
