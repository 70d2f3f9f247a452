"""What scripts rely on: keys, schemas, exit codes, streams, help, global options."""

from __future__ import annotations

import json
import os
import shlex
import stat
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest
import typer

from buildlog_git import __version__
from buildlog_git.cli.app import app
from buildlog_git.flows.schema import NAMES, all_schemas
from tests.builder import PROJECT, Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli

COMMANDS = typer.main.get_command(app)


def commands() -> dict[str, Any]:
    return {**getattr(COMMANDS, "commands", {})}


# -- JSON -----------------------------------------------------------------------------------

OUTPUTS = [
    ("report",),
    ("report", "HEAD~2..HEAD"),
    ("log",),
    ("rewards",),
    ("rewards", "--stored", "--limit", "1", "HEAD~6..HEAD"),
    ("reward", "accepted"),
    ("scan",),
    ("check",),
    ("carry", "HEAD~3..HEAD~1", "HEAD"),
    ("carry", "--dry-run", "HEAD~1..HEAD", "HEAD~4"),
    ("privacy",),
    ("privacy", "HEAD~5"),
    ("export", "--out", "events.ndjson"),
    ("export", "--format", "csv", "--out", "drafts.csv"),
    ("import", "--dry-run", str(PROJECT / "tests" / "legacy" / "buildlog-0.8")),
    ("check", "--repair"),
    ("check", "--repair", "--yes"),
    ("compact",),
    ("forget", "--dry-run", "HEAD"),
    ("forget", "--yes", "HEAD~5"),
    ("init",),
    ("why", "HEAD"),
    ("why", "HEAD~6"),
    ("blame", "math.py"),
    ("distance", "HEAD~5"),
    ("distance", "HEAD~2", "HEAD~1"),
    ("distance", "--as-agent", "HEAD~6"),
]


@pytest.mark.parametrize("command", OUTPUTS, ids=" ".join)
def test_json_is_what_the_schema_says(cli: Cli, story: Repo, command: tuple[str, ...]) -> None:
    ran = cli(*command, "--json", at=story.path)
    assert ran.err == ""
    _validate(ran.json, command[0])


def test_demo_json_is_what_the_schema_says(cli: Cli, tmp_path: Path) -> None:
    _validate(cli("demo", "--json", at=tmp_path).json, "demo")


def test_json_of_an_empty_repository_is_what_the_schema_says(cli: Cli, repo: Repo) -> None:
    for command in ("report", "log", "rewards", "scan", "check", "init"):
        _validate(cli(command, "--json", at=repo.path).json, command)


def test_the_ledgers_lines_are_what_the_schema_says(cli: Cli, story: Repo) -> None:
    cli("scan", at=story.path)
    schema = cli("schema", "events").json
    listed = story.git("notes", "--ref=buildlog", "list").splitlines()
    notes = [story.git("cat-file", "blob", line.split()[0]) for line in listed]
    lines = [json.loads(line) for note in notes for line in note.splitlines()]
    assert {line["kind"] for line in lines} == {"draft", "revision", "settle"}
    for line in lines:
        jsonschema.validate(line, schema)
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**line, "kind": "other"}, schema)


def _validate(value: Any, name: str) -> None:
    schema = all_schemas()[name]
    jsonschema.Draft202012Validator(schema).validate(value)
    # The schema is not vague: it names every key that there is, at every level.
    _all_named(value, schema, schema.get("$defs", {}))


def _all_named(value: Any, schema: dict[str, Any], definitions: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    for choice in schema.get("anyOf", ()):
        if "$ref" in choice and value is not None:
            _all_named(value, choice, definitions)
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) == set(schema["properties"]) == set(schema["required"])
        for key, item in value.items():
            _all_named(item, schema["properties"][key], definitions)
    elif isinstance(value, dict):
        for item in value.values():
            _all_named(item, schema.get("additionalProperties", {}), definitions)
    elif isinstance(value, list):
        for item in value:
            _all_named(item, schema.get("items", {}), definitions)


def test_schemas_are_sound_and_versioned(cli: Cli) -> None:
    for name, schema in cli("schema").json.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["$id"] == f"buildlog.{name}/1"
    assert tuple(all_schemas()) == NAMES
    assert cli("schema", "nope", code=2).err.startswith("git buildlog: there is no schema")


def test_the_promised_keys(cli: Cli, story: Repo) -> None:
    report = cli("report", "--json", at=story.path).json
    assert report["schema"] == "buildlog.report/1"
    assert {"range", "commits", "agents", "distance", "drafts", "coverage", "trend"} <= set(report)
    assert set(report["commits"]) == {"total", "agent", "human", "unknown"}
    assert set(report["distance"]) == {"mean", "low", "high", "n"}
    assert {
        "commit",
        "agent",
        "channel",
        "lines",
        "distance",
        "outcome",
        "session",
        "revisions",
    } <= set(report["drafts"][0])
    assert {"commits", "lines", "distance"} <= set(report["agents"]["claude"])
    why = cli("why", "HEAD", "--json").json
    assert (why["author"], why["agent"], why["channel"]) == ("agent", "claude", "trailer")
    assert {"model", "evidence"} <= set(why)
    distance = cli("distance", "HEAD~5", "--json").json
    assert (distance["draft"], distance["final"]) == (story.id_of("HEAD~5"), story.head)
    assert distance["account"] == {"cost": 4, "grow": 0, "lost": 4, "restored": 0, "gone": 0}
    assert (distance["lines"], distance["kept"], distance["outcome"]) == (4, 3, "revision")
    assert set(distance["files"][0]) == {"path", "distance", "tokens"}
    assert {"distance", "state", "reason"} <= set(distance)


# -- exit codes -----------------------------------------------------------------------------


def test_fail_over(cli: Cli, story: Repo) -> None:
    mean = cli("report", "--json", at=story.path).json["distance"]["mean"]
    cli("report", "--fail-over", str(mean + 0.01))
    ran = cli("report", "--fail-over", str(mean - 0.01), code=1)
    assert ran.out.startswith("repo  HEAD")
    assert "is above" in ran.err
    assert "[over-limit]" in ran.err
    assert cli("report", "--json", "--fail-over", "0", code=1).json["distance"]["mean"] == mean
    cli("report", "--fail-over", "0", "HEAD~6")  # nothing is measured: nothing is above


def test_require_data(cli: Cli, story: Repo) -> None:
    cli("report", "--require-data", at=story.path)
    ran = cli("report", "--require-data", "HEAD~1..HEAD", code=3)
    assert "[too-little-data]" in ran.err


@pytest.mark.parametrize(
    "args",
    [
        ("nope",), ("report", "--nope"), ("distance",), ("why",), ("why", "a", "b"),
        ("report", "--fail-over", "2"), ("report", "--fail-over", "x"), ("--nope",), ("-C",),
        ("report", "--", "--output=x"), ("scan", "--", "-x"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_one_line_a_hint_and_2(cli: Cli, story: Repo, args: tuple[str, ...]) -> None:
    ran = cli(*args, at=story.path, code=2)
    first, *rest = ran.err.splitlines()
    assert ran.out == ""
    assert first.startswith("git buildlog: ")
    assert first.endswith("]")
    assert rest
    assert all(line.startswith("  ") for line in rest)
    assert not (story.path / "x").exists()


def test_ctrl_c_is_130_and_silent(cli: Cli, story: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("buildlog_git.flows.why.why", interrupted)
    ran = cli("why", "HEAD", at=story.path, code=130)
    assert (ran.out, ran.err) == ("", "")


def test_the_unexpected_is_one_line_and_70(
    cli: Cli, story: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by\x1b[31m zero\nand more")

    monkeypatch.setattr("buildlog_git.flows.why.why", broken)
    ran = cli("why", "HEAD", at=story.path, code=70)
    assert ran.err.splitlines() == [
        r"git buildlog: unexpected ZeroDivisionError: by\x1b[31m zero\nand more [unexpected]",
        "  please report it; BUILDLOG_DEBUG=1 in the environment shows where it happened",
    ]
    monkeypatch.setenv("BUILDLOG_DEBUG", "1")
    assert "Traceback" in cli("why", "HEAD", code=70).err


# -- help -----------------------------------------------------------------------------------


def test_every_command_and_option_is_explained(cli: Cli) -> None:
    found = commands()
    assert set(found) >= {
        "init", "scan", "report", "log", "distance", "why", "check", "demo", "drain", "schema",
    }  # fmt: skip
    for name, command in {"": COMMANDS, **found}.items():
        assert command.help, name
        for param in command.params:
            assert getattr(param, "help", None), f"{name} {param.name}"
    for name, command in found.items():
        assert command.short_help, name
        text = cli(name, "-h").out
        assert text == cli(name, "--help").out
        for part in (
            f"Usage: git buildlog {name} [<options>]",
            "Examples:",
            f"git buildlog {name}",
        ):
            assert part in text, f"{name}: {part}"
        assert max(map(len, text.splitlines())) <= 80, name
        assert "\x1b" not in text
        for param in command.params:
            shown = param.opts[0] if param.param_type_name == "option" else param.metavar
            assert shown in text, f"{name}: {shown}"


def test_the_program_explains_itself(cli: Cli) -> None:
    text = cli("-h").out
    assert cli().out == text
    assert all(f"\n  {name} " in text for name in commands())
    assert max(map(len, text.splitlines())) <= 80
    assert cli("--version").out == f"git-buildlog {__version__}\n"


@pytest.mark.parametrize("command", ["report", "log", "distance", "why", "scan", "check", "init"])
def test_examples_in_the_help_are_accepted(cli: Cli, story: Repo, command: str) -> None:
    """Every example parses; what it names need not exist."""
    lines = cli(command, "-h").out.splitlines()
    examples = [line.strip() for line in lines if line.startswith("    git buildlog ")]
    assert examples
    for example in examples:
        try:
            cli(*shlex.split(example)[2:], at=story.path)
        except AssertionError as ended:
            assert "[usage]" not in str(ended), example  # noqa: PT017 - any other end is fine


# -- git's own ways -------------------------------------------------------------------------


@pytest.fixture
def git_buildlog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git find the command, as if it were installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "git-buildlog"
    script.write_text(
        f'#!/bin/sh\nPYTHONPATH="{PROJECT}" exec "{sys.executable}" -P -m buildlog_git "$@"\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("git_buildlog")
def test_git_runs_it_and_hands_its_configuration_on(story: Repo) -> None:
    story.env = dict(os.environ)
    assert story.git("buildlog", "report", "-h").startswith("Usage: git buildlog report")
    plain = json.loads(story.git("buildlog", "report", "--json"))
    bare = json.loads(story.git("-c", "buildlog.exclude=*.py", "buildlog", "report", "--json"))
    assert plain["distance"]["n"] > 0
    assert bare["distance"]["n"] == 0
    assert {draft["reason"] for draft in bare["drafts"]} == {"nothing countable"}
    named = json.loads(
        story.git(
            "-c", "buildlog.agent.hal.name=Ada Example", "buildlog", "why", "HEAD~6", "--json"
        )
    )
    assert named["agent"] == "hal"


def test_directories_add_up(cli: Cli, story: Repo) -> None:
    (story.path / "deep" / "down").mkdir(parents=True)
    above = story.path.parent
    for args in (["-C", "repo"], ["-C", "repo", "-C", "deep/down"], ["-C", str(story.path)]):
        assert cli(*args, "why", "HEAD", "--json", at=above).json["commit"] == story.head
    assert cli("-C", "", "why", "HEAD", "--json", at=story.path).json["commit"] == story.head
    ran = cli("-C", "nowhere", "report", at=above, code=128)
    assert ran.err.splitlines() == [
        "git buildlog: no such directory: nowhere [no-directory]",
        "  name one that is there with -C <path>",
    ]


def test_a_broken_pipe_ends_silently(story: Repo) -> None:
    for number in range(40):
        story.git("commit", "-q", "--allow-empty", "-m", f"{number} {'x' * 4000}")
    python = f'"{sys.executable}" -P -m buildlog_git'
    done = subprocess.run(
        ["bash", "-c", f"{python} log | head -c 1; exit ${{PIPESTATUS[0]}}"],
        cwd=story.path, env={**story.env, "PYTHONPATH": str(PROJECT)}, capture_output=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) in ((141, b""), (0, b""))
    assert len(done.stdout) == 1
