"""Where the worktrees of a repository are, from git's own files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.signals import MAIN_WORKTREE
from buildlog_git.gitio.repo import Repo


class Worktree(NamedTuple):
    """A worktree: its folder (resolved), and the git directory that belongs to it alone."""

    name: str
    top: Path
    git_dir: Path


def worktree_name(repo: Repo) -> str:
    """Return the name of the worktree that the repository was opened in."""
    return MAIN_WORKTREE if repo.git_dir.resolve() == repo.common_dir else repo.git_dir.name


def worktree_top(repo: Repo, name: str) -> Path:
    """Return the folder of a worktree; that of the open one where it cannot be found."""
    tree = find_worktree(repo, name)
    return tree.top if tree is not None else repo.top


def find_worktree(repo: Repo, name: str) -> Worktree | None:
    """Return a worktree, None where it is gone or where there is none, as in a bare repository."""
    git_dir = repo.common_dir if name == MAIN_WORKTREE else repo.common_dir / "worktrees" / name
    if name == worktree_name(repo) and repo.top != repo.git_dir:
        return None if repo.bare else Worktree(name, repo.top.resolve(), git_dir)
    top = repo.common_dir.parent
    with suppress(OSError):
        if name != MAIN_WORKTREE:
            top = Path((git_dir / "gitdir").read_text("utf-8", "surrogateescape").strip()).parent
        link = top / ".git"
        # Who points at us is ours: a bare repository's parent is some folder.
        if link.is_file() if name != MAIN_WORKTREE else link.resolve() == repo.common_dir:
            return Worktree(name, top.resolve(), git_dir)
    return None
