"""Ways in which a draft and its revision come into history.

A way plays a case in a repository: it leaves commits behind and says which one is the draft
and where it ended. Cases follow each other in one repository, each in a folder of its own,
with a person's commit between them, so that no two drafts form a series.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tests.accuracy.cases import Case, Tree
from tests.builder import COLLEAGUE, PERSON, Files, Repo

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Played:
    """A case that stands in a repository.

    ``heirs`` are later commits that carry the draft's mark: its rewritten copies. They are no
    drafts of their own.
    """

    case: Case
    repo: Repo
    draft: str
    final: str
    heirs: tuple[str, ...] = ()


Play = Callable[[Repo, Case], Played]


@dataclass(frozen=True, slots=True)
class Way:
    """A way, what it asks of a case, and whether history shows it without being told."""

    name: str
    play: Play
    needs: Callable[[Case], bool]
    root: bool
    linked: bool


WAYS: dict[str, Way] = {}


def way(
    needs: Callable[[Case], bool] = lambda _: True, *, root: bool = False, linked: bool = True
) -> Callable[[Play], Play]:
    """Register a way under the name of its function."""

    def register(play: Play) -> Play:
        name = play.__name__.replace("_", "-")
        WAYS[name] = Way(name, play, needs, root, linked)
        return play

    return register


def turn(old: Tree, new: Tree) -> Files:
    """Return the files to write, and to remove, to come from one tree to the next."""
    gone: dict[str, None] = dict.fromkeys(old.keys() - new.keys())
    return {**gone, **{path: data for path, data in new.items() if old.get(path) != data}}


def aside(repo: Repo) -> Repo:
    """Commit something that has nothing to do with any case."""
    name = f"notes/{repo.clock.now}.txt"
    return repo.commit({name: f"note {repo.clock.now}\n"}, "Take a note", COLLEAGUE)


def begin(repo: Repo, case: Case) -> None:
    """Commit what stood before the draft."""
    repo.commit(case.base, "Lay the ground", COLLEAGUE)


def write_draft(repo: Repo, case: Case) -> str:
    return repo.agent_commit(turn(case.base, case.agent), f"Write {case.kind}").head


def revise(repo: Repo, *trees: Tree) -> Repo:
    """Commit the trees after the first, one a commit, as a person."""
    for old, new in itertools.pairwise(trees):
        repo.commit(turn(old, new), "Revise")
    return repo


def marked(repo: Repo, since: str) -> tuple[str, ...]:
    """Return the commits after ``since`` that carry an agent's mark."""
    return tuple(repo.git("log", "--format=%H", "--grep=noreply@", f"{since}..HEAD").split())


@way()
def amend(repo: Repo, case: Case) -> Played:
    begin(repo, case)
    base, draft = repo.head, write_draft(repo, case)
    for old, new in zip((case.agent, *case.steps), case.steps, strict=False):
        repo.amend(turn(old, new))
    return Played(case, repo, draft, repo.head, marked(repo, base))


@way()
def follow_up(repo: Repo, case: Case) -> Played:
    begin(repo, case)
    draft = write_draft(repo, case)
    revise(repo, case.agent, *case.steps)
    return Played(case, repo, draft, repo.head)


@way(lambda case: case.half is not None)
def two_follow_ups(repo: Repo, case: Case) -> Played:
    assert case.half is not None
    begin(repo, case)
    draft = write_draft(repo, case)
    revise(aside(revise(repo, case.agent, case.half)), case.half, *case.steps)
    return Played(case, repo, draft, repo.head)


@way()
def follow_up_later(repo: Repo, case: Case) -> Played:
    """Unrelated commits stand between the draft and its revision, and after it."""
    begin(repo, case)
    draft = write_draft(repo, case)
    aside(revise(aside(aside(repo)), case.agent, *case.steps))
    return Played(case, repo, draft, repo.head)


def _foldable(case: Case) -> bool:
    """A fixup that changes nothing is no commit; one that leaves nothing stops the rebase."""
    trees = (case.agent, *case.steps)
    moves = zip(trees, case.steps, strict=False)
    return all(old != new for old, new in moves) and case.base not in case.steps


@way(_foldable)
def fixup(repo: Repo, case: Case) -> Played:
    begin(repo, case)
    base, draft = repo.head, write_draft(repo, case)
    aside(repo)
    for old, new in zip((case.agent, *case.steps), case.steps, strict=False):
        repo.fixup(turn(old, new), of=draft)
    repo.autosquash(base)
    return Played(case, repo, draft, repo.head, marked(repo, base))


def _on_branch(repo: Repo, case: Case) -> tuple[str, str, str]:
    """Play draft and revision on a branch; return its name, the fork and the draft."""
    begin(repo, case)
    base, branch = repo.head, f"work-{repo.clock.now}"
    repo.switch(branch, create=True)
    draft = write_draft(repo, case)
    revise(repo, case.agent, *case.steps)
    return branch, base, draft


@way()
def squash(repo: Repo, case: Case) -> Played:
    branch, base, draft = _on_branch(repo, case)
    repo.switch("main").squash_merge(branch)
    return Played(case, repo, draft, repo.head, marked(repo, base))


@way()
def squash_of_forge(repo: Repo, case: Case) -> Played:
    """A forge squashes: main has moved, the message keeps the trailer, the branch is gone."""
    branch, _, draft = _on_branch(repo, case)
    aside(repo.switch("main"))
    base = repo.head
    message = repo.git("log", "-1", "--format=%B", draft)
    repo.squash_merge(branch, f"Squashed (#7)\n\n{message}", COLLEAGUE)
    repo.git("branch", "-D", branch)
    return Played(case, repo, draft, repo.head, marked(repo, base))


@way()
def merge(repo: Repo, case: Case) -> Played:
    branch, _, draft = _on_branch(repo, case)
    aside(repo.switch("main")).merge(branch)
    return Played(case, repo, draft, repo.head)


@way()
def rebase(repo: Repo, case: Case) -> Played:
    """The branch is rebased onto a main that moved, then merged by fast-forward."""
    branch, _, draft = _on_branch(repo, case)
    aside(repo.switch("main"))
    base = repo.head
    repo.switch(branch).rebase("main")
    repo.switch("main").merge(branch, PERSON, "--ff-only")
    return Played(case, repo, draft, repo.head, marked(repo, base))


@way(linked=False)
def cherry_pick(repo: Repo, case: Case) -> Played:
    """The draft is picked onto a main that moved, and the edit amended in."""
    begin(repo, case)
    branch = f"work-{repo.clock.now}"
    draft = write_draft(repo.switch(branch, create=True), case)
    aside(repo.switch("main"))
    base = repo.head
    repo.cherry_pick(draft)
    for old, new in zip((case.agent, *case.steps), case.steps, strict=False):
        repo.amend(turn(old, new))
    return Played(case, repo, draft, repo.head, marked(repo, base))


@way(lambda case: case.landmark is not None and case.kind != "remove-file")
def main_moved(repo: Repo, case: Case) -> Played:
    """While the draft was on a branch, main changed another place of the same file."""
    assert case.landmark is not None
    old, new = case.landmark

    def moved(tree: Tree) -> Tree:
        return {path: data.replace(old, new) for path, data in tree.items()}

    begin(repo, case)
    branch = f"work-{repo.clock.now}"
    draft = write_draft(repo.switch(branch, create=True), case)
    repo.switch("main").commit(turn(case.base, moved(case.base)), "Change another place")
    repo.merge(branch)
    revise(repo, *map(moved, (case.agent, *case.steps)))
    return Played(case, repo, draft, repo.head)


@way(lambda case: not case.base, root=True)
def root_amended(repo: Repo, case: Case) -> Played:
    """The draft is the first commit of all, and amended."""
    draft = write_draft(repo, case)
    for old, new in zip((case.agent, *case.steps), case.steps, strict=False):
        repo.amend(turn(old, new))
    return Played(case, repo, draft, repo.head, (repo.head,))


@way(lambda case: not case.base, root=True)
def root_followed(repo: Repo, case: Case) -> Played:
    """The draft is the first commit of all, and a person follows up."""
    draft = write_draft(repo, case)
    revise(repo, case.agent, *case.steps)
    return Played(case, repo, draft, repo.head)


def _empty(repo: Repo, commit: str) -> bool:
    """A copy of a draft of which nothing is left has nothing in it to know it by."""
    return repo.git("rev-parse", f"{commit}^{{tree}}") == repo.git(
        "rev-parse", f"{commit}~^{{tree}}"
    )


def stage(
    way: Way, cases: Sequence[Case], folder: Path, env: Mapping[str, str] | None
) -> list[Played]:
    """Play the cases that the way can take, in one repository where they can share one."""
    fitting = [case for case in cases if way.needs(case)]
    if way.root:
        return [
            way.play(Repo.init(folder / f"{n}", env=env), case.below("first"))
            for n, case in enumerate(fitting)
        ]
    repo = aside(Repo.init(folder, env=env))
    played = []
    for n, case in enumerate(fitting):
        done = way.play(repo, case.below(f"case{n}"))
        heirs = tuple(h for h in done.heirs if h != done.draft and not _empty(repo, h))
        played.append(replace(done, heirs=heirs))
        aside(repo)
    return played
