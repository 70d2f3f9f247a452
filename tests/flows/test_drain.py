"""The law of the drain: however it comes by a fact, it is the fact that a scan finds.

A story is told to two repositories alike. In one a drain runs now and then, and goes on from the
owners that it remembers; the other is scanned once at the end. The lines of their notes are the
same, byte for byte. Damage to what a drain remembers, or to the queue, costs time and no fact.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from buildlog_git.core.ids import Oid
from buildlog_git.core.signals import Signal
from buildlog_git.flows import drain as drain_module
from buildlog_git.flows.drain import Drained, drain
from buildlog_git.flows.scan import scan
from buildlog_git.gitio.queue import Queue
from buildlog_git.ledger.local import Local
from tests.builder import AGENTS, HOUR, PROJECT, Repo
from tests.flows.play import context, lines, text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
long = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


SESSIONS = re.compile('"kind":"session(-end)?"')
CREDIT = re.compile('"session":"[^"]*",')


def run_drain(repo: Repo) -> Drained:
    return drain(context(repo))


def noted(repo: Repo) -> dict[str, list[str]]:
    """Return what each note says of history, as sorted lines: a ledger is a set.

    Sessions are left out: only the hooks of this clone know of them.
    """
    listed = repo.git("notes", "--ref=buildlog", "list", check=False).splitlines()
    found = {}
    for blob, oid in (line.split() for line in listed):
        content = repo.git("cat-file", "blob", blob).splitlines()
        facts = [line for line in content if not SESSIONS.search(line)]
        if facts:
            found[oid] = sorted(CREDIT.sub("", line) for line in facts)
    return found


def scanned_twin(repo: Repo, folder: Path) -> dict[str, list[str]]:
    """Return what a scan writes about the same history, reflogs included."""
    twin = folder / "twin"
    repo.git("clone", "--quiet", "--mirror", str(repo.path), str(twin))
    bare = Repo(twin, repo.env, repo.clock)
    bare.git("symbolic-ref", "HEAD", repo.git("symbolic-ref", "HEAD"))
    bare.git("update-ref", "-d", "refs/notes/buildlog")
    logs = twin / "logs"
    logs.mkdir(exist_ok=True)
    (logs / "HEAD").write_bytes((repo.path / ".git" / "logs" / "HEAD").read_bytes())
    scan(context(bare))
    return noted(bare)


# -- stories ----------------------------------------------------------------------------------


class Story:
    """Plain commits of agents and people on some branches, told by small numbers."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.count = 0
        self.branches = ["main"]
        repo.commit({name: text(self.fresh(8)) for name in ("a.py", "b.py", "c.lock")})

    def fresh(self, count: int) -> list[str]:
        self.count += count
        return lines(self.count - count, count)

    def rows(self, name: str) -> list[str]:
        path = self.repo.path / name
        return path.read_text().splitlines() if path.exists() else []

    def edit(self, way: int, name: str, at: int) -> dict[str, str | None]:
        rows = self.rows(name)
        place = at % (len(rows) + 1)
        if way == 0:
            rows[place:place] = self.fresh(4)
        elif way == 1:
            rows[place : place + 2] = self.fresh(2)
        elif way == 2:
            del rows[place : place + 3]
        elif way == 3:  # one word of a line
            rows[place : place + 1] = [f"{row} more{at}" for row in rows[place : place + 1]]
        elif way == 4:  # moved, so that owners move along
            moved, rows[place : place + 3] = rows[place : place + 3], []
            other = "b.py" if name == "a.py" else "a.py"
            return {name: text(rows), other: text(self.rows(other), moved)}
        return {name: text(rows)}

    def step(self, kind: str, way: int, name: str, at: int) -> None:
        if kind == "switch":
            self.switch(at)
        elif kind == "rename":
            target = "b.py" if name == "a.py" else "a.py"
            self.repo.commit({name: None, target: text(self.rows(name))} if self.rows(name) else {})
        elif kind == "person":
            self.repo.commit(self.edit(way, name, at))
        else:
            self.repo.agent_commit(self.edit(way, name, at), agent=kind)

    def switch(self, at: int) -> None:
        if at % 3 == 0 and len(self.branches) < 4:
            self.branches.append(f"topic{len(self.branches)}")
            self.repo.switch(self.branches[-1], create=True)
        else:
            self.repo.switch(self.branches[at % len(self.branches)])


steps = st.tuples(
    st.sampled_from(["person", "person", "claude", "claude", "codex", "switch", "rename"]),
    st.integers(0, 4),
    st.sampled_from(["a.py", "a.py", "b.py", "c.lock", "new.py"]),
    st.integers(0, 12),
    st.booleans(),
)
Steps = list[tuple[str, int, str, int, bool]]


def tell(told: Steps, folder: Path) -> tuple[Repo, list[Drained]]:
    """Tell a story, with a drain at the beginning, where it says so, and at the end."""
    repo = Repo.init(folder / "repo")
    story = Story(repo)
    drained = [run_drain(repo)]
    for kind, way, name, at, drains in told:
        story.step(kind, way, name, at)
        if drains:
            drained.append(run_drain(repo))
    drained.append(run_drain(repo))
    return repo, drained


def check_story(told: Steps) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        repo, _ = tell(told, Path(scratch))
        assert noted(repo) == scanned_twin(repo, Path(scratch))


@quick
@given(st.lists(steps, min_size=3, max_size=10))
@example([("claude", 0, "a.py", 3, True), ("person", 1, "a.py", 4, True)])
@example([("claude", 0, "a.py", 3, False), ("person", 1, "a.py", 4, False)])
def test_a_drained_story_has_the_facts_of_a_scanned_one(told: Steps) -> None:
    check_story(told)


@pytest.mark.slow
@long
@given(st.lists(steps, min_size=5, max_size=18))
def test_a_drained_story_has_the_facts_of_a_scanned_one_at_length(told: Steps) -> None:
    check_story(told)


def test_plain_commits_do_not_look_at_all_of_history(repo: Repo) -> None:
    """Guard the guard: the stories above are followed, not scanned again and again."""
    story = Story(repo)
    assert run_drain(repo).full
    story.step("claude", 0, "a.py", 3)
    assert not run_drain(repo).full
    story.step("person", 1, "a.py", 4)
    done = run_drain(repo)
    assert not done.full
    assert done.written == 1
    assert [judged.agent for judged in done.judged] == ["claude"]


# -- what is remembered may be lost -----------------------------------------------------------


def half_told(repo: Repo) -> Story:
    """Tell a beginning, drained."""
    story = Story(repo)
    run_drain(repo)
    for step in (("claude", 0, "a.py", 3), ("person", 1, "a.py", 4), ("codex", 0, "b.py", 1)):
        story.step(*step)
        run_drain(repo)
    return story


def go_on(story: Story) -> None:
    story.step("person", 1, "b.py", 2)
    run_drain(story.repo)
    story.step("person", 2, "a.py", 5)
    run_drain(story.repo)


def delete(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def spoil(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[100 : len(content) : 7] = b"x" * len(content[100 : len(content) : 7])
    path.write_bytes(bytes(content))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def no_database(path: Path) -> None:
    path.write_bytes(b"what somebody else keeps here\n" * 200)


def other_layout(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE facts SET value = '0' WHERE name = 'layout'")


def other_tables(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE notes (text)")


@pytest.mark.parametrize(
    "harm", [delete, cut, spoil, empty, no_database, other_layout, other_tables]
)
def test_what_is_remembered_may_be_lost(
    repo: Repo, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    story = half_told(repo)
    harm(repo.path / ".git" / "buildlog" / "local.sqlite3")
    go_on(story)
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_an_expired_reflog_loses_nothing(repo: Repo, tmp_path: Path) -> None:
    story = half_told(repo)
    story.step("person", 1, "b.py", 2)
    repo.git("reflog", "expire", "--expire=now", "--all")
    run_drain(repo)
    go_on(story)
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_commits_that_no_reflog_has_are_found_by_the_signal(repo: Repo) -> None:
    repo.git("config", "core.logAllRefUpdates", "false")
    story = Story(repo)
    run_drain(repo)
    story.step("claude", 0, "a.py", 3)
    Queue(repo.path / ".git").append(signal_of(repo))
    assert run_drain(repo).written == 2  # the draft and that it landed
    story.step("person", 1, "a.py", 4)
    Queue(repo.path / ".git").append(signal_of(repo))
    assert run_drain(repo).written == 1


def test_a_second_drain_has_nothing_to_do(repo: Repo) -> None:
    half_told(repo)
    before = repo.git("rev-parse", "refs/notes/buildlog")
    assert run_drain(repo) == Drained(0, 0, 0, full=False)
    assert repo.git("rev-parse", "refs/notes/buildlog") == before


def test_a_clone_without_notes_finds_them_again(repo: Repo, tmp_path: Path) -> None:
    story = half_told(repo)
    clone = repo.clone(tmp_path / "clone")
    story.repo = clone
    assert run_drain(clone).full
    go_on(story)
    assert noted(clone).items() > {}.items()
    assert noted(clone) == scanned_twin(clone, tmp_path)


def test_two_worktrees_are_one_history(repo: Repo, tmp_path: Path) -> None:
    story = half_told(repo)
    other = repo.worktree(tmp_path / "other", "topic")
    other.agent_commit({"side.py": text(story.fresh(6))})
    story.step("person", 1, "b.py", 2)
    run_drain(repo)
    other.commit({"side.py": text(story.fresh(2))})
    story.step("claude", 0, "a.py", 0)
    run_drain(other)
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_a_commit_on_top_of_one_from_a_worktree_that_is_read_later(
    repo: Repo, tmp_path: Path
) -> None:
    """Reflogs are read one after the other: a child may come before its parent."""
    story = half_told(repo)
    other = repo.worktree(tmp_path / "other", "topic")
    run_drain(repo)
    repo.switch("later", create=True)
    run_drain(repo)
    other.agent_commit({"side.py": text(story.fresh(6))})
    repo.git("reset", "--quiet", "--hard", "topic")
    repo.commit({"side.py": text(story.fresh(2))})
    assert not run_drain(repo).full
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_a_reset_of_the_default_branch_may_land_a_draft(repo: Repo, tmp_path: Path) -> None:
    story = half_told(repo)
    repo.switch("topic", create=True)
    repo.agent_commit({"side.py": text(story.fresh(6))})
    run_drain(repo)
    repo.switch("main")
    repo.git("reset", "--quiet", "--hard", "topic")
    run_drain(repo)
    assert noted(repo) == scanned_twin(repo, tmp_path)
    for step in range(2):
        story.step("person", 1, "b.py", step)
        run_drain(repo)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    assert not run_drain(repo).full, "what a reset only takes away needs no look at all of history"


def test_attributes_count_from_the_commit_on_that_brings_them(repo: Repo) -> None:
    story = half_told(repo)
    sizes = []
    for step in range(3):
        marks = ("", "made.py linguist-generated\n", "# nothing\n")[step]
        repo.commit({".gitattributes": marks} if marks else {"other.txt": "x\n"})
        run_drain(repo)
        repo.agent_commit({"made.py": text(story.fresh(5))})
        done = run_drain(repo)
        assert not done.full
        assert done.draft is not None
        sizes.append(done.draft.tokens)
    assert sizes[0] > 0
    assert sizes[1] == 0
    assert sizes[2] > 0


# -- the queue --------------------------------------------------------------------------------


def signal_of(repo: Repo, **variables: str) -> Signal:
    ref = repo.git("symbolic-ref", "HEAD")
    return Signal("post-commit", ref=ref, head=Oid(repo.head), variables=variables)


DAMAGE = (b"\n", b"1 post-commit", b"2 post-commit wt=- ref=- head=-\n", b"\xff\xfe\x00\n",
          b"1 post-commit wt=- ref=refs/heads/main head=zzz env.=x =y\n", b"1 " + b"x" * 9000,
          b"1 post-rewrite wt=- ref=- head=- map=../../config\n")  # fmt: skip


@pytest.mark.parametrize("line", DAMAGE, ids=range(len(DAMAGE)))
def test_a_damaged_line_loses_only_itself(repo: Repo, tmp_path: Path, line: bytes) -> None:
    story = half_told(repo)
    story.step("person", 1, "b.py", 2)
    with (repo.path / ".git" / "buildlog" / "queue").open("ab") as queue:
        queue.write(line)
    run_drain(repo)
    go_on(story)
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_a_line_that_arrives_late_is_read(repo: Repo) -> None:
    """A hook had the queue open while a drain took it."""
    story = half_told(repo)
    queue = Queue(repo.path / ".git")
    queue.append(signal_of(repo))
    with (repo.path / ".git" / "buildlog" / "queue").open("ab", buffering=0) as late:
        assert run_drain(repo).signals == 1
        repo.commit({"a.py": text(story.fresh(9))})
        queue.append(signal_of(repo, CLAUDECODE="1"))
        late.write((repo.path / ".git" / "buildlog" / "queue").read_bytes())
        (repo.path / ".git" / "buildlog" / "queue").unlink()
        assert run_drain(repo).signals == 1
    assert f'"commit":"{repo.head}"' in "".join(noted(repo)[repo.head])


# -- killed in between ------------------------------------------------------------------------


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


@pytest.mark.parametrize(("owner", "method"), [(Local, "commit"), (Queue, "done")])
@pytest.mark.parametrize("at_first", [True, False])
def test_killed_after_the_ledger_was_written(
    repo: Repo,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: type,
    method: str,
    *,
    at_first: bool,
) -> None:
    story = Story(repo) if at_first else half_told(repo)
    story.step("claude", 0, "a.py", 3)
    Queue(repo.path / ".git").append(signal_of(repo))

    def kill(_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, kill)
        with pytest.raises(Killed):
            run_drain(repo)
    assert noted(repo)
    go_on(story)
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_killed_before_the_ledger_was_written(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = half_told(repo)
    story.step("person", 1, "b.py", 2)

    def kill(*_: object) -> Sequence[object]:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(drain_module, "follow", kill)
        with pytest.raises(Killed):
            run_drain(repo)
    go_on(story)
    assert noted(repo) == scanned_twin(repo, tmp_path)


def test_an_agents_variable_makes_a_draft(repo: Repo) -> None:
    half_told(repo)
    repo.commit({"b.py": text(lines(500, 9))})
    Queue(repo.path / ".git").append(signal_of(repo, CLAUDECODE="1"))
    done = run_drain(repo)
    assert done.draft is not None
    assert done.draft.agent == "claude"
    assert AGENTS["claude"] not in repo.git("log", "-1", "--format=%B")
    assert done.draft.tokens > 0
    assert repo.clock.now + HOUR == context(repo).now


# -- what it costs ----------------------------------------------------------------------------

DEAR = {"dataclasses", "inspect", "tempfile", "shutil", "random", "hashlib", "tomllib", "pydantic",
        "rapidfuzz", "numpy", "filelock", "typer", "rich", "git", "buildlog_git.flows.scan",
        "buildlog_git.core.report", "buildlog_git.cli", "buildlog_git.flows.exposure",
        "buildlog_git.core.rendering", "buildlog_git.core.targets"}  # fmt: skip
"""Modules of which each costs a fifth of a bare interpreter or more."""
_IMPORTED = """
import sys
before = set(sys.modules)
from buildlog_git.__main__ import main
from buildlog_git.flows import context, drain
from buildlog_git.hooks import entry
print(*(set(sys.modules) - before))
"""


def test_what_a_drain_imports(repo: Repo) -> None:
    """CPU time is measured by ``benchmarks/hooks.py``; what it comes from is kept here."""
    ran = subprocess.run(
        [sys.executable, "-P", "-c", _IMPORTED],
        env={**repo.env, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        check=True,
    )
    assert not set(ran.stdout.decode().split()) & DEAR


def test_how_often_a_drain_starts_git(repo: Repo, tmp_path: Path) -> None:
    story = half_told(repo)
    calls, tools = tmp_path / "calls", tmp_path / "tools"
    tools.mkdir()
    (tools / "git").write_text(f'#!/bin/sh\necho "$@" >>"{calls}"\nexec "{which("git")}" "$@"\n')
    (tools / "git").chmod(0o755)
    story.step("person", 1, "b.py", 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tools}{os.pathsep}{repo.env['PATH']}")
        assert run_drain(repo).written == 1
    started = calls.read_text().splitlines()
    # where we are, settings, the commit, its patch, its note, who writes it, the new note, the ref
    assert len(started) <= 8, started
