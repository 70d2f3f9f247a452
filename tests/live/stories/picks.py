"""Cherry-picks, reverts, and patches by mail."""

from __future__ import annotations

from tests.builder import COLLEAGUE
from tests.flows.play import lines
from tests.live.stage import (
    BASE,
    FRESH,
    MINE,
    OURS,
    REVERTED,
    THEIRS,
    Fact,
    Facts,
    Stage,
    begin,
    branched,
    conflict,
    edited,
    main_moves,
    story,
    text,
)

OTHER = lines(40, 10)


def on_main(repo: Stage) -> Stage:
    """Let main go on after the branch, and stay there."""
    return main_moves(repo, "main")


@story
def plain(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).cherry_pick("topic", COLLEAGUE)
    home = repo.head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(home,))}


@story
def named(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).cherry_pick("topic", COLLEAGUE, "-x").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def without_commit(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).run("cherry-pick", "-n", "topic").commit({}, "Take it over")
    home = repo.head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(home,))}


@story
def without_commit_of_one_of_two(repo: Stage) -> Facts:
    """The draft that stays on its branch is not on main, and so not lost there."""
    first = branched(repo)
    second = repo.agent_commit({"b2.py": text(OTHER)}, "Second", "codex").head
    on_main(repo).run("cherry-pick", "-n", "topic").commit({}, "Take it over")
    return {
        first: Fact(0.0, homes=(), at="topic"),
        second: Fact(agent="codex", homes=(repo.head,)),
    }


@story
def a_range(repo: Stage) -> Facts:
    first = branched(repo)
    second = repo.agent_commit({"b2.py": text(OTHER)}, "Second", "codex").head
    on_main(repo).run("cherry-pick", "main~1..topic").commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def to_a_branch_that_has_not_landed(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).switch("release", create=True).cherry_pick("topic")
    home = repo.head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(home,))}


@story
def to_two_branches(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).switch("release", create=True).cherry_pick("topic")
    repo.commit({"a.py": edited(10)}).switch("main").commit({"c.py": text(BASE)})
    repo.cherry_pick("topic").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def to_two_branches_seen_from_the_other(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).cherry_pick("topic").commit({"a.py": edited(5)})
    repo.switch("release", create=True, start="main~2").commit({"c.py": text(BASE)})
    repo.cherry_pick("topic").commit({"a.py": edited(10)})
    return {made: Fact(0.5)}


@story
def and_merge_of_the_branch(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).cherry_pick("topic").merge("topic").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


def conflicted(repo: Stage, content: str) -> str:
    made = conflict(repo)
    repo.switch("main").run("cherry-pick", "topic", fails=True)
    repo.resolve(content).run("cherry-pick", "--continue")
    return made


@story
def conflict_for_the_draft(repo: Stage) -> Facts:
    made = conflicted(repo, THEIRS)
    return {made: Fact(0.0, homes=(repo.head,))}


@story
def conflict_against_the_draft(repo: Stage) -> Facts:
    made = conflicted(repo, OURS)
    return {made: Fact(0.2, homes=(repo.head,))}


@story
def conflict_and_abort(repo: Stage) -> Facts:
    made = conflict(repo)
    repo.switch("main").run("cherry-pick", "topic", fails=True).run("cherry-pick", "--abort")
    return {made: Fact(0.0, homes=(), at="topic")}


@story
def revert(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.revert()
    return {made: REVERTED}


@story
def revert_of_a_revert(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.revert().revert()
    return {made: Fact(0.0, outcome="accepted", state="provisional")}


@story
def revert_and_pick_again(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.revert().cherry_pick(made)
    return {made: Fact(0.0, outcome="accepted", state="provisional")}


@story
def revert_of_a_merge(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).merge("topic").run("revert", "--no-edit", "-m", "1", "HEAD")
    return {made: REVERTED}


@story
def revert_of_a_reverted_merge(repo: Stage) -> Facts:
    made = branched(repo)
    on_main(repo).merge("topic").run("revert", "--no-edit", "-m", "1", "HEAD").revert()
    return {made: Fact(0.0, outcome="accepted")}


@story
def revert_with_a_conflict(repo: Stage) -> Facts:
    """A person has changed two lines; reverting, they keep those and take all else away."""
    made = begin(repo).agent_commit({"s.py": text(BASE[:5], MINE, BASE[5:])}).head
    repo.commit({"s.py": text(BASE[:5], MINE[:18], FRESH[:2], BASE[5:])})
    repo.run("revert", "--no-edit", made, fails=True)
    repo.resolve(text(BASE[:5], FRESH[:2], BASE[5:])).run("revert", "--continue")
    return {made: REVERTED}


@story
def revert_aborted(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"s.py": text(BASE[:5], MINE, BASE[5:])}).head
    repo.commit({"s.py": text(BASE[:5], MINE[:15], FRESH[:5], BASE[5:])})
    repo.run("revert", "--no-edit", made, fails=True).run("revert", "--abort")
    return {made: Fact(0.25)}


@story
def revert_of_an_amended_draft(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": edited(5)}).revert()
    return {made: Fact(1.0, outcome="rejected")}


@story
def mailed_and_applied(repo: Stage) -> Facts:
    made = branched(repo)
    patch = repo.git_bytes("format-patch", "--stdout", "main")
    main_moves(repo, "main").git("am", "--quiet", stdin=patch)
    home = repo.head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(home,))}


@story
def mailed_and_applied_with_a_conflict(repo: Stage) -> Facts:
    made = conflict(repo)
    patch = repo.git_bytes("format-patch", "--stdout", "main")
    repo.switch("main").git("am", "--3way", stdin=patch, check=False)
    repo.resolve(OURS).run("am", "--continue")
    return {made: Fact(0.2, homes=(repo.head,))}


@story
def mailed_and_aborted(repo: Stage) -> Facts:
    made = conflict(repo)
    patch = repo.git_bytes("format-patch", "--stdout", "main")
    repo.switch("main").git("am", "--3way", stdin=patch, check=False)
    repo.run("am", "--abort")
    return {made: Fact(0.0, at="topic")}
