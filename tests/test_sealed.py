"""The seal holds, and the builder does what its steps say."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.builder import AGENTS, BOT, DAY, HOUR, PERSON, START, Repo, sealed_environment
from tests.conftest import _GUARD, HomeTouched

if TYPE_CHECKING:
    from collections.abc import Iterator


def test_home_is_the_tests_own(sealed: Path) -> None:
    assert Path.home() == sealed
    assert Path("~").expanduser() == sealed


def test_nothing_is_inherited(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GIT_DIR", "CLAUDECODE", "AI_AGENT", "CURSOR_AGENT", "NO_COLOR", "FORCE_COLOR"):
        assert name not in os.environ
        monkeypatch.setenv(name, "1")
    environment = sealed_environment(tmp_path / "home")
    assert not {"GIT_DIR", "CLAUDECODE", "AI_AGENT", "CURSOR_AGENT", "NO_COLOR"} & set(environment)


def test_git_reads_only_the_sealed_configuration(repo: Repo) -> None:
    origins = repo.git("config", "--list", "--show-origin", "--name-only").splitlines()
    files = {line.split("\t")[0].removeprefix("file:").strip('"') for line in origins}
    assert files == {os.environ["GIT_CONFIG_GLOBAL"], ".git/config"}


@pytest.fixture
def pretended_home(tmp_path: Path) -> Iterator[Path]:
    """Let the guard take a folder of the test for the real home."""
    homes, free = _GUARD.homes, _GUARD.free
    _GUARD.homes, _GUARD.free = (tmp_path,), (tmp_path / "project",)
    yield tmp_path
    _GUARD.homes, _GUARD.free = homes, free


def test_touching_the_real_home_fails(pretended_home: Path) -> None:
    with pytest.raises(HomeTouched):
        (pretended_home / ".gitconfig").write_text("[user]\n")
    with pytest.raises(HomeTouched):
        (pretended_home / ".config").mkdir()
    (pretended_home / "project").mkdir()
    (pretended_home / "project" / "a").write_text("free\n")


def test_commits_are_an_hour_apart(repo: Repo) -> None:
    repo.commit({"a": "1"}).commit({"a": "2"}).wait(days=2).commit({"a": "3"})
    times = [int(line) for line in repo.git("log", "--reverse", "--format=%at").split()]
    assert times == [START, START + HOUR, START + 2 * HOUR + 2 * DAY]
    assert times == [int(line) for line in repo.git("log", "--reverse", "--format=%ct").split()]


def test_a_story_gives_the_same_ids_twice(tmp_path: Path) -> None:
    def story(path: Path) -> str:
        repo = Repo.init(path).commit({"a": "1"})
        return repo.switch("fix", create=True).agent_commit({"b": "1"}).amend({"b": "2"}).head

    assert story(tmp_path / "one") == story(tmp_path / "two")


def test_an_agents_commit_carries_its_mark(repo: Repo) -> None:
    repo.agent_commit({"a": "1\n"}, agent="cursor")
    assert repo.git("log", "-1", "--format=%(trailers:key=Co-authored-by)") == AGENTS["cursor"]
    assert repo.git("log", "-1", "--format=%an <%ae>") == f"{PERSON.name} <{PERSON.email}>"


def test_amend_keeps_message_and_author(repo: Repo) -> None:
    repo.agent_commit({"a": "1\n"}).amend({"a": "2\n", "b": b"\0\xff"}, BOT)
    assert repo.git("log", "-1", "--format=%an %cn") == f"{PERSON.name} {BOT.name}"
    assert "noreply@anthropic.com" in repo.git("log", "-1", "--format=%b")
    assert repo.git_bytes("show", "HEAD:b") == b"\0\xff"
    assert repo.git("rev-list", "--count", "HEAD") == "1"


def test_fixup_and_autosquash_leave_one_commit(repo: Repo) -> None:
    base = repo.commit({"a": "1\n"}).head
    draft = repo.agent_commit({"b": "1\n"}).head
    repo.commit({"c": "1\n"}).fixup({"b": "2\n"}, of=draft).autosquash(base)
    assert repo.git("log", "--format=%s").splitlines() == ["Change c", "Write b", "Change a"]
    assert repo.git("show", "HEAD~1:b") == "2"


def test_branches_merge_squash_pick_and_revert(repo: Repo) -> None:
    repo.commit({"a": "1\n"}).switch("fix", create=True).commit({"b": "1\n"})
    fix = repo.head
    repo.switch("main").merge("fix")
    assert len(repo.git("log", "-1", "--format=%P").split()) == 2
    repo.revert("HEAD~0^2").cherry_pick(fix)
    assert repo.read("b") == b"1\n"
    repo.switch("more", create=True).commit({"c": "1\n"}).commit({"c": "2\n"})
    repo.switch("main").squash_merge("more", "Squash")
    assert repo.git("log", "-1", "--format=%s %P").split()[1:] == [repo.id_of("HEAD~1")]
    assert repo.read("c") == b"2\n"


def test_rebase_rename_and_delete(repo: Repo) -> None:
    repo.commit({"a": "1\n", "d": "1\n"}).switch("fix", create=True).rename("a", "e/b").commit()
    repo.switch("main").delete("d").commit().switch("fix").rebase("main")
    assert repo.git("ls-files") == "e/b"
    assert repo.id_of("HEAD~1") == repo.id_of("main")


def test_worktree_bare_clone_and_sha256(tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", sha256=True).commit({"a": "1\n"})
    assert len(repo.head) == 64
    linked = repo.worktree(tmp_path / "linked", "side").commit({"a": "2\n"})
    assert linked.git("log", "-1", "--format=%at") == str(START + HOUR)
    assert (linked.path / ".git").is_file()
    bare = repo.clone(tmp_path / "bare", bare=True)
    assert bare.git("rev-parse", "--is-bare-repository") == "true"
    assert Repo.init(tmp_path / "empty", bare=True).git("for-each-ref") == ""
