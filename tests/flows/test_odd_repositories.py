"""Repositories that are bare, shallow, detached, linked, damaged or partial."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from buildlog_git.flows.distance import measure_distance
from buildlog_git.flows.init import initialise
from buildlog_git.flows.log import make_log
from buildlog_git.flows.scan import scan
from tests.builder import PERSON, Repo
from tests.flows.play import BASE, FRESH, MINE, context, draft, lines, only, report, scanned, text

if TYPE_CHECKING:
    from pathlib import Path

EDITED = text(FRESH[:5], MINE[5:])


def story(repo: Repo) -> str:
    """Commit a draft and its revision on top of a person's commit; return the draft."""
    made = repo.commit({"z.py": text(BASE)}).agent_commit({"a.py": text(MINE)}).head
    repo.commit({"a.py": EDITED})
    return made


def check_all(repo: Repo, made: str) -> None:
    """All flows tell the same of the draft."""
    here = context(repo)
    assert initialise(here).report.drafts == report(repo).drafts
    assert only(repo).distance == 0.25
    assert measure_distance(here, made).distance == 0.25
    assert [item.distance for item in make_log(here).commits if item.commit == made] == [0.25]


def test_an_empty_repository(repo: Repo) -> None:
    here = context(repo)
    result = scan(here)
    assert (result.commits, result.written) == (0, 0)
    assert report(repo).drafts == ()
    assert make_log(here).commits == ()
    assert initialise(here).report.commits.total == 0


def test_an_unborn_branch_beside_one_with_commits(repo: Repo) -> None:
    story(repo)
    repo.orphan("new")
    assert scan(context(repo)).drafts == 1
    assert report(repo).drafts == ()


def test_a_bare_clone(repo: Repo, tmp_path: Path) -> None:
    made = story(repo)
    check_all(repo.clone(tmp_path / "bare.git", bare=True), made)


def test_a_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    made = story(repo)
    there = repo.worktree(tmp_path / "linked", "side")
    check_all(there, made)
    there.commit({"a.py": text(FRESH[:10], MINE[10:])})
    assert only(there).distance == 0.5
    assert only(repo).distance == 0.25


def test_a_subfolder(repo: Repo) -> None:
    made = story(repo)
    (repo.path / "deep" / "down").mkdir(parents=True)
    check_all(Repo(repo.path / "deep" / "down", repo.env, repo.clock), made)


def test_a_detached_head(repo: Repo) -> None:
    made = story(repo)
    repo.git("checkout", "--quiet", "--detach")
    check_all(repo, made)
    repo.commit({"a.py": text(FRESH[:10], MINE[10:])})
    assert only(repo).distance == 0.5


def test_a_detached_head_without_any_branch(repo: Repo) -> None:
    made = story(repo)
    repo.git("checkout", "--quiet", "--detach")
    repo.git("branch", "-D", "main")
    check_all(repo, made)


def test_sha256(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", sha256=True)
    made = story(repo)
    assert len(made) == 64
    check_all(repo, made)


def test_a_default_branch_of_another_name(repo: Repo) -> None:
    made = story(repo)
    repo.git("branch", "--move", "main", "develop")
    check_all(repo, made)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_shallow_clone_takes_its_first_commits_for_no_drafts(
    repo: Repo, tmp_path: Path, depth: int
) -> None:
    """Seen from there, the first commit wrote the whole tree."""
    repo.commit({"z.py": text(BASE)}).agent_commit({"a.py": text(MINE)})
    made = repo.agent_commit({"b.py": text(lines(40, 20))}).head
    repo.git("clone", "--quiet", f"--depth={depth}", repo.path.as_uri(), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone", repo.env, repo.clock)
    result = scan(context(clone))
    assert result.shallow
    assert result.drafts == depth - 1
    found = report(clone)
    assert found.coverage.shallow
    assert [item.commit for item in found.drafts] == [made][: depth - 1]
    if depth == 1:
        assert measure_distance(context(clone), "HEAD").distance is None


def test_a_shallow_clone_that_is_deepened_later(repo: Repo, tmp_path: Path) -> None:
    made = story(repo)
    repo.git("clone", "--quiet", "--depth=2", repo.path.as_uri(), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone", repo.env, repo.clock)
    assert scanned(clone) == ()
    clone.git("fetch", "--quiet", "--unshallow")
    assert scanned(clone) == scanned(repo)
    check_all(clone, made)


def test_a_reflog_that_names_commits_that_are_gone(repo: Repo) -> None:
    made = story(repo)
    repo.switch("lost", create=True)
    gone = repo.agent_commit({"b.py": text(lines(40, 20))}).head
    repo.switch("main").git("branch", "-D", "lost")
    (repo.path / ".git" / "objects" / gone[:2] / gone[2:]).unlink()
    check_all(repo, made)


def test_a_repository_without_reflogs(repo: Repo) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    shutil.rmtree(repo.path / ".git" / "logs", ignore_errors=True)
    check_all(repo, story(repo))


def blob(repo: Repo, name: str) -> Path:
    oid = repo.git("rev-parse", name)
    return repo.path / ".git" / "objects" / oid[:2] / oid[2:]


def test_a_blob_that_is_missing_is_counted_and_survived(repo: Repo) -> None:
    made = story(repo)
    repo.commit({"big.py": text(lines(60, 50))}).commit({"big.py": text(lines(60, 40))})
    blob(repo, "HEAD^:big.py").unlink()
    result = scan(context(repo))
    assert result.missing_blobs == 1
    assert draft(report(repo), made).distance == 0.25


def test_a_blob_of_the_draft_that_is_missing(repo: Repo) -> None:
    made = story(repo)
    other = repo.agent_commit({"b.py": text(lines(60, 50))}).head
    repo.commit({"b.py": text(lines(60, 40))})
    blob(repo, f"{other}:b.py").unlink()
    result = scan(context(repo))
    assert (result.missing_blobs, result.drafts) == (1, 2)
    found = report(repo)
    assert draft(found, made).distance == 0.25
    assert draft(found, other).outcome == "unmeasurable"
    assert measure_distance(context(repo), other).distance is None


def test_a_partial_clone_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    story(repo)
    repo.git("config", "uploadpack.allowFilter", "true")
    target = tmp_path / "partial"
    repo.git(
        "clone", "--quiet", "--filter=blob:none", "--no-checkout", repo.path.as_uri(), str(target)
    )
    partial = Repo(target, repo.env, repo.clock)
    before = partial.git("rev-list", "--objects", "--all", "--missing=print")
    here = context(partial)
    result = scan(here)
    assert (result.drafts, result.missing_blobs) == (1, 3)
    assert partial.git("rev-list", "--objects", "main", "--missing=print") == before
    assert report(partial).drafts[0].outcome == "unmeasurable"


def test_an_alternate_that_is_shared(repo: Repo, tmp_path: Path) -> None:
    made = story(repo)
    repo.git("clone", "--quiet", "--shared", str(repo.path), str(tmp_path / "shared"))
    check_all(Repo(tmp_path / "shared", repo.env, repo.clock), made)


def test_replace_refs_do_not_break_a_scan(repo: Repo) -> None:
    made = story(repo)
    repo.git("replace", repo.head, repo.id_of("HEAD^"))
    assert scan(context(repo)).drafts >= 1
    assert draft(report(repo, made), made) is not None


def test_tags_and_trees_as_ranges(repo: Repo) -> None:
    made = story(repo)
    repo.git("tag", "-a", "-m", "x", "v1", made)
    assert draft(report(repo, "v1"), made).distance == 0.25
    assert report(repo, "v1..").drafts == ()


def test_remote_branches_only(repo: Repo, tmp_path: Path) -> None:
    made = story(repo)
    clone = repo.clone(tmp_path / "clone")
    repo.commit({"a.py": text(FRESH[:10], MINE[10:])})
    clone.git("fetch", "--quiet")
    assert draft(report(clone), made).distance == 0.25
    clone.merge("origin/main", PERSON, "--ff-only")
    assert draft(report(clone), made).distance == 0.5
