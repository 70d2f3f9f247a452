"""``prepare-commit-msg``: names the open session in the message, where a team wants that.

Off unless ``git config buildlog.trailer true``. Only a message that is given on the command line
gets the line, which is how agents commit. In an editor it would make a commit of one that the
user gives up by leaving the message empty; a merge's and a squash's message git writes itself
and cuts short; an amend or a pick is of the session in which its first form was made.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from buildlog_git.core.session import OpenSession, Place, session_settings
from buildlog_git.gitio.headlog import head_ref
from buildlog_git.gitio.message import add_trailer
from buildlog_git.gitio.repo import Repo, open_repo
from buildlog_git.gitio.sessionfiles import read_session
from buildlog_git.gitio.settings import is_on, read_config
from buildlog_git.gitio.worktrees import worktree_name

KEY = "Buildlog-Session"
_UNDER_WAY = ("rebase-merge", "rebase-apply", "CHERRY_PICK_HEAD", "MERGE_HEAD", "SQUASH_MSG")
"""What git keeps while it commits something that was written before."""


def add_session(given: Sequence[str]) -> None:
    """Add the trailer to the message's file, the first of what git gives the hook.

    Raises:
        GitError: git cannot read the repository or the message.
        UsageError: a setting cannot be used.

    """
    source = given[1] if len(given) > 1 else os.environ.get("PRE_COMMIT_COMMIT_MSG_SOURCE", "")
    if not given or source != "message":
        return
    repo = open_repo(Path())
    pairs = read_config(repo.git)
    if not is_on(pairs, "buildlog.trailer"):
        return
    if any((repo.git_dir / name).exists() for name in _UNDER_WAY):
        return
    shows = {value.lower() for key, value in pairs if key == "buildlog.target"} != {"none"}
    session = _open_session(repo, shows=shows)
    if session is not None and not session.is_idle(int(time.time()), session_settings(pairs).idle):
        add_trailer(repo.git, given[0], KEY, session.id)


def _open_session(repo: Repo, *, shows: bool) -> OpenSession | None:
    """Return the open session, None where its rules are not yet where agents read them."""
    ref = head_ref(repo.git_dir)
    if ref is None:
        return None
    place = Place(worktree_name(repo), ref)
    try:
        session = read_session(repo.common_dir, place)
    except ValueError:
        return None
    if session is not None and session.trial and shows:
        from buildlog_git.gitio.shown import read_on_disk

        shown = read_on_disk(repo.common_dir, place.worktree)
        if shown is None or shown.session != session.id:
            return None
    return session
