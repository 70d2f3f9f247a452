"""The commits that a report is about, with who made each and what each declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

from buildlog_git.core.attribution import Attribution, CommitMeta, Evidence
from buildlog_git.core.events import Draft
from buildlog_git.core.fold import Experiment
from buildlog_git.core.graph import whole_ancestors
from buildlog_git.core.ids import Oid
from buildlog_git.core.trailers import Directives
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.declared import all_told
from buildlog_git.flows.facts import History
from buildlog_git.flows.recorded import WITNESSED
from buildlog_git.gitio.history import list_commits, read_commits
from buildlog_git.gitio.repo import LOCAL, head_commit

EVERYWHERE = ("--branches", "--remotes", "HEAD")
"""What names the commits of all branches."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The commits that a range names, parents first, with who made each.

    ``told`` is what messages tell this program, of the commits whose message tells anything.
    """

    name: str
    commits: tuple[CommitMeta, ...]
    made_by: dict[Oid, Attribution]
    told: Mapping[Oid, Directives] = field(default_factory=dict)


def select(context: Context, revisions: Sequence[str], history: History | None = None) -> Selection:
    """Return the commits that ``revisions`` name, HEAD's whole history by default.

    Where ``history`` was read already nothing is read twice.

    Raises:
        UsageError: the range is unknown.

    """
    name = " ".join(revisions) or "HEAD"
    git = context.repo.git
    commits = None if history is None else _known(context, revisions, history)
    if commits is None:
        if not revisions and head_commit(git) is None:
            return Selection("HEAD", (), {})
        commits = read_commits(git, *(revisions or ["HEAD"]))
    made_by = {commit.oid: context.attribute(commit) for commit in commits}
    return Selection(name, tuple(commits), made_by, all_told(commits))


def _known(context: Context, revisions: Sequence[str], history: History) -> list[CommitMeta] | None:
    """Return the commits of HEAD or of branches; None where history does not tell."""
    names = set(revisions or ["HEAD"])
    if not names.issubset(EVERYWHERE) or (revisions and history.head is None):
        return None
    tips = {history.head} if history.head and "HEAD" in names else set()
    tips |= {
        Oid(tip)
        for name, (tip, _) in history.tips.items()
        if ("--branches" if name.startswith(LOCAL) else "--remotes") in names
    }
    metas, parents = history.metas, history.parents
    strange = sorted(tips - metas.keys())
    if strange:  # only the branches that a clone has of its own are history that is followed
        try:
            news = read_commits(context.repo.git, *strange, "--not", "--branches", "HEAD")
        except UsageError:
            return None
        metas = metas | {commit.oid: commit for commit in news}
        parents = {oid: commit.parents for oid, commit in metas.items()}
    inside = whole_ancestors(parents, tips)
    return None if inside is None else [meta for oid, meta in metas.items() if oid in inside]


def reached(context: Context, tip: Oid, history: History | None = None) -> AbstractSet[Oid]:
    """Return the commits that ``tip`` contains."""
    found = None if history is None else whole_ancestors(history.parents, [tip])
    return list_commits(context.repo.git, tip) if found is None else found


def attested(selection: Selection, experiment: Experiment) -> Selection:
    """Return the selection with what hooks saw of the commits that show no mark."""
    made_by = dict(selection.made_by)
    people = dict.fromkeys(experiment.people, Attribution("human", channel="environment"))
    agents = {
        version: _seen(record.draft)
        for record in experiment.drafts
        if record.draft.channel in WITNESSED
        for version in (record.draft.commit, *record.homes)
    }
    for oid, seen in (people | agents).items():
        made = made_by.get(oid)
        if made is not None and made.author == "unknown" and not made.bot:
            made_by[oid] = seen
    return replace(selection, made_by=made_by)


def _seen(draft: Draft) -> Attribution:
    mark = "seen by a hook when it was committed"
    return Attribution(
        "agent", draft.agent, draft.model, "environment",
        (Evidence("environment", draft.agent, mark, draft.model),),
    )  # fmt: skip
