"""The ways of recording what happens; a new one is one entry in :data:`WAYS`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from buildlog_git.config import NOW_VARIABLE
from buildlog_git.flows.drain import drain
from buildlog_git.flows.install import install
from buildlog_git.flows.scan import scan
from tests.builder import HOUR, PROJECT
from tests.flows.play import context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.live.stage import Stage
    from tests.precommit.conftest import Framework


FEW = frozenset({
    "amends-reset_soft_and_commit", "rebases-skipped_apply", "rebases-skipped_in_the_middle",
    "picks-without_commit", "branches-merge_squash_of_two", "branches-two_worktrees",
})  # fmt: skip
"""One story of each kind of trap, for the ways in which each command takes long."""


class Way:
    """Nothing watches; the scan at the end finds all."""

    name = "scan-at-end"

    only: frozenset[str] | None = None
    """The stories that it is tried on, by name; None for all. Nightly runs try it on all."""
    always: frozenset[str] = frozenset()
    """The stories that are not only tried with the slow tests, by name; empty for all."""
    costly = False
    """Whether all of it belongs to the slow tests."""
    overlooked: frozenset[str] = frozenset()
    """The stories that it understands only a day later, when all of history is looked at."""

    def begin(self, repo: Stage) -> None:
        """Prepare the new repository."""

    def before(self, repo: Stage, step: Sequence[str]) -> None:
        """Prepare for the git command ``step``."""

    def after(self, repo: Stage, step: Sequence[str]) -> None:
        """Look at what the git command ``step`` did."""

    def end(self, repo: Stage, now: int) -> None:
        """Make the ledger know all."""
        scan(context(repo, now=now))


class ScanAfterEachStep(Way):
    """A scan after each command: what it knew too early must not spoil what is known later."""

    name = "scan-after-each-step"
    costly = True

    def after(self, repo: Stage, step: Sequence[str]) -> None:
        if step[0] == "worktree" or not repo.path.is_dir():
            return
        scan(context(repo))


class Native(Way):
    """Hooks as an install makes them, each of which waits for its drain; nothing at the end."""

    name = "native"
    drain = "foreground"
    # A draft is found again in the first of two commits; the second is not asked for it.
    overlooked = frozenset({"amends-reset_mixed_and_commit_in_two"})
    only: frozenset[str] | None = FEW
    always = FEW

    def begin(self, repo: Stage) -> None:
        scripts = Path(sys.executable).parent
        repo.env["PYTHONPATH"] = str(PROJECT)
        repo.git("config", "buildlog.drain", self.drain)
        repo.git("config", "buildlog.command", str(scripts / "git-buildlog"))
        install(context(repo))

    def before(self, repo: Stage, step: Sequence[str]) -> None:  # noqa: ARG002 - the same for all
        repo.env[NOW_VARIABLE] = str(repo.clock.now + HOUR)

    def end(self, repo: Stage, now: int) -> None:
        """Let time pass: what no hook tells of is found a day later at most."""
        drain(context(repo, now=now))


class NativeAndLater(Native):
    """Hooks that only queue, and a drain after each command, as where it runs behind them."""

    name = "native-drained-later"
    drain = "off"
    only = None
    always = frozenset()

    def after(self, repo: Stage, step: Sequence[str]) -> None:
        if step[0] == "worktree" or not repo.path.is_dir():
            return
        drain(context(repo))


class PreCommit(Native):
    """The same hooks through the pre-commit framework, which costs a second for each commit."""

    name = "pre-commit"
    costly = True
    only = frozenset({
        "branches-merge_squash_of_two", "picks-without_commit", "rebases-skipped_in_the_middle",
    })  # fmt: skip
    framework: Framework

    def begin(self, repo: Stage) -> None:
        repo.env.update(self.framework.environment())
        repo.git("config", "buildlog.drain", self.drain)
        # Outside the repository, so that the stories' commits are the same as elsewhere.
        config = repo.path.parent / "pre-commit-config.yaml"
        config.write_text(self.framework.config, encoding="utf-8")
        self.framework.install(repo, "--config", str(config))


WAYS: tuple[type[Way], ...] = (Way, ScanAfterEachStep, Native, NativeAndLater, PreCommit)
