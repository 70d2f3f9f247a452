"""Back ends of other packages: asked where they are chosen, and never silently left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builder import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli

MODULE = """
import sys

def by_length(one, other):
    assert type(one) is type(other) is str
    return float(len(one) == len(other))

def raises(*told):
    raise RuntimeError("no\\nmodel")

def leaves(*told):
    sys.exit(3)

def nonsense(*told):
    return float("nan")

def loud(notes):
    assert all(type(value) is str for note in notes for value in note.values())
    return [{"text": note["text"].upper(), "from": [note["id"]]} for note in notes]

number = 3
"""
POINTS = """
[buildlog_git.similarity]
length = plugged_in:by_length
broken = nowhere:alike
raises = plugged_in:raises
leaves = plugged_in:leaves
nonsense = plugged_in:nonsense
number = plugged_in:number

[buildlog_git.extraction]
loud = plugged_in:loud
broken = nowhere:alike
raises = plugged_in:raises
nonsense = plugged_in:nonsense
"""


@pytest.fixture
def plugged(repo: Repo, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Give a repository with a session, and a package that offers back ends."""
    package = tmp_path / "site"
    info = package / "plugged-1.dist-info"
    info.mkdir(parents=True)
    (package / "plugged_in.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1\n")
    (info / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(package)
    repo.commit({"a": "x\n", ".buildlog/rules/first.md": "Always close 3 files.\n"})
    monkeypatch.chdir(repo.path)
    cli("session", "start")
    return repo


def choose(repo: Repo, kind: str, name: str) -> None:
    repo.git("config", f"buildlog.{kind}", name)


def test_likeness_of_mistakes(cli: Cli, plugged: Repo) -> None:
    choose(plugged, "similarity", "length")
    first = cli("mistake", "io", "abc", "--json").json["mistake_id"]
    cli("session", "end")
    cli("session", "start")
    assert cli("mistake", "io", "xyz", "--json").json["similar_prior"] == first
    assert not cli("mistake", "io", "four", "--json").json["was_repeat"]
    assert cli("session", "metrics", "--json").json["repeated_mistakes"] == 1
    assert cli("rules", "propose", "--json").json["proposals"][0]["count"] == 2


def test_likeness_of_rules(cli: Cli, plugged: Repo) -> None:
    choose(plugged, "similarity", "length")
    ran = cli("rules", "add", "Shut up all 3 bottles", code=2)
    assert "says the same: first [rule-exists]" in ran.err
    for text in ("Never close 3 files.", "Always close 4 files."):
        assert len(text) <= len("Always close 3 files.")
        cli("rules", "add", text.ljust(21, "."))
    assert len(cli("rules", "list", "--json").json["rules"]) == 3, "no negation and no number goes"
    plugged.write({"notes.md": "- Always shut 3 drawers\n"})
    assert cli("rules", "import", "notes.md", "--json").json["rules"] == []
    cli("rules", "add", "Use 3 spaces, in all.", "--class", "x", code=2)
    cli("rules", "--check")


def test_rules_from_mistakes_and_notes(cli: Cli, plugged: Repo) -> None:
    cli("mistake", "io", "left it open")
    cli("session", "end", "--note", "Always ask first.")
    built_in = cli("rules", "propose", "--json").json["proposals"]
    assert [(one["text"], one["reason"]) for one in built_in] == [("Always ask first.", "notes")]
    choose(plugged, "extraction", "loud")
    found = cli("rules", "propose", "--json").json["proposals"]
    assert sorted((one["text"], one["error_class"], one["reason"]) for one in found) == [
        ("ALWAYS ASK FIRST.", "general", "extraction"), ("LEFT IT OPEN", "io", "extraction"),
    ]  # fmt: skip
    cli("rules", "propose", "--add", found[0]["id"], "--reject", found[1]["id"])
    states = {one["id"]: one["status"] for one in cli("rules", "propose", "--json").json[
        "proposals"]}  # fmt: skip
    assert states == {found[0]["id"]: "promoted", found[1]["id"]: "rejected"}
    plugged.write({"notes.md": "The moon is made of cheese.\n"})
    (rule,) = cli("rules", "import", "notes.md", "--json").json["rules"]
    assert rule["source"] == "notes.md:1"
    assert b"THE MOON" in plugged.read(rule["file"])


@pytest.mark.parametrize(("name", "slug", "said"), [
    ("absent", "no", "no {} back end called absent is installed"),
    ("broken", "no", "back end broken cannot be loaded: No module named"),
    ("raises", "failed", "back end raises failed: no model"),
    ("nonsense", "failed", "back end nonsense failed: "),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["similarity", "extraction"])
def test_what_does_not_work_is_said(
    cli: Cli, plugged: Repo, kind: str, name: str, slug: str, said: str
) -> None:
    cli("mistake", "io", "abc")
    cli("session", "end")
    cli("session", "start")
    choose(plugged, kind, name)
    before = plugged.git("rev-parse", "refs/notes/buildlog")
    command = ("mistake", "io", "xyz") if kind == "similarity" else ("rules", "propose")
    first, hint = cli(*command, code=2).err.splitlines()
    assert said.format(kind) in first
    assert first.endswith(f"[no-{kind}]" if slug == "no" else f"[{kind}-failed]")
    assert f"--unset buildlog.{kind}" in hint or "install what it needs" in hint
    assert plugged.git("rev-parse", "refs/notes/buildlog") == before, "nothing is half done"
    plugged.write({"notes.md": "Always be kind.\n"})
    cli("rules", "import", "notes.md", code=2)
    assert not (plugged.path / ".buildlog/rules/be-kind.md").exists()


@pytest.mark.parametrize("name", ["leaves", "number"])
def test_what_is_no_function_or_leaves_is_said(cli: Cli, plugged: Repo, name: str) -> None:
    choose(plugged, "similarity", name)
    assert f"back end {name}" in cli("rules", "add", "Use tabs.", code=2).err
