"""Hooks that pre-commit runs find the same events as a drain that is run by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.flows.context import open_context
from buildlog_git.gitio.faults import read_faults
from tests.builder import DAY, PROJECT, START, Repo

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildlog_git.core.events import Event
    from tests.precommit.conftest import Framework

LINES = "".join(f"first_{number} = load({number}, 'value')\n" for number in range(6))
MORE = "".join(f"second_{number} = save({number}, 'other')\n" for number in range(6))
HOOKS = ("post-checkout", "post-commit", "post-merge", "post-rewrite")


def checkout(repo: Repo) -> None:
    repo.switch("topic", create=True)


def commit(repo: Repo) -> None:
    repo.agent_commit({"a.py": LINES})


def revise(repo: Repo) -> None:
    repo.commit({"a.py": LINES.replace("load(2", "read(2")})


def amend(repo: Repo) -> None:
    repo.agent_commit({"b.py": MORE}).amend({"b.py": MORE.replace("save(1", "keep(1")})


def rebase(repo: Repo) -> None:
    repo.switch("main").commit({"c.py": "unrelated = True\n"}).switch("topic").rebase("main")


def merge(repo: Repo) -> None:
    repo.switch("main").merge("topic")


STEPS: tuple[Callable[[Repo], None], ...] = (checkout, commit, revise, amend, rebase, merge)


def start(path: Path, framework: Framework, *, drain: str) -> Repo:
    env = {**framework.environment(), "BUILDLOG_NOW": str(START + 3 * DAY)}
    repo = Repo.init(path, env=env)
    repo.git("config", "buildlog.drain", drain)
    return repo.commit({".pre-commit-config.yaml": framework.config})


def events(repo: Repo) -> dict[str, Event]:
    return {event.id: event for event in open_context(repo.path).ledger.read().events}


def shim(repo: Repo, hook: str) -> None:
    """Put the native shim where it would be installed; it queues, and leaves the drain alone."""
    body = (PROJECT / "hooks" / "buildlog-hook.sh").read_text(encoding="utf-8")
    body = body.replace("bl_drain=background", "bl_drain=off")
    (repo.path / ".git" / "buildlog").mkdir(exist_ok=True)
    (repo.path / ".git" / "buildlog" / "hook").write_text(body, encoding="utf-8")
    path = repo.path / ".git" / "hooks" / hook
    path.write_text(f'#!/bin/sh\nexec sh .git/buildlog/hook {hook} "$@"\n', encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize("both", [False, True], ids=["alone", "beside-the-shim"])
def test_the_same_events_after_every_step(
    framework: Framework, tmp_path: Path, *, both: bool
) -> None:
    repo = start(tmp_path / "repo", framework, drain="foreground")
    twin = start(tmp_path / "twin", framework, drain="off")
    if both:
        for hook in HOOKS:
            shim(repo, hook)
    framework.install(repo)
    repo.buildlog("drain")
    twin.buildlog("drain")
    for step in STEPS:
        step(repo)
        step(twin)
        twin.buildlog("drain")
        assert repo.head == twin.head
        assert events(repo) == events(twin), step.__name__
    assert any(isinstance(event, Draft) for event in events(repo).values())
    assert repo.buildlog("drain", "--json").json["written"] == 0
    assert read_faults(repo.path / ".git") == []
    lines = repo.path.joinpath(".git", "buildlog").glob("queue*")
    assert (max(map(_signals, lines)) > 1) is both


def _signals(path: Path) -> int:
    """Return how often the most frequent commit was signalled."""
    heads = [line.split(" head=")[1].split(" ")[0] for line in path.read_text().splitlines()
             if line.startswith("1 post-commit")]  # fmt: skip
    return max(map(heads.count, heads), default=0)


def test_what_only_a_hook_sees(framework: Framework, tmp_path: Path) -> None:
    """The agents' variables arrive through pre-commit, and the command says nothing of ours."""
    repo = start(tmp_path / "repo", framework, drain="foreground")
    framework.install(repo)
    repo.env["CLAUDECODE"] = "1"
    repo.commit({"a.py": LINES})
    [draft] = [e for e in events(repo).values() if isinstance(e, Draft)]
    assert (draft.commit, draft.agent) == (repo.head, "claude")
