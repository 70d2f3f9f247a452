"""The ways of recording what happens; a new one is one entry in :data:`WAYS`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.flows.scan import scan
from tests.flows.play import context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.live.stage import Stage


class Way:
    """Nothing watches; the scan at the end finds all."""

    name = "scan-at-end"

    def begin(self, repo: Stage) -> None:
        """Prepare the new repository."""

    def after(self, repo: Stage, step: Sequence[str]) -> None:
        """Look at what the git command ``step`` did."""

    def end(self, repo: Stage, now: int) -> None:
        """Make the ledger know all."""
        scan(context(repo, now=now))


class ScanAfterEachStep(Way):
    """A scan after each command: what it knew too early must not spoil what is known later."""

    name = "scan-after-each-step"

    def after(self, repo: Stage, step: Sequence[str]) -> None:
        if step[0] == "worktree" or not repo.path.is_dir():
            return
        scan(context(repo))


WAYS: tuple[type[Way], ...] = (Way, ScanAfterEachStep)
