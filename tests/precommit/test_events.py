"""Hooks that pre-commit runs find the same events as the native ones."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Draft, Revision, Rewrite
from buildlog_git.core.session_events import Session, SessionEnd
from buildlog_git.core.signals import parse_signal
from buildlog_git.flows.context import open_context
from buildlog_git.flows.news import mark_heads
from buildlog_git.gitio.faults import read_faults
from tests.builder import DAY, START, Repo

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildlog_git.core.events import Event
    from tests.precommit.conftest import Framework

LINES = "".join(f"first_{number} = load({number}, 'value')\n" for number in range(6))
MORE = "".join(f"second_{number} = save({number}, 'other')\n" for number in range(6))


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
    repo.git("config", "buildlog.command", str(Path(sys.executable).parent / "git-buildlog"))
    folder = path / ".git" / "buildlog"
    folder.mkdir()
    (folder / "clone").write_text("0123456789abcdef\n")  # ids of sessions tell clones apart
    return repo.commit({".pre-commit-config.yaml": framework.config})


def events(repo: Repo) -> dict[str, Event]:
    return {event.id: event for event in open_context(repo.path).ledger.read().events}


def apart_from_sessions(found: dict[str, Event]) -> dict[str, Event]:
    """Return what needs no hook: a checkout alone is seen by no drain that comes later."""
    return {
        name: event._replace(session=None) if isinstance(event, Draft) else event
        for name, event in found.items()
        if not isinstance(event, Session | SessionEnd)
    }


@pytest.mark.parametrize(
    "both",
    [
        pytest.param(False, id="alone"),
        pytest.param(True, id="beside-the-native-hooks", marks=pytest.mark.slow),
    ],
)
def test_the_same_events_after_every_step(
    framework: Framework, tmp_path: Path, *, both: bool
) -> None:
    repo = start(tmp_path / "repo", framework, drain="foreground")
    native = start(tmp_path / "native", framework, drain="foreground")
    by_hand = start(tmp_path / "by-hand", framework, drain="off")
    native.buildlog("install")
    if both:
        repo.buildlog("install")
    framework.install(repo)
    for each in (repo, by_hand):
        mark_heads(open_context(each.path))  # as an install does: all begin at one place
    for each in (repo, native, by_hand):
        each.buildlog("drain")
    for step in STEPS:
        for each in (repo, native, by_hand):
            step(each)
        by_hand.buildlog("drain")
        assert repo.head == native.head == by_hand.head
        assert events(repo) == events(native), step.__name__
        assert apart_from_sessions(events(repo)) == apart_from_sessions(events(by_hand))
    assert {type(event) for event in events(repo).values()} >= {Draft, Revision, Rewrite, Session}
    assert repo.buildlog("drain", "--json").json["written"] == 0
    for each in (repo, native):
        assert read_faults(each.path / ".git") == []
    assert (_signals(repo) > 1) is both


def _signals(repo: Repo) -> int:
    """Return how often the commit that was signalled most often was."""
    files = repo.path.joinpath(".git", "buildlog").glob("queue*")
    lines = [line for file in files for line in file.read_text().splitlines()]
    found = [parse_signal(line) for line in lines]
    heads = [signal.head for signal in found if signal and signal.hook == "post-commit"]
    return max(map(heads.count, heads), default=0)


def test_what_only_a_hook_sees(framework: Framework, tmp_path: Path) -> None:
    """The agents' variables arrive through pre-commit, and the command says nothing of ours."""
    repo = start(tmp_path / "repo", framework, drain="foreground")
    framework.install(repo)
    repo.env["CLAUDECODE"] = "1"
    repo.commit({"a.py": LINES})
    [draft] = [e for e in events(repo).values() if isinstance(e, Draft)]
    assert (draft.commit, draft.agent) == (repo.head, "claude")
