"""How the local files for agents go again, with all that tells of them, as steps.

Facts about what agents could read stay in the ledger. A file that git tracks stays: somebody has
committed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from buildlog_git.core.frontmatter import FENCE
from buildlog_git.core.signals import MAIN_WORKTREE
from buildlog_git.core.targets import TARGETS, Target
from buildlog_git.flows.localrules import git_in, local_files
from buildlog_git.flows.localwriting import content_of
from buildlog_git.gitio.agentfiles import (
    EXCLUDE,
    Refused,
    find_file,
    read_agent_file,
    tracked,
    without_exclusions,
)
from buildlog_git.gitio.repo import Repo
from buildlog_git.gitio.shown import SHOWN, TEXTS
from buildlog_git.gitio.steps import Step, perform
from buildlog_git.gitio.worktrees import Worktree, find_worktree


def withdraw(repo: Repo) -> None:
    """Take out of all worktrees what was put there for agents.

    Raises:
        GitError: something cannot be written.

    """
    perform(repo.git, withdrawal(repo))


def withdrawal(repo: Repo) -> list[Step]:
    """Return how what was put for agents goes; empty where nothing ever was."""
    common = repo.common_dir
    rest = without_exclusions(common)
    kept = [path for name in (SHOWN, TEXTS) for path in _below(common / name)]
    if rest is None and not kept:
        return []
    steps = [step for tree in _worktrees(repo) for step in _files(tree)]
    if rest is not None:
        path = str(common / EXCLUDE)
        steps.append(Step("write", path, content=rest) if rest else Step("remove", path))
    steps += [Step("remove", str(path)) for path in kept]
    steps += [Step("remove-folder", str(common / name)) for name in (SHOWN, TEXTS)]
    return steps


def _below(folder: Path) -> list[Path]:
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []


def _worktrees(repo: Repo) -> Iterator[Worktree]:
    names = (MAIN_WORKTREE, *(path.name for path in _below(repo.common_dir / "worktrees")))
    yield from filter(None, (find_worktree(repo, name) for name in names))


def _files(tree: Worktree) -> Iterator[Step]:
    for target in TARGETS:
        for path in local_files(tree.top, [target]):
            yield from _file(tree, target._replace(local=path, head=target.head or FENCE))


def _file(tree: Worktree, target: Target) -> Iterator[Step]:
    with suppress(Refused):
        name = find_file(tree.top, target.local)
        present = read_agent_file(tree.top, name)
        rest = content_of(tree.top, target, present, None)
        if rest == present or tracked(git_in(tree), [name]):
            return
        path = tree.top / name
        if rest is not None:
            yield Step("write", str(path), content=rest)
            return
        yield Step("remove", str(path))
        for folder in path.parents:
            if folder == tree.top:
                break
            yield Step("remove-folder", str(folder))
