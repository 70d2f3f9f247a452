"""The commands about rules."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import typer

from buildlog_git.cli.rules import app as rules_app
from buildlog_git.flows.schema import schema_of
from tests.builder import Repo

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

FOLDER = ".buildlog/rules"


def rule_file(text: str, **fields: str) -> str:
    front = "".join(f"{key}: {value}\n" for key, value in fields.items())
    return f"---\n{front}---\n\n{text}\n"


@pytest.fixture
def ruled(repo: Repo) -> Repo:
    """Give a repository with a rule in each state."""
    return repo.commit(
        {
            f"{FOLDER}/brief.md": rule_file("Be brief.", title="Brevity", state="pinned"),
            f"{FOLDER}/mocks.md": rule_file(
                "Do not mock git.", **{"class": "tests", "scope": "tests/**"}
            ),
            f"{FOLDER}/old.md": rule_file("Use tabs.", state="retired"),
        },
        "Start",
    )


def checked(value: Any, name: str) -> Any:
    schema = schema_of(name)
    jsonschema.Draft202012Validator(schema).validate(value)
    assert set(value) == set(schema["properties"]) == set(schema["required"])
    return value


def test_list(cli: Cli, ruled: Repo) -> None:
    listed = checked(cli("rules", "list", "--json", at=ruled.path).json, "rules-list")
    assert [(r["id"], r["state"], r["tokens"]) for r in listed["rules"]] == [
        ("brief", "pinned", 3), ("mocks", "trial", 4), ("old", "retired", 3),
    ]  # fmt: skip
    assert listed["rules"][1]["scope"] == ["tests/**"]
    assert listed["rules"][1]["file"] == f"{FOLDER}/mocks.md"
    told = cli("rules", "list").out
    assert told.startswith("3 rules, 1 pinned, 1 on trial, 1 retired, about 3 tokens always on\n")
    assert "Brevity" in told


def test_list_without_rules(cli: Cli, repo: Repo) -> None:
    assert "There are no rules" in cli("rules", "list", at=repo.path).out


def test_show(cli: Cli, ruled: Repo) -> None:
    shown = checked(cli("rules", "show", "mocks", "--json", at=ruled.path).json, "rules-show")
    assert (shown["rule"]["error_class"], shown["text"]) == ("tests", "Do not mock git.")
    assert "    Do not mock git.\n" in cli("rules", "show", "mocks").out
    assert "[unknown-rule]" in cli("rules", "show", "nope", code=2).err


def test_a_bare_repository_has_no_rules(cli: Cli, ruled: Repo) -> None:
    bare = ruled.clone(ruled.path.parent / "bare", bare=True)
    for place in (bare.path, ruled.path / ".git", ruled.path / ".git/refs"):
        assert "[no-work-tree]" in cli("rules", "list", at=place, code=2).err
        assert "[no-work-tree]" in cli("rules", "add", "Be kind.", code=2).err
    assert not (ruled.path / ".git/.buildlog").exists()


# -- check ----------------------------------------------------------------------------------


def test_check_of_sound_rules(cli: Cli, ruled: Repo) -> None:
    assert cli("rules", "--check", at=ruled.path).out == "3 rules, 0 problems.\n"
    told = checked(cli("rules", "list", "--check", "--json").json, "rules-check")
    assert told == {"sound": True, "rules": 3, "problems": []}
    assert cli("rules", "--check", "--json").json == told


def test_check_names_each_problem(cli: Cli, ruled: Repo) -> None:
    ruled.write(
        {
            f"{FOLDER}/a.md": rule_file("Be brief!", id="brief"),
            f"{FOLDER}/b.md": rule_file("Escapes \x1b[31m."),
            f"{FOLDER}/c.md": b"\xff",
            f"{FOLDER}/d.md": "x" * 1_000_000,
            f"{FOLDER}/e.md": rule_file("Mock git."),
            f"{FOLDER}/f.md": rule_file("Do it.", id="../up", state="odd"),
            f"{FOLDER}/g.md": rule_file("Shout.", id="Mocks"),
            f"{FOLDER}/h.md": rule_file("be BRIEF"),
            f"{FOLDER}/i.md": "",
            ".buildlog/seeds/bad.yaml": "1",
        }
    )
    os.mkfifo(ruled.path / FOLDER / "j.md")
    ran = cli("rules", "--check", "--json", at=ruled.path, code=1)
    told = checked(ran.json, "rules-check")
    assert "[rules-unsound]" in ran.err
    assert {(p["slug"], p["what"]) for p in told["problems"]} == {
        *(("bad-rule", f"{FOLDER}/{name}.md") for name in ("brief", "b", "c", "d", "f", "i", "j")),
        ("same-id", "mocks"), ("same-rule", "brief"), ("contradiction", "e"),
        ("bad-seed", ".buildlog/seeds/bad.yaml"),
    }  # fmt: skip
    assert sum("its state is none of" in p["why"] for p in told["problems"]) == 1
    text = cli("rules", "list", "--check", code=1).out
    assert "note: e: contradicts mocks [contradiction]" in text
    assert "\x1b" not in text


def test_contradictions_alone_do_not_fail_and_lower_confidence(cli: Cli, ruled: Repo) -> None:
    ruled.write({f"{FOLDER}/e.md": rule_file("Always mock git.")})
    assert "[contradiction]" in cli("rules", "--check", at=ruled.path).out
    listed = {rule["id"]: rule for rule in cli("rules", "list", "--json").json["rules"]}
    assert (listed["e"]["contradicts"], listed["mocks"]["contradicts"]) == (["mocks"], ["e"])
    assert listed["e"]["confidence"]["contradictions"] == 1
    assert "Contradiction: e and mocks" in cli("rules", "list").out
    assert "Contradicts: e" in cli("rules", "show", "mocks").out
    cli("rules", "retire", "e")
    assert "contradiction" not in cli("rules", "--check").out


def test_usage_comes_from_the_ledger(cli: Cli, ruled: Repo) -> None:
    ruled.git("config", "buildlog.holdout", "0")
    cli("session", "start", "--class", "tests", at=ruled.path)
    listed = {rule["id"]: rule for rule in cli("rules", "list", "--json").json["rules"]}
    assert [listed[name]["usage"]["on"] for name in ("brief", "mocks", "old")] == [1, 1, 0]
    assert (listed["mocks"]["confidence"]["tier"], listed["old"]["confidence"]["tier"]) == (
        "low",
        "new",
    )
    assert "On in 1 session, off in 0" in cli("rules", "show", "mocks").out


def test_more_files_than_are_read(cli: Cli, repo: Repo) -> None:
    repo.write({f"{FOLDER}/r{number:04}.md": f"Do r{number}." for number in range(2000)})
    ran = cli("rules", "list", "--json", at=repo.path)
    assert len(ran.json["rules"]) == 256
    assert "only the first 256 of 2000 files by name are read" in ran.err
    assert "only the first 256 of 2000 files" in cli("rules", "--check", code=1).out


# -- help -----------------------------------------------------------------------------------

GROUP = typer.main.get_command(rules_app)
COMMANDS: dict[str, Any] = dict(getattr(GROUP, "commands", {}))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_and_its_examples(cli: Cli, ruled: Repo, name: str) -> None:
    assert all(getattr(param, "help", None) for param in COMMANDS[name].params)
    text = cli("rules", name, "-h", at=ruled.path).out
    assert max(map(len, text.splitlines())) <= 80
    examples = [
        line.split("<")[0].split() for line in text.splitlines() if line[:17] == "    git buildlog "
    ]
    assert examples
    for example in examples:
        assert example[2] == "rules"
        if "-" not in example:
            try:
                cli(*shlex.split(" ".join(example))[2:], at=ruled.path)
            except AssertionError as ended:
                assert "[usage]" not in str(ended), example  # noqa: PT017 - any other end is fine


def test_the_group_explains_itself(cli: Cli, ruled: Repo) -> None:
    text = cli("rules", at=ruled.path).out
    assert all(f"\n  {name} " in text for name in COMMANDS)
    assert max(map(len, text.splitlines())) <= 80
