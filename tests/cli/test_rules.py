"""The commands about rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

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
    assert "[no-work-tree]" in cli("rules", "list", at=bare.path, code=2).err
