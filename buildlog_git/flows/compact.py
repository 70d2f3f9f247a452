"""Compaction: notes without the lines that no answer needs, in one commit more.

What it drops is in :mod:`buildlog_git.core.compaction`. The ref's history stays, so that other
clones see an ordinary change; it is no way to forget anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from buildlog_git.core.compaction import at_home, compacted
from buildlog_git.core.ids import Oid
from buildlog_git.flows.context import Context
from buildlog_git.gitio.renewal import NotesRewriter


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did, or would do.

    ``notes`` were written anew, of which some only moved to where notes belong; ``lines`` and
    ``bytes`` are what that saved.
    """

    dry_run: bool
    notes: int
    lines: int
    bytes: int
    before: Oid | None
    tip: Oid | None


def compact(context: Context, *, dry_run: bool = False) -> Compacted:
    """Drop the lines of the ledger that no answer needs.

    Raises:
        LedgerError: the ledger cannot be written; it is as it was.

    """
    notes = NotesRewriter(context.repo.git, context.repo.common_dir)
    tree = notes.tree()
    homes = at_home((note.commit, note.content or b"") for note in notes.contents(tree))
    saved: dict[Oid, tuple[int, int]] = {}

    def change(commit: Oid, content: bytes) -> bytes:
        less = compacted(commit, content, homes)
        lines = len(content.splitlines()) - len(less.splitlines())
        saved[commit] = (lines, len(content) - len(less))
        return less

    done = notes.rewrite(change, "buildlog: drop lines that other lines repeat", dry_run=dry_run)
    return Compacted(
        dry_run=dry_run,
        notes=done.notes,
        lines=sum(lines for lines, _ in saved.values()),
        bytes=sum(size for _, size in saved.values()),
        before=done.before,
        tip=done.tip,
    )
