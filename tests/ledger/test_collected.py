"""Garbage is collected while we write: what is written is there afterwards."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import Ledger
from tests.flows.fleet import event

if TYPE_CHECKING:
    from tests.builder import Repo

# The moment at which the new commit is there and no ref reaches it.
PRUNE = """#!/bin/sh
[ "$1" = prepared ] || exit 0
touch "$(git rev-parse --absolute-git-dir)/gc.pid"
git prune --expire=now
"""


def ledger(repo: Repo, patience: float = 10.0) -> Ledger:
    return Ledger(Git(repo.path), Path(".git"), patience=patience)


def read(repo: Repo) -> set[str]:
    return {one.id for one in ledger(repo).read(fresh=True).events}


def test_what_is_written_during_a_collection_lies_in_a_pack(repo: Repo) -> None:
    ledger(repo).append([event(1)])
    running = repo.path / ".git" / "gc.pid"
    running.write_text("1 here\n")
    ledger(repo).append([event(2)])
    repo.git("prune-packed")
    loose = repo.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname)").split()
    new = repo.git("rev-list", "--objects", "--no-object-names", REF, f"^{REF}~1").split()
    assert set(new) <= set(loose)
    for oid in new:
        assert not (repo.path / ".git" / "objects" / oid[:2] / oid[2:]).exists()
    assert not list((repo.path / ".git" / "objects" / "pack").glob("*.keep"))
    old = time.time() - 24 * 3600
    os.utime(running, (old, old))
    ledger(repo).append([event(3)])
    top = repo.id_of(REF)
    assert (repo.path / ".git" / "objects" / top[:2] / top[2:]).exists(), "that one is dead"
    assert read(repo) == {event(number).id for number in (1, 2, 3)}


def test_a_collection_that_begins_meanwhile_takes_nothing_away(repo: Repo) -> None:
    ledger(repo).append([event(1)])
    hook = repo.path / ".git" / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(PRUNE)
    hook.chmod(0o755)
    assert ledger(repo, patience=0.1).append([event(2)]).written == 1
    hook.unlink()
    assert read(repo) == {event(1).id, event(2).id}
    assert not repo.git("fsck", "--connectivity-only", check=False)
