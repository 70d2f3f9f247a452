"""Rewards: as measured, as given by hand, as said in messages."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildlog_git.flows.schema import schema_of
from tests.builder import HOUR, PROJECT, Repo
from tests.cli.conftest import NOW

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli


def rewards(cli: Cli, *args: str) -> dict[str, Any]:
    found = cli("rewards", *args, "--json").json
    schema = schema_of("rewards")
    jsonschema.Draft202012Validator(schema).validate(found)
    assert set(found) == set(schema["properties"])
    assert isinstance(found, dict)
    return found


def test_rewards_of_a_history(cli: Cli, story: Repo) -> None:
    cli("report", at=story.path)
    found = rewards(cli)
    names, swapped, mail = (story.id_of(name) for name in ("HEAD~3", "HEAD~5", "HEAD~2"))
    by_commit = {item["commit"]: item for item in found["rewards"]}
    assert found["rewards"][0]["commit"] == story.head
    assert [item["at"] for item in found["rewards"]] == sorted(
        (item["at"] for item in found["rewards"]), reverse=True
    )
    assert by_commit[story.head]["reward"] is None
    assert by_commit[story.head]["state"] == "open"
    assert by_commit[names]["reward"] in (1.0, None)
    assert 0 < by_commit[swapped]["reward"] < 1
    assert by_commit[swapped]["reward"] == 1 - by_commit[swapped]["distance"]
    assert by_commit[swapped]["judged_by"] == story.id_of("HEAD~4")
    assert (by_commit[mail]["outcome"], by_commit[mail]["reward"]) == ("rejected", 0.0)
    assert by_commit[mail]["judged_by"] == story.id_of("HEAD~1")
    assert {item["source"] for item in found["rewards"]} == {"git"}
    values = [item["reward"] for item in found["rewards"] if item["reward"] is not None]
    assert found["total"] == len(values)
    assert found["accepted"] + found["revisions"] + found["rejected"] == found["total"]
    assert found["mean"] == sum(values) / len(values)
    assert len(rewards(cli, "--limit", "2")["rewards"]) == 2
    assert rewards(cli, "--limit", "0")["total"] == found["total"]
    assert rewards(cli, "HEAD~3..HEAD")["rewards"][0]["commit"] == story.head


def test_they_are_those_of_the_report(cli: Cli, story: Repo) -> None:
    report = cli("report", "--json", at=story.path).json
    found = {item["commit"]: item for item in rewards(cli)["rewards"]}
    assert found.keys() == {draft["commit"] for draft in report["drafts"]}
    for draft in report["drafts"]:
        same = found[draft["commit"]]
        for field in ("distance", "outcome", "state", "reason", "session", "agent", "at"):
            assert same[field] == draft[field]


def test_stored_asks_the_ledger_alone(cli: Cli, story: Repo) -> None:
    cli("report", at=story.path)
    assert rewards(cli, "--stored")["rewards"] == []
    before = rewards(cli)
    cli("scan")
    assert rewards(cli, "--stored") == rewards(cli) == before


def test_a_reward_by_hand_stands_above_and_beside(cli: Cli, story: Repo) -> None:
    given = cli(
        "reward", "revision", "--distance", "0.25", "--class", "tests", "--rule", "r1",
        "--rule", "r2", "--note", "ask ada@example.com", "--json", at=story.path,
    ).json  # fmt: skip
    jsonschema.validate(given, schema_of("reward"))
    assert (given["draft"], given["reward"], given["at"]) == (story.head, 0.75, NOW)
    assert given["notes"] == "ask [removed]"
    item = rewards(cli)["rewards"][0]
    assert (item["commit"], item["outcome"], item["reward"]) == (story.head, "revision", 0.75)
    assert (item["source"], item["given"], item["distance"]) == ("person", 1, 0.0)
    assert (item["error_class"], item["rules"]) == ("tests", ["r1", "r2"])
    cli("reward", "rejected", "--commit", "HEAD~5")
    older = next(i for i in rewards(cli)["rewards"] if i["commit"] == story.id_of("HEAD~5"))
    assert (older["reward"], older["outcome"], older["source"]) == (0.0, "rejected", "person")
    assert 0 < older["distance"] < 1
    assert "r1 r2" in cli("rewards").out


@pytest.mark.parametrize(
    ("outcome", "distance", "worth"),
    [
        ("accepted", None, 1.0), ("accepted", "0.4", 1.0), ("rejected", None, 0.0),
        ("rejected", "0", 0.0), ("revision", None, 0.5), ("revision", "0", 1.0),
        ("revision", "1", 0.0), ("revision", "0.3", 0.7),
    ],
)  # fmt: skip
def test_what_an_outcome_is_worth(
    cli: Cli, story: Repo, outcome: str, distance: str | None, worth: float
) -> None:
    more = ("--distance", distance) if distance is not None else ()
    assert cli("reward", outcome, *more, "--json", at=story.path).json["reward"] == worth


@pytest.mark.parametrize(
    "args",
    [
        ("revision", "--distance", "nan"), ("revision", "--distance", "inf"),
        ("revision", "--distance", "-inf"), ("revision", "--distance", "-0.1"),
        ("accepted", "--distance", "1.0001"), ("revision", "--distance", "much"),
        ("perhaps",), (), ("accepted", "--commit", "nowhere"), ("accepted", "--class", "a b"),
        ("accepted", "--rule", "\x1b[31m"), ("accepted", "--commit", "--all"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_nonsense_is_refused_and_nothing_is_written(
    cli: Cli, story: Repo, args: tuple[str, ...]
) -> None:
    ran = cli("reward", *args, at=story.path, code=2)
    assert ran.out == ""
    assert ran.err.startswith("git buildlog: ")
    assert not story.git("for-each-ref", "refs/notes")


def test_class_and_rules_of_the_open_session(cli: Cli, repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.commit({"a.py": "a = 1\n"})
    session = cli("session", "start", "--class", "errors", "--rule", "r", "--json", at=repo.path)
    given = cli("reward", "accepted", "--json").json
    assert given["session"] == session.json["id"]
    assert (given["error_class"], given["rules"], given["draft"]) == ("errors", ["r"], None)
    item = rewards(cli)["rewards"][0]
    assert (item["agent"], item["reward"], item["rules"]) == (None, 1.0, ["r"])
    cli("session", "end")
    given = cli("reward", "accepted", "--json").json
    assert (given["session"], given["error_class"], given["rules"]) == (None, "general", [])


def test_a_drafts_own_session_comes_first(cli: Cli, repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.commit({"a.py": "a = 1\n"})
    old = cli("session", "start", "--rule", "old", "--json", at=repo.path).json["id"]
    repo.agent_commit({"b.py": "b = 1\n"}, f"Write b\n\nBuildlog-Session: {old}")
    cli("scan")
    cli("session", "start", "--rule", "new")
    given = cli("reward", "accepted", "--json").json
    assert (given["session"], given["rules"]) == (old, ["old"])


def test_about_the_nearest_draft_before(cli: Cli, story: Repo) -> None:
    given = cli("reward", "accepted", "--commit", "HEAD~4", "--json", at=story.path).json
    assert (given["commit"], given["draft"]) == (story.id_of("HEAD~4"), story.id_of("HEAD~5"))
    assert cli("reward", "accepted", "--commit", "HEAD~6", "--json").json["draft"] is None


def test_the_work_at_hand_is_meant_where_no_commit_is_named(cli: Cli, repo: Repo) -> None:
    repo.commit({"a.py": "a = 1\n"})
    repo.agent_commit({"b.py": "b = 1\n"})
    old = repo.head
    given = cli("reward", "accepted", "--json", at=repo.path).json
    assert given["draft"] == old, "it is checked out"
    repo.switch("fix", create=True)
    repo.commit({"c.py": "c = 1\n"})
    ran = cli("reward", "rejected", code=2)
    assert "[no-draft-here]" in ran.err
    assert f"--commit {old[:10]}" in ran.err
    assert cli("reward", "rejected", "--commit", "HEAD", "--json").json["draft"] == old
    session = cli("session", "start", "--rule", "r", "--json").json["id"]
    ran = cli("reward", "rejected", "--json")
    assert (ran.json["draft"], ran.json["session"], ran.json["rules"]) == (None, session, ["r"])
    assert "counts for the session alone" in cli("reward", "rejected").out
    repo.agent_commit({"d.py": "d = 1\n"})
    mine = repo.head
    repo.commit({"e.py": "e = 1\n"})
    assert cli("reward", "accepted", "--json").json["draft"] == mine
    cli("session", "end")
    assert cli("reward", "accepted", "--json").json["draft"] == mine, "it is of the branch"


@pytest.mark.parametrize("pushed", [True, False])
def test_on_the_default_branch_what_others_have_is_past(
    cli: Cli, repo: Repo, pushed: bool, tmp_path: Path
) -> None:
    repo.commit({"a.py": "a = 1\n"})
    repo.agent_commit({"b.py": "b = 1\n"})
    if pushed:
        repo.git("init", "--quiet", "--bare", str(tmp_path / "origin.git"))
        repo.git("remote", "add", "origin", str(tmp_path / "origin.git"))
        repo.git("push", "--quiet", "-u", "origin", "main")
    repo.commit({"c.py": "c = 1\n"})
    ran = cli("reward", "accepted", at=repo.path, code=2)
    assert "[no-draft-here]" in ran.err, "NOW is two months later"
    if pushed:
        repo.git("reset", "--quiet", "--hard", "HEAD~2")
        repo.agent_commit({"d.py": "d = 1\n"})
        draft = repo.head
        repo.commit({"e.py": "e = 1\n"})
    else:
        repo.clock.now = NOW - HOUR
        repo.agent_commit({"d.py": "d = 1\n"})
        draft = repo.head
        repo.commit({"e.py": "e = 1\n"})
    assert cli("reward", "accepted", "--json").json["draft"] == draft


def test_a_draft_that_was_rewritten_keeps_its_reward(cli: Cli, story: Repo) -> None:
    draft = story.head
    cli("scan", at=story.path)
    cli("reward", "rejected")
    story.amend({"late.py": "def late():\n    return 'later'\n"})
    cli("scan")
    given = cli("reward", "revision", "--json").json
    assert given["draft"] == draft
    item = next(i for i in rewards(cli)["rewards"] if i["commit"] == draft)
    assert (item["reward"], item["given"]) == (0.5, 2)


def test_a_message_stands_above_what_was_measured(cli: Cli, story: Repo) -> None:
    story.commit({"late.py": None}, "Remove\n\nBuildlog-Reward: rejected\nBuildlog-Class: docs")
    cli("scan", at=story.path)
    item = next(i for i in rewards(cli)["rewards"] if i["commit"] == story.id_of("HEAD~1"))
    assert (item["source"], item["reward"], item["judged_by"]) == ("trailer", 0.0, story.head)
    assert item["error_class"] == "docs"


def test_twenty_at_once_are_twenty(story: Repo) -> None:
    command = [sys.executable, "-P", "-m", "buildlog_git", "reward", "accepted", "--json"]
    running = [
        subprocess.Popen(
            command, cwd=story.path, env={**story.env, "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
        for _ in range(20)
    ]  # fmt: skip
    said = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * 20, said
    lines = story.git("notes", "--ref=buildlog", "show", "HEAD").splitlines()
    assert len(lines) == len(set(lines)) == 20
