"""Mistakes by hand and by message, the metrics of sessions, and the experiment report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildlog_git.flows.schema import schema_of
from tests.builder import AGENTS, DAY, START, Repo
from tests.cli.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cli.conftest import Cli

RULES = {f".buildlog/rules/{name}.md": f"Do {name}.\n" for name in ("one", "two")}
TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"


@pytest.fixture
def ruled(repo: Repo) -> Repo:
    """Give a repository with two rules on trial, both of which are on in every session."""
    repo.git("config", "buildlog.holdout", "0")
    return repo.commit(RULES, "Start")


def checked(value: Any, name: str) -> Any:
    schema = schema_of(name)
    jsonschema.Draft202012Validator(schema).validate(value)
    assert set(value) == set(schema["properties"]) == set(schema["required"])
    return value


def started(cli: Cli, *args: str) -> str:
    name: str = cli("session", "start", *args, "--json").json["id"]
    return name


def noted(repo: Repo) -> Sequence[dict[str, Any]]:
    listed = repo.git("notes", "--ref=buildlog", "list").splitlines()
    notes = [repo.git("cat-file", "blob", line.split()[0]) for line in listed]
    return [json.loads(line) for note in notes for line in note.splitlines()]


# -- logging one ------------------------------------------------------------------------------


def test_a_mistake_needs_an_open_session(cli: Cli, ruled: Repo) -> None:
    ran = cli("mistake", "tests", "forgot it", at=ruled.path, code=2)
    assert ran.err.startswith("git buildlog: no session is open on main [no-session]\n")
    assert ran.out == ""
    assert not ruled.git("for-each-ref", "refs/notes")


def test_a_repeat_is_one_of_another_session_and_the_same_class(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    first = started(cli)
    one = checked(cli("mistake", "tests", "forgot the null check", "--json").json, "mistake")
    assert (one["session_id"], one["was_repeat"], one["similar_prior"]) == (first, False, None)
    assert (one["rules"], one["prior"]) == (["one", "two"], None)
    assert one["message"] == "logged a mistake of tests"
    assert not cli("mistake", "tests", "forgot the null check there", "--json").json["was_repeat"]
    second = started(cli)
    other = cli("mistake", "docs", "forgot the null check", "--json").json
    assert not other["was_repeat"]
    again = cli("mistake", "tests", "Forgot the  NULL check", "--json").json
    assert (again["was_repeat"], again["similar_prior"]) == (True, one["mistake_id"])
    assert again["message"] == f"logged a mistake of tests, a repeat of {one['mistake_id']}"
    assert again["prior"] == one["mistake"]
    same = cli("mistake", "tests", "forgot the null check", "--json").json
    assert (same["was_repeat"], same["similar_prior"]) == (True, one["mistake_id"])
    assert {item["session"] for item in noted(ruled) if item["kind"] == "mistake"} == {
        first,
        second,
    }


def test_a_negation_is_no_repeat(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    started(cli)
    cli("mistake", "io", "close the file")
    started(cli)
    assert not cli("mistake", "io", "do not close the file", "--json").json["was_repeat"]
    assert cli("mistake", "io", "close the file!", "--json").json["was_repeat"]


def test_the_same_one_twice_is_one_fact(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    started(cli)
    first = cli("mistake", "tests", "forgot it", "--json").json
    second = cli("mistake", "tests", "forgot it", "--corrected-by", "one", "--json").json
    assert (first["already"], second["already"]) == (False, True)
    assert second["mistake"] == first["mistake"]
    assert "This session has it already" in cli("mistake", "tests", "forgot it").out
    assert cli("mistakes", "--json").json["total"] == 1
    ruled.commit({"a.py": "a = 1\n"})
    assert not cli("mistake", "tests", "forgot it", "--json").json["already"]


def test_what_a_person_says_of_it(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    first = started(cli)
    one = cli("mistake", "tests", "forgot zero", "--json").json["mistake_id"]
    started(cli)
    ran = cli(
        "mistake", "tests", "no empty case", "--repeat-of", one[:6], "--corrected-by", "one",
        "--json",
    )  # fmt: skip
    assert (ran.json["was_repeat"], ran.json["similar_prior"]) == (True, one)
    assert ran.json["mistake"]["corrected_by"] == "one"
    late = cli("mistake", "tests", "late", "--session", first[:6], "--json").json
    assert late["session_id"] == first
    text = cli("mistake", "tests", "no empty cases", "--repeat-of", one).out
    assert f'Made before: {one} of 2026-03-02 in session {first}: "forgot zero"' in " ".join(
        text.split()
    )


def test_what_is_private_stays_out(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    started(cli)
    secret = "ghp_" + "a1B2" * 9
    said = f"token {secret} of ada@example.com\x1b[31m {'x' * 400}"
    ran = cli("mistake", "security", said, "--json")
    assert ran.json["mistake"]["description"].startswith("token [removed] of [removed]")
    assert len(ran.json["mistake"]["description"]) == 200
    written = json.dumps(noted(ruled))
    assert secret not in written
    assert "ada@" not in written
    assert "\x1b" not in cli("mistakes").out


@pytest.mark.parametrize(
    ("args", "slug"),
    [
        (("two words", "x"), "bad-name"), (("", "x"), "bad-name"), (("tests", ""), "no-desc"),
        (("tests", " \n "), "no-desc"), (("tests", "x", "--corrected-by", "a b"), "bad-name"),
        (("tests", "x", "--repeat-of", "beef"), "unknown-mistake"),
        (("tests", "x", "--repeat-of", ""), "unknown-mistake"),
        (("tests", "x", "--session", "beef"), "unknown-session"),
        (("tests", "x", "--commit", "nowhere"), "unknown-revision"), (("tests",), "usage"),
    ],
)  # fmt: skip
def test_wrong_usage_writes_nothing(
    cli: Cli, ruled: Repo, args: tuple[str, ...], slug: str
) -> None:
    cli("session", "list", at=ruled.path)
    started(cli)
    ran = cli("mistake", *args, code=2)
    assert f"[{slug}" in ran.err
    assert "\n  " in ran.err
    assert cli("mistakes").out == "No such mistakes are known.\n"


# -- who says that two are alike --------------------------------------------------------------


def test_a_back_end_that_is_missing_is_said(cli: Cli, ruled: Repo) -> None:
    ruled.git("config", "buildlog.similarity", "embeddings")
    cli("status", at=ruled.path)
    started(cli)
    for command in (("mistake", "io", "x"), ("mistakes",), ("session", "metrics")):
        ran = cli(*command, code=2)
        first, hint = ran.err.splitlines()
        assert first.endswith("called embeddings is installed; there is words [no-similarity]")
        assert hint.endswith("or: git config --unset buildlog.similarity")
    assert not any(line["kind"] == "mistake" for line in noted(ruled))
    cli("report")


# -- listing ----------------------------------------------------------------------------------


def told(name: str, *mistakes: str) -> str:
    lines = [f"Buildlog-Mistake: {text}" for text in mistakes]
    return "\n".join([f"Write {name}", "", AGENTS["claude"], *lines])


def test_messages_count_also_where_no_scan_has_read_them(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    name = started(cli)
    by_hand = cli("mistake", "tests", "forgot the fixture", "--json").json["mistake_id"]
    message = told("a", "tests: forgot the fixture", "docs: no example")
    ruled.commit({"a.py": TEXT}, f"{message}\nBuildlog-Session: other")
    found = checked(cli("mistakes", "--json").json, "mistakes")
    assert (found["total"], found["repeated"]) == (3, 1)
    assert checked(cli("mistakes", "--stored", "--json").json, "mistakes")["total"] == 1
    repeated = cli("mistakes", "--repeats", "--json").json["mistakes"]
    # The message's commit is older than the command, whose clock is the present.
    assert [item["mistake_id"] for item in repeated] == [by_hand]
    (said,) = cli("mistakes", "--class", "docs", "--json").json["mistakes"]
    assert (said["session_id"], said["source"], said["declared"]) == (
        "other",
        "trailer",
        ruled.head,
    )
    assert cli("mistakes", "--limit", "1", "--json").json["total"] == 3
    assert len(cli("mistakes", "--limit", "1", "--json").json["mistakes"]) == 1
    text = cli("mistakes").out
    assert text.startswith("Mistakes: 3, 1 repeat\n")
    assert name in text
    assert "forgot the fixture" in text


# -- numbers ----------------------------------------------------------------------------------

METRICS = {
    "session_id", "total_mistakes", "repeated_mistakes", "repeated_mistake_rate",
    "rules_at_start", "rules_at_end", "rules_added",
}  # fmt: skip
"""The keys of the system that this one replaces."""


def test_metrics_of_each_session_and_of_all(cli: Cli, ruled: Repo) -> None:
    cli("session", "list", at=ruled.path)
    first = started(cli)
    cli("mistake", "tests", "forgot it")
    ruled.commit({".buildlog/rules/three.md": "Do three.\n"})
    second = started(cli)
    cli("mistake", "tests", "forgot it")
    cli("mistake", "tests", "something else")
    ruled.write({".buildlog/rules/four.md": "Do four.\n"})
    every = checked(cli("session", "metrics", "--json").json, "session-metrics")
    assert {key: every[key] for key in METRICS} == {
        "session_id": "aggregate", "total_mistakes": 3, "repeated_mistakes": 1,
        "repeated_mistake_rate": 1 / 3, "rules_at_start": 2, "rules_at_end": 4, "rules_added": 2,
    }  # fmt: skip
    mine = {item["session_id"]: item for item in every["sessions"]}
    assert list(mine) == [first, second]
    assert mine[first] == {
        "session_id": first, "total_mistakes": 1, "repeated_mistakes": 0,
        "repeated_mistake_rate": 0.0, "rules_at_start": 2, "rules_at_end": 3, "rules_added": 1,
    }  # fmt: skip
    one = checked(cli("session", "metrics", second[:8], "--json").json, "session-metrics")
    assert one["sessions"] == [mine[second]]
    assert {key: one[key] for key in METRICS} == mine[second]
    assert (one["repeated_mistake_rate"], one["rules_added"]) == (0.5, 1)
    assert "3, 1 repeat (33 %)" in cli("session", "metrics").out
    assert "Rules: 3 at the start, 4 at the end (+1)" in cli("session", "metrics", second).out


def test_metrics_of_an_unknown_session_are_an_error(cli: Cli, ruled: Repo) -> None:
    for name in ("beef", ""):
        ran = cli("session", "metrics", name, at=ruled.path, code=2)
        assert "[unknown-session]" in ran.err


def test_nothing_yet(cli: Cli, repo: Repo) -> None:
    empty = checked(cli("session", "metrics", "--json", at=repo.path).json, "session-metrics")
    assert (empty["session_id"], empty["total_mistakes"], empty["sessions"]) == ("aggregate", 0, [])
    report = checked(cli("experiment", "--json").json, "experiment")
    assert report["summary"]["repeat_rate"]["mean"] is None
    assert (report["sessions"], report["error_classes"], report["rules"]) == ([], {}, {})
    assert cli("session", "metrics").out == "There are no sessions yet.\n"
    assert cli("experiment").out.startswith("There are no sessions yet")
    assert cli("mistakes").out == "No such mistakes are known.\n"


def test_the_experiment_report(cli: Cli, ruled: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("session", "list", at=ruled.path)
    first = started(cli, "--class", "tests", "-k", "1")
    cli("mistake", "tests", "forgot it", "--corrected-by", "two")
    ruled.at(START).commit({"a.py": TEXT}, f"{told('a')}\nBuildlog-Session: {first}")
    monkeypatch.setenv("BUILDLOG_NOW", str(NOW + DAY))
    second = started(cli, "--class", "tests", "-k", "1", "--force", "three")
    cli("mistake", "tests", "forgot it")
    cli("mistake", "docs", "no example")
    message = f"{told('b')}\nBuildlog-Session: {second}"
    ruled.commit({"b.py": TEXT.replace("a", "x")}, message)
    ruled.commit({"b.py": "".join(TEXT.replace("a", "x").splitlines(keepends=True)[:4])})
    ran = cli("experiment", "--json")
    report = checked(ran.json, "experiment")
    assert cli("experiment", "report", "--json").json == report
    assert cli("experiment", "--json", "report").json == report
    summary = report["summary"]
    assert set(summary) >= {
        "total_sessions", "total_mistakes", "total_repeated", "overall_repeat_rate",
    }  # fmt: skip
    assert (summary["total_sessions"], summary["total_mistakes"]) == (2, 3)
    assert (summary["total_repeated"], summary["overall_repeat_rate"]) == (1, 1 / 3)
    assert summary["repeat_rate"]["low"] < 1 / 3 < summary["repeat_rate"]["high"]
    one, two = report["sessions"]
    assert (one["session_id"], two["session_id"]) == (first, second)
    assert one["started_at"] == "2026-03-02T09:00:00+00:00"
    assert (one["error_class"], one["total_mistakes"], one["rules_added"]) == ("tests", 1, 0)
    assert (two["repeated_mistakes"], two["repeated_mistake_rate"]) == (1, 0.5)
    assert (one["rewards"], one["reward"], two["rewards"]) == (1, 1.0, 1)
    assert 0 < two["reward"] < 1
    classes = report["error_classes"]
    assert {name: (found["total"], found["repeated"]) for name, found in classes.items()} == {
        "docs": (1, 0), "tests": (2, 1),
    }  # fmt: skip
    mean = report["rewards"]["tests"]
    assert mean["mean"] == pytest.approx((1 + two["reward"]) / 2)
    assert mean["low"] is not None
    rules = report["rules"]
    assert set(rules) == {"one", "two", "three"}
    for name in ("one", "two"):
        row = rules[name]
        assert row["sessions_on"] + row["sessions_off"] == 2
        assert row["rewards_on"] + row["rewards_off"] == 2
        assert row["mistakes_on"] + row["mistakes_off"] == 3
    assert rules["one"]["sessions_on"] + rules["two"]["sessions_on"] == 2
    assert (rules["three"]["forced"], rules["three"]["sessions_on"]) == (1, 0)
    assert (rules["one"]["corrects"], rules["two"]["corrects"]) == (0, 1)
    text = cli("experiment").out
    assert text.startswith("Sessions: 2, with 3 mistakes, 1 repeat (33 % [0.00-1.00])\n")
    assert cli("experiment", "report").out == text


def test_help_of_the_experiment(cli: Cli) -> None:
    for command in (("experiment",), ("experiment", "report"), ("session", "metrics")):
        text = cli(*command, "-h").out
        assert f"Usage: git buildlog {' '.join(command)} [<options>]" in text
        assert max(map(len, text.splitlines())) <= 80
