"""The documentation runs as written, and leaves out no command, option or message."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from buildlog_git.cli.tree import commands
from tests.builder import HOUR, PROJECT, START
from tests.test_readme import run_as_written

DOCS = PROJECT / "docs"
PAGES = sorted(DOCS.glob("*.md"))


def sessions(page: str) -> str:
    """Return the console blocks of a page as one: later ones go on where the first began."""
    found = re.findall(r"```console\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
    return '$ cd "$HERE"\n'.join(found)


@pytest.mark.parametrize("page", ["tutorial.md", "number.md"])
def test_a_page_runs_as_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    monkeypatch.setenv("HERE", str(tmp_path))
    if page == "number.md":  # its commits are made now, and now is when tests begin
        monkeypatch.setenv("BUILDLOG_NOW", str(START + HOUR))
    run_as_written(tmp_path, sessions(page))


def slugs() -> set[str]:
    """Return every slug that the program can show: of errors, of findings, of what is said."""
    found: set[str] = set()
    for path in (PROJECT / "buildlog_git").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.keyword) and node.arg == "slug":
                if isinstance(node.value, ast.Constant):
                    found.add(str(node.value.value))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "RuleProblem":
                found.update(str(a.value) for a in node.args[:1] if isinstance(a, ast.Constant))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.update(re.findall(r" \[([a-z]+-[a-z-]+)\]\n?$", node.value))
    advice = (PROJECT / "buildlog_git/cli/words/doctor.py").read_text()
    return found | set(re.findall(r'^    "([a-z-]+)": Advice\(', advice, re.MULTILINE))


def test_every_message_is_explained() -> None:
    explained = set(re.findall(r"`([a-z0-9-]+)`", (DOCS / "messages.md").read_text()))
    assert len(slugs()) > 50
    assert not slugs() - explained


def test_every_command_and_option_is_explained() -> None:
    text = (DOCS / "commands.md").read_text()
    parts = dict(re.findall(r"^## ([a-z -]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert set(parts) == {command.name for command in commands()}
    for command in commands():
        for option in command.options[:-1] if not command.group else ():
            assert f"`{', '.join(option.names)}" in parts[command.name]


def test_links_lead_somewhere() -> None:
    listed = re.findall(r": (\w+\.md)$", (PROJECT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert {page.name for page in PAGES} == set(listed)
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (DOCS / target).is_file(), f"{page.name}: {target}"


def test_the_recipes_name_what_is_there() -> None:
    text = (DOCS / "ci.md").read_text()
    options = {
        name for command in commands() if command.name == "report" for option in command.options
        for name in option.names
    }  # fmt: skip
    for line in re.findall(r"git buildlog report .*", text):
        assert set(re.findall(r" (--[a-z-]+)", line)) <= options, line
    inputs = re.findall(r"^  ([a-z-]+):$", (PROJECT / "action.yml").read_text(), re.MULTILINE)
    for given in re.findall(r"with: \{(.*)\}", text):
        names = re.findall(r"([a-z-]+):", given)
        assert set(names) <= {*inputs, "fetch-depth"}, given
