"""Rewrites notes as a whole: to forget what they said, or to drop what says nothing.

Everything else only adds lines. Here notes may lose some, so that whoever calls it must know
why each goes. A rewrite may also leave the ref's past behind: what was taken out of a note
could be read there for ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.gitio.notefaults import busy
from buildlog_git.gitio.noteplan import Change, path_of
from buildlog_git.gitio.notes import ATTEMPTS, Notes, wait_after
from buildlog_git.gitio.notetree import REF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from buildlog_git.core.ids import Oid
    from buildlog_git.gitio.notetree import Note, Tree

ASIDE = "refs/buildlog/rewriting"
"""Where a notes commit without a parent is made, for as long as that takes."""


class Rewritten(NamedTuple):
    """How many notes a rewrite changed, and the tip of the notes after it and ``before``."""

    notes: int
    tip: Oid | None
    before: Oid | None


class NotesRewriter(Notes):
    """The notes ref, with what only a rewrite may do."""

    __slots__ = ()

    def rewrite(
        self,
        change: Callable[[Oid, bytes], bytes],
        message: str,
        *,
        alone: bool = False,
        dry_run: bool = False,
    ) -> Rewritten:
        """Give each note the content that ``change(commit, content)`` returns, empty for none.

        All in one notes commit, with canonical fan-out. With ``alone`` it has no parent: the
        ref then reaches nothing of what the notes held before. Notes that this clone lacks stay
        as they are. ``message`` is one ASCII line. With ``dry_run`` only the count is true.

        Raises:
            LedgerError: as for :meth:`append`; the ledger is as it was.

        """
        with self._locked():
            for attempt in range(1, ATTEMPTS + 1):
                tree = self.tree()
                if tree.tip is None:
                    return Rewritten(0, None, None)
                changes = list(_changed(self.contents(tree), tree, change))
                if dry_run or not (changes or alone):
                    return Rewritten(len(changes), tree.tip, tree.tip)
                make = self._import_alone if alone else self._import
                new = make(tree.tip, changes, f"{message}\n")
                if new is not None:
                    return Rewritten(len(changes), new, tree.tip)
                wait_after(attempt)
        raise busy("another program kept changing or locking the notes")

    def _import_alone(self, tip: Oid, changes: Iterable[Change], message: str) -> Oid | None:
        """Make a notes commit without a parent of the tree at ``tip`` and ``changes``.

        fast-import moves no ref to what does not descend from it, so it gets one of its own.
        """
        root = self.git.text("rev-parse", f"{tip}^{{tree}}")
        whole = Change("", None, (), 0, root)
        new = self._import(None, [whole, *changes], message, ref=ASIDE)
        try:
            moved = new is not None and self.git.ok("update-ref", "--no-deref", REF, new, tip)
        finally:
            self.git.run("update-ref", "-d", ASIDE, check=False)
        return new if moved else None


def _changed(
    notes: Iterable[Note], tree: Tree, change: Callable[[Oid, bytes], bytes]
) -> Iterator[Change]:
    """Yield what a rewrite does to the notes of ``tree``, those left out that stay as they are."""
    for note in notes:
        if note.content is None:
            continue
        content = change(note.commit, note.content)
        path = path_of(note.commit, tree.foreign)
        present = [entry.path for entry in tree.entries[note.commit]]
        if content != note.content or present != [path]:
            kept = {path} if content else set()
            yield Change(path, content or None, tuple(p for p in present if p not in kept), 0)
