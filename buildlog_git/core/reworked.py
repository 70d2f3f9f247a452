"""Whether a commit that replaces another changes what that one did, or is only elsewhere now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from buildlog_git.core.ids import Oid
    from buildlog_git.core.nodes import Node
    from buildlog_git.core.patch import FileChange


class Versions:
    """Remembers what those commits of ``nodes`` change that others replace."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._replaced = {carry.source for node in nodes for carry in node.carries}
        self._changes: dict[Oid, int] = {}

    def is_plain(self, node: Node, changes: Sequence[FileChange]) -> bool:
        """Return whether ``node`` is a new form that makes exactly the changes of the old one.

        Where they are made does not matter: a rebase moves lines, a rewrite of all history may
        move files. To be asked about each commit, those first that are replaced.
        """
        sources = [carry.source for carry in node.carries]
        if node.oid not in self._replaced and len(sources) != 1:
            return False
        mine = hash(tuple((*h.old, None, *h.new) for change in changes for h in change.hunks))
        if node.oid in self._replaced:
            self._changes[node.oid] = mine
        return len(sources) == 1 and self._changes.get(sources[0]) == mine
