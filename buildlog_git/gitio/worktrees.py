"""Where the worktrees of a repository are, from git's own files."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from buildlog_git.gitio.repo import Repo

MAIN = "-"
"""What the main worktree is called; a linked one has the name that git gave it."""


def worktree_name(repo: Repo) -> str:
    """Return the name of the worktree that the repository was opened in."""
    return MAIN if repo.git_dir.resolve() == repo.common_dir else repo.git_dir.name


def worktree_top(repo: Repo, name: str) -> Path:
    """Return the folder of a worktree; that of the open one where it cannot be found."""
    if name == worktree_name(repo):
        return repo.top
    if name == MAIN:
        return repo.common_dir.parent
    with suppress(OSError):
        link = (repo.common_dir / "worktrees" / name / "gitdir").read_text("utf-8").strip()
        return Path(link).parent
    return repo.top
