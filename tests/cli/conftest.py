"""Runs the command line inside the test's own process: a fifth of a process's time."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

import pytest

from buildlog_git.cli.app import execute
from tests.builder import DAY, START, Ran, Repo, sealed_environment

NOW = START + 60 * DAY
"""What counts as the present: windows of early drafts have closed, those of late ones not."""


class Cli(Protocol):
    """``cli("report", "--json", at=repo.path)``; the exit code must be ``code``."""

    def __call__(self, *args: str, at: Path | None = None, code: int = 0) -> Ran: ...


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Give the command line as a function."""
    monkeypatch.setenv("BUILDLOG_NOW", str(NOW))

    def run(*args: str, at: Path | None = None, code: int = 0) -> Ran:
        if at is not None:
            monkeypatch.chdir(at)
        capsys.readouterr()
        try:
            ended = execute([*args])
        except SystemExit as ending:
            ended = ending.code if isinstance(ending.code, int) else 1
        said = capsys.readouterr()
        assert ended == code, f"git buildlog {' '.join(args)}: {ended}\n{said.out}{said.err}"
        return Ran(ended, said.out, said.err)

    return run


@pytest.fixture
def story(tmp_path: Path, told: Repo) -> Repo:
    """Give a repository with a revised, a kept, a reverted and an open draft."""
    shutil.copytree(told.path, tmp_path / "repo")
    return Repo(tmp_path / "repo")


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Tell the story once: a copy of the folder costs a tenth of its commits."""
    folder = tmp_path_factory.mktemp("told")
    repo = Repo.init(folder / "repo", env=sealed_environment(folder / "home"))
    text = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
    repo.commit({"README": "hello\n", "CLAUDE.md": "be brief\n"}, "Start")
    repo.agent_commit({"math.py": text}, "Add arithmetic")
    repo.commit({"math.py": text.replace("a + b", "b + a")}, "Swap")
    repo.agent_commit({"names.py": "first = 'Ada'\nlast = 'Example'\n"}, "Add names", "copilot")
    repo.agent_commit({"mail.py": "def mail(to):\n    send(to, 'hello')\n"}, "Add mail", "aider")
    repo.revert().wait(days=59)
    return repo.agent_commit({"late.py": "def late():\n    return 'late again'\n"}, "Add late")
