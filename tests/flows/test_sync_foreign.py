"""Remotes that are not what they should be: what is there is no notes, or nobody answers."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import pytest

from buildlog_git.errors import BuildlogError, GitError
from buildlog_git.flows.sync import sync, sync_unasked
from buildlog_git.gitio import remotes
from buildlog_git.gitio.notetree import REF
from tests.builder import Repo
from tests.flows.fleet import event
from tests.flows.play import context

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def hub(tmp_path: Path) -> Repo:
    return Repo.init(tmp_path / "hub.git", bare=True)


@pytest.fixture
def clone(hub: Repo, tmp_path: Path) -> Repo:
    """Give a clone with notes that no remote has yet."""
    clone = Repo.init(tmp_path / "clone").commit({"secret.py": "1\n"})
    clone.git("remote", "add", "origin", str(hub.path))
    clone.git("push", "-q", "origin", "main")
    context(clone).ledger.append([event(1)])
    return clone


def put(hub: Repo, what: str) -> None:
    main = hub.git("rev-parse", "main")
    match what:
        case "blob":
            hub.git("update-ref", REF, hub.git("hash-object", "-w", "--stdin", stdin=b"x"))
        case "tree":
            hub.git("update-ref", REF, f"{main}^{{tree}}")
        case "tag":
            hub.git("tag", "-a", "-m", "x", "v1", main)
            hub.git("update-ref", REF, hub.git("rev-parse", "refs/tags/v1"))
        case "sources":
            hub.git("update-ref", REF, main)
        case "link":
            hub.git("symbolic-ref", REF, "refs/heads/main")


@pytest.mark.parametrize("empty", [False, True], ids=["ours", "no notes of ours"])
@pytest.mark.parametrize("what", ["blob", "tree", "tag", "sources", "link"])
def test_what_is_no_notes_is_named_and_stays_where_it_is(
    hub: Repo, clone: Repo, what: str, empty: bool
) -> None:
    if empty:
        clone.git("update-ref", "-d", REF)
    put(hub, what)
    before = (hub.git("for-each-ref"), clone.git("for-each-ref", REF))
    for dry_run in (True, False):
        with pytest.raises(BuildlogError) as raised:
            sync(context(clone), dry_run=dry_run)
        assert raised.value.slug == "foreign-notes"
        assert (hub.git("for-each-ref"), clone.git("for-each-ref", REF)) == before


@pytest.mark.parametrize("what", ["blob", "sources"])
def test_another_remote_does_not_suffer_from_it(
    hub: Repo, clone: Repo, tmp_path: Path, what: str
) -> None:
    put(hub, what)
    other = Repo.init(tmp_path / "other.git", bare=True)
    clone.git("remote", "add", "other", str(other.path))
    done = sync(context(clone), everywhere=True)
    assert [(one.remote, one.push) for one in done.remotes] == [
        ("origin", "unreachable"), ("other", "done"),
    ]  # fmt: skip
    assert other.git("rev-parse", REF) == clone.git("rev-parse", REF)


def test_a_ref_below_the_notes_is_no_race(hub: Repo, clone: Repo) -> None:
    hub.git("update-ref", f"{REF}/x", "main")
    (one,) = sync(context(clone)).remotes
    assert (one.push, one.attempts) == ("refused", 1)
    assert "exists" in one.reason


def test_a_ref_whose_name_ends_alike_is_another(hub: Repo, clone: Repo) -> None:
    hub.git("update-ref", f"refs/mirror/{REF}", "main")
    (one,) = sync(context(clone), dry_run=True).remotes
    assert (one.theirs, one.push) == (None, "done")


def test_a_server_that_hangs_keeps_no_later_exchange_from_it(
    hub: Repo, clone: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    clone.git("config", "remote.origin.uploadpack", f"cat {shlex.quote(str(gate))}; :")
    monkeypatch.setattr(remotes, "SILENCE", 0.3)
    with pytest.raises(GitError, match=r"not a word from there for 0\.3 s"):
        sync_unasked(context(clone), "origin")
    clone.git("config", "--unset", "remote.origin.uploadpack")
    assert sync_unasked(context(clone), "origin").ok
    assert hub.git("rev-parse", REF) == clone.git("rev-parse", REF)
    os.close(os.open(gate, os.O_WRONLY | os.O_NONBLOCK))
