"""Amends, resets and what else replaces the last commits."""

from __future__ import annotations

from tests.builder import AGENTS, COLLEAGUE
from tests.live.stage import (
    BASE,
    DROPPED,
    FRESH,
    MINE,
    Fact,
    Facts,
    Stage,
    begin,
    branched,
    edited,
    story,
    text,
)


@story
def by_a_person(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(repo.head,), reason="revised")}


@story
def by_a_colleague_three_times(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    for count in (2, 4, 5):
        repo.amend({"a.py": edited(count)}, COLLEAGUE)
    return {made: Fact(0.25)}


@story
def undone_by_another_amend(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)}).amend({"a.py": text(MINE)})
    return {made: Fact(0.0, reason="kept")}


@story
def of_the_message_alone(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.run("commit", "--amend", "-m", f"Better words\n\n{AGENTS['claude']}")
    return {made: Fact(0.0, homes=(repo.head,))}


@story
def that_takes_the_mark_away(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.write({"a.py": edited(5)}).run("commit", "-a", "--amend", "-m", "My own words")
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def that_resets_the_author(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)}, COLLEAGUE, "--reset-author")
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def of_the_first_commit(repo: Stage) -> Facts:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def and_a_follow_up(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).amend({"a.py": edited(5)}).id_of("@{1}")
    repo.commit({"a.py": edited(10)})
    return {made: Fact(0.5)}


@story
def of_a_commit_that_another_branch_keeps(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.git("branch", "backup")
    repo.amend({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def taken_back_by_reset_hard(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)}).run("reset", "--hard", "HEAD@{1}")
    return {made: Fact(0.0, reason="kept")}


@story
def reset_soft_and_commit(repo: Stage) -> Facts:
    made = branched(repo)
    repo.run("reset", "--soft", "HEAD^").commit({"a.py": edited(5)}, "By my hands")
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def reset_mixed_and_commit_in_two(repo: Stage) -> Facts:
    begin(repo)
    made = repo.agent_commit({"a.py": text(MINE[:10]), "b.py": text(MINE[10:])}).head
    repo.run("reset", "HEAD^")
    repo.git("add", "a.py")
    repo.run("commit", "-m", "First half").git("add", "b.py")
    repo.run("commit", "-m", "Second half")
    return {made: Fact(0.0, homes=(repo.id_of("HEAD^"), repo.head))}


@story
def reset_soft_over_two_drafts(repo: Stage) -> Facts:
    first = branched(repo)
    second = repo.agent_commit({"b.py": text(FRESH)}, "Second", "codex").head
    repo.run("reset", "--soft", "HEAD~2").commit({"a.py": edited(5)}, "Both")
    return {first: Fact(0.25), second: Fact(0.0, agent="codex")}


@story
def reset_hard_and_done_again(repo: Stage) -> Facts:
    """The agent writes the same again: one draft, in its new form."""
    made = branched(repo)
    repo.run("reset", "--hard", "HEAD^").agent_commit({"a.py": text(MINE)}, "Write it again")
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def reset_hard_and_done_otherwise(repo: Stage) -> Facts:
    """The agent writes something else: the first try is dropped."""
    made = branched(repo)
    new = repo.run("reset", "--hard", "HEAD^").agent_commit({"a.py": text(FRESH)}, "Other").head
    return {made: DROPPED, new: Fact(0.0)}


@story
def reset_hard_and_back(repo: Stage) -> Facts:
    made = branched(repo)
    repo.run("reset", "--hard", "HEAD^").run("reset", "--hard", made)
    return {made: Fact(0.0, homes=())}


@story
def stash_and_pop(repo: Stage) -> Facts:
    made = branched(repo)
    repo.write({"a.py": edited(5)}).run("stash")
    repo.run("stash", "pop").commit({}, "Change a")
    return {made: Fact(0.25)}


@story
def stash_branch(repo: Stage) -> Facts:
    made = branched(repo)
    repo.write({"a.py": edited(5), "new.py": text(BASE)}).run("stash", "-u")
    repo.run("stash", "branch", "side").commit({}, "Change a")
    return {made: Fact(0.25)}


@story
def stash_by_an_agent(repo: Stage) -> Facts:
    """What a stash keeps is no commit of anybody's, whoever its author is."""
    made = branched(repo)
    agent = {"GIT_AUTHOR_NAME": "Claude", "GIT_AUTHOR_EMAIL": "noreply@anthropic.com"}
    repo.write({"a.py": edited(5), "new.py": text(FRESH)}).git("add", "a.py")
    repo.run("stash", "-u", fails=False, **agent).run("stash", "drop")
    return {made: Fact(0.0)}
