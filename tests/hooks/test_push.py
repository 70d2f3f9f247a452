"""pre-push: a push starts a sync that it neither waits for nor fails with, and no other push."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.hooks import CONFIG_HOOKS, PUSH
from buildlog_git.gitio.detached import GUARD
from buildlog_git.gitio.faults import read_faults
from buildlog_git.gitio.notetree import REF
from tests.builder import PROJECT, Repo
from tests.hooks.conftest import HAS_CONFIG_HOOKS, ended, script, snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.hooks.conftest import Cli, Drains


def until(holds: Callable[[], object]) -> None:
    """Wait for what a detached process does; it takes a fraction of a second."""
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def pushing(repo: Repo, drains: Drains, cli: Cli, tmp_path: Path) -> Repo:
    """Give a repository with a remote, in which a push also syncs."""
    hub = Repo.init(tmp_path / "hub.git", bare=True)
    repo.commit({"a": "1\n"}, "Start")
    repo.git("remote", "add", "origin", str(hub.path))
    repo.git("config", "buildlog.drain", "off")
    repo.git("config", "buildlog.push", "true")
    repo.git("config", "buildlog.command", str(drains.command))
    cli("install", "--files", at=repo.path)
    return repo


def real_command(repo: Repo, path: Path) -> None:
    """Let hooks start this very program."""
    import sys

    call = f'exec {shlex.quote(sys.executable)} -P -m buildlog_git "$@"'
    script(path, f"export PYTHONPATH={shlex.quote(str(PROJECT))}\n{call}")
    repo.git("config", "buildlog.command", str(path))


def test_the_hook_is_there_only_where_it_is_asked_for(
    pushing: Repo, cli: Cli, drains: Drains
) -> None:
    path = pushing.path / ".git" / "hooks" / "pre-push"
    assert path.is_file()
    assert "pre-push" in cli("install", "--json").json["hooks"]
    assert "pre-push" in [hook["event"] for hook in cli("status", "--json").json["hooks"]]
    pushing.git("config", "buildlog.push", "off")
    ran = cli("doctor", code=1)
    assert "[push-changed]" in ran.out
    assert "[push-changed]" not in cli("doctor", "--fix").out
    assert not path.exists()
    assert "pre-push" not in cli("status").out
    pushing.git("config", "buildlog.push", "true")
    assert "[push-changed]" in cli("doctor", code=1).out
    cli("install")
    assert path.is_file()
    assert not any(call["args"].startswith("hook") for call in drains.calls)


def test_what_was_there_before_is_run_and_comes_back(
    repo: Repo, cli: Cli, drains: Drains, tmp_path: Path
) -> None:
    hub = Repo.init(tmp_path / "hub.git", bare=True)
    repo.commit({"a": "1\n"}, "Start").git("remote", "add", "origin", str(hub.path))
    seen = tmp_path / "seen"
    path = repo.path / ".git" / "hooks" / "pre-push"
    script(path, f'echo "$0 $*" >{seen}; cat >>{seen}; exit $(cat {tmp_path}/code)')
    before = snapshot(repo.path / ".git")
    repo.git("config", "buildlog.command", str(drains.command))
    repo.git("config", "buildlog.push", "yes")
    cli("install", "--files", at=repo.path)
    (tmp_path / "code").write_text("1")
    assert ended(repo, "push", "-q", "origin", "main").code == 1
    assert hub.git("for-each-ref") == ""
    (tmp_path / "code").write_text("0")
    assert ended(repo, "push", "-q", "origin", "main").code == 0
    name, *lines = seen.read_text().splitlines()
    assert name.endswith(f"pre-push origin {hub.path}")
    assert lines == [f"refs/heads/main {repo.head} refs/heads/main {'0' * 40}"]
    until(lambda: len(drains.calls) == 2)
    assert [call["args"] for call in drains.calls] == ["hook sync origin"] * 2
    repo.git("config", "buildlog.push", "no")
    cli("install", "--files")
    cli("uninstall")
    after = snapshot(repo.path / ".git")
    assert after["hooks/pre-push"] == before["hooks/pre-push"]
    assert {name for name in after if name.startswith("hooks")} == {
        name for name in before if name.startswith("hooks")
    }


@pytest.mark.parametrize("how", ["guarded", "no name", "not ours"])
def test_where_nothing_is_started(pushing: Repo, drains: Drains, how: str) -> None:
    if how == "guarded":
        done = ended(pushing, "push", "-q", "origin", "main", **{GUARD: "1"})
    elif how == "no name":
        done = ended(pushing, "push", "-q", pushing.git("remote", "get-url", "origin"), "main")
    else:
        done = ended(pushing, "push", "-q", "--no-verify", "origin", "main")
    assert (done.code, done.out, done.err) == (0, b"", b"")
    pushing.git("push", "-q", "origin", "main:later")  # this one does
    until(lambda: drains.calls)
    assert len(drains.calls) == 1


def test_a_push_of_branches_brings_the_notes_along(pushing: Repo, cli: Cli, tmp_path: Path) -> None:
    real_command(pushing, tmp_path / "bin" / "git-buildlog")
    cli("install", "--files")
    pushing.agent_commit({"b": "1\n2\n3\n"})
    hub = Repo(tmp_path / "hub.git")
    done = ended(pushing, "push", "-q", "origin", "main")
    assert (done.code, done.out, done.err) == (0, b"", b"")
    until(lambda: hub.git("for-each-ref", REF))
    assert hub.git("rev-list", "--count", REF) == "1"
    assert not read_faults(pushing.path / ".git")


def test_a_push_waits_for_no_sync_and_fails_with_none(
    pushing: Repo, cli: Cli, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script(tmp_path / "bin" / "git-buildlog", f"until [ -e {gate} ]; do sleep 0.05; done; exit 3")
    pushing.git("config", "buildlog.command", str(tmp_path / "bin" / "git-buildlog"))
    cli("install", "--files")
    done = subprocess.run(
        ["git", "push", "-q", "origin", "main"],
        cwd=pushing.path, env=pushing.env, capture_output=True, timeout=20, check=False,
    )  # fmt: skip
    gate.touch()
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_what_goes_wrong_is_written_down(pushing: Repo, cli: Cli, tmp_path: Path) -> None:
    real_command(pushing, tmp_path / "bin" / "git-buildlog")
    cli("install", "--files")
    hub = Repo(tmp_path / "hub.git")
    pushing.git("push", "-q", "--no-verify", "origin", "main")
    hub.git("config", "receive.hideRefs", "refs/notes")
    pushing.agent_commit({"b": "1\n2\n3\n"})
    assert ended(pushing, "push", "-q", "origin", "main").code == 0
    common = pushing.path / ".git"
    until(lambda: read_faults(common))
    assert [fault.slug for fault in read_faults(common)] == ["push-refused"]
    assert "[push-refused]" in cli("status").out


@pytest.mark.parametrize("wanted", [True, False])
def test_for_the_pre_commit_framework(
    pushing: Repo, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    """Which tells by variables what is pushed where; the process here is the hook's own."""
    from buildlog_git.hooks import push
    from buildlog_git.hooks.stage import main

    started: list[list[str]] = []
    monkeypatch.setattr(push, "start_detached", lambda argv, _: started.append(list(argv)))
    cli("status")
    pushing.git("config", "buildlog.push", str(wanted))
    monkeypatch.setenv("PRE_COMMIT_REMOTE_NAME", "origin")
    monkeypatch.setenv("PRE_COMMIT_REMOTE_URL", str(tmp_path / "hub.git"))
    assert main(["pre-push"]) == 0
    assert [argv[-3:] for argv in started] == ([["hook", "sync", "origin"]] if wanted else [])


@pytest.mark.skipif(not HAS_CONFIG_HOOKS, reason=f"git before {CONFIG_HOOKS} ignores them")
def test_in_gits_configuration(pushing: Repo, cli: Cli, drains: Drains) -> None:
    cli("uninstall")
    cli("install")
    assert pushing.git("config", f"hook.buildlog-{PUSH.event}.event") == PUSH.event
    pushing.git("push", "-q", "origin", "main")
    until(lambda: drains.calls)
    pushing.git("config", "buildlog.push", "off")
    cli("install")
    assert pushing.git("config", "--get-regexp", "hook.buildlog-pre-push", check=False) == ""
