"""Stories that random sequences told first (:mod:`tests.live.fuzz`), made as short as they go."""

from __future__ import annotations

from tests.flows.play import lines
from tests.live.stage import (
    FRESH,
    MINE,
    PERSON,
    Fact,
    Facts,
    Stage,
    begin,
    branched,
    edited,
    main_moves,
    story,
    text,
)

OTHER = lines(40, 10)


@story
def a_reset_that_is_rebased(repo: Stage) -> Facts:
    made = branched(repo)
    repo.run("reset", "--soft", "HEAD^").commit({}, "By my hands")
    main_moves(repo).rebase("main").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def a_squash_that_is_rebased(repo: Stage) -> Facts:
    """Its message still names the drafts."""
    first = branched(repo)
    second = repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    repo.switch("main").switch("side", create=True).commit({"c.py": text(FRESH)})
    repo.squash_merge("topic")
    main_moves(repo, "side").rebase("main").commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def a_squash_between_two_side_branches(repo: Stage) -> Facts:
    made = branched(repo)
    repo.switch("main").switch("side", create=True).commit({"c.py": text(FRESH)})
    repo.squash_merge("topic", "Take it over").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def a_fold_onto_what_it_was_folded_from(repo: Stage) -> Facts:
    """A person's small commit and a draft become one, on top of the draft's own branch."""
    first = branched(repo)
    repo.git("branch", "kept")
    second = repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    repo.todo("2s/^pick/squash/").rebase("kept").commit({"b.py": text(OTHER[:5])})
    return {first: Fact(0.0), second: Fact(0.5, agent="codex")}


@story
def a_drop_after_a_commit_that_stays(repo: Stage) -> Facts:
    """Git goes over the first commit by a fast-forward: that makes no copy of it."""
    first = branched(repo)
    repo.commit({"c.py": text(FRESH)}, "Mine").todo("2d").run("reset", "--hard", "main")
    gone = Fact(1.0, reason="dropped")
    return {first: gone}


@story
def an_amend_that_is_rebased_onto_what_it_amends(repo: Stage) -> Facts:
    made = branched(repo)
    repo.git("branch", "kept")
    repo.amend({"a.py": edited(5)}).run("rebase", "kept", fails=True)
    repo.resolve(edited(5), "a.py").run("rebase", "--continue", fails=True)
    return {made: Fact(0.25)}


@story
def an_amend_on_one_branch_and_a_reset_on_another(repo: Stage) -> Facts:
    made = branched(repo)
    repo.switch("side", create=True).amend({"a.py": edited(5)}).switch("topic")
    repo.run("reset", "--soft", "HEAD^").commit({"a.py": edited(10)}, "By my hands")
    return {made: Fact(0.5)}


@story
def a_fold_of_a_persons_commit_and_a_draft_that_is_left(repo: Stage) -> Facts:
    """What a rebase folded and nobody kept is no draft."""
    begin(repo).switch("topic", create=True).commit({"c.py": text(FRESH)}, "Mine")
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.git("branch", "kept")
    repo.todo("2s/^pick/squash/").run("reset", "--hard", "kept")
    repo.switch("main").merge("kept", PERSON, "--ff-only").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}
