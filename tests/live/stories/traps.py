"""Commits that look alike: one author, one date, one subject; empty ones; clocks that run back."""

from __future__ import annotations

from dataclasses import dataclass

from tests.builder import DAY, Clock
from tests.flows.play import lines
from tests.live.stage import (
    BASE,
    DROPPED,
    FRESH,
    MINE,
    OURS,
    PERSON,
    THEIRS,
    Fact,
    Facts,
    Stage,
    begin,
    conflict,
    edited,
    main_moves,
    story,
    text,
)

SIZE = 10
SAME = "wip"


@dataclass(slots=True)
class Stopped(Clock):
    """All commits have one date, as scripts make them."""

    def tick(self) -> int:
        return self.now


@dataclass(slots=True)
class Backwards(Clock):
    """Each commit is dated before the one that it follows."""

    def tick(self) -> int:
        self.now -= 3600
        return self.now


def three(repo: Stage) -> list[str]:
    """Make three drafts on ``topic`` that only their content tells apart."""
    begin(repo).clock = Stopped(repo.clock.now)
    repo.switch("topic", create=True)
    return [
        repo.agent_commit({f"f{n}.py": text(lines(SIZE * n, SIZE))}, SAME).head for n in range(3)
    ]


def half(number: int) -> str:
    return text(lines(SIZE * number, SIZE // 2))


@story
def same_identity(repo: Stage) -> Facts:
    first, second, third = three(repo)
    repo.commit({"f1.py": half(1)}, SAME)
    return {first: Fact(0.0), second: Fact(0.5), third: Fact(0.0)}


@story
def same_identity_rebased(repo: Stage) -> Facts:
    first, second, third = three(repo)
    main_moves(repo).rebase("main").commit({"f1.py": half(1)}, SAME)
    homes = [repo.id_of(f"HEAD~{n}") for n in (3, 2, 1)]
    return {
        first: Fact(0.0, homes=(homes[0],)),
        second: Fact(0.5, homes=(homes[1],)),
        third: Fact(0.0, homes=(homes[2],)),
    }


@story
def same_identity_rebased_twice(repo: Stage) -> Facts:
    first, second, third = three(repo)
    main_moves(repo).rebase("main").switch("main").commit({"c.py": text(BASE)})
    repo.switch("topic").rebase("main").commit({"f1.py": half(1)}, SAME)
    return {first: Fact(0.0), second: Fact(0.5), third: Fact(0.0)}


@story
def same_identity_reordered(repo: Stage) -> Facts:
    first, second, third = three(repo)
    repo.todo("1{h;d};3G").commit({"f0.py": half(0)}, SAME)
    return {first: Fact(0.5), second: Fact(0.0), third: Fact(0.0)}


@story
def same_identity_and_one_dropped(repo: Stage) -> Facts:
    first, second, third = three(repo)
    repo.todo("2d")
    return {first: Fact(0.0), second: DROPPED, third: Fact(0.0)}


@story
def same_identity_and_one_amended(repo: Stage) -> Facts:
    first, second, third = three(repo)
    repo.amend({"f2.py": half(2)})
    return {first: Fact(0.0), second: Fact(0.0), third: Fact(0.5)}


@story
def same_identity_reset_and_other_work(repo: Stage) -> Facts:
    first, second, third = three(repo)
    new = repo.run("reset", "--hard", "HEAD~2").agent_commit({"g.py": text(FRESH)}, SAME).head
    return {first: Fact(0.0), second: DROPPED, third: DROPPED, new: Fact(0.0)}


@story
def same_identity_picked(repo: Stage) -> Facts:
    first, second, third = three(repo)
    main_moves(repo, "main").cherry_pick("topic~1").commit({"f1.py": half(1)}, SAME)
    return {first: Fact(0.0, at="topic"), second: Fact(0.5), third: Fact(0.0, at="topic")}


@story
def same_identity_squashed(repo: Stage) -> Facts:
    first, second, third = three(repo)
    repo.todo("2,3s/^pick/squash/").commit({"f1.py": half(1)}, SAME)
    return {first: Fact(0.0), second: Fact(0.5), third: Fact(0.0)}


@story
def same_identity_conflict_and_abort(repo: Stage) -> Facts:
    """What a rebase had picked before it was given up is no draft, nor the first form of one."""
    begin(repo).clock = Stopped(repo.clock.now)
    repo.switch("topic", create=True)
    first = repo.agent_commit({"f.py": text(MINE)}, SAME).head
    second = repo.agent_commit({"s.py": THEIRS}, SAME).head
    repo.switch("main").commit({"s.py": OURS}, SAME).switch("topic")
    repo.run("rebase", "main", fails=True).run("rebase", "--abort")
    return {first: Fact(0.0), second: Fact(0.0)}


@story
def persons_and_agents_of_one_identity(repo: Stage) -> Facts:
    begin(repo).clock = Stopped(repo.clock.now)
    repo.switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}, SAME).head
    repo.commit({"b.py": text(FRESH)}, SAME).commit({"a.py": edited(5)}, SAME)
    main_moves(repo).rebase("main")
    return {made: Fact(0.25)}


@story
def empty_commits(repo: Stage) -> Facts:
    begin(repo)
    one = repo.agent_commit({}, "Nothing").head
    two = repo.agent_commit({}, "Nothing").head
    nothing = Fact(None, outcome="unmeasurable")
    return {one: nothing, two: nothing}


@story
def empty_commits_of_one_identity_rebased(repo: Stage) -> Facts:
    begin(repo).clock = Stopped(repo.clock.now)
    repo.switch("topic", create=True)
    one = repo.agent_commit({}, SAME).head
    two = repo.agent_commit({}, SAME).head
    made = repo.agent_commit({"a.py": text(MINE)}, SAME).head
    main_moves(repo).rebase("main").rebase("main", PERSON, "--force-rebase")
    nothing = Fact(None, outcome="unmeasurable")
    return {one: nothing, two: nothing, made: Fact(0.0)}


def backwards(repo: Stage) -> Stage:
    repo.clock = Backwards(repo.clock.now + 100 * DAY)
    return begin(repo)


def settled(repo: Stage) -> Stage:
    """Set the clock right again, so that the present is after all dates."""
    repo.clock = Clock(repo.clock.now + 100 * DAY)
    return repo


@story
def clock_backwards(repo: Stage) -> Facts:
    made = backwards(repo).agent_commit({"a.py": text(MINE)}).head
    repo.commit({"a.py": edited(5)})
    settled(repo)
    return {made: Fact(0.25)}


@story
def clock_backwards_amend_and_rebase(repo: Stage) -> Facts:
    backwards(repo).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)})
    main_moves(repo).rebase("main")
    settled(repo)
    return {made: Fact(0.25)}


@story
def clock_backwards_reset_and_commit(repo: Stage) -> Facts:
    backwards(repo).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.run("reset", "--soft", "HEAD^").commit({"a.py": edited(5)}, "By my hands")
    settled(repo)
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def clock_backwards_squash(repo: Stage) -> Facts:
    backwards(repo).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.commit({"a.py": edited(5)}, "Fix").switch("main").commit({"b.py": text(FRESH)})
    repo.squash_merge("topic", "Add a")
    settled(repo)
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def clock_stopped_conflict(repo: Stage) -> Facts:
    made = conflict(repo)
    repo.clock = Stopped(repo.clock.now)
    repo.run("rebase", "main", fails=True).resolve(OURS).run("rebase", "--continue")
    return {made: Fact(0.2, homes=(repo.head,))}


@story
def one_text_by_two_agents(repo: Stage) -> Facts:
    """Both write the same, in two branches; only one of them is merged."""
    begin(repo).switch("one", create=True)
    first = repo.agent_commit({"a.py": text(MINE)}, "By one").head
    repo.switch("main").switch("two", create=True)
    second = repo.agent_commit({"a2.py": text(MINE)}, "By another", "codex").head
    repo.switch("main").commit({"c.py": text(FRESH)}).merge("one").commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex", at="two")}
