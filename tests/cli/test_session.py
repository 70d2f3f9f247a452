"""The commands about sessions, from start to end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildlog_git.flows.schema import schema_of
from tests.builder import START, Repo
from tests.cli.conftest import NOW

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

RULES = {f".buildlog/rules/{name}.md": f"Do {name}.\n" for name in ("one", "two", "three")}


@pytest.fixture
def ruled(repo: Repo) -> Repo:
    """Give a repository with three rules on trial, where no session is a control."""
    repo.git("config", "buildlog.holdout", "0")
    return repo.commit(RULES, "Start")


def checked(value: Any, name: str) -> Any:
    schema = schema_of(name)
    jsonschema.Draft202012Validator(schema).validate(value)
    assert set(value) == set(schema["properties"]) == set(schema["required"])
    return value


def test_start_show_end_list(cli: Cli, ruled: Repo) -> None:
    ran = cli(
        "session", "start", "--class", "tests", "-k", "2", "--note", "by ada@example.com",
        "--json", at=ruled.path,
    )  # fmt: skip
    started = checked(ran.json, "session-start")
    assert (started["error_class"], started["rules"], started["k"]) == ("tests", 3, 2)
    assert started["offered"] == ["one", "three", "two"]
    assert len(started["selected"]) == 2
    assert started["message"] == "2 of 3 rules are on"
    shown = checked(cli("session", "show", "--json").json, "session-show")
    assert (shown["id"], shown["state"], shown["branch"]) == (started["id"], "open", "main")
    assert (shown["base"], shown["rules_start"], shown["rules_end"]) == (ruled.head, 3, None)
    assert set(shown["held"]) | set(shown["selected"]) == {"one", "two", "three"}
    ruled.commit({".buildlog/rules/four.md": "Do four.\n", "notes/today.md": "…\n"})
    ran = cli("session", "end", "--note", "done", "--entry", "notes/today.md", "--json")
    ended = checked(ran.json, "session-end")
    assert (ended["state"], ended["reason"], ended["branch"]) == ("ended", "command", None)
    assert (ended["rules_start"], ended["rules_end"]) == (3, 4)
    assert (ended["entry"], ended["notes"]) == ("notes/today.md", "by [removed]; done")
    assert cli("session", "show", started["id"][:6], "--json").json == ended
    listed = checked(cli("session", "list", "--json").json, "session-list")
    assert listed["sessions"] == [ended]
    note = ruled.git("notes", "--ref=buildlog", "show", "HEAD~1")
    assert "ada@" not in note
    assert "main" not in note


def test_ending_or_showing_without_one_is_an_error(cli: Cli, ruled: Repo) -> None:
    for command in ("end", "show"):
        ran = cli("session", command, at=ruled.path, code=2)
        assert ran.err.startswith("git buildlog: no session is open on main [no-session]\n")
    assert not ruled.git("for-each-ref", "refs/notes")


def test_an_unknown_session_is_an_error(cli: Cli, ruled: Repo) -> None:
    ran = cli("session", "show", "beef", at=ruled.path, code=2)
    assert ran.err.startswith("git buildlog: no session is called beef [unknown-session]")
    cli("session", "show", "", code=2)


def test_the_beginning_of_an_id_must_be_the_only_one(cli: Cli, ruled: Repo) -> None:
    names = [cli("session", "start", "--json", at=ruled.path).json["id"] for _ in range(40)]
    assert len(set(names)) == 40
    first = [name[0] for name in names]
    double = next(letter for letter in first if first.count(letter) > 1)
    ran = cli("session", "show", double, code=2)
    assert "several sessions begin with" in ran.err


def test_another_start_ends_the_open_one(cli: Cli, ruled: Repo) -> None:
    first = cli("session", "start", "--json", at=ruled.path).json
    second = cli("session", "start", "--json").json
    assert second["ended"] == [first["id"]]
    states = {
        item["id"]: item["state"] for item in cli("session", "list", "--json").json["sessions"]
    }
    assert states == {first["id"]: "ended", second["id"]: "open"}


def test_rules_seeds_and_forced_ones_by_name(cli: Cli, ruled: Repo) -> None:
    ran = cli(
        "session", "start", "--rule", "x", "--rule", "y", "--seed", "s", "--force", "z",
        "-k", "3", "--json", at=ruled.path,
    )  # fmt: skip
    started = ran.json
    assert (started["offered"], started["seeds"]) == (["s", "x", "y"], ["s"])
    assert (started["forced"], started["arm"]) == (["z"], "forced")
    assert started["selected"] == ["s", "x", "y", "z"]
    assert started["probability"] == [1.0, 1.0, 1.0]
    assert "z (forced)" in cli("session", "start", "--force", "z").out


def test_no_rule_is_on_where_none_may_be(cli: Cli, ruled: Repo) -> None:
    started = cli("session", "start", "-k", "0", "--json", at=ruled.path).json
    count = len(started["offered"])
    assert count > 0
    assert started["message"] == f"no rule is on: {count} might have been, and k is 0"


def test_a_control_session(cli: Cli, ruled: Repo) -> None:
    ruled.git("config", "buildlog.holdout", "1")
    started = cli("session", "start", "--json", at=ruled.path).json
    assert (started["arm"], started["selected"]) == ("control", [])
    assert "a control session" in cli("session", "show").out


def test_the_class_comes_from_the_branch(cli: Cli, ruled: Repo) -> None:
    ruled.switch("Hotfix/login", create=True)
    assert cli("session", "start", "--json", at=ruled.path).json["error_class"] == "bugfix"
    ruled.git("config", "buildlog.class.hotfix", "urgent")
    assert cli("session", "start", "--json").json["error_class"] == "urgent"


@pytest.mark.parametrize(
    "args",
    [
        ("start", "--class", "two words"), ("start", "--rule", "a b"), ("start", "-k", "-1"),
        ("start", "--force", ""), ("end", "--entry", "nowhere.md"), ("nope",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_writes_nothing(cli: Cli, ruled: Repo, args: tuple[str, ...]) -> None:
    ran = cli("session", *args, at=ruled.path, code=2)
    assert ran.out == ""
    assert ran.err.startswith("git buildlog: ")
    assert not ruled.git("for-each-ref", "refs/notes")


def test_no_branch_and_no_commit_are_errors(cli: Cli, repo: Repo) -> None:
    assert "[no-commit]" in cli("session", "start", at=repo.path, code=2).err
    repo.commit({"a": "a\n"}).git("checkout", "--quiet", "--detach")
    assert "[no-branch]" in cli("session", "start", code=2).err
    assert cli("session", "list").out == "There are no sessions yet.\n"


def test_a_bad_setting_is_said_by_who_needs_it(cli: Cli, ruled: Repo) -> None:
    ruled.git("config", "buildlog.holdout", "often")
    assert "buildlog.holdout is not" in cli("session", "start", at=ruled.path, code=2).err
    cli("report")


def test_a_bad_rule_file_is_said_and_loses_no_other(cli: Cli, ruled: Repo) -> None:
    ruled.write({".buildlog/rules/bad.md": "---\nstate: odd\n---\nText.\n"})
    ran = cli("session", "start", "--json", at=ruled.path)
    assert ran.json["offered"] == ["one", "three", "two"]
    assert ran.err.startswith("git buildlog: .buildlog/rules/bad.md: its state is none of")


def test_what_came_of_it(cli: Cli, ruled: Repo) -> None:
    name = cli("session", "start", "--json", at=ruled.path).json["id"]
    told = f"Buildlog-Session: {name}\nBuildlog-Mistake: tests: forgot the null check there"
    other = "Buildlog-Session: other\nBuildlog-Mistake: tests: forgot the null check"
    agent = "Co-authored-by: Claude <noreply@anthropic.com>"
    text = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
    ruled.at(START).commit({"b.py": text}, f"Write b\n\n{agent}\n{other}")
    ruled.commit({"a.py": text.replace("a", "x")}, f"Write a\n\n{agent}\n{told}")
    ruled.commit({"c.py": "c = 1\n"})
    cli("scan")
    shown = cli("session", "show", "--json").json
    assert (shown["drafts"], shown["rewards"], shown["reward"]) == (1, 1, 1.0)
    assert (shown["mistakes"], shown["repeats"]) == (1, 1)
    assert shown["started"] == NOW
    words = cli("session", "show").out
    assert "0 commits, 1 draft, 1 reward, 1 mistake, 1 repeat; mean reward 1.00" in words


def test_all_lines_are_what_the_schema_says(cli: Cli, ruled: Repo) -> None:
    cli("session", "start", "--seed", "s", "--force", "f", at=ruled.path)
    told = "Buildlog-Mistake: tests: again\nBuildlog-Reward: rejected"
    ruled.agent_commit({"a.py": "a = [1, 2, 3]\n"}, f"Write\n\n{told}")
    cli("scan")
    cli("reward", "revision", "--distance", "1", "--note", "x")
    cli("session", "end", "--note", "y")
    listed = ruled.git("notes", "--ref=buildlog", "list").splitlines()
    notes = [ruled.git("cat-file", "blob", line.split()[0]) for line in listed]
    lines = [json.loads(line) for note in notes for line in note.splitlines()]
    assert {"session", "session-end", "reward", "mistake"} <= {line["kind"] for line in lines}
    schema = schema_of("events")
    for line in lines:
        jsonschema.validate(line, schema)
        known = next(s for s in schema["oneOf"] if s["properties"]["kind"]["const"] == line["kind"])
        assert line.keys() <= known["properties"].keys()
    assert cli("check", "--json").json["ok"]


def test_help_of_each_command(cli: Cli) -> None:
    assert "Usage: git buildlog session [<options>] <command>" in cli("session", "-h").out
    assert cli("session").out == cli("session", "-h").out
    for command in ("start", "end", "list", "show"):
        text = cli("session", command, "-h").out
        assert f"Usage: git buildlog session {command} [<options>]" in text
        assert f"  git buildlog session {command}" in text
        assert max(map(len, text.splitlines())) <= 80


def test_a_pinned_rule_cannot_be_drawn(cli: Cli, ruled: Repo) -> None:
    """Whoever held it back would compare a rule that every agent has with itself."""
    ruled.commit({".buildlog/rules/always.md": "---\nstate: pinned\n---\nAlways.\n"})
    for option in ("--rule", "--seed"):
        said = cli("session", "start", option, "always", at=ruled.path, code=2).err
        assert "always is pinned" in said
        assert "rules trial always" in said
    forced = cli("session", "start", "--force", "always", "--json", at=ruled.path)
    assert forced.json["arm"] == "forced"
