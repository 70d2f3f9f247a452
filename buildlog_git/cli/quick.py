"""The door for a report that was made before: no argument parser, no table, no look at history.

Only the plain forms of the command come in here, and only an answer that still holds goes out;
everything else is for the whole program, which then keeps its answer.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from buildlog_git.cli.output import emit, emit_paged, is_terminal
from buildlog_git.config import chosen_present
from buildlog_git.errors import BuildlogError
from buildlog_git.flows.answers import Answer, find_answer, is_drained
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.repo import open_repo

if TYPE_CHECKING:
    from buildlog_git.gitio.repo import Repo

_LOOKS = ("TERM", "NO_COLOR", "COLUMNS", "LINES", "GIT_PAGER_IN_USE")
_PARTS = ("installed.json", "local.sqlite3")
"""Files that say whether hooks are at work here, and have looked."""


def answer(arguments: Sequence[str]) -> bool:
    """Print the report that ``arguments`` ask for, if it is kept; return whether it was."""
    revisions = [word for word in arguments if word != "--json"]
    if any(word.startswith("-") for word in revisions):
        return False
    with suppress(BuildlogError, OSError, ValueError):
        repo = open_repo(Path())
        chosen = chosen_present(os.environ)
        now = int(time.time()) if chosen is None else chosen
        found = kept(repo, now, revisions, as_json="--json" in arguments)
        text = found.text() if found is not None and is_drained(repo.common_dir) else None
        if text is not None:
            if "--json" not in arguments and is_terminal(sys.stdout):
                emit_paged(text, repo.git)
            else:
                emit(text)
            return True
    return False


def kept(repo: Repo, now: int, revisions: Sequence[str], *, as_json: bool) -> Answer | None:
    """Return where the report on ``revisions`` is kept, if it may be."""
    question = ["report", "json"] if as_json else ["report", "text", *_look()]
    question += [str((repo.common_dir / FOLDER / part).exists()) for part in _PARTS]
    return find_answer(repo, now, question, revisions, os.environ)


def _look() -> list[str]:
    """Return all by which the look of text is chosen, besides git's configuration."""
    terminal = is_terminal(sys.stdout)
    size = ""
    if terminal:
        with suppress(OSError):
            size = str(os.get_terminal_size(sys.stdout.fileno()).columns)
    chosen = [f"{name}={os.environ.get(name)}" for name in _LOOKS]
    return [str(terminal), size, str(sys.stdout.encoding), *chosen]
