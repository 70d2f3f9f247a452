"""``stats``: the numbers are the report's, and what wants attention is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jsonschema

from buildlog_git.flows.schema import schema_of
from tests.builder import DAY, Repo
from tests.cli.conftest import NOW

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Cli


def stats(cli: Cli, *args: str) -> Any:
    found = cli("stats", *args, "--json").json
    schema = schema_of("stats")
    jsonschema.Draft202012Validator(schema).validate(found)
    assert set(found) == set(schema["properties"]) == set(schema["required"])
    return found


def slugs(found: Any) -> set[str]:
    return {warned["slug"] for warned in found["warnings"]}


def test_the_numbers_are_those_of_the_report(cli: Cli, story: Repo) -> None:
    report = cli("report", "--json", at=story.path).json
    rewards = cli("rewards", "--json").json
    found = stats(cli)
    totals = found["totals"]
    assert totals["distance"] == report["distance"]
    assert found["coverage"] == report["coverage"]
    assert (totals["commits"], totals["drafts"]) == (
        report["commits"]["total"], len(report["drafts"]),
    )  # fmt: skip
    assert (totals["rewards"], totals["reward"]["mean"]) == (rewards["total"], rewards["mean"])
    assert (totals["facts"], found["session"]) == (0, None)
    assert found["streaks"]["days"] == {"current": 1, "longest": 1}
    assert found["streaks"]["kept"] == {"current": 0, "longest": 1}


def test_what_wants_attention(cli: Cli, story: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    cli("status", at=story.path)
    assert slugs(stats(cli)) == {"no-hooks", "no-trial"}
    assert "unscanned" in slugs(stats(cli, "--stored"))
    story.write({".buildlog/rules/one.md": "Do one.\n", ".buildlog/rules/bad.md": ""})
    monkeypatch.setenv("BUILDLOG_NOW", str(NOW + 30 * DAY))
    found = stats(cli)
    assert slugs(found) == {"no-hooks", "quiet", "bad-rule"}
    assert (found["totals"]["rules_trial"], found["streaks"]["days"]["current"]) == (1, 0)
    note = story.git("hash-object", "-w", "--stdin", stdin=b"no line of ours\n")
    story.git("notes", "--ref=buildlog", "add", "-C", note, "HEAD")
    text = " ".join(cli("stats").out.split())
    assert "Warning: lines of the ledger cannot be read: 1 (git buildlog check)." in text
    assert "Warning: no draft for 30 days (git buildlog log --agents)." in text


def test_one_screen(cli: Cli, story: Repo) -> None:
    cli("session", "start", "--class", "tests", at=story.path)
    cli("mistake", "tests", "forgot it")
    rows = cli("stats").out.splitlines()
    assert len(rows) <= 24
    assert max(map(len, rows)) <= 80
    assert "open on main" in rows[0]
    assert "Mistakes: 1, 0 repeats" in rows
    assert "Sessions: 1, 1 open" in rows


def test_nothing_yet(cli: Cli, repo: Repo) -> None:
    cli("status", at=repo.path)
    found = stats(cli)
    assert slugs(found) == {"no-hooks", "no-trial", "no-drafts"}
    assert found["totals"]["distance"]["mean"] is None
    assert "Revision distance: -" in cli("stats").out
