"""A scan may be run twice, in parts, be killed, and costs few processes; it changes notes only."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from buildlog_git.flows.scan import scan
from tests.builder import DAY, HOUR, PERSON, PROJECT, Repo
from tests.flows.play import BASE, FRESH, MINE, context, lines, report, scanned, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildlog_git.core.report import Report


def told(repo: Repo) -> Report:
    """Return the report of what history tells, whatever notes there are."""
    return replace(report(repo), notes=None)


def rich(repo: Repo, rounds: int = 1) -> Repo:
    """Write a history with follow-ups, merges, squashes, amends, a rebase and a revert."""
    repo.commit({"z.py": text(BASE)}, "Begin")
    for n in range(rounds):
        at = 100 * n
        mine, other = lines(at, 20), lines(at + 40, 20)
        repo.agent_commit({f"a{n}.py": text(mine)}).commit({f"a{n}.py": text(FRESH[:4], mine[4:])})
        repo.switch(f"merged{n}", create=True).agent_commit({f"b{n}.py": text(other)})
        repo.switch("main").commit({f"a{n}.py": text(FRESH[:8], mine[8:])}).merge(f"merged{n}")
        repo.switch(f"squashed{n}", create=True)
        repo.agent_commit({f"c{n}.py": text(lines(at + 60, 20))}, agent="codex")
        repo.commit({f"c{n}.py": text(lines(at + 60, 17))}).switch("main")
        repo.squash_merge(f"squashed{n}", f"Add c (#{n})")
        repo.agent_commit({f"d{n}.py": text(lines(at + 80, 20))}).amend(
            {f"d{n}.py": text(lines(at + 80, 15))}
        )
        repo.agent_commit({f"e{n}.py": text(mine, other)}).revert()
        repo.switch(f"rebased{n}", create=True, start="HEAD~3")
        repo.agent_commit({f"f{n}.py": text(lines(at + 20, 20))}).rebase("main")
        repo.switch("main").merge(f"rebased{n}", PERSON, "--ff-only")
    return repo


def state_of(repo: Repo) -> tuple[str, ...]:
    """Return all that a scan must leave alone."""
    return (
        repo.git("for-each-ref", "refs/heads", "refs/tags", "refs/remotes"),
        repo.git("status", "--porcelain=v2", "--branch", "--untracked-files=all"),
        repo.git("ls-files", "--stage"),
        *(repo.git("reflog", "show", name) for name in ("HEAD", "main")),
        (repo.path / ".git" / "index").read_bytes().hex(),
        (repo.path / ".git" / "HEAD").read_text(),
        (repo.path / ".git" / "config").read_text(),
        *sorted(path.name for path in (repo.path / ".git").glob("*.lock")),
    )


def test_a_second_scan_adds_nothing(repo: Repo) -> None:
    rich(repo)
    first = scan(context(repo))
    tip = repo.git("rev-parse", "refs/notes/buildlog")
    second = scan(context(repo))
    assert first.written > 10
    assert first.already == 0
    assert second.written == 0
    assert repo.git("rev-parse", "refs/notes/buildlog") == tip
    later = scan(context(repo, now=repo.clock.now + 100 * DAY), full=True)
    assert later.written == 0


def test_a_scan_changes_notes_only(repo: Repo) -> None:
    rich(repo)
    repo.write({"dirty.py": "x\n", "z.py": "changed\n"}).git("add", "dirty.py")
    before = state_of(repo)
    scan(context(repo))
    report(repo)
    assert state_of(repo) == before
    assert repo.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""
    assert repo.git("for-each-ref", "--format=%(refname)").split()[-1] == "refs/notes/buildlog"


def test_the_report_is_the_same_before_and_after_a_scan(repo: Repo) -> None:
    rich(repo)
    before = told(repo)
    scan(context(repo))
    assert told(repo) == before


def test_a_range_and_then_everything(repo: Repo, tmp_path: Path) -> None:
    rich(repo)
    copy = tmp_path / "copy"
    shutil.copytree(repo.path, copy)
    whole = scanned(Repo(copy, repo.env, repo.clock))
    for some in ("HEAD~6..HEAD~2", "squashed0", "HEAD^!", "HEAD~8"):
        scanned(repo, some)
    assert set(scanned(repo)) == set(whole)


def test_since_and_then_everything(repo: Repo, tmp_path: Path) -> None:
    rich(repo)
    copy = tmp_path / "copy"
    shutil.copytree(repo.path, copy)
    whole = scanned(Repo(copy, repo.env, repo.clock))
    found = scan(context(repo), since=str(repo.clock.now - 5 * HOUR))
    assert 0 < found.drafts < 6
    assert set(scanned(repo)) == set(whole)


def test_a_scan_by_every_commit_ends_at_the_same_report(repo: Repo) -> None:
    """Even where the ledger then tells of versions that history has forgotten."""
    repo.commit({"z.py": text(BASE)})
    steps: list[Callable[[], Repo]] = [
        lambda: repo.agent_commit({"a.py": text(MINE)}),
        lambda: repo.commit({"a.py": text(FRESH[:5], MINE[5:])}),
        lambda: repo.switch("topic", create=True).agent_commit({"b.py": text(lines(40, 20))}),
        lambda: repo.switch("main").commit({"a.py": text(FRESH[:10], MINE[10:])}),
        lambda: repo.merge("topic"),
        lambda: repo.commit({"b.py": text(lines(40, 10))}),
        lambda: repo.wait(days=20).commit({"a.py": "gone\n"}),
    ]
    for step in steps:
        step()
        scanned(repo)
    kept = told(repo)
    repo.git("update-ref", "-d", "refs/notes/buildlog")
    assert told(repo) == kept
    assert [item.distance for item in kept.drafts] == [0.5, 0.5]


KILL = """
import os, signal, subprocess, sys
from pathlib import Path
from buildlog_git.flows.context import open_context
from buildlog_git.flows.scan import scan

deadline, count = int(sys.argv[2]), 0

def watch(event, args):
    global count
    if event in {"subprocess.Popen", "open", "os.rename", "os.mkdir", "os.remove"}:
        count += 1
        if count == deadline:
            os.kill(os.getpid(), signal.SIGKILL)

here = open_context(Path(sys.argv[1]))
sys.addaudithook(watch)
scan(here)
print(count)
"""
"""Scans, and kills itself at a given one of the moments at which it touches the world."""


def run_until(repo: Repo, deadline: int) -> subprocess.CompletedProcess[bytes]:
    env = {**os.environ, "PYTHONPATH": str(PROJECT), "BUILDLOG_NOW": str(repo.clock.now + HOUR)}
    return subprocess.run(
        [sys.executable, "-c", KILL, str(repo.path), str(deadline)],
        env=env,
        capture_output=True,
        check=False,
    )


def test_a_scan_that_is_killed_is_completed_by_the_next(repo: Repo) -> None:
    rich(repo)
    whole = scanned(repo)
    repo.git("update-ref", "-d", "refs/notes/buildlog")
    moments = int(run_until(repo, 0).stdout)
    assert moments > 20
    for n in range(20):
        repo.git("update-ref", "-d", "refs/notes/buildlog")
        # The ledger is written at the end: most of the kills fall there.
        deadline = 1 + (moments - 1) * n // 19 if n % 4 == 0 else moments - n
        ended = run_until(repo, deadline)
        assert ended.returncode == -signal.SIGKILL
        assert repo.git("fsck", "--no-dangling", "--no-progress") == ""
        assert scanned(repo) == whole


WRAPPER = """#!/bin/sh
echo "$$ $*" >>"{log}"
exec "{git}" "$@"
"""


def count_processes(repo: Repo, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    git, log = shutil.which("git"), folder / "log"
    assert git is not None
    folder.mkdir()
    (folder / "git").write_text(WRAPPER.format(log=log, git=git))
    (folder / "git").chmod(0o755)
    here = context(repo)
    with monkeypatch.context() as patch:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        scan(here)
    return len(log.read_text().splitlines())


def test_the_number_of_processes_does_not_grow_with_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = []
    for rounds in (1, 2, 5):
        repo = rich(Repo.init(tmp_path / f"repo{rounds}"), rounds)
        counts.append(count_processes(repo, tmp_path / f"bin{rounds}", monkeypatch))
    # What history lacks need not be looked up, but each thing is looked up for all at once.
    assert max(counts[1:]) <= counts[0]
    assert counts[0] < 40
