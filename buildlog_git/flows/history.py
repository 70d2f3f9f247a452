"""All commits that a repository still knows, and what can be said of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from buildlog_git.core.graph import ancestors, steady_times
from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context, Witness
from buildlog_git.flows.declared import all_told
from buildlog_git.flows.facts import NOBODY, History
from buildlog_git.flows.walking import neutral_commits
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.keep import KEEP
from buildlog_git.gitio.repo import (
    LOCAL,
    branch_tips,
    default_branch,
    head_commit,
    shallow_commits,
)

KEPT = f"--glob={KEEP}"
RECORDED = ("--not", "--glob=refs/notes", "--not", "--reflog", KEPT)
"""What reflogs know, without the logs of notes refs, and the drafts that are kept."""


def read_history(
    context: Context,
    revisions: Sequence[str],
    witnesses: Mapping[Oid, Witness] = NOBODY,
    replaced: Iterable[Oid] = (),
) -> History:
    """Return what HEAD, the branches, the reflogs and ``revisions`` know.

    ``replaced`` are commits of which a hook told: where git keeps no reflogs, only that knows them.

    Raises:
        UsageError: a revision is unknown.
    """
    git = context.repo.git
    context.progress("reading commits", 0, 0)
    head, branches = head_commit(git), branch_tips(git)
    branch = default_branch(git, branches)
    local = (parse_oid(tip) for name, (tip, _) in branches.items() if name.startswith(LOCAL))
    tips = sorted({*local, *([head] if head else []), *([branch.tip] if branch else [])})
    asked = read_commits(git, *revisions) if revisions else []
    inner = {parent for commit in asked for parent in commit.parents}
    tips += [commit.oid for commit in asked if commit.oid not in inner]
    try:
        told = ("--ignore-missing", *sorted(set(replaced)))
        commits = read_commits(git, *RECORDED, *tips, *told) if tips else []
    except UsageError:
        # A reflog may name commits that are gone.
        commits = read_commits(git, KEPT, *tips)
    metas = {commit.oid: commit for commit in commits}
    parents = {oid: meta.parents for oid, meta in metas.items()}
    own = {oid: meta.commit_time for oid, meta in metas.items()}
    return History(
        metas=metas,
        made_by={oid: context.attribute(meta, witnesses.get(oid)) for oid, meta in metas.items()},
        parents=parents,
        times=steady_times(list(metas), parents, own, context.now),
        branch=branch,
        line=ancestors(parents, tips),
        trunk=ancestors(parents, [branch.tip] if branch else []),
        cut=shallow_commits(context.repo),
        told=all_told(commits),
        asked={commit.oid for commit in asked} if revisions else metas.keys(),
        head=head,
        tips=branches,
        neutral=neutral_commits(context),
    )
