"""What is read once serves all: the same commits as git names, whoever asks for them after."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid
from buildlog_git.flows.history import read_history
from buildlog_git.flows.observations import table_of
from buildlog_git.flows.report import Judged, current_facts, report_on
from buildlog_git.flows.scan import find_events, scan
from buildlog_git.flows.selection import EVERYWHERE, reached, select
from buildlog_git.gitio.history import list_commits
from tests.builder import Repo
from tests.flows.play import FRESH, MINE, context, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

RANGES = [(), EVERYWHERE, ("--branches", "HEAD"), ("HEAD~1..HEAD",)]


def told(repo: Repo) -> Repo:
    """Tell of drafts on two branches, of a merge, a rewrite and words about commits."""
    repo.agent_commit({"a.py": text(MINE)}).switch("topic", create=True)
    repo.agent_commit({"b.py": text(FRESH)}, "Add\n\nBuildlog-Class: tests")
    repo.switch("main").commit({"a.py": text(MINE[5:])}, "Cut\n\nBuildlog: skip")
    repo.merge("topic").switch("topic").agent_commit({"c.py": text(FRESH[3:])}, agent="codex")
    return repo.switch("main").commit({"d": "d\n"}).amend({"d": "e\n"})


def plain(repo: Repo, _: Path) -> Repo:
    return told(repo)


def cloned(repo: Repo, folder: Path) -> Repo:
    """Give a clone in which only the remote has the other branch."""
    clone = told(repo).clone(folder / "clone")
    return clone.commit({"own": "own\n"})


def shallow(repo: Repo, folder: Path) -> Repo:
    url = told(repo).path.as_uri()
    repo.git("clone", "--quiet", "--depth=2", "--no-single-branch", url, str(folder / "clone"))
    return Repo(folder / "clone", repo.env, repo.clock)


def detached(repo: Repo, _: Path) -> Repo:
    told(repo).git("checkout", "--quiet", "--detach", "HEAD~1")
    return repo


def strange(repo: Repo, _: Path) -> Repo:
    """Give remote branches that are no commit, and one that is the notes' history too."""
    told(repo)
    scan(context(repo))
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"no commit").strip()
    repo.git("update-ref", "refs/remotes/origin/blob", blob)
    repo.git("update-ref", "refs/remotes/origin/notes", "refs/notes/buildlog")
    return repo


@pytest.mark.parametrize("make", [plain, cloned, shallow, detached, strange])
@pytest.mark.parametrize("revisions", RANGES, ids=" ".join)
def test_history_names_the_commits_that_git_names(
    repo: Repo, tmp_path: Path, make: Callable[[Repo, Path], Repo], revisions: Sequence[str]
) -> None:
    here = context(make(repo, tmp_path))
    history = read_history(here, ())
    known, asked = select(here, revisions, history), select(here, revisions)
    assert {commit.oid: commit for commit in known.commits} == {c.oid: c for c in asked.commits}
    assert (known.made_by, known.told, known.name) == (asked.made_by, asked.told, asked.name)
    seen: set[str] = set()
    for commit in known.commits:  # parents first
        assert seen.isdisjoint({commit.oid})
        assert {parent for parent in commit.parents if parent in known.made_by} <= seen
        seen.add(commit.oid)
    assert history.head is not None
    assert reached(here, history.head, history) == list_commits(here.repo.git, history.head)


@pytest.mark.parametrize("make", [plain, cloned, detached])
def test_a_report_that_was_made_before_changes_no_table(
    repo: Repo, tmp_path: Path, make: Callable[[Repo, Path], Repo]
) -> None:
    here = context(make(repo, tmp_path))
    for stored in (False, True):
        known = current_facts(here, stored=stored)
        selection, experiment = select(here, (), known.history), fold(known.events)
        made = report_on(here, selection, experiment, known.history)
        judged = Judged(experiment, known.history, selection, made)
        assert table_of(here, known.events, judged) == table_of(here, known.events)
        scan(here)


def test_a_walk_sees_only_what_a_draft_reaches(repo: Repo) -> None:
    for number in range(5):
        repo.commit({"before.py": text(FRESH[number:])})
    repo.agent_commit({"a.py": text(MINE)}).commit({"a.py": text(MINE[5:])})
    seen: dict[str, int] = {}
    here = context(repo)._replace(progress=lambda what, _, total: seen.update({what: total}))
    found = find_events(here, ())
    assert seen["following drafts"] == 2
    first, tip = Oid(repo.id_of("HEAD~6")), Oid(repo.head)
    kept = find_events(here, (), keep={first, tip}).walked
    assert kept.kept.keys() == {first, tip}
    assert kept.facts.changes == found.walked.facts.changes
