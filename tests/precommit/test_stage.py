"""``git-buildlog hook`` puts the same lines into the queue as the shim does, call for call."""

from __future__ import annotations

import shlex
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.hooks import HOOKS, body, watched_variables
from buildlog_git.core.registry import DEFAULT
from buildlog_git.core.signals import format_signal
from buildlog_git.gitio.faults import read_faults
from buildlog_git.gitio.hooksdir import hook_template
from buildlog_git.gitio.queue import Queue
from tests.builder import PERSON, PROJECT, Repo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOOK = f'PYTHONPATH={shlex.quote(str(PROJECT))} {sys.executable} -P -m buildlog_git hook "$@"'

VARIABLES = {
    "CLAUDECODE": "1",
    "AI_AGENT": "some agent with spaces",
    "CODEX_THREAD_ID": "x" * 201,
    "GEMINI_CLI": "",
    "TERM_PROGRAM": "vscode",
    "GIT_PAGER": "cat",
}


def commits(repo: Repo) -> None:
    repo.commit({"a": "2\n"}).commit({"b": "1\n"})
    repo.env.update(VARIABLES)
    repo.commit({"b": "2\n"}).amend({"b": "3\n"})
    for name in VARIABLES:
        del repo.env[name]


def checkouts(repo: Repo) -> None:
    repo.switch("topic", create=True).commit({"t": "1\n"})
    repo.git("checkout", "--quiet", "HEAD", "--", "a")
    repo.git("checkout", "--quiet", "--detach")
    repo.commit({"t": "2\n"}).switch("main").switch("main")


def rebases(repo: Repo) -> None:
    repo.switch("topic", create=True)
    repo.commit({"t": "1\n"}).fixup({"t": "2\n"}).commit({"u": "1\n"}).commit({"v": "1\n"})
    repo.switch("main").commit({"a": "2\n"})
    repo.switch("topic").autosquash("main")
    repo.switch("main").commit({"a": "3\n"}).switch("topic")
    repo.git("rebase", "--quiet", "--apply", "main", GIT_COMMITTER_DATE="1767300000 +0000")


def merges(repo: Repo) -> None:
    repo.switch("topic", create=True).commit({"t": "1\n"}).switch("main")
    repo.merge("topic").switch("other", create=True).commit({"o": "1\n"})
    repo.switch("main").merge("other", PERSON, "--ff").switch("more", create=True)
    repo.commit({"m": "1\n"}).switch("main").squash_merge("more")


def bisects(repo: Repo) -> None:
    for number in range(5):
        repo.commit({"n": f"{number}\n"})
    repo.git("bisect", "start", "HEAD", "HEAD~4")
    repo.git("bisect", "good")
    repo.git("bisect", "reset")


def open_sessions(repo: Repo) -> None:
    folder = repo.path / ".git" / "buildlog" / "sessions" / "-" / "with"
    folder.mkdir(parents=True)
    (folder / "session.json").write_text("{}")
    repo.switch("with/session", create=True).commit({"s": "1\n"})
    repo.switch("without", create=True).switch("with/session")


def shown_rules(repo: Repo) -> None:
    """Of two branches with open sessions agents can read the rules of one."""
    common = repo.path / ".git" / "buildlog"
    for name in ("main", "topic"):
        (common / "sessions" / "-").mkdir(parents=True, exist_ok=True)
        (common / "sessions" / "-" / f"{name}.json").write_text("{}")
    (common / "shown").mkdir()
    (common / "shown" / "-").write_text("refs/heads/topic\n{}\n")
    repo.switch("topic", create=True).switch("main").switch("main").switch("topic")
    (common / "shown" / "-").write_text("")
    repo.switch("main")
    (common / "shown" / "-").unlink()
    repo.switch("topic")


def worktrees(repo: Repo) -> None:
    tree = repo.worktree(repo.path.parent / f"{repo.path.name}-tree", "linked")
    tree.commit({"w": "1\n"}).amend({"w": "2\n"}).git("checkout", "--quiet", "--detach")


STORIES: tuple[Callable[[Repo], None], ...] = (
    commits, checkouts, rebases, merges, bisects, open_sessions, shown_rules, worktrees,
)  # fmt: skip


def shim() -> str:
    """Return the shim as an install would write it, without a drain."""
    filled = {"version": "0", "drain": "off", "command": "git-buildlog"}
    return body(hook_template(), variables=watched_variables(DEFAULT), **filled)


def start(path: Path, command: str) -> Repo:
    repo = Repo.init(path).commit({"a": "1\n"}, "Start")
    repo.git("config", "buildlog.drain", "off")
    (path / ".git" / "buildlog").mkdir()
    for hook in HOOKS:
        file = path / ".git" / "hooks" / hook.event
        file.write_text(f'#!/bin/sh\nset -- {hook.event} "$@"\n{command}\n')
        file.chmod(0o755)
    return repo


def told(repo: Repo) -> list[str]:
    """Return the lines of the queue, with the content of a map in place of its name."""
    queue = Queue(repo.path / ".git")
    lines = []
    for signal in queue.take(0):
        words = dict(signal.words)
        content = queue.rewrite_map(words.pop("map", ".none"))
        line = format_signal(signal._replace(words=words))
        lines.append(f"{line} {content}".replace(f"wt={repo.path.name}", "wt="))
    return lines


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_as_the_shim_does(tmp_path: Path, story: Callable[[Repo], None]) -> None:
    file = tmp_path / "body"
    file.write_text(shim())
    by_shim = start(tmp_path / "shim", f'exec sh {shlex.quote(str(file))} "$@"')
    by_python = start(tmp_path / "python", HOOK)
    for repo in (by_shim, by_python):
        story(repo)
    lines = told(by_shim)
    assert lines
    assert told(by_python) == lines
    assert read_faults(by_python.path / ".git") == []


@pytest.mark.parametrize("mode", ["foreground", "background"])
def test_it_drains(repo: Repo, mode: str) -> None:
    """A drain of its own reads the line; the hook itself says nothing and does not wait."""
    repo.git("config", "buildlog.drain", mode)
    repo.agent_commit({"a": "one two three four five six\n"})
    ran = repo.buildlog("hook", "post-commit")
    assert (ran.code, ran.out, ran.err) == (0, "", "")
    if mode == "background":
        repo.buildlog("drain")  # waits for the other one, or is the one that finds the line
    assert not Queue(repo.path / ".git").waiting()
    assert len(repo.git("notes", "--ref=buildlog", "list").splitlines()) == 1


def test_it_never_fails(repo: Repo, tmp_path: Path) -> None:
    """Whatever is wrong, git's own command goes on; what it was is written down."""
    (tmp_path / "nowhere").mkdir()
    outside = Repo(tmp_path / "nowhere", {**repo.env, "GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert outside.buildlog("hook", "post-commit").err == ""
    (repo.path / ".git" / "buildlog").mkdir()
    for arguments in ([], ["pre-tend"], ["post-checkout"], ["post-rewrite", "amend"]):
        ran = repo.buildlog("hook", *arguments)
        assert (ran.code, ran.out, ran.err) == (0, "", "")
    (first, *_) = read_faults(repo.path / ".git")
    assert first.slug == "unknown-hook"


def test_it_says_what_it_is_for(repo: Repo) -> None:
    assert repo.buildlog("hook", "-h").out.startswith("usage: git-buildlog hook <stage>")


def test_it_does_not_import_from_the_repository(repo: Repo) -> None:
    """The drain that it starts must not, either: a module at the top would shadow Python's."""
    repo.write({"struct.py": "raise SystemExit(3)\n", "json.py": "raise SystemExit(3)\n"})
    repo.git("config", "buildlog.drain", "foreground")
    repo.agent_commit({"a": "one two three four five six\n"})
    done = subprocess.run(
        [sys.executable, "-P", "-m", "buildlog_git", "hook", "post-commit"],
        cwd=repo.path, env={**repo.env, "PYTHONPATH": str(PROJECT)}, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert read_faults(repo.path / ".git") == []
    assert repo.git("notes", "--ref=buildlog", "list")
