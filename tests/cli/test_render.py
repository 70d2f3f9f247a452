"""Pinned rules in committed files: the whole set, nobody's words lost, hand edits noticed."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import jsonschema
import pytest
import yaml

from buildlog_git.core.frontmatter import split
from buildlog_git.core.jsontext import parsed
from buildlog_git.core.rendering import front_matter, read_block
from buildlog_git.core.targets import FORMS, TARGETS
from buildlog_git.flows.schema import schema_of
from tests.builder import PROJECT, Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli


def rule(text: str, state: str = "pinned") -> str:
    return f"---\nstate: {state}\n---\n{text}\n"


RULES = {
    ".buildlog/rules/b.md": rule("Do be."),
    ".buildlog/rules/a.md": rule("Do ay.\n\n- and more"),
    ".buildlog/rules/t.md": rule("On trial.", "trial"),
    ".buildlog/rules/old.md": rule("Gone.", "retired"),
}


@pytest.fixture
def pinned(repo: Repo) -> Repo:
    """Give a repository with two pinned rules, and files of two agents."""
    return repo.commit({**RULES, "CLAUDE.md": "# Mine\n", ".cursor/rules/team.mdc": "x\n"})


def rules_in(repo: Repo, name: str) -> list[str]:
    block = read_block(repo.read(name), "team")
    if block is None:
        return []
    assert block.intact
    return [rule.id for rule in block.rules if rule.found == rule.digest]


def test_the_whole_set_is_written_once(cli: Cli, pinned: Repo) -> None:
    ran = cli("rules", "render", at=pinned.path)
    assert ran.out == (
        "2 pinned rules: a and b\n"
        ".cursor/rules/buildlog.mdc  for cursor: written\n"
        "CLAUDE.md  for claude: written\n"
    )
    assert pinned.read("CLAUDE.md").startswith(b"# Mine\n\n<!-- buildlog:begin team ")
    assert rules_in(pinned, "CLAUDE.md") == rules_in(pinned, ".cursor/rules/buildlog.mdc")
    assert rules_in(pinned, "CLAUDE.md") == ["a", "b"]
    assert pinned.read(".cursor/rules/buildlog.mdc").startswith(b"---\ndescription:")
    assert b"On trial" not in pinned.read("CLAUDE.md")
    before = [pinned.read(name) for name in ("CLAUDE.md", ".cursor/rules/buildlog.mdc")]
    again = cli("rules", "render", "--check")
    assert again.out.count("up to date") == 2
    assert before == [pinned.read(name) for name in ("CLAUDE.md", ".cursor/rules/buildlog.mdc")]
    changed = pinned.git("status", "--porcelain").splitlines()
    assert len(changed) == 2, "and nothing else"


def test_what_was_retired_or_reworded_leaves_nothing(cli: Cli, pinned: Repo) -> None:
    cli("rules", "render", at=pinned.path)
    pinned.write({".buildlog/rules/a.md": rule("Do ay.", "retired"),
                  ".buildlog/rules/b.md": rule("Do be better.")})  # fmt: skip
    stale = cli("rules", "render", "--check", "--diff", code=1)
    assert "+Do be better." in stale.out
    assert "[rules-stale]" in stale.err
    assert rules_in(pinned, "CLAUDE.md") == ["a", "b"], "nothing was written"
    cli("rules", "render", "--dry-run")
    cli("rules", "render")
    assert rules_in(pinned, "CLAUDE.md") == ["b"]
    assert b"ay" not in pinned.read("CLAUDE.md")
    pinned.write({".buildlog/rules/b.md": rule("x", "retired")})
    cli("rules", "render")
    assert pinned.read("CLAUDE.md") == b"# Mine\n"
    assert not (pinned.path / ".cursor/rules/buildlog.mdc").exists()
    assert (pinned.path / ".cursor/rules/team.mdc").exists()


def test_a_change_by_hand_is_not_overwritten_unasked(cli: Cli, pinned: Repo) -> None:
    cli("rules", "render", at=pinned.path)
    path = pinned.path / "CLAUDE.md"
    edited = path.read_bytes().replace(b"Do be.", b"Do be nice.")
    path.write_bytes(edited)
    ran = cli("rules", "render", "--diff")
    assert "changed by hand" in ran.out
    assert "-Do be nice." in ran.out
    assert "changed by hand" in cli("rules", "render", code=1).out
    assert path.read_bytes() == edited
    assert cli("rules", "render", "--check", code=1).out.count("changed by hand") == 1
    cli("rules", "render", "--force")
    assert rules_in(pinned, "CLAUDE.md") == ["a", "b"]


def test_a_difference_is_shown_and_nothing_written(cli: Cli, pinned: Repo) -> None:
    ran = cli("rules", "render", "--diff", at=pinned.path)
    assert "+Do be." in ran.out
    assert "CLAUDE.md  for claude: would be written\n" in ran.out
    cli("rules", "render", "--diff", "--force")
    assert "[rules-stale]" in cli("rules", "render", "--diff", "--check", code=1).err
    assert pinned.git("status", "--porcelain") == ""
    cli("rules", "render")
    assert "+" not in cli("rules", "render", "--diff").out


def test_a_block_without_an_end_is_nobodys_to_touch(cli: Cli, pinned: Repo) -> None:
    cli("rules", "render", at=pinned.path)
    path = pinned.path / "CLAUDE.md"
    cut = path.read_bytes().replace(b"<!-- buildlog:end team -->\n", b"Mine again.\n")
    path.write_bytes(cut)
    assert "last line" in cli("rules", "render", "--force", code=1).out
    assert path.read_bytes() == cut


def test_a_merge_that_kept_both_blocks_is_tidied(cli: Cli, pinned: Repo) -> None:
    cli("rules", "render", at=pinned.path)
    path = pinned.path / "CLAUDE.md"
    block = path.read_bytes().removeprefix(b"# Mine\n")
    path.write_bytes(b"# Mine\n" + block + block + b"Last.\n")
    cli("rules", "render")
    assert path.read_bytes() == b"# Mine\n" + block + b"Last.\n"


@pytest.mark.parametrize(
    "content",
    [b"# Mine\r\n\r\nText\r\n", b"no end of line", b"\xef\xbb\xbfwith a mark\n",
     "# Größe\n".encode("latin-1"), b""],
)  # fmt: skip
def test_words_of_others_stay_byte_by_byte(cli: Cli, pinned: Repo, content: bytes) -> None:
    pinned.write({"CLAUDE.md": content})
    cli("rules", "render", "--target", "claude", at=pinned.path)
    written = pinned.read("CLAUDE.md")
    assert written.startswith(content)
    if b"\r\n" in content:
        assert written.count(b"\n") == written.count(b"\r\n")
    for name in RULES:
        (pinned.path / name).unlink()
    cli("rules", "render", "--target", "claude")
    assert (pinned.path / "CLAUDE.md").exists() == bool(content)
    if content:
        assert pinned.read("CLAUDE.md") == content


def test_what_cannot_hold_a_block_is_refused(cli: Cli, pinned: Repo) -> None:
    for content in ("# Größe\n".encode("utf-16"), b"a\0b"):
        pinned.write({"CLAUDE.md": content})
        assert "UTF-16 or binary" in cli("rules", "render", at=pinned.path, code=1).out
        assert pinned.read("CLAUDE.md") == content
    pinned.write({"CLAUDE.md": "# Größe\n".encode("latin-1"),
                  ".buildlog/rules/a.md": rule("Größer.")})  # fmt: skip
    assert "plain ASCII" in cli("rules", "render", code=1).out
    assert pinned.read("CLAUDE.md") == "# Größe\n".encode("latin-1")


def test_links(cli: Cli, pinned: Repo, tmp_path: Path) -> None:
    outside = tmp_path / "secret.md"
    outside.write_bytes(b"Not yours.\n")
    (pinned.path / "CLAUDE.md").unlink()
    (pinned.path / "CLAUDE.md").symlink_to(outside)
    (pinned.path / ".windsurf").symlink_to(tmp_path)
    ran = cli(
        "rules", "render", "--target", "claude", "--target", "windsurf", at=pinned.path, code=1
    )
    assert ran.out.count("out of the work tree") == 2
    assert outside.read_bytes() == b"Not yours.\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["repo", "secret.md"]
    (pinned.path / "CLAUDE.md").unlink()
    (pinned.path / "CLAUDE.md").symlink_to("AGENTS.md")
    pinned.write({"AGENTS.md": "# Agents\n"})
    found = cli("rules", "render", "--target", "claude", "--target", "agents", "--json").json
    assert [(file["path"], file["agents"]) for file in found["files"]] == [
        ("AGENTS.md", ["claude", "codex"])
    ]
    assert (pinned.path / "CLAUDE.md").is_symlink()
    assert rules_in(pinned, "AGENTS.md") == ["a", "b"]


def test_who_imports_another_file_reads_it_there(cli: Cli, pinned: Repo) -> None:
    pinned.write({"CLAUDE.md": "@AGENTS.md\n", "AGENTS.md": "# Agents\n"})
    cli("rules", "render", at=pinned.path)
    assert pinned.read("CLAUDE.md") == b"@AGENTS.md\n"
    assert rules_in(pinned, "AGENTS.md") == ["a", "b"]


def test_gemini_is_told_of_its_local_file(cli: Cli, pinned: Repo) -> None:
    cli("rules", "render", "--target", "gemini", at=pinned.path)
    assert b"\n@./GEMINI.local.md\n" in pinned.read("GEMINI.md")
    assert rules_in(pinned, "GEMINI.md") == ["a", "b"]
    (pinned.path / ".buildlog/rules/t.md").unlink()
    cli("rules", "render", "--target", "gemini")
    assert b"GEMINI.local.md" not in pinned.read("GEMINI.md")


def test_all_targets_and_the_schema(cli: Cli, pinned: Repo) -> None:
    ran = cli("rules", "render", "--target", "all", "--json", at=pinned.path)
    jsonschema.validate(ran.json, schema_of("rules-render"))
    assert len(ran.json["files"]) == 8
    for file in ran.json["files"]:
        assert rules_in(pinned, file["path"]) == ["a", "b"]
        assert file["written"]


def test_a_rule_with_a_marker_of_ours_and_one_that_is_too_long(cli: Cli, pinned: Repo) -> None:
    pinned.write({
        ".buildlog/rules/a.md": rule("Write <!-- buildlog:end team --> and go on."),
        ".buildlog/rules/b.md": rule("word " * 2000),
    })  # fmt: skip
    ran = cli("rules", "render", "--target", "copilot", at=pinned.path)
    assert "copilot reads 4,000" in ran.err
    assert rules_in(pinned, ".github/copilot-instructions.md") == ["a", "b"]


def test_pre_commit_looks_whenever_such_a_file_changes() -> None:
    hooks = yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text())
    (files,) = (hook["files"] for hook in hooks if hook["id"] == "buildlog-rules-check")
    for target in (*TARGETS, *FORMS):
        written = filter(None, (target.committed, target.scoped_committed.format("0" * 8)))
        assert all(re.search(files, name) for name in written), target.name
        assert not re.search(files, target.local)
    assert re.search(files, ".buildlog/rules/a.md")
    assert not re.search(files, "docs/a.md")


def test_what_cannot_be_asked(cli: Cli, pinned: Repo, tmp_path: Path) -> None:
    assert "emacs" in cli("rules", "render", "--target", "emacs", at=pinned.path, code=2).err
    bare = pinned.clone(tmp_path / "bare.git", bare=True)
    assert "[no-work-tree]" in cli("rules", "render", at=bare.path, code=2).err


def test_nothing_to_do(cli: Cli, repo: Repo) -> None:
    repo.commit({"CLAUDE.md": "# Mine\n"})
    assert cli("rules", "render", "--check", at=repo.path).out == (
        "0 pinned rules.\nCLAUDE.md  for claude: up to date\n"
    )
    assert repo.git("status", "--porcelain") == ""


SCOPED = {
    ".buildlog/rules/a.md": "---\nstate: pinned\nscope: tests/**\n---\nDo ay.\n",
    ".buildlog/rules/b.md": "---\nstate: pinned\nscope: [src/*.py, '*.sh']\n---\nDo be.\n",
    ".buildlog/rules/c.md": rule("Do see."),
}


def parts(repo: Repo, folder: str) -> dict[str, list[str]]:
    """Return the front matter of the files for some paths, and the rules in each."""
    return {
        front_matter(path.read_bytes()): rules_in(repo, path.relative_to(repo.path).as_posix())
        for path in sorted((repo.path / folder).glob("buildlog-*"))
    }


def test_a_pinned_rule_for_some_paths_is_put_for_those(cli: Cli, repo: Repo) -> None:
    repo.commit({**SCOPED, "CLAUDE.md": "# Mine\n", "AGENTS.md": "# A\n"})
    render = ("rules", "render", "--target", "claude", "--target", "codex", "--target", "copilot")
    cli(*render, at=repo.path)
    assert rules_in(repo, "CLAUDE.md") == rules_in(repo, ".github/copilot-instructions.md") == ["c"]
    assert parts(repo, ".claude/rules") == {
        '---\npaths:\n  - "src/*.py"\n  - "*.sh"\n---\n': ["b"],
        '---\npaths:\n  - "tests/**"\n---\n': ["a"],
    }
    assert set(parts(repo, ".github/instructions")) == {
        "---\napplyTo: 'src/*.py,*.sh'\n---\n", "---\napplyTo: 'tests/**'\n---\n",
    }  # fmt: skip
    assert b"\nIn `src/*.py` and `*.sh`: Do be.\n" in repo.read("AGENTS.md")
    assert rules_in(repo, "AGENTS.md") == ["a", "b", "c"]
    assert cli(*render, "--check").out.count("up to date") == 7
    repo.write({".buildlog/rules/a.md": SCOPED[".buildlog/rules/a.md"].replace("tests", "test")})
    cli(*render)
    assert len(parts(repo, ".claude/rules")) == 2, "the file for the scope of before is gone"
    (path,) = (p for p in (repo.path / ".claude/rules").iterdir() if b"test/" in p.read_bytes())
    path.write_bytes(path.read_bytes().replace(b"test/**", b"docs/**"))
    assert "changed by hand" in cli(*render, code=1).out
    cli(*render, "--force")
    assert '---\npaths:\n  - "test/**"\n---\n' in parts(repo, ".claude/rules")
    for name in SCOPED:
        (repo.path / name).unlink()
    cli(*render)
    assert not (repo.path / ".claude").exists()
    assert not (repo.path / ".github").exists()
    assert repo.read("AGENTS.md") == b"# A\n"


def test_agents_that_share_a_file_read_paths_in_words(cli: Cli, repo: Repo) -> None:
    repo.commit({**SCOPED, "AGENTS.md": "# A\n"})
    (repo.path / "CLAUDE.md").symlink_to("AGENTS.md")
    cli("rules", "render", "--target", "claude", "--target", "codex", at=repo.path)
    assert b"\nIn `tests/**`: Do ay.\n" in repo.read("AGENTS.md")
    assert not (repo.path / ".claude").exists()


SETTINGS = '{\n  // ours\n  "permissions": {"allow": ["Bash(ls)"]}\n}\n'


def started(repo: Repo) -> str:
    """Return what Claude would read of the hooks in its settings."""
    groups = parsed(repo.read(".claude/settings.json").decode()).value["hooks"]["SessionStart"]
    commands = [hook["command"] for group in groups for hook in group["hooks"]]
    return "".join(
        subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout.decode()
        for command in commands
    )


def test_claude_reads_pinned_rules_when_it_starts(cli: Cli, pinned: Repo) -> None:
    pinned.write({".claude/settings.json": SETTINGS})
    render = ("rules", "render", "--target", "claude-settings")
    ran = cli(*render, at=pinned.path)
    assert ".claude/settings.json  for claude: written\n" in ran.out
    assert started(pinned) == (
        "Follow these rules of the team:\n\nDo ay.\n\n- and more\n\nDo be.\n"
    )
    assert pinned.read(".claude/settings.json").startswith(SETTINGS.removesuffix("\n}\n").encode())
    assert pinned.read("CLAUDE.md") == b"# Mine\n"
    pinned.write({".buildlog/rules/a.md": rule("x", "retired")})
    assert "-" in cli(*render, "--check", "--diff", code=1).out
    assert "render --check" not in cli("rules", "render").out, "what has ours is served unasked"
    assert started(pinned) == "Follow these rules of the team:\n\nDo be.\n"
    edited = pinned.read(".claude/settings.json").replace(b"Do be.", b"Do be nice.")
    (pinned.path / ".claude/settings.json").write_bytes(edited)
    assert "changed by hand" in cli(*render, code=1).out
    assert pinned.read(".claude/settings.json") == edited
    cli(*render, "--force")
    pinned.write({".buildlog/rules/b.md": rule("x", "retired")})
    cli(*render)
    assert pinned.read(".claude/settings.json").decode() == SETTINGS


def test_settings_that_cannot_be_read_are_left_alone(cli: Cli, pinned: Repo) -> None:
    for content in (b'{"hooks": []}', b"{", '{"a": "Größe"}'.encode("latin-1")):
        pinned.write({".claude/settings.json": content})
        ran = cli("rules", "render", "--target", "claude-settings", at=pinned.path, code=1)
        assert "not written" in ran.out
        assert pinned.read(".claude/settings.json") == content


def test_a_skill_has_the_pinned_rules(cli: Cli, pinned: Repo) -> None:
    pinned.write({".buildlog/rules/a.md": rule("Never !`rm x`; cost $1.\n\n```!\nls\n```")})
    path = ".claude/skills/buildlog-rules/SKILL.md"
    cli("rules", "render", "--target", "claude-skill", at=pinned.path)
    head = split(pinned.read(path).decode())
    assert re.fullmatch("[a-z0-9-]{1,64}", head.get("name"))
    assert head.get("name") == path.split("/")[-2]
    assert 0 < len(head.get("description")) <= 1024
    text = pinned.read(path).decode()
    assert "!`" not in text, "a skill runs what stands so"
    assert "```!" not in text
    assert "cost \\$1" in text
    cli("rules", "render")
    assert cli("rules", "render", "--check").out.count("up to date") == 2
    assert pinned.read("CLAUDE.md") == b"# Mine\n", "where the skill has them, Claude has them"
    (pinned.path / path).write_bytes(text.replace("name: buildlog-rules", "name: x").encode())
    assert "would not find the skill" in cli("rules", "render").err
    (pinned.path / path).write_bytes(text.encode())
    for name in RULES:
        (pinned.path / name).unlink()
    cli("rules", "render", "--target", "claude-skill")
    assert not (pinned.path / ".claude/skills").exists()


def test_an_agent_that_has_them_twice_is_named(cli: Cli, pinned: Repo) -> None:
    ran = cli("rules", "render", "--target", "all", "--target", "claude-skill", at=pinned.path)
    assert "claude reads the same rules in each" in ran.err
    assert len(ran.out.splitlines()) == 10
