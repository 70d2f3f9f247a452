"""Many writers at once, and processes that are killed anywhere: no fact is lost or doubled.

A killed process only delays: what it did not do, the next drain does. So after any number of
kills, one drain makes the ledger the one of a twin to which nothing ever happened.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.core.hooks import HOOKS, body, watched_variables
from buildlog_git.core.registry import DEFAULT
from buildlog_git.core.session_events import Reward
from buildlog_git.flows.drain import drain
from buildlog_git.flows.news import mark_heads
from buildlog_git.gitio.hooksdir import hook_template
from tests.builder import AGENTS, HOUR, PROJECT, Repo
from tests.conftest import NIGHTLY
from tests.flows.play import context, lines, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildlog_git.core.events import Event

WRITERS = 20
EACH = 20
"""Commits of each writer."""

_WAITING_DRAIN = """\
import sys
from buildlog_git.flows import context, drain
from buildlog_git.hooks import entry
from buildlog_git.ledger import local, store
print("ready", flush=True)
sys.stdin.readline()
entry.main([])
"""
"""A drain that has loaded all it needs and waits for a line: what is killed is its work."""


def with_hooks(repo: Repo) -> Repo:
    """Put the shim into the hooks directory; it queues, and leaves the drain to the test."""
    scripts = str(Path(sys.executable).parent)
    repo.env["PATH"] = f"{scripts}{os.pathsep}{repo.env['PATH']}"
    repo.env["PYTHONPATH"] = str(PROJECT)
    folder = repo.path / ".git" / "buildlog"
    folder.mkdir()
    (folder / "clone").write_text("0123456789abcdef\n")  # twins are one clone to their sessions
    names = watched_variables(DEFAULT)
    for mode in ("off", "foreground"):
        filled = body(
            hook_template(), version="0", drain=mode, command="git-buildlog", variables=names
        )
        (folder / f"hook-{mode}").write_text(filled, encoding="utf-8")
    for hook in HOOKS:
        path = repo.path / ".git" / "hooks" / hook.event
        shim = f'exec sh "{folder}/hook-off" {hook.event} "$@"'
        path.write_text(f"#!/bin/sh\n{shim}\n", encoding="utf-8")
        path.chmod(0o755)
    mark_heads(context(repo))  # as an install does
    repo.git("config", "buildlog.drain", "foreground")  # of `git-buildlog hook`, not of the shim
    return repo


def command(*args: str) -> list[str]:
    return [sys.executable, "-P", "-m", "buildlog_git", *args]


def facts(repo: Repo) -> dict[str, Event]:
    """Return every event of the ledger by its id."""
    return {event.id: event for event in context(repo).ledger.read().events}


def drafts(repo: Repo) -> list[Draft]:
    return [event for event in facts(repo).values() if isinstance(event, Draft)]


def of_history(repo: Repo) -> dict[str, Event]:
    """Return the facts that do not depend on when a drain looked: a session ends when it does."""
    found: dict[str, Event] = {}
    for name, event in facts(repo).items():
        if isinstance(event, Draft):
            found[name] = event._replace(session=None)
        elif event.kind not in ("session", "session-end"):
            found[name] = event
    return found


def stored_lines(repo: Repo) -> Counter[bytes]:
    """Return how often each line stands in the notes."""
    notes = repo.git("notes", "--ref=buildlog", "list").splitlines()
    blobs = (repo.git_bytes("cat-file", "blob", line.split()[0]) for line in notes)
    return Counter(line for blob in blobs for line in blob.splitlines() if line)


# -- many at once -----------------------------------------------------------------------------


def write(repo: Repo, number: int) -> None:
    """Commit as an agent in one worktree, in one of the ways in which facts come in."""
    for turn in range(EACH):
        mark = f"w{number:02}x"
        when = f"{repo.clock.now + HOUR * (turn + 1)} +0000"
        repo.stage({f"{number}.txt": text(lines(0, 3 * (turn + 1), mark))})
        message = f"Write {number} {turn}\n\n{AGENTS['claude']}"
        repo.git("commit", "--quiet", "-m", message, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
        if number % 10 == 9 and turn % 2:
            run(repo, "hook", "post-commit")
        elif turn % 10 == number % 10:
            run(repo, "drain")
    if number % 5 == 0:
        run(repo, "reward", "accepted")


def run(repo: Repo, *args: str) -> None:
    subprocess.run(
        command(*args), cwd=repo.path, env=repo.env, stdin=subprocess.DEVNULL, check=True
    )


@pytest.mark.slow
def test_twenty_writers_at_once(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"base.txt": text(lines(0, 5, "base"))})
    repo.env["BUILDLOG_NOW"] = str(repo.clock.now + 48 * HOUR)
    with_hooks(repo)
    trees = [repo.worktree(tmp_path / f"tree{n}", f"topic{n}") for n in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, trees, range(WRITERS)))
    run(repo, "drain")
    commits = set(repo.git("rev-list", "--branches", "--not", "main").split())
    assert len(commits) == WRITERS * EACH
    drafts = [e for e in context(repo).ledger.read().events if isinstance(e, Draft)]
    assert sorted(e.commit for e in drafts) == sorted(commits)
    said = [e for e in context(repo).ledger.read().events if isinstance(e, Reward)]
    assert sorted(e.draft or "" for e in said) == sorted(tree.head for tree in trees[::5])
    assert set(stored_lines(repo).values()) == {1}
    assert not list((repo.path / ".git" / "buildlog").glob("log"))


# -- killed anywhere --------------------------------------------------------------------------


class Story:
    """Random history that two repositories live through alike, commit for commit."""

    def __init__(self, repo: Repo, seed: int) -> None:
        self.repo = repo
        self.rng = random.Random(seed)
        self.count = 0

    def begin(self) -> None:
        for number in range(3):
            self.repo.commit({f"file{number}.txt": text(self._fresh(6))})

    def step(self) -> None:
        """Do one thing that people and agents do."""
        kinds = [self._agent, self._unmarked_agent, self._person, self._amend, self._topic]
        self.rng.choices(kinds, [5, 3, 8, 3, 1])[0]()

    def _fresh(self, count: int) -> list[str]:
        self.count += count
        return lines(self.count - count, count)

    def _edited(self, added: int, replaced: int) -> dict[str, str]:
        name = f"file{self.rng.randrange(3)}.txt"
        rows = self.repo.read(name).decode().splitlines()
        for _ in range(replaced):
            rows[self.rng.randrange(len(rows))] = self._fresh(1)[0]
        return {name: text(rows, self._fresh(added))}

    def _agent(self) -> None:
        self.repo.agent_commit(self._edited(4, 0))

    def _unmarked_agent(self) -> None:
        """Commit as an agent that only the hook can know: its line must not get lost."""
        self.repo.env["CLAUDECODE"] = "1"
        self.repo.commit(self._edited(4, 0))
        del self.repo.env["CLAUDECODE"]

    def _person(self) -> None:
        self.repo.commit(self._edited(0, 2))

    def _amend(self) -> None:
        self.repo.agent_commit(self._edited(4, 0)).amend(self._edited(1, 1))

    def _topic(self) -> None:
        name = f"topic{self.count}"
        self.repo.switch(name, create=True).agent_commit({f"{name}.txt": text(self._fresh(8))})
        self.repo.switch("main").commit(self._edited(0, 1))
        self.repo.switch(name).rebase("main").switch("main").merge(name)


def present(repo: Repo) -> dict[str, str]:
    return {**repo.env, "BUILDLOG_NOW": str(repo.clock.now + HOUR)}


class Killer:
    """Starts processes and ends them with SIGKILL after a part of the time that they take."""

    def __init__(self, repo: Repo, rng: random.Random) -> None:
        self.repo = repo
        self.rng = rng
        self.took: dict[str, list[float]] = {}
        self.killed = 0

    def way(self) -> tuple[str, Sequence[str]]:
        shim = ["sh", ".git/buildlog/hook-foreground", "post-commit"]
        ways: list[tuple[str, Sequence[str]]] = [
            ("drain", [sys.executable, "-P", "-c", _WAITING_DRAIN]),
            ("shim", shim),
            ("shim alone", ["sh", ".git/buildlog/hook-off", "post-commit"]),
            ("hook", command("hook", "post-commit")),
        ]
        return self.rng.choices(ways, [5, 2, 2, 1])[0]

    def strike(self) -> None:
        name, argv = self.way()
        took = self.took.setdefault(name, [])
        # Every now and then one may end by itself: then we know how long it takes.
        spared = len(took) < 2 or self.rng.random() < 0.05
        moment = float("inf") if spared else self.rng.random() * 1.1 * median(took)
        alone = self.rng.random() < 0.5
        reading, writing = os.pipe()
        process = subprocess.Popen(
            argv, cwd=self.repo.path, env=present(self.repo), start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pass_fds=[writing],
        )  # fmt: skip
        os.close(writing)
        assert process.stdin is not None
        assert process.stdout is not None
        if name == "drain":
            assert process.stdout.readline() == b"ready\n"
            process.stdin.write(b"go\n")
            process.stdin.flush()
        begun = time.perf_counter()
        while process.poll() is None and time.perf_counter() - begun < moment:
            pass  # the moment to kill is what we are waiting for
        if process.returncode is None:
            self.killed += 1
            with suppress(ProcessLookupError):
                (os.kill if alone else os.killpg)(process.pid, signal.SIGKILL)
        elif spared:
            took.append(time.perf_counter() - begun)
        process.communicate()
        # What a shim that was killed alone had started goes on. Its moment must not be chance's,
        # since the twin has no drain in the middle of a step: it ends when nobody holds the pipe.
        assert os.read(reading, 1) == b""
        os.close(reading)


@pytest.mark.parametrize(
    ("seed", "points"),
    [(0, 20), *(pytest.param(seed, 40, marks=pytest.mark.slow) for seed in range(1, 6))],
)
def test_killed_anywhere(tmp_path: Path, seed: int, points: int) -> None:
    seed += random.SystemRandom().randrange(10**6) if NIGHTLY else 0
    print("seed", seed)
    told, untouched = (Story(Repo.init(tmp_path / name), seed) for name in ("told", "twin"))
    killer = Killer(told.repo, random.Random(seed))
    for story in (told, untouched):
        with_hooks(story.repo)
        story.begin()
    while killer.killed < points:
        for story in (told, untouched):
            story.step()
        killer.strike()
        drain(context(untouched.repo))
    assert told.repo.head == untouched.repo.head
    begun = time.monotonic()
    subprocess.run(command("drain"), cwd=told.repo.path, env=present(told.repo), check=True)
    assert time.monotonic() - begun < 20, "something still held a lock"
    assert of_history(told.repo) == of_history(untouched.repo)
    assert all(draft.session for draft in drafts(told.repo))
    assert set(stored_lines(told.repo).values()) == {1}
    assert drain(context(told.repo)).written == 0
