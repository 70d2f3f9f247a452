"""Which draft somebody means who says what it is worth.

Who names a commit means the draft that it is, or the nearest one before it. Who names none means
the work at hand: HEAD where it is a draft; else the nearest draft before it, if that is of the
open session or of the branch that is checked out, and what the branch already gave to others is
not. With a session open and no draft of it or of the branch, the session itself is meant. An old
draft that happens to be the nearest one is never taken: its rules would be credited for
something that nobody said of it.
"""

from __future__ import annotations

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.fold import Experiment
from buildlog_git.core.graph import HORIZON
from buildlog_git.core.ids import Oid
from buildlog_git.core.session import OpenSession
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.declared import says_skip
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.repo import checked_out, default_branch

LOOKED_BACK = 500
"""Commits before one that is no draft among which the nearest draft is looked for."""


def draft_at(context: Context, experiment: Experiment, oid: Oid) -> Oid | None:
    """Return the draft that a commit is, or the nearest one before it."""
    found = _nearest(context, experiment, oid)
    return found[0] if found else None


def draft_at_hand(
    context: Context, experiment: Experiment, head: Oid, session: OpenSession | None
) -> Oid | None:
    """Return the draft that is meant where no commit is named; None for the session itself.

    Raises:
        UsageError: the nearest draft is none of the open session or branch (``no-draft-here``).

    """
    found = _nearest(context, experiment, head)
    if found is None:
        return None
    draft, meta = found
    sessions = {r.draft.session for r in experiment.drafts if r.draft.commit == draft}
    if meta.oid == head or (session is not None and session.id in sessions):
        return draft
    if _is_of_branch(context, meta):
        return draft
    if session is not None:
        return None
    raise UsageError(
        f"no draft of this branch is at or before HEAD; the nearest one, {draft[:10]}, is of other "
        "work",
        slug="no-draft-here",
        hint=f"name the draft that you mean: --commit {draft[:10]}; git buildlog log lists them",
    )


def _is_of_branch(context: Context, meta: CommitMeta) -> bool:
    """Return whether a commit is of the branch that is checked out, and not yet of others.

    Of the default branch that is what its upstream has not; where it has none, what is younger
    than the days in which people still revise a draft.
    """
    git = context.repo.git
    name = (checked_out(git) or "").removeprefix("refs/heads/")
    default = default_branch(git)
    beyond = default.tip if default and default.name != name else None
    if beyond is None:
        upstream = git.run("rev-parse", "--verify", "--quiet", "@{upstream}^{commit}", check=False)
        if upstream.returncode:
            return context.now - meta.commit_time <= HORIZON
        beyond = Oid(upstream.stdout.decode().strip())
    return not git.ok("merge-base", "--is-ancestor", meta.oid, beyond)


def _nearest(context: Context, experiment: Experiment, oid: Oid) -> tuple[Oid, CommitMeta] | None:
    """Return the draft that a commit is, or the nearest one before it, and where it stands."""
    homes = {
        version: record.draft.commit
        for record in experiment.drafts
        for version in (record.draft.commit, *record.homes)
    }
    commits = read_commits(context.repo.git, f"--max-count={LOOKED_BACK}", oid)
    for meta in reversed(commits):
        if meta.oid in homes:
            return homes[meta.oid], meta
        if _is_draft(context, meta):
            return meta.oid, meta
    return None


def _is_draft(context: Context, meta: CommitMeta) -> bool:
    agents = context.attribute(meta).author == "agent"
    return agents and len(meta.parents) < 2 and not says_skip(meta.message)
