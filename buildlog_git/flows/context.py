"""What every flow works with: the repository, its ledger, the settings and the present."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from buildlog_git.config import Settings, load_settings
from buildlog_git.core.attribution import Attribution, CommitMeta, Tier, attribute, strictly
from buildlog_git.core.ids import Oid
from buildlog_git.core.paths import PathFilter
from buildlog_git.gitio.attributes import Attributes
from buildlog_git.gitio.repo import Repo, open_repo
from buildlog_git.gitio.settings import read_config
from buildlog_git.ledger.store import Ledger

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is (0: unknown)."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""


class Witness(NamedTuple):
    """What a hook saw when a commit was made: agents' variables, and whether at a terminal."""

    variables: Mapping[str, str]
    terminal: bool


class Context(NamedTuple):
    """A flow's surroundings; ``now`` is UTC in whole seconds since 1970.

    ``made`` is by commit who made it, as far as that was asked: it never changes. ``tier`` says
    which marks of agents count; facts are only written down by the loose one.
    """

    repo: Repo
    ledger: Ledger
    settings: Settings
    now: int
    made: dict[Oid, Attribution]
    progress: Progress = silent
    tier: Tier = "loose"

    def attribute(self, commit: CommitMeta, witness: Witness | None = None) -> Attribution:
        """Return who made a commit, as far as its metadata and a hook that saw it made tell."""
        registry = self.settings.registry
        if witness is not None:
            made = attribute(
                commit, registry, environment=witness.variables, at_terminal=witness.terminal
            )
        elif commit.oid in self.made:
            made = self.made[commit.oid]
        else:
            made = self.made[commit.oid] = attribute(commit, registry)
        return strictly(made) if self.tier == "strict" else made

    @contextmanager
    def path_filter(self, attributes: Attributes | None = None) -> Iterator[PathFilter]:
        """Provide the filter of the paths that count, while git answers about ``attributes``.

        By default they are HEAD's.
        """
        with attributes or Attributes(self.repo.git) as asked:
            yield PathFilter(self.settings.excluded, self.settings.included, asked.is_generated)


def open_context(
    directory: Path,
    *,
    environment: Mapping[str, str] | None = None,
    progress: Progress = silent,
) -> Context:
    """Return the context of the repository that ``directory`` is in.

    Raises:
        GitError: there is no usable repository.
        UsageError: a setting cannot be used.

    """
    repo = open_repo(directory)
    env = os.environ if environment is None else environment
    committed = repo.top / "pyproject.toml"
    settings = load_settings(
        env,
        read_config(repo.git),
        committed.read_bytes() if not repo.bare and committed.is_file() else None,
    )
    now = settings.now if settings.now is not None else int(time.time())
    return Context(repo, Ledger(repo.git, repo.common_dir), settings, now, {}, progress)
