"""The real client over standard input and output, in real repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import anyio
import jsonschema
import pytest
from mcp import Client, StdioServerParameters, stdio_client

from buildlog_git.flows.schema import schema_of
from buildlog_git.mcp import PARAMETERS, TOOLS, answer
from buildlog_git.render.jsonout import to_plain
from tests.builder import PROJECT, Repo
from tests.cli.conftest import NOW

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from mcp import types

    from tests.cli.conftest import Cli

RULES = {f".buildlog/rules/{name}.md": f"Do {name}.\n" for name in ("one", "two")}
TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"


@pytest.fixture
def ruled(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Give a repository with two rules on trial, after the first commit."""
    monkeypatch.setenv("BUILDLOG_NOW", str(NOW))
    repo.git("config", "buildlog.holdout", "0")
    return repo.commit(RULES, "Start")


def talk(directory: Path, say: Callable[[Client], Awaitable[None]]) -> None:
    """Start the server as agents do, and talk to it."""
    server = StdioServerParameters(
        command=sys.executable,
        args=["-P", "-m", "buildlog_git", "-C", str(directory), "mcp"],
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )

    async def main() -> None:
        with anyio.fail_after(60):
            async with Client(stdio_client(server)) as client:
                await say(client)

    anyio.run(main)


def value(result: types.CallToolResult) -> Any:
    """Return the value of a result, which its text says too."""
    text = result.content[0]
    assert text.type == "text"
    assert json.loads(text.text) == result.structured_content
    return result.structured_content


def error(result: types.CallToolResult) -> tuple[str, str, str]:
    assert result.is_error
    found = value(result)["error"]
    return found["slug"], found["message"], found["hint"]


def test_a_day_of_work(ruled: Repo) -> None:
    async def say(client: Client) -> None:
        assert client.server_info is not None
        assert client.server_info.name == "buildlog-git"
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(listed) == {tool.name for tool in TOOLS}
        call = client.call_tool
        nothing = await call("buildlog_mistake", {"error_class": "tests", "description": "no"})
        slug, message, hint = error(nothing)
        assert (slug, bool(hint)) == ("no-session", True)
        assert message == "no session is open on main"
        started = value(await call("buildlog_session_start", {"error_class": "tests", "k": 1}))
        assert (started["error_class"], len(started["selected"])) == ("tests", 1)
        mistake = {"error_class": "tests", "description": "forgot it"}
        logged = value(await call("buildlog_mistake", mistake))
        assert (logged["session_id"], logged["was_repeat"]) == (started["id"], False)
        ruled.agent_commit({"a.py": TEXT})
        assert value(await call("buildlog_scan"))["written"] == 2
        given = {"outcome": "revision", "distance": 0.25, "rules": ["one"]}
        assert value(await call("buildlog_reward", given))["reward"] == 0.75
        report = value(await call("buildlog_report", {"revisions": ["HEAD~1..HEAD"]}))
        assert [draft["commit"] for draft in report["drafts"]] == [ruled.head]
        ended = value(await call("buildlog_session_end", {"note": "done"}))
        assert (ended["id"], ended["mistakes"], ended["notes"]) == (started["id"], 1, "done")
        again = value(await call("buildlog_session_start", {}))
        logged = value(await call("buildlog_mistake", mistake))
        assert (logged["session_id"], logged["was_repeat"]) == (again["id"], True)
        for name in ("experiment", "session-metrics", "mistakes", "stats", "check"):
            found = value(await call(f"buildlog_{name.replace('-', '_')}"))
            jsonschema.validate(found, schema_of(name))

    talk(ruled.path, say)


def test_what_is_wrong_is_told(ruled: Repo, tmp_path: Path) -> None:
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("buildlog_nothing", {}, "unknown-tool"),
        ("buildlog_report", {"revision": "HEAD"}, "bad-argument"),
        ("buildlog_report", {"revisions": "HEAD"}, "bad-argument"),
        ("buildlog_report", {"revisions": ["--output=x"]}, "unknown-range"),
        ("buildlog_reward", {"outcome": "nice"}, "bad-argument"),
        ("buildlog_reward", {"outcome": "revision", "distance": 7}, "bad-distance"),
        ("buildlog_mistake", {"error_class": "tests"}, "bad-argument"),
        ("buildlog_session_metrics", {"name": "beef"}, "unknown-session"),
        ("buildlog_session_start", {"k": -1}, "bad-k"),
        ("buildlog_report", {"revisions": ["a\0b"]}, "bad-name"),
        ("buildlog_why", {"revision": "^HEAD"}, "unknown-revision"),
    ]

    async def say(client: Client) -> None:
        for name, arguments, expected in calls:
            slug, message, hint = error(await client.call_tool(name, arguments))
            assert slug == expected, name
            assert message
            assert hint
        assert not (await client.call_tool("buildlog_report")).is_error

    talk(ruled.path, say)
    assert not (ruled.path / "x").exists()
    assert not ruled.git("for-each-ref", "refs/notes")

    async def nowhere(client: Client) -> None:
        assert (await client.list_tools()).tools
        slug, _, _ = error(await client.call_tool("buildlog_report"))
        assert slug == "not-a-repository"

    (tmp_path / "empty").mkdir()
    talk(tmp_path / "empty", nowhere)


# -- what needs no process --------------------------------------------------------------------


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: str(tool.name))
def test_a_tool_explains_itself(tool: Any) -> None:
    schema = tool.arguments.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    assert tool.description
    assert "\nArgs:" not in tool.description
    for name, field in schema["properties"].items():
        assert field["description"] == PARAMETERS[name]


def test_every_argument_that_is_explained_is_one() -> None:
    known = {name for tool in TOOLS for name in tool.arguments.model_fields}
    assert known == PARAMETERS.keys()


def test_the_answer_is_what_the_command_prints(cli: Cli, ruled: Repo) -> None:
    ruled.agent_commit({"a.py": TEXT}).commit({"a.py": TEXT.replace("a + b", "b + a")})
    for tool in TOOLS:
        if tool.writes or tool.schema in ("session-show", "rules-show", "distance", "why"):
            continue
        found = answer(ruled.path, tool.name, {})
        assert not found.failed, found.value
        printed = cli(*tool.schema.split("-"), "--json", at=ruled.path)
        assert to_plain(found.value) == printed.json
    entry = answer(ruled.path, "buildlog_session_start", {})
    assert not entry.failed
    ruled.write({"notes/today.md": "…\n"})
    ended = answer(ruled.path, "buildlog_session_end", {"entry": "notes/today.md"})
    assert ended.value["entry"] == "notes/today.md"


def test_rules_are_changed_as_by_the_commands(ruled: Repo) -> None:
    def call(name: str, **given: Any) -> Any:
        found = answer(ruled.path, f"buildlog_rules_{name}", given)
        assert not found.failed, found.value
        plain = to_plain(found.value)
        jsonschema.validate(plain, schema_of(f"rules-{name}"))
        return plain

    ruled.write({"CLAUDE.md": "# Mine\n"})
    (added,) = call("add", text="Ask before you delete.", scope=["tests/**"])["rules"]
    assert (added["state"], added["scope"]) == ("trial", ["tests/**"])
    assert call("pin", names=[added["id"]])["rules"][0]["after"] == "pinned"
    assert [file["written"] for file in call("render", write=False)["files"]] == [False, False]
    written = [file["path"] for file in call("render")["files"] if file["written"]]
    assert len(written) == 1
    assert b"tests/**" in ruled.read(written[0])
    assert call("retire", names=[added["id"]])["rules"][0]["after"] == "retired"
    assert call("trial", names=[added["id"]])["rules"][0]["after"] == "trial"
    assert call("propose")["proposals"] == []
    assert ruled.git("log", "--format=%s").count("\n") == 0, "nothing is committed"


def test_the_unexpected_is_an_answer(ruled: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buildlog_git.mcp.refresh", lambda _: 1 // 0)
    found = answer(ruled.path, "buildlog_report", {})
    assert found.failed
    assert found.value["error"]["slug"] == "unexpected"


def test_without_the_extra_it_says_what_to_install(ruled: Repo, tmp_path: Path) -> None:
    # The package is hidden from the process as if it had never been installed.
    hide = (
        "import sys, importlib.metadata as metadata\n"
        "real = metadata.version\n"
        "def version(name):\n"
        "    if name == 'mcp': raise metadata.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "metadata.version = version\n"
        "sys.modules['mcp'] = None\n"
    )
    (tmp_path / "sitecustomize.py").write_text(hide)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "buildlog_git", "mcp"], cwd=ruled.path, text=True,
        env={**ruled.env, "PYTHONPATH": f"{tmp_path}{os.pathsep}{PROJECT}"},
        capture_output=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        "git buildlog: the server needs mcp 2 or newer: the package mcp is not installed [no-mcp]",
        "  pip install 'buildlog-git[mcp]'",
    ]


def test_half_a_character_is_answered_too(ruled: Repo) -> None:
    for name, arguments in (("buildlog_session_metrics", {"name": "\ud800"}), ("\ud800", {})):
        found = answer(ruled.path, name, arguments)
        assert found.failed
        json.dumps(found.value, ensure_ascii=False).encode()
