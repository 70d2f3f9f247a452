"""The shell body alone: in every shell there is, and how it starts the drain."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from pathlib import Path

import pytest

from buildlog_git.core.agents import VARIABLES
from buildlog_git.core.hooks import body, setting_of, watched_variables
from buildlog_git.core.registry import DEFAULT
from buildlog_git.gitio.hooksdir import hook_template
from tests.builder import PROJECT, Repo
from tests.hooks.conftest import Cli, Drains, ended, plain_body, script, signals

SHELLS = (["dash"], ["bash"], ["bash", "--posix"], ["busybox", "sh"], ["mksh"], ["ksh"], ["yash"])
QUIET = "background"


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Give each shell of the machine."""
    command: list[str] = request.param
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return command


@pytest.fixture
def folder(repo: Repo) -> Path:
    """Give a repository with a queue's folder."""
    repo.commit({"a": "1\n"})
    path = repo.path / ".git" / "buildlog"
    (path / "rewrites").mkdir(parents=True)
    return path


def test_every_shell_says_the_same(repo: Repo, folder: Path, shell: list[str]) -> None:
    file = folder / "hook"
    file.write_text(plain_body())

    def run(*args: str, stdin: bytes | None = b"", **env: str) -> None:
        done = subprocess.run(
            [*shell, str(file), *args],
            cwd=repo.path, env={**repo.env, **env}, input=stdin, capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    run("post-commit", CLAUDECODE="1", AI_AGENT="$(touch evil)", CODEX_CI="a;b", GIT_PAGER="cat")
    run("post-checkout", "x", "y", "1", LC_ALL="C.UTF-8", OPENCODE="é")
    run("post-checkout", "x", "y", "0")
    run("post-rewrite", "amend", stdin=b"1234 abcd\n5678 ef01 more")
    run("post-rewrite", "amend", stdin=b"")
    run("pre-push", "origin", "url")
    run()
    commit, checkout, rewrite, empty = signals(repo)
    assert dict(commit.variables) == {
        "AI_AGENT": "1", "CLAUDECODE": "1", "CODEX_CI": "1", "GIT_PAGER": "cat",
    }  # fmt: skip
    assert (commit.head, commit.ref, commit.worktree) == (repo.head, "refs/heads/main", "-")
    assert dict(checkout.words) == {"old": "x", "new": "y", "flag": "1"}
    assert dict(checkout.variables) == {"OPENCODE": "1"}
    assert rewrite.words["map"].endswith("-ef01")
    assert (folder / "rewrites" / rewrite.words["map"]).read_bytes() == b"1234 abcd\n5678 ef01 more"
    assert dict(empty.words) == {"cmd": "amend"}
    assert not (repo.path / "evil").exists()


def test_a_long_map(repo: Repo, folder: Path, shell: list[str]) -> None:
    """What is read in chunks arrives whole, here and at the hook that was there before."""
    (folder / "hook").write_text(plain_body())
    rows = "".join(f"{number:040x} {number + 1:040x}\n" for number in range(500)).encode()
    code = 'set -- post-rewrite rebase; . .git/buildlog/hook; printf %s "$bl_stdin"'
    done = subprocess.run(
        [*shell, "-c", code],
        cwd=repo.path,
        env=repo.env,
        input=rows,
        capture_output=True,
        check=True,
    )
    assert done.stdout == rows
    (signal,) = signals(repo)
    assert (folder / "rewrites" / signal.words["map"]).read_bytes() == rows
    assert signal.words["map"].endswith(f"-{500:040x}")


def test_closed_streams_and_a_bare_environment(repo: Repo, folder: Path, shell: list[str]) -> None:
    (folder / "hook").write_text(plain_body())
    closed = f"exec {' '.join(shell)} .git/buildlog/hook post-rewrite amend <&- >&- 2>&-"
    done = subprocess.run(["sh", "-c", closed], cwd=repo.path, env={"PATH": os.environ["PATH"]})  # noqa: PLW1510
    assert done.returncode == 0
    assert [signal.hook for signal in signals(repo)] == ["post-rewrite"]


def test_outside_of_a_repository(tmp_path: Path, shell: list[str]) -> None:
    (tmp_path / "hook").write_text(plain_body())
    for git_dir in ("nowhere", "hook", str(tmp_path)):
        done = subprocess.run(
            [*shell, "hook", "post-commit"],
            cwd=tmp_path, env={**os.environ, "GIT_DIR": git_dir}, capture_output=True, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout + done.stderr) == (0, b"")


def test_no_process_is_started(repo: Repo, folder: Path, tmp_path: Path) -> None:
    """With nothing on PATH it still does all but the drain."""
    (folder / "hook").write_text(plain_body(drain="background"))
    shell = shutil.which("dash") or shutil.which("sh") or ""
    subprocess.run(
        [shell, ".git/buildlog/hook", "post-rewrite", "amend"],
        cwd=repo.path, env={"PATH": str(tmp_path)}, input=b"12 34\n", check=True,
    )  # fmt: skip
    (signal,) = signals(repo)
    assert signal.words["map"].endswith("-34")


def test_a_branch_whose_rules_are_not_the_ones_on_disk_is_news(
    repo: Repo, folder: Path, shell: list[str]
) -> None:
    """Its session is open, and still agents read what is another branch's."""
    (folder / "hook").write_text(plain_body())
    (folder / "sessions" / "-").mkdir(parents=True)
    (folder / "sessions" / "-" / "main.json").write_text("{}")
    (folder / "shown").mkdir()

    def news(shown: str | None, *args: str, **env: str) -> int:
        path = folder / "shown" / "-"
        path.unlink(missing_ok=True)
        if shown is not None:
            path.write_text(shown)
        subprocess.run(
            [*shell, ".git/buildlog/hook", "post-checkout", "x", "y", *args],
            cwd=repo.path, env={**repo.env, **env}, check=True,
        )  # fmt: skip
        return len(signals(repo))

    for env in ({}, {"GIT_DIR": ".git"}):  # at once, and after looking around
        assert news(None, "1", **env) == 0
        assert news("refs/heads/main\n{}\n", "1", **env) == 0
        assert news("refs/heads/other\n{}\n", "1", **env) == 1
        assert news("refs/heads/other\n{}\n", "0", **env) == 0, "a single file"
        assert news("-\n{}\n", "1", **env) == 1
        assert news("", "1", **env) == 1, "damaged"
        assert news("refs/heads/main", "1", **env) == 0


def test_the_list_of_variables_comes_from_the_registry() -> None:
    registry = DEFAULT.extended([("buildlog.agent.hal.env", "HAL_9000=on")])
    names = watched_variables(registry)
    assert {row.name for row in VARIABLES} - set(names) == {"GIT_AUTHOR_NAME"}
    assert {"AI_AGENT", "HAL_9000", "GIT_PAGER"} <= set(names)
    assert len(names) == len(set(names))


@pytest.mark.parametrize("command", ["git-buildlog", "/a b/it's", "/x\ny/$(z)", "C:\\x"])
def test_settings_survive_being_filled_in(command: str) -> None:
    text = body(hook_template(), version="1", drain="off", command=command, variables=["A", "B"])
    assert setting_of(text, "command") == command
    assert setting_of(text, "variables") == "A B"
    script = '. "$1" x\nprintf %s "$bl_command"'
    path = Path("body")
    done = subprocess.run(
        ["sh", "-c", script, "sh", "/dev/stdin"],
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode() == command
    assert not path.exists()


def test_the_shipped_file_is_where_the_program_looks() -> None:
    assert hook_template() == (PROJECT / "hooks" / "buildlog-hook.sh").read_text()
    assert (
        '"hooks/buildlog-hook.sh" = "buildlog_git/hooks/buildlog-hook.sh"'
        in (PROJECT / "pyproject.toml").read_text()
    )


# -- the drain ------------------------------------------------------------------------------


def with_drain(repo: Repo, cli: Cli, drains: Drains, mode: str) -> None:
    repo.git("config", "buildlog.drain", mode)
    repo.git("config", "buildlog.command", str(drains.command))
    cli("install", "--files", at=repo.path)


def test_foreground(repo: Repo, cli: Cli, drains: Drains, tmp_path: Path) -> None:
    with_drain(repo, cli, drains, "foreground")
    done = ended(repo, "commit", "-q", "--allow-empty", "-m", "x")
    assert (done.code, done.out, done.err) == (0, b"", b"")
    (call,) = drains.calls
    assert (call["args"], call["cwd"]) == ("drain", str(repo.path))
    assert not {"GIT_INDEX_FILE", "GIT_PREFIX", "GIT_DIR", "GIT_AUTHOR_DATE"} & set(call)
    linked = repo.worktree(tmp_path / "wt", "side")
    linked.commit({"a": "1\n"})
    add, commit = drains.calls[1:]
    assert (add["cwd"], "GIT_DIR" in add) == (str(linked.path), False)
    assert (commit["cwd"], commit["GIT_DIR"]) == (
        str(linked.path),
        str(repo.path / ".git" / "worktrees" / "wt"),
    )
    assert not {"GIT_INDEX_FILE", "GIT_PREFIX"} & set(commit)


def test_a_work_tree_that_is_named(repo: Repo, cli: Cli, drains: Drains, tmp_path: Path) -> None:
    """As people keep their home directory: git --git-dir=... --work-tree=..."""
    with_drain(repo, cli, drains, "foreground")
    (tmp_path / "home").mkdir(exist_ok=True)
    elsewhere = Repo(tmp_path / "home", repo.env)
    named = (f"--git-dir={repo.path / '.git'}", f"--work-tree={elsewhere.path}")
    assert ended(elsewhere, *named, "commit", "-q", "--allow-empty", "-m", "x").code == 0
    assert [signal.hook for signal in signals(repo)] == ["post-commit"]
    (call,) = drains.calls
    assert call["GIT_DIR"] == str(repo.path / ".git")


def test_background(repo: Repo, cli: Cli, drains: Drains, tmp_path: Path) -> None:
    """Git does not wait for it: the drain itself waits until git's command has ended."""
    gate, told = tmp_path / "gate", tmp_path / "told"
    os.mkfifo(gate)
    os.mkfifo(told)
    script(drains.command, f'read line <"{gate}"; echo "$* $line" >"{told}"')
    with_drain(repo, cli, drains, QUIET)
    done = ended(repo, "commit", "-q", "--allow-empty", "-m", "x")
    assert (done.code, done.out, done.err) == (0, b"", b"")
    gate.write_text("go\n")
    assert told.read_text() == "drain go\n"


def test_off(repo: Repo, cli: Cli, drains: Drains) -> None:
    with_drain(repo, cli, drains, "off")
    repo.commit({"a": "1\n"})
    assert drains.calls == []
    assert len(signals(repo)) == 1


def test_a_command_that_moved_is_looked_for(repo: Repo, cli: Cli, drains: Drains) -> None:
    with_drain(repo, cli, drains, "foreground")
    moved = drains.command.parent.parent / "elsewhere"
    drains.command.parent.rename(moved)
    repo.env["PATH"] = f"{moved}{os.pathsep}{repo.env['PATH']}"
    repo.commit({"a": "1\n"})
    assert [call["args"] for call in drains.calls] == ["drain"]


def test_a_command_on_the_path(repo: Repo, cli: Cli, drains: Drains) -> None:
    named = drains.command.rename(drains.command.with_name("our-buildlog"))
    repo.git("config", "buildlog.drain", "foreground")
    repo.git("config", "buildlog.command", named.name)
    cli("install", "--files", at=repo.path)
    repo.env["PATH"] = f"{named.parent}{os.pathsep}{repo.env['PATH']}"
    repo.commit({"a": "1\n"})
    assert [call["args"] for call in drains.calls] == ["drain"]


def test_at_a_terminal(repo: Repo, cli: Cli, drains: Drains) -> None:
    """There the foreground may say a line, and the signal says that a person sat there."""
    with_drain(repo, cli, drains, "foreground")
    script(drains.command, 'echo "said $*"; echo noise >&2')
    ours, theirs = pty.openpty()
    subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", "x"],
        cwd=repo.path, env=repo.env, stdin=theirs, stdout=theirs, stderr=theirs, check=True,
    )  # fmt: skip
    os.close(theirs)
    assert os.read(ours, 1000).decode().split("\r\n") == ["said drain --summary", ""]
    os.close(ours)
    (signal,) = signals(repo)
    assert signal.terminal
