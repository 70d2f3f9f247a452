"""Whatever is wrong: one clear line, the right exit code, and nothing lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.builder import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli

COMMANDS = (
    ["init"], ["scan"], ["report"], ["log"], ["check"], ["distance", "HEAD"], ["why", "HEAD"],
)  # fmt: skip


def said(err: str) -> str:
    """Return the one line of an error, having checked its form."""
    first, *hints = err.splitlines()
    assert first.startswith("git buildlog: ")
    assert first.endswith("]")
    assert all(line.startswith("  ") for line in hints)
    assert "Traceback" not in err
    return first


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_not_a_repository(cli: Cli, tmp_path: Path, command: list[str]) -> None:
    ran = cli(*command, at=tmp_path, code=128)
    assert ran.out == ""
    assert said(ran.err).endswith("[not-a-repository]")


@pytest.mark.parametrize("command", [["report"], ["log"], ["scan"]], ids=lambda c: c[0])
def test_unknown_range(cli: Cli, story: Repo, command: list[str]) -> None:
    for name in ("nope", "nope..HEAD", "HEAD~99", "HEAD..", "a\x1b[31mb"):
        if name == "HEAD..":
            cli(*command, name, at=story.path)
            continue
        ran = cli(*command, name, at=story.path, code=2)
        assert said(ran.err).endswith("[unknown-range]")
        assert "\x1b" not in ran.err
    assert story.git("for-each-ref", "refs/notes") == "" or command == ["scan"]


def test_unknown_commit(cli: Cli, story: Repo) -> None:
    for args in (
        ["why", "nope"], ["distance", "nope"], ["distance", "HEAD", "nope"], ["why", "^HEAD"],
        ["forget", "^HEAD"], ["why", ":/nothing"],
    ):  # fmt: skip
        assert said(cli(*args, at=story.path, code=2).err).endswith("[unknown-revision]")
    assert said(cli("why", "--", "--help", code=2).err).endswith("[unknown-revision]")


def test_what_can_be_no_name(cli: Cli, story: Repo) -> None:
    for name in ("\ud800", "a\0b"):
        for args in (["why"], ["report"], ["distance"], ["forget"]):
            assert said(cli(*args, name, at=story.path, code=2).err).endswith("[bad-name]")
    for name in ("x" * 5000, "\ud800", "a\0b"):
        assert said(cli("sync", name, at=story.path, code=2).err).endswith("[unknown-remote]")


def test_a_commit_without_a_mark_is_measured_and_said_to_be_one(cli: Cli, story: Repo) -> None:
    plain = cli("distance", "HEAD~6", at=story.path)
    told = cli("distance", "HEAD~6", "--as-agent")
    assert plain.out == told.out
    assert "carries no agent's mark" in plain.err
    assert not told.err
    assert not cli("distance", "HEAD~6", "--json").err


@pytest.mark.parametrize("bare", [False, True], ids=["work tree", "bare"])
def test_an_empty_repository(cli: Cli, tmp_path: Path, bare: bool) -> None:
    repo = Repo.init(tmp_path / "empty", bare=bare)
    for command in ("init", "report"):
        ran = cli(command, at=repo.path)
        assert "There are no commits here yet." in ran.out
        assert "git buildlog demo" in ran.out
        assert "COMMITS" not in ran.out
    assert cli("log").out == ""
    assert "Nothing new" in cli("scan").out
    assert "There is no ledger yet" in cli("check").out
    for command in ("distance", "why"):
        assert said(cli(command, "HEAD", code=2).err).endswith("[unknown-revision]")
    assert repo.git("for-each-ref") == ""


def test_no_agent_commits(cli: Cli, repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    ran = cli("init", at=repo.path)
    assert "No commit here carries a coding agent's mark" in ran.out
    assert "git buildlog demo" in ran.out
    assert "Written: nothing." in ran.out
    assert "Undo" not in ran.out


def note(repo: Repo, commit: str, content: str) -> None:
    repo.git(
        "notes", "--ref=buildlog", "add", "--force", "--file=-", repo.id_of(commit),
        stdin=content.encode(),
    )  # fmt: skip


def test_a_ledger_with_damaged_lines(cli: Cli, story: Repo) -> None:
    cli("scan", at=story.path)
    whole = cli("report", "--stored", "--json").json
    kept = story.git("notes", "--ref=buildlog", "show", story.id_of("HEAD~5"))
    note(story, "HEAD~5", f'{{"v":1,"kind":"draft\n{kept}\nnot \x1b[31mJSON\n')
    ran = cli("check", code=1)
    assert "The ledger is not sound" in ran.out
    assert "Damaged: 2 lines cannot be read" in ran.out
    assert ", line 1: not JSON" in ran.out
    assert said(ran.err).endswith("[ledger-not-sound]")
    health = cli("check", "--json", code=1).json
    assert (health["ok"], health["damaged_lines"]) == (False, 2)
    report = cli("report", "--stored", "--json").json
    assert report["coverage"].pop("damaged") == 2
    whole["coverage"].pop("damaged")
    assert report.pop("notes") != whole.pop("notes")
    assert report == whole
    ran = cli("report")
    assert "Warning: 2 damaged lines in the ledger (git buildlog check)" in ran.out
    assert "Next: git buildlog check" in ran.out
    assert "Nothing new" in cli("scan").out


@pytest.mark.parametrize("lines", [1, 50_000], ids=["one line", "many lines"])
def test_a_note_of_five_megabytes(cli: Cli, story: Repo, lines: int) -> None:
    cli("scan", at=story.path)
    whole = cli("report", "--stored", "--json").json["drafts"]
    note(story, "HEAD~6", "\n".join(["x" * (5_000_000 // lines)] * lines))
    assert cli("check", "--json", code=1).json["damaged_lines"] == lines
    assert cli("report", "--stored", "--json").json["drafts"] == whole
    assert len(cli("check", code=1).out.splitlines()) < 20


def test_a_notes_ref_that_is_no_commit(cli: Cli, story: Repo) -> None:
    story.git("update-ref", "refs/notes/buildlog", story.git("rev-parse", "HEAD:README"))
    for command in ("check", "report", "scan"):
        assert said(cli(command, at=story.path, code=128).err).endswith("[ledger-unreadable]")


def test_a_registry_entry_that_is_no_regular_expression(cli: Cli, story: Repo) -> None:
    story.git("config", "buildlog.agent.hal.name", "Ada (")
    for command in ("report", "log", "scan", "init"):
        line = said(cli(command, at=story.path, code=2).err)
        assert "buildlog.agent.hal.name" in line
        assert line.endswith("[bad-agent-pattern]")


def test_settings_that_cannot_be_used(
    cli: Cli, story: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    (story.path / "pyproject.toml").write_text("[tool.buildlog]\nexclude = 3\n")
    assert said(cli("report", at=story.path, code=2).err).endswith("[bad-setting]")
    (story.path / "pyproject.toml").unlink()
    monkeypatch.setenv("BUILDLOG_NOW", "yesterday")
    assert said(cli("report", code=2).err).endswith("[bad-setting]")


def test_no_git(cli: Cli, story: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(story.path))
    assert said(cli("report", at=story.path, code=128).err).endswith("[git-missing]")


def test_demo_where_something_is(cli: Cli, story: Repo) -> None:
    ran = cli("demo", ".", at=story.path, code=2)
    assert said(ran.err).endswith("[folder-not-empty]")
    assert said(cli("demo", "README", code=2).err).endswith("[bad-folder]")
    assert story.git("status", "--porcelain") == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_ledger_that_cannot_be_written(cli: Cli, story: Repo) -> None:
    (story.path / ".git" / "refs" / "notes").mkdir()
    (story.path / ".git" / "refs" / "notes").chmod(0o500)
    assert said(cli("scan", at=story.path, code=128).err)
