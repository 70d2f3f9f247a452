"""``git buildlog sync`` as people and scripts meet it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsonschema

from buildlog_git.flows.schema import schema_of
from tests.builder import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli


def hub_of(story: Repo, tmp_path: Path) -> Repo:
    hub = story.clone(tmp_path / "hub.git", bare=True)
    story.git("remote", "add", "origin", str(hub.path))
    return hub


def test_two_clones_in_words(cli: Cli, story: Repo, tmp_path: Path) -> None:
    hub = hub_of(story, tmp_path)
    cli("scan", at=story.path)
    assert (
        cli("sync", "-n").out
        == "origin: it has no notes yet; would send what we know of 6 commits.\n"
    )
    assert cli("sync").out == "origin: it has no notes yet; sent what we know of 6 commits.\n"
    assert cli("sync").out == "origin: nothing new from there; nothing to send.\n"
    other = hub.clone(tmp_path / "other")
    ran = cli("sync", "--fetch-only", at=other.path)
    assert ran.out == "origin: received what it knows of 6 commits; nothing was to be sent.\n"
    assert cli("check", at=other.path).out == cli("check", at=story.path).out


def test_json_is_what_the_schema_says(cli: Cli, story: Repo, tmp_path: Path) -> None:
    hub_of(story, tmp_path)
    cli("scan", at=story.path)
    for args in (("--dry-run",), (), ("--no-push",), ("--all",)):
        done = cli("sync", *args, "--json").json
        jsonschema.validate(done, schema_of("sync"))
        assert set(done) == set(schema_of("sync")["required"])
        assert done["ok"]


def test_what_stands_in_the_way_has_an_exit_code(cli: Cli, story: Repo, tmp_path: Path) -> None:
    assert "[no-remote]" in cli("sync", at=story.path, code=2).err
    hub = hub_of(story, tmp_path)
    assert "[unknown-remote]" in cli("sync", "nope", code=2).err
    assert "[bad-usage]" in cli("sync", "--all", "origin", code=2).err
    assert "[remote-unreachable]" in cli("sync", "../none", code=128).err
    hook = hub.path / "hooks" / "pre-receive"
    hook.write_text('#!/bin/sh\necho "no\x1b[31mt you" >&2\nexit 1\n')
    hook.chmod(0o755)
    cli("sync")  # nothing of ours: nothing is refused
    cli("scan")
    ran = cli("sync", code=4)
    assert ran.out == "origin: it has no notes yet; nothing could be sent.\n"
    assert "pre-receive hook declined: no" in ran.err
    assert "[push-refused]" in ran.err
    assert "\x1b" not in ran.err
    assert not cli("sync", "--json", code=4).json["ok"]
    story.git("remote", "add", "away", str(tmp_path / "none"))
    assert "[push-refused]" in cli("sync", "--all", code=4).err
    hook.unlink()
    assert "[remote-unreachable]" in cli("sync", "--all", code=128).err
