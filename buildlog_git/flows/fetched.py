"""Unites what a plain ``git fetch`` has brought beside our notes; any command may do it first.

One git process tells whether there is anything new: the tips that were united last are
remembered in a file, which may be deleted at any time.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.remotes import fetched_tips
from buildlog_git.gitio.treediff import is_ancestor
from buildlog_git.ledger.unite import unite

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.flows.context import Context

MEMORY = f"{FOLDER}/united"


def unite_fetched(context: Context) -> int:
    """Unite what was fetched beside our notes; return of how many commits something was new.

    Raises:
        LedgerError: the notes, ours or theirs, cannot be read or written.

    """
    git, notes = context.repo.git, context.ledger.notes
    ours, tips = fetched_tips(git)
    known = "".join(f"{tip}\n" for tip in sorted(set(tips)))
    memory = context.repo.common_dir / MEMORY
    if not tips or (ours is not None and _read(memory) == known):
        return 0
    received = 0
    for tip in dict.fromkeys(tips):
        if ours is None or not is_ancestor(git, tip, ours):
            united = unite(notes, tip)
            received += united.received
            ours = united.tip
    with suppress(OSError):
        memory.parent.mkdir(exist_ok=True)
        memory.write_text(known, encoding="ascii")
    return received


def _read(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except (OSError, ValueError):
        return ""
