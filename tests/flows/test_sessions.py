"""Sessions in real repositories: resumed, rolled over, ended, and cut off at any point."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.choice import Candidate, Wanted, draw
from buildlog_git.core.fold import SessionRecord, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.session import Asked, Place
from buildlog_git.core.session_events import Session
from buildlog_git.core.trailers import directives
from buildlog_git.errors import UsageError
from buildlog_git.flows import beginnings
from buildlog_git.flows.rules import read_rules
from buildlog_git.flows.session import Sessions
from tests.builder import HOUR, PROJECT, START, Repo
from tests.flows.play import context

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "refs/heads/main"


def begin(repo: Repo, at: int = START) -> Sessions:
    return Sessions(context(repo, now=at))


def finish(sessions: Sessions) -> None:
    sessions.context.ledger.append(sessions.events)
    sessions.save()
    sessions.close()


def stored(repo: Repo) -> tuple[SessionRecord, ...]:
    return fold(context(repo).ledger.read().events).sessions


def head(repo: Repo) -> Oid:
    return Oid(repo.head)


def rule(name: str, text: str = "Do it.", **fields: str) -> str:
    front = "".join(f"{key}: {value}\n" for key, value in {"id": name, **fields}.items())
    return f"---\n{front}---\n{text}\n"


@pytest.fixture
def started(repo: Repo) -> Repo:
    """Give a repository with a commit and four rules."""
    return repo.commit(
        {
            ".buildlog/rules/one.md": rule("one"),
            ".buildlog/rules/two.md": rule("two", "Do two."),
            ".buildlog/rules/always.md": rule("always", state="pinned"),
            ".buildlog/rules/old.md": rule("old", state="retired"),
        }
    )


def test_a_checkout_starts_a_session_and_the_next_one_resumes_it(started: Repo) -> None:
    sessions = begin(started)
    change = sessions.for_checkout("-", MAIN, head(started))
    finish(sessions)
    assert change.begun
    assert change.session is not None
    (record,) = stored(started)
    session = record.session
    assert (session.session, session.commit) == (change.session.id, started.head)
    assert (session.offered, session.error_class, record.end) == (("one", "two"), "general", None)
    assert set(session.drawn) | set(session.held) == {"one", "two"}
    again = begin(started, START + HOUR)
    found = again.for_checkout("-", MAIN, head(started))
    assert (found.begun, again.events) == (False, [])
    assert found.session is not None
    assert found.session.id == change.session.id
    finish(again)
    assert len(stored(started)) == 1


def test_the_note_has_digests_and_no_names(started: Repo) -> None:
    started.switch("fix/ada-lovelace", create=True)
    sessions = begin(started)
    sessions.for_checkout("-", "refs/heads/fix/ada-lovelace", head(started))
    finish(sessions)
    note = started.git("notes", "--ref=buildlog", "show", "HEAD")
    assert "ada" not in note
    assert "fix/" not in note
    told = json.loads(note)
    assert (len(told["branch"]), told["error_class"]) == (16, "bugfix")


def test_the_draw_can_be_made_again_from_its_event(started: Repo) -> None:
    sessions = begin(started)
    sessions.for_checkout("-", MAIN, head(started))
    (event,) = sessions.events
    assert isinstance(event, Session)
    texts = {found.id: found.digest for found in read_rules(started.path).rules}
    offered = tuple(Candidate(name, texts[name]) for name in event.offered)
    again = draw(event.session, Wanted(offered, event.k, holdout=0.03))
    assert (again.drawn, again.probability) == (event.drawn, event.probability)
    assert (again.digest, again.exposure) == (event.digest, event.exposure)


def test_a_commit_without_a_session_starts_one_at_its_parent(started: Repo) -> None:
    base = head(started)
    started.commit({"a.py": "a = 1\n"}, "Change\n\nBuildlog-Class: errors")
    told = directives(started.git("log", "-1", "--format=%B"))
    sessions = begin(started)
    change = sessions.for_commit("-", MAIN, head(started), START, told, [base])
    finish(sessions)
    (record,) = stored(started)
    assert (record.session.commit, record.session.error_class) == (base, "errors")
    assert change.session is not None
    assert change.session.commits == (head(started),)


def test_the_first_commit_starts_a_session_at_itself(repo: Repo) -> None:
    assert begin(repo).for_checkout("-", MAIN, None).session is None
    repo.commit({"a.py": "a = 1\n"})
    sessions = begin(repo)
    sessions.for_commit("-", MAIN, head(repo), START)
    finish(sessions)
    assert stored(repo)[0].session.commit == repo.head


def test_no_branch_is_no_session(started: Repo) -> None:
    sessions = begin(started)
    assert sessions.for_checkout("-", None, head(started)).session is None
    assert sessions.for_commit("-", None, head(started), START).session is None
    assert not sessions.events


def test_idle_rolls_over(started: Repo) -> None:
    first = begin(started)
    old = first.for_checkout("-", MAIN, head(started)).session
    finish(first)
    within = begin(started, START + 8 * HOUR)
    assert not within.for_checkout("-", MAIN, head(started)).begun
    finish(within)
    after = begin(started, START + 16 * HOUR + 1)
    change = after.for_commit("-", MAIN, head(started), START + 16 * HOUR + 1)
    finish(after)
    assert old is not None
    assert change.ended == (old.id,)
    assert change.session is not None
    assert change.session.id != old.id
    ended, running = stored(started)
    assert ended.end is not None
    assert (ended.end.reason, ended.end.at, running.end) == ("idle", START + 8 * HOUR, None)


def test_the_idle_time_is_a_setting(started: Repo) -> None:
    started.git("config", "buildlog.session.idle", "90m")
    first = begin(started)
    first.for_checkout("-", MAIN, head(started))
    finish(first)
    assert begin(started, START + 5401).for_checkout("-", MAIN, head(started)).begun
    started.git("config", "buildlog.session.idle", "soon")
    with pytest.raises(UsageError, match=r"buildlog\.session\.idle"):
        begin(started, START + 5401).for_checkout("-", MAIN, head(started))


def test_each_branch_and_each_worktree_has_its_own(started: Repo, tmp_path: Path) -> None:
    other = started.worktree(tmp_path / "other", "feature/x")
    started.git("branch", "fix/y")
    sessions = begin(started)
    sessions.for_checkout("-", MAIN, head(started))
    sessions.for_checkout("other", "refs/heads/feature/x", head(other))
    sessions.for_checkout("-", "refs/heads/fix/y", head(started))
    finish(sessions)
    found = stored(started)
    assert len({record.session.session for record in found}) == 3
    assert {record.session.error_class for record in found} == {"general", "feature", "bugfix"}
    places = set(begin(other).places())
    assert places == {
        Place("-", MAIN), Place("other", "refs/heads/feature/x"), Place("-", "refs/heads/fix/y")
    }  # fmt: skip


def test_merge_and_deletion_end_sessions(started: Repo) -> None:
    for name in ("merged", "gone", "fresh"):
        started.switch(name, create=True, start="main")
        if name != "fresh":
            started.commit({f"{name}.py": "a = 1\n"})
        sessions = begin(started)
        sessions.for_checkout("-", f"refs/heads/{name}", Oid(started.id_of("main")))
        if name != "fresh":
            sessions.for_commit("-", f"refs/heads/{name}", head(started), START)
        finish(sessions)
    started.switch("main").merge("merged").git("branch", "-D", "gone")
    sessions = begin(started, START + HOUR)
    assert len(sessions.end_finished()) == 2
    finish(sessions)
    reasons = {r.session.branch: r.end.reason if r.end else None for r in stored(started)}
    assert sorted(map(str, reasons.values())) == ["None", "deleted", "merged"]
    assert begin(started).places() == [Place("-", "refs/heads/fresh")]
    assert begin(started).end_finished() == ()


def test_a_removed_worktree_ends_its_session(started: Repo, tmp_path: Path) -> None:
    started.worktree(tmp_path / "other", "x")
    sessions = begin(started)
    sessions.for_checkout("other", "refs/heads/x", head(started))
    finish(sessions)
    started.git("worktree", "remove", "--force", str(tmp_path / "other"))
    sessions = begin(started)
    assert len(sessions.end_finished()) == 1


@pytest.mark.parametrize("stop", range(4))
def test_a_kill_between_any_two_writes_neither_loses_nor_doubles(started: Repo, stop: int) -> None:
    """Begin, roll over, and end by merge, each cut off after ``stop`` writes and done again."""

    def cut_off(at: int, what: str) -> None:
        for steps in (stop, 3):
            sessions = begin(started, at)
            if what == "checkout":
                sessions.for_checkout("-", "refs/heads/x", Oid(started.id_of("main~0")))
            elif what == "commit":
                sessions.for_commit("-", "refs/heads/x", tip, at)
            else:
                sessions.end_finished()
            if steps > 0:
                sessions.context.ledger.append(sessions.events)
            if steps > 1:
                sessions.save()
            if steps > 2:
                sessions.close()

    started.switch("x", create=True).commit({"x.py": "x = 1\n"})
    tip = head(started)
    cut_off(START, "checkout")
    cut_off(START + 60, "commit")
    cut_off(START + 20 * HOUR, "commit")
    started.switch("main").merge("x")
    cut_off(START + 21 * HOUR, "finish")
    found = stored(started)
    assert [record.end.reason if record.end else None for record in found] == ["idle", "merged"]
    assert [record.end.commits if record.end else None for record in found] == [1, 1]
    assert begin(started).places() == []
    lines = [
        line
        for note in started.git("notes", "--ref=buildlog", "list").splitlines()
        for line in started.git("cat-file", "blob", note.split()[0]).splitlines()
    ]
    assert len(lines) == len(set(lines)) == 4


def play(repo: Repo, heads: list[Oid], seed: int, *, kills: bool) -> None:
    """Play a random life of two branches; with ``kills`` each step is cut off and done again."""
    rng, now = Random(seed), START
    cuts = Random(seed + 1)
    for _ in range(12):
        now += rng.choice([60, HOUR, 5 * HOUR, 9 * HOUR])
        branch, commit = rng.choice(["refs/heads/a", "refs/heads/b"]), rng.choice(heads)
        what = rng.choice(["checkout", "commit", "commit", "end"])
        for steps in [*([cuts.randint(0, 3)] if kills else []), 3]:
            sessions = begin(repo, now)
            if what == "checkout":
                sessions.for_checkout("-", branch, commit)
            elif what == "commit":
                sessions.for_commit("-", branch, commit, now, parents=[heads[0]])
            else:
                sessions.end(Place("-", branch), now, "command")
            if steps > 0:
                sessions.context.ledger.append(sessions.events)
            if steps > 1:
                sessions.save()
            if steps > 2:
                sessions.close()


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(n, marks=pytest.mark.slow) for n in range(3, 20))]
)
def test_kills_change_nothing_in_a_random_life(started: Repo, tmp_path: Path, seed: int) -> None:
    heads = [head(started.commit({"a.py": f"a = {number}\n"})) for number in range(3)]
    assert len(begin(started).clone) == 16
    shutil.copytree(started.path, tmp_path / "copy")
    copy = Repo(tmp_path / "copy", started.env, started.clock)
    play(started, heads, seed, kills=False)
    play(copy, heads, seed, kills=True)
    assert stored(started) == stored(copy) != ()
    files = ".git/buildlog/sessions"
    assert {path.name: path.read_bytes() for path in (started.path / files).rglob("*.json")} == {
        path.name: path.read_bytes() for path in (copy.path / files).rglob("*.json")
    }


def test_many_who_make_the_clones_id_make_one(started: Repo) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: begin(started).clone, range(64)))
    assert len(made) == 1
    assert [p.name for p in (started.path / ".git/buildlog").iterdir()] == ["clone"]


def test_a_file_that_cannot_be_written_is_said(started: Repo) -> None:
    sessions = begin(started)
    sessions.for_checkout("-", MAIN, head(started))
    (started.path / ".git/buildlog/sessions/-/main.json").mkdir(parents=True)
    finish(sessions)
    assert any("cannot be kept" in problem for problem in sessions.problems)
    again = begin(started)
    again.for_checkout("-", MAIN, head(started))
    finish(again)
    assert len(stored(started)) == 1
    names = [path.name for path in (started.path / ".git/buildlog/sessions/-").iterdir()]
    assert names == ["main.json"]


def test_a_damaged_file_counts_as_absent_and_is_said(started: Repo) -> None:
    sessions = begin(started)
    sessions.for_checkout("-", MAIN, head(started))
    finish(sessions)
    path = started.path / ".git/buildlog/sessions/-/main.json"
    path.write_bytes(path.read_bytes()[:-9])
    again = begin(started)
    change = again.for_checkout("-", MAIN, head(started))
    finish(again)
    assert any("damaged" in problem for problem in again.problems)
    assert change.session is not None
    assert [r.session.session for r in stored(started)] == [change.session.id]  # the same one
    assert json.loads(path.read_bytes())["id"] == change.session.id


def test_a_draw_that_is_known_is_not_made_ready_again(
    started: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    started.write({"CLAUDE.md": "- Do it.....\n"})
    sessions = begin(started)
    first = sessions.for_checkout("-", MAIN, head(started)).session
    finish(sessions)
    assert first is not None
    shutil.rmtree(started.path / ".git/buildlog/sessions")
    asked: list[object] = []

    def spy(top: Path, _: object) -> dict[str, str]:
        asked.append(top)
        return {}

    monkeypatch.setattr(beginnings, "always_read", spy)
    again = begin(started)
    assert again.for_checkout("-", MAIN, head(started)).session == first
    assert asked == [], "the agents' files matter to a draw alone"
    finish(again)
    again.end(Place("-", MAIN), START, "command")
    again.for_checkout("-", MAIN, head(started))
    assert len(asked) == 1


def test_the_twelve_oldest_rules_compete_and_the_next_comes_when_one_is_retired(
    repo: Repo,
) -> None:
    names = [f"r{number:02}" for number in range(15)]
    # The later the name, the older the rule.
    days = {name: f"2026-03-{28 - number:02}" for number, name in enumerate(names)}
    repo.commit({f".buildlog/rules/{n}.md": rule(n, f"Do {n}.", added=days[n]) for n in names})
    sessions = begin(repo)
    sessions.for_checkout("-", MAIN, head(repo))
    finish(sessions)
    (record,) = stored(repo)
    assert record.session.offered == tuple(names[3:])
    repo.commit({".buildlog/rules/r14.md": rule("r14", state="retired", added=days["r14"])})
    later = begin(repo, START + HOUR)
    later.start(Place("-", MAIN), head(repo), START + HOUR, Asked())
    finish(later)
    newest = max(stored(repo), key=lambda record: record.session.at)
    assert newest.session.offered == tuple(names[2:14])


def test_asking_for_something_else_is_another_session(started: Repo) -> None:
    place = Place("-", MAIN)
    sessions = begin(started)
    first = sessions.start(place, head(started), START, Asked(rules=("a", "b", "c"), k=2))
    same = begin(started)
    sessions.context.ledger.append(sessions.events)  # killed before the file was written
    assert same.start(place, head(started), START, Asked(rules=("c", "b", "a"), k=2)) == first
    other = begin(started)
    second = other.start(place, head(started), START, Asked(rules=("a",), forced=("z",)))
    finish(other)
    assert second.session is not None
    assert second.session.rules[-1] == "z"
    ended, running = sorted(stored(started), key=lambda record: record.end is None)
    assert ended.end is not None
    assert (running.session.arm, running.session.offered) == ("forced", ("a",))


def test_the_clone_has_one_id(started: Repo, tmp_path: Path) -> None:
    one, two = begin(started), begin(started)
    assert one.clone == two.clone
    path = started.path / ".git/buildlog/clone"
    assert path.read_text() == f"{one.clone}\n"
    path.write_text("damaged")
    assert begin(started).clone not in (one.clone, "damaged")
    copy = started.clone(tmp_path / "copy")
    assert begin(copy).clone != begin(started).clone


def test_rules_are_read_one_by_one(repo: Repo) -> None:
    repo.write(
        {
            ".buildlog/rules/a.md": "Plain text is a rule on trial.\n",
            ".buildlog/rules/b.md": rule("bee", title="'Bee'", state="Pinned", **{"class": "x"}),
            ".buildlog/rules/c.md": rule("bee"),
            ".buildlog/rules/d.md": rule("two words"),
            ".buildlog/rules/e.md": rule("e", state="sleeping"),
            ".buildlog/rules/f.md": b"\xff\xfe",
            ".buildlog/rules/g.md": "---\nid: g\n---\n",
            ".buildlog/rules/h.md": "---\r\nid: h\r\nodd\r\n---\r\nText.\r\n",
            ".buildlog/rules/i.txt": "no rule\n",
        }
    )
    found = read_rules(repo.path)
    assert [(r.id, r.title, r.state, r.error_class) for r in found.rules] == [
        ("a", "a", "trial", "general"),
        ("bee", "Bee", "pinned", "x"),
        ("h", "h", "trial", "general"),
    ]
    assert len(found.problems) == 5
    assert (found.active, len(found.trials)) == (3, 2)


def test_a_drain_that_needs_no_session_imports_little() -> None:
    code = "import sys, buildlog_git.flows.session; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env={**os.environ, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = set(done.stdout.split())
    assert not loaded & {
        "typer", "rich", "pydantic", "git", "filelock", "dataclasses", "hashlib", "random",
        "buildlog_git.core.choice", "buildlog_git.core.session_events", "buildlog_git.flows.rules",
    }  # fmt: skip
