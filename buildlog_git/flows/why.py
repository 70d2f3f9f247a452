"""Who made a commit, and which evidence says so."""

from __future__ import annotations

from dataclasses import dataclass

from buildlog_git.core.attribution import Author, Channel, Evidence
from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid
from buildlog_git.flows.context import Context
from buildlog_git.flows.selection import Selection, attested
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.repo import resolve


@dataclass(frozen=True, slots=True)
class Why:
    """The attribution of one commit; ``evidence`` is strongest first."""

    commit: Oid
    author: Author
    agent: str | None
    model: str | None
    channel: Channel | None
    evidence: tuple[Evidence, ...]
    bot: str | None


def why(context: Context, revision: str) -> Why:
    """Return who made the commit that ``revision`` names.

    Raises:
        UsageError: there is no such commit.

    """
    commit = resolve(context.repo.git, revision)
    meta = read_commits(context.repo.git, "-1", commit)[0]
    selection = Selection(commit, (meta,), {commit: context.attribute(meta)})
    found = attested(selection, fold(context.ledger.read().by_id.values())).made_by[commit]
    return Why(
        commit, found.author, found.agent, found.model, found.channel, found.evidence, found.bot
    )
