"""What the commands print, in words and as JSON."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest

from buildlog_git.cli.words.doctor import _ADVICE, advice_for
from buildlog_git.flows.agentcheck import Finding
from tests.builder import PROJECT
from tests.cli.test_contract import _validate
from tests.hooks.conftest import EVENTS, Cli, script

if TYPE_CHECKING:
    from tests.builder import Repo

COMMANDS = ("install", "uninstall", "status", "doctor")


def test_json_is_what_the_schema_says(cli: Cli, installed: Repo) -> None:
    script(installed.path / ".git" / "hooks" / "post-commit", "exit 0")
    for command in ("status", "install --files", "status", "doctor", "uninstall", "doctor"):
        name, *rest = command.split()
        _validate(cli(name, *rest, "--json", at=installed.path).json, name)
    _validate(cli("uninstall", "--json").json, "uninstall")


@pytest.mark.parametrize("command", COMMANDS)
def test_examples_in_the_help_work(cli: Cli, repo: Repo, command: str) -> None:
    repo.commit({"a": "1\n"})
    lines = cli(command, "-h", at=repo.path).out.splitlines()
    examples = [line.strip() for line in lines if line.startswith("    git buildlog ")]
    assert len(examples) >= 2
    for example in examples:
        cli(*shlex.split(example)[2:])


def test_every_finding_has_words() -> None:
    """And none that the doctor cannot find."""
    sources = [*(PROJECT / "buildlog_git").rglob("*.py")]
    text = "\n".join(path.read_text() for path in sources if path.name != "doctor.py")
    text += (PROJECT / "buildlog_git" / "flows" / "doctor.py").read_text()
    for slug in _ADVICE:
        assert f'"{slug}"' in text, slug
        what, todo = advice_for(Finding(slug, "wrong", "SUBJECT", "600"))
        assert "{" not in what + todo
        assert what.endswith(".")
    used = set(re.findall(r'Finding\(\s*"([a-z-]+)"', text))
    assert used <= set(_ADVICE)


def test_an_install_in_words(cli: Cli, installed: Repo) -> None:
    cli("uninstall", at=installed.path)
    installed.git("config", "--unset", "buildlog.drain")
    out = cli("install", "--files").out
    folder = installed.path / ".git"
    assert out.splitlines()[:5] == [
        "Done:",
        f"  make folder {folder}/buildlog",
        f"  make folder {folder}/buildlog/rewrites",
        f"  write {folder}/buildlog/installed.json",
        f"  write {folder}/buildlog/hook",
    ]
    flat = " ".join(out.split())
    assert f"Installed: {', '.join(EVENTS)} as files in {folder}/hooks." in flat
    assert "Drained: by itself, in the background: " in flat
    assert flat.endswith("Undo: git buildlog uninstall")


def test_nothing_hostile_reaches_the_terminal(cli: Cli, installed: Repo) -> None:
    evil = "\x1b[31mred\u202e"
    installed.git("config", "core.hooksPath", evil)
    for command in (["doctor"], ["install", "--files"], ["status"], ["doctor"], ["uninstall"]):
        try:
            out = cli(*command, at=installed.path).out
        except AssertionError as ended:
            out = str(ended)
        assert "\x1b" not in out
        assert "\u202e" not in out
