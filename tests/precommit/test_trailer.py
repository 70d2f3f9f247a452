"""The session's trailer: where it is wanted, once, and in no message that git writes."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from buildlog_git.gitio.faults import read_faults
from tests.builder import PERSON, PROJECT, Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.precommit.conftest import Framework

SESSION = "0123456789abcdef"
NOW = 4_000_000_000


def open_session(repo: Repo, branch: str = "main", *, last: int = NOW, trial: int = 0) -> None:
    """Write what an open session leaves below the git directory."""
    folder = repo.path / ".git" / "buildlog" / "sessions" / "-"
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "v": 1, "worktree": "-", "branch": f"refs/heads/{branch}", "id": SESSION,
        "base": repo.head, "started": last, "last": last, "error_class": "general",
        "rules": [], "rules_start": 0, "commits": [], "notes": [], "trial": trial,
    }  # fmt: skip
    (folder / f"{branch}.json").write_text(json.dumps(told))


@pytest.fixture
def hooked(repo: Repo) -> Repo:
    """Give a repository that wants the trailer, with an open session on main."""
    repo.commit({"a": "1\n"}, "Start")
    hook = repo.path / ".git" / "hooks" / "prepare-commit-msg"
    command = f"PYTHONPATH={shlex.quote(str(PROJECT))} exec {sys.executable} -P -m buildlog_git"
    hook.write_text(f'#!/bin/sh\n{command} hook prepare-commit-msg "$@"\n')
    hook.chmod(0o755)
    repo.git("config", "buildlog.trailer", "true")
    open_session(repo)
    return repo


def trailers(repo: Repo) -> str:
    return repo.git("log", "-1", "--format=%(trailers:key=Buildlog-Session,valueonly)").strip()


def test_a_commit_names_no_session_whose_rules_it_could_not_have(hooked: Repo) -> None:
    open_session(hooked, trial=2)
    assert trailers(hooked.commit({"a": "2\n"})) == "", "they are not there yet"
    shown = hooked.path / ".git" / "buildlog" / "shown"
    shown.mkdir()
    for session, named in (("f" * 16, ""), (SESSION, SESSION)):
        told = {"turns": [[0, session]], "files": {}, "said": ""}
        (shown / "-").write_text(f"refs/heads/main\n{json.dumps(told)}\n")
        assert trailers(hooked.commit({"a": f"{session}\n"})) == named
    shutil.rmtree(shown)
    hooked.git("config", "buildlog.target", "none")
    assert trailers(hooked.commit({"a": "3\n"})) == SESSION, "they are put nowhere"


def test_a_commit_names_its_session(hooked: Repo) -> None:
    assert trailers(hooked.commit({"a": "2\n"})) == SESSION
    hooked.agent_commit({"a": "3\n"})
    message = hooked.git("log", "-1", "--format=%B").splitlines()
    assert message[-2].startswith("Co-authored-by: Claude")
    assert message[-1] == f"Buildlog-Session: {SESSION}"
    hooked.commit({"a": "4\n"}, "No checks", PERSON, "--no-verify")
    assert trailers(hooked) == SESSION


def test_a_revert_is_a_new_commit(hooked: Repo) -> None:
    assert trailers(hooked.commit({"a": "2\n"}).revert()) == SESSION


def test_it_names_it_once(hooked: Repo) -> None:
    other = "f" * 16
    hooked.commit({"a": "2\n"}, f"Told\n\nBuildlog-Session: {other}")
    assert trailers(hooked) == other
    assert trailers(hooked.amend({"a": "3\n"})) == other


def test_only_where_it_is_wanted(hooked: Repo) -> None:
    hooked.git("config", "buildlog.trailer", "false")
    assert trailers(hooked.commit({"a": "2\n"})) == ""
    hooked.git("config", "--unset", "buildlog.trailer")
    assert trailers(hooked.commit({"a": "3\n"})) == ""


def test_not_without_an_open_session(hooked: Repo) -> None:
    open_session(hooked, last=1)
    assert trailers(hooked.commit({"a": "2\n"})) == "", "it was over long ago"
    hooked.switch("other", create=True)
    assert trailers(hooked.commit({"a": "3\n"})) == ""
    hooked.git("checkout", "--quiet", "--detach")
    assert trailers(hooked.commit({"a": "4\n"})) == ""
    (hooked.path / ".git/buildlog/sessions/-/other.json").write_text("damaged")
    assert trailers(hooked.switch("other").commit({"a": "5\n"})) == ""
    assert read_faults(hooked.path / ".git") == []


def test_not_where_git_writes_the_message(hooked: Repo) -> None:
    hooked.switch("topic", create=True).commit({"t": "1\n"}).commit({"t": "2\n"})
    hooked.switch("main").merge("topic")
    assert trailers(hooked) == ""
    hooked.switch("more", create=True).commit({"m": "1\n"}, "More").commit({"n": "1\n"}, "And more")
    hooked.switch("main").squash_merge("more")
    assert SESSION not in hooked.git("log", "-1", "--format=%B")
    hooked.switch("last", create=True).commit({"l": "1\n"}).switch("main").cherry_pick("last")
    assert SESSION not in hooked.git("log", "-1", "--format=%B")


def test_a_message_that_is_given_up_stays_empty(hooked: Repo) -> None:
    before = hooked.head
    hooked.git("commit", "--allow-empty", check=False, GIT_EDITOR="true")
    assert hooked.head == before


def test_through_pre_commit(framework: Framework, tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", env=framework.environment())
    config = framework.config.replace("post-checkout,", "prepare-commit-msg,", 1)
    config = config.replace("buildlog-post-checkout", "buildlog-prepare-commit-msg")
    repo.commit({".pre-commit-config.yaml": config})
    repo.git("config", "buildlog.trailer", "yes")
    repo.git("config", "buildlog.drain", "off")
    open_session(repo)
    framework.install(repo)
    assert trailers(repo.commit({"a": "2\n"})) == SESSION
