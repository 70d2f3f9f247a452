"""Refspecs in real repositories: what install adds, what the doctor mends, what git does then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.gitio.notetree import REF
from tests.builder import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.hooks.conftest import Cli

SAFE = "+refs/notes/buildlog*:refs/notes-sync/origin/buildlog*"
BESIDE = "refs/notes-sync/origin/buildlog"


@pytest.fixture
def hub(repo: Repo, tmp_path: Path) -> Repo:
    """Give a bare remote with a commit of an agent's, and no notes."""
    repo.commit({"a": "1\n"}).agent_commit({"b": "1\n2\n3\n"})
    return repo.clone(tmp_path / "hub.git", bare=True)


@pytest.fixture
def clone(hub: Repo, tmp_path: Path) -> Repo:
    return hub.clone(tmp_path / "clone")


def refspecs(repo: Repo) -> list[str]:
    return repo.git("config", "--get-all", "remote.origin.fetch", check=False).splitlines()


def fetch(repo: Repo, code: int = 0) -> None:
    from tests.hooks.conftest import ended

    assert ended(repo, "fetch", "-q").code == code


def slugs(cli: Cli, repo: Repo) -> set[str]:
    ran = cli("doctor", "--json", at=repo.path, code=1)
    found = {finding["slug"] for finding in ran.json["findings"]}
    said = cli("doctor", code=1).out.replace("\n  ", " ")
    assert all(f"[{slug}]" in said for slug in found)
    return found


def test_after_an_install_a_plain_fetch_brings_notes(cli: Cli, hub: Repo, clone: Repo) -> None:
    before = (clone.path / ".git" / "config").read_bytes()
    assert f"remote.origin.fetch {SAFE}" in cli("install", "--files", "-n", at=clone.path).out
    assert SAFE not in refspecs(clone)
    cli("install", "--files")
    assert cli("install", "--files", "-n").out.startswith("Nothing to change.")
    assert refspecs(clone) == ["+refs/heads/*:refs/remotes/origin/*", SAFE]
    fetch(clone)  # there are no notes to fetch, and that is fine
    hub.git("config", "user.name", "x")
    cli("scan", at=hub.path)
    fetch(clone)
    assert clone.id_of(BESIDE) == hub.id_of(REF)
    assert clone.git("for-each-ref", REF) == ""
    cli("uninstall", at=clone.path)
    assert (clone.path / ".git" / "config").read_bytes() == before


def test_what_somebody_had_set_stays(cli: Cli, clone: Repo) -> None:
    clone.git("config", "--add", "remote.origin.fetch", SAFE)
    cli("install", "--files", at=clone.path)
    cli("uninstall")
    assert SAFE in refspecs(clone)


def test_a_renamed_remote_loses_what_was_added_too(cli: Cli, clone: Repo) -> None:
    cli("install", "--files", at=clone.path)
    clone.git("remote", "rename", "origin", "upstream", check=False)
    assert SAFE in clone.git("config", "--get-all", "remote.upstream.fetch")
    cli("uninstall")
    assert "notes" not in (clone.path / ".git" / "config").read_text()


def test_where_none_is_added(cli: Cli, hub: Repo, tmp_path: Path, repo: Repo) -> None:
    """Without a refspec a fetch gets HEAD; a partial clone would get notes without content."""
    repo.git("config", "remote.origin.url", str(hub.path))
    cli("install", "--files", at=repo.path)
    assert refspecs(repo) == []
    hub.git("config", "uploadpack.allowFilter", "true")
    path = tmp_path / "partial"
    hub.git("clone", "-q", "--filter=blob:none", f"file://{hub.path}", str(path))
    cli("install", "--files", at=path)
    assert refspecs(Repo(path)) == ["+refs/heads/*:refs/remotes/origin/*"]


HARM = [
    ("+refs/notes/*:refs/notes/*", "refspec-overwrites"),
    ("refs/notes/*:refs/notes/*", "refspec-diverges"),
    (f"{REF}:{REF}", "refspec-diverges"),
    (f"+{REF}:{BESIDE}", "refspec-exact"),
]


@pytest.mark.parametrize(("value", "slug"), HARM, ids=[slug for _, slug in HARM])
def test_the_doctor_mends_what_git_would_do(
    cli: Cli, hub: Repo, clone: Repo, value: str, slug: str
) -> None:
    """First that git really does it, then that it does it no more."""
    clone.git("config", "--add", "remote.origin.fetch", "+refs/tags/v*:refs/tags/v*")
    clone.git("config", "--add", "remote.origin.fetch", value)
    if slug == "refspec-exact":
        fetch(clone, code=128)
    cli("scan", at=hub.path)
    hub.git("notes", "--ref=other", "add", "-m", "others", "main")
    clone.git("notes", "--ref=buildlog", "add", "-m", '{"mine":1}', "main")
    mine = clone.id_of(REF)
    if slug == "refspec-overwrites":
        fetch(clone)
        assert clone.id_of(REF) == hub.id_of(REF), "what was here is lost"
        clone.git("update-ref", REF, mine)
    if slug == "refspec-diverges":
        fetch(clone, code=1)
    assert slug in slugs(cli, clone)
    ran = cli("doctor", "--fix")
    assert slug in ran.out.splitlines()[0]
    assert "git config --add remote.origin.fetch" in ran.out
    kept = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/v*:refs/tags/v*"]
    wide = [value, f"^{REF}"] if "*" in value else [SAFE]
    assert refspecs(clone) == [*kept, *wide]
    fetch(clone)
    assert clone.id_of(REF) == mine
    if "*" in value:
        assert clone.id_of("refs/notes/other") == hub.id_of("refs/notes/other")
    cli("doctor")


def test_pushes_and_rewrites_are_mended(cli: Cli, clone: Repo) -> None:
    clone.git("config", "remote.origin.push", "refs/heads/*")
    clone.git("config", "--add", "remote.origin.push", f"+{REF}:{REF}")
    clone.git("config", "notes.rewriteRef", "refs/notes/commits")
    clone.git("config", "--add", "notes.rewriteRef", REF)
    assert {"refspec-push", "rewrite-ref"} <= slugs(cli, clone)
    out = cli("doctor", "--fix").out
    assert f"git config --unset remote.origin.push +{REF}:{REF}" in out
    assert clone.git("config", "--get-all", "remote.origin.push") == "refs/heads/*"
    assert clone.git("config", "--get-all", "notes.rewriteRef") == "refs/notes/commits"


def test_what_stands_elsewhere_is_only_told(cli: Cli, clone: Repo) -> None:
    clone.git("config", "--global", "notes.rewriteRef", "refs/notes/*")
    clone.git("config", "--global", "remote.origin.push", REF)
    assert {"refspec-push", "rewrite-ref"} <= slugs(cli, clone)
    assert "git config --show-origin --get-all remote.origin.push" in (
        cli("doctor", code=1).out.replace("\N{NO-BREAK SPACE}", " ")
    )
    cli("doctor", "--fix", code=1)
    assert clone.git("config", "--global", "remote.origin.push") == REF


def test_a_mirror_is_left_alone(cli: Cli, hub: Repo, tmp_path: Path) -> None:
    path = tmp_path / "mirror.git"
    hub.git("clone", "-q", "--mirror", str(hub.path), str(path))
    assert cli("doctor", at=path).out.startswith("Nothing is wrong")
