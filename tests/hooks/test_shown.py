"""What status and doctor say of the files that agents read, and how they go again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema
import pytest

from buildlog_git.flows.drain import drain
from buildlog_git.flows.schema import schema_of
from tests.flows.play import context
from tests.hooks.conftest import Cli, cli, drains, installed, snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builder import Repo

__all__ = ["cli", "drains", "installed"]

CLAUDE = ".claude/rules/buildlog.local.md"
RULES = {f".buildlog/rules/{name}.md": f"Do what {name} says.\n" for name in "ab"}


@pytest.fixture
def ruled(installed: Repo) -> Repo:
    """Give a repository with hooks and two rules on trial, on a branch with a session."""
    installed.git("config", "buildlog.holdout", "0")
    installed.commit({**RULES, "CLAUDE.md": "# Mine\n"})
    return go(installed, "one")


def go(repo: Repo, branch: str) -> Repo:
    repo.switch(branch, create=True)
    drain(context(repo))
    return repo


def slugs(cli: Cli, repo: Repo, code: int = 0) -> list[str]:
    return [f["slug"] for f in cli("doctor", "--json", at=repo.path, code=code).json["findings"]]


def test_status_says_what_agents_read(cli: Cli, ruled: Repo) -> None:
    assert f"Agents read: a, b in {CLAUDE}.\n" in cli("status", at=ruled.path).out
    found = cli("status", "--json").json
    jsonschema.validate(found, schema_of("status"))
    assert found["shown"]["rules"] == ["a", "b"]
    ruled.switch("two", create=True)
    assert "(for one: the next drain" in " ".join(cli("status").out.split())
    drain(context(ruled))
    ruled.write({CLAUDE: "mine\n"})
    assert "somebody has changed that" in " ".join(cli("status").out.split())
    ruled.git("switch", "--quiet", "--detach")
    drain(context(ruled))
    assert "Agents read: no rule on trial.\n" in cli("status").out


def test_status_says_nothing_where_nothing_is_on_trial(cli: Cli, installed: Repo) -> None:
    go(installed, "one")
    assert "Agents read" not in cli("status", at=installed.path).out


def test_the_doctor_on_local_files(cli: Cli, ruled: Repo) -> None:
    assert slugs(cli, ruled) == []
    (ruled.path / CLAUDE).write_bytes(b"mine\n")
    assert slugs(cli, ruled) == ["rules-changed"]
    ruled.commit({"b.py": "b = 1\n"})
    drain(context(ruled))
    ruled.write({".gitignore": "!*.local.md\n"})
    assert slugs(cli, ruled, code=1) == ["local-not-ignored"]
    ruled.git("add", CLAUDE)
    assert slugs(cli, ruled, code=1) == ["local-tracked"]


def test_the_doctor_on_pinned_rules(cli: Cli, ruled: Repo) -> None:
    ruled.write({".buildlog/rules/p.md": "---\nstate: pinned\n---\nAlways.\n", "GEMINI.md": "x\n"})
    assert slugs(cli, ruled) == ["rules-stale", "rules-stale", "target-unreached"]
    assert "-> git buildlog rules render\n" in cli("doctor").out
    cli("rules", "render")
    assert slugs(cli, ruled) == []
    ruled.write({".buildlog/rules/p.md": "---\nstate: retired\n---\nAlways.\n"})
    assert slugs(cli, ruled) == ["rules-stale", "rules-stale"], "it is still read"
    ruled.write({".buildlog/rules/p.md": "---\nstate: pinned\n---\nAlways.\n"})
    text = ruled.read("CLAUDE.md").replace(b"Always.", b"Never.")
    ruled.write({"CLAUDE.md": text})
    assert slugs(cli, ruled) == ["rules-edited"]
    ruled.git("config", "buildlog.target", "emacs")
    assert "bad-setting" in slugs(cli, ruled, code=1)


def test_the_doctor_after_an_import(cli: Cli, ruled: Repo) -> None:
    ruled.write({
        "CLAUDE.md": "# Mine\n\n- Always use tabs in makefiles.\n- Never mock the clock.\n",
        "AGENTS.md": "# Agents\n",
    })  # fmt: skip
    cli("rules", "import", at=ruled.path)
    assert slugs(cli, ruled) == ["rules-twice"]
    told = " ".join(cli("doctor").out.split())
    assert "CLAUDE.md has pinned rules (2) in the team's own words" in told
    assert "take them out of CLAUDE.md, then: git buildlog rules render" in told
    name = cli("rules", "list", "--json").json["rules"][0]["id"]
    cli("rules", "trial", name)
    assert slugs(cli, ruled) == ["rules-twice", "never-off"]
    assert f"{name} is on trial, and agents read it in any case in CLAUDE.md:" in " ".join(
        cli("doctor").out.split())  # fmt: skip
    ruled.write({"CLAUDE.md": "# Mine\n"})
    assert slugs(cli, ruled) == ["rules-stale", "rules-stale"]


def test_an_uninstall_leaves_no_trace(cli: Cli, ruled: Repo, tmp_path: Path) -> None:
    other = ruled.worktree(tmp_path / "other", "side")
    drain(context(other))
    ruled.write({"AGENTS.override.md": "mine\n"})
    ruled.git("config", "buildlog.target", "all")
    go(ruled, "two")
    assert b"Do what a says" in ruled.read("AGENTS.override.md")
    before = snapshot(ruled.path)
    plan = cli("uninstall", "--dry-run", at=ruled.path).out
    assert f"remove {ruled.path / CLAUDE}" in plan
    assert snapshot(ruled.path).keys() == before.keys()
    cli("uninstall")
    assert ruled.read("AGENTS.override.md") == b"mine\n"
    for repo in (ruled, other):
        assert not (repo.path / ".claude").exists()
        assert not (repo.path / ".cursor").exists()
    assert b"buildlog" not in ruled.read(".git/info/exclude")
    assert not (ruled.path / ".git/buildlog/shown").exists()
    assert ruled.git("status", "--porcelain") == "?? AGENTS.override.md"
    assert "Nothing of git buildlog is installed here." in cli("uninstall").out


def test_signals_that_wait_bring_nothing_back(cli: Cli, ruled: Repo) -> None:
    ruled.switch("two", create=True)
    assert (ruled.path / ".git/buildlog/queue").exists()
    cli("uninstall", at=ruled.path)
    assert not (ruled.path / CLAUDE).exists()
    assert ruled.git("status", "--porcelain", "--ignored") == ""
