"""The plain forms of commands say what the parser's commands say, and load no parser."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from buildlog_git.cli import plain
from buildlog_git.cli.app import execute
from tests.builder import Repo
from tests.cli.conftest import NOW, Cli

if TYPE_CHECKING:
    from pathlib import Path

PLAIN = [
    ["status"], ["status", "--json"], ["report"], ["report", "--json"],
    ["report", "HEAD~2..HEAD"], ["report", "--json", "HEAD", "^HEAD~3"], ["report", "no-such"],
]  # fmt: skip
OTHERS = [
    [], ["--json", "status"], ["session", "--json", "start"], ["session"], ["session", "list"],
    ["report", "--stored"], ["report", "--format", "html"], ["report", "--"], ["status", "x"],
    ["status", "-h"], ["-C", "x", "status"], ["log"], ["session", "start", "--class", "x"],
]  # fmt: skip


@pytest.mark.parametrize("arguments", PLAIN, ids=" ".join)
def test_a_plain_command_line_says_what_the_parser_would(
    arguments: list[str], cli: Cli, story: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its exit code, on both streams."""
    cli("scan", at=story.path)
    parsed = execute([*arguments])
    by_parser = capsys.readouterr()
    assert plain.run(arguments) == parsed
    assert capsys.readouterr() == by_parser


def test_a_session_that_is_started_plainly_is_one(
    cli: Cli, story: Repo, capsys: pytest.CaptureFixture[str]
) -> None:
    cli("session", "start", at=story.path)
    assert plain.run(["session", "start"]) == 0
    plainly = capsys.readouterr().out
    told = re.sub(r"[0-9a-f]{8,}", "", plainly)
    assert re.sub(r"[0-9a-f]{8,}", "", cli("session", "start").out) == told
    assert len(json.loads(cli("session", "list", "--json").out)["sessions"]) == 3


@pytest.mark.parametrize("arguments", OTHERS, ids=" ".join)
def test_all_else_is_for_the_parser(
    arguments: list[str], story: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(story.path)
    assert plain.run(arguments) is None


def test_where_there_is_no_repository_both_say_so(
    cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = cli("status", at=tmp_path, code=128).err
    assert plain.run(["status"]) == 128
    assert capsys.readouterr().err == said


@pytest.mark.parametrize("arguments", [["status"], ["report", "--json"], ["session", "start"]])
def test_no_parser_is_loaded(arguments: list[str], story: Repo) -> None:
    code = (
        "import sys\n"
        f"sys.argv = ['git-buildlog', *{arguments!r}]\n"
        "import buildlog_git.__main__ as program\n"
        "program._leave = lambda code: sys.exit(code)\n"
        "try: program.main()\n"
        "finally: print(sorted({'typer', 'rich', 'pydantic', 'git'} & set(sys.modules)))\n"
    )
    env = {**os.environ, "BUILDLOG_NOW": str(NOW)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=story.path,
        env=env,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = done.stdout.decode().splitlines()[-1]
    assert loaded in ("[]", "['rich']")
