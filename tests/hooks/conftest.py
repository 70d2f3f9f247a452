"""Repositories with hooks, and a drain that only writes down that it was started."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from buildlog_git import __version__
from buildlog_git.core.hooks import CONFIG_HOOKS, HOOKS, body, watched_variables
from buildlog_git.core.registry import DEFAULT
from buildlog_git.core.signals import Signal, parse_signal
from buildlog_git.gitio.hooksdir import git_version, hook_template
from buildlog_git.gitio.run import Git
from tests.builder import Repo
from tests.cli.conftest import Cli, cli

__all__ = ["EVENTS", "Cli", "cli"]

EVENTS = [hook.event for hook in HOOKS]
HAS_CONFIG_HOOKS = git_version(Git(Path())) >= CONFIG_HOOKS


def script(path: Path, text: str, *, interpreter: str = "/bin/sh") -> Path:
    """Write an executable script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!{interpreter}\n{text}\n")
    path.chmod(0o755)
    return path


Snapshot = dict[str, tuple[int, bytes]]


def snapshot(folder: Path) -> Snapshot:
    """Return all that lies below a folder: kind, mode and content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if path.is_symlink():
            content = os.fsencode(path.readlink())
        else:
            content = path.read_bytes() if stat.S_ISREG(mode) else b""
        found[str(path.relative_to(folder))] = (mode, content)
    return found


def signals(repo: Repo) -> list[Signal]:
    """Return what is in the queue, and empty it."""
    common = repo.path / repo.git("rev-parse", "--git-common-dir")
    queue = common / "buildlog" / "queue"
    if not queue.exists():
        return []
    lines = queue.read_text().splitlines()
    queue.unlink()
    found = [parse_signal(line) for line in lines]
    assert None not in found, lines
    return [signal for signal in found if signal is not None]


def hooks_of(repo: Repo) -> list[str]:
    """Return the hooks that have put a line into the queue, and empty it."""
    return [signal.hook for signal in signals(repo)]


@dataclass(frozen=True)
class Ended:
    """How git ended."""

    code: int
    out: bytes
    err: bytes


def ended(repo: Repo, *args: str, **env: str) -> Ended:
    """Run git and return how it ended, whatever that is."""
    variables = {**repo.env, **env}
    done = subprocess.run(
        ["git", *args],
        cwd=repo.path,
        env={name: value for name, value in variables.items() if value != "<unset>"},
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Drains:
    """The calls of a drain that does nothing but write them down."""

    command: Path
    log: Path

    @property
    def calls(self) -> list[dict[str, str]]:
        """What each call saw: its arguments, directory and variables."""
        if not self.log.exists():
            return []
        blocks = self.log.read_text().split("--\n")[:-1]
        return [dict(line.split("=", 1) for line in block.splitlines()) for block in blocks]


@pytest.fixture
def drains(tmp_path: Path) -> Drains:
    """Give a drain that writes down how it was called."""
    log = tmp_path / "drains.log"
    command = script(
        tmp_path / "it's bin" / "git-buildlog",
        f'{{ echo "args=$*"; echo "cwd=$(pwd)"; env | grep "^GIT_"; echo --; }} '
        f">>{shlex.quote(str(log))}\n"
        f'case $1 in --version) echo "git-buildlog {__version__}" ;;\n'
        "drain) echo noise; echo noise >&2 ;; esac",
    )
    return Drains(command, log)


Install = Callable[..., Repo]


@pytest.fixture
def installed(repo: Repo, drains: Drains, cli: Cli) -> Repo:
    """Give a repository with a commit, hooks as files, and no drain that starts by itself."""
    repo.commit({"a": "1\n"}, "Start")
    repo.git("config", "buildlog.drain", "off")
    repo.git("config", "buildlog.command", str(drains.command))
    cli("install", "--files", at=repo.path)
    return repo


def plain_body(**settings: str) -> str:
    """Return the body as an install would write it."""
    filled = {"version": "0", "drain": "off", "command": "git-buildlog", **settings}
    return body(hook_template(), variables=watched_variables(DEFAULT), **filled)
