"""Merges, branches, worktrees, and what rewrites all of history."""

from __future__ import annotations

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
    branched,
    conflict,
    edited,
    main_moves,
    story,
    text,
)

OTHER = lines(40, 10)


@story
def merge_ff(repo: Stage) -> Facts:
    made = branched(repo)
    repo.switch("main").merge("topic", PERSON, "--ff-only").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def merge_no_ff(repo: Stage) -> Facts:
    made = branched(repo)
    main_moves(repo, "main").merge("topic").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def merge_squash_by_git(repo: Stage) -> Facts:
    made = branched(repo)
    repo.commit({"a.py": edited(2)}, "Fix")
    main_moves(repo, "main").squash_merge("topic")
    home = repo.head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(home,))}


@story
def merge_squash_with_words_of_ones_own(repo: Stage) -> Facts:
    made = branched(repo)
    repo.commit({"a.py": edited(2)}, "Fix")
    main_moves(repo, "main").squash_merge("topic", "Add a")
    home = repo.head
    repo.commit({"a.py": edited(5)}).git("branch", "-D", "topic")
    return {made: Fact(0.25, homes=(home,))}


@story
def merge_squash_of_two(repo: Stage) -> Facts:
    first = branched(repo)
    second = repo.agent_commit({"b2.py": text(OTHER)}, "Second", "codex").head
    main_moves(repo, "main").squash_merge("topic", "Add both").commit({"b2.py": text(OTHER[:5])})
    return {first: Fact(0.0), second: Fact(0.5, agent="codex")}


@story
def merge_squash_of_what_people_rewrote(repo: Stage) -> Facts:
    made = branched(repo)
    repo.commit({"a.py": edited(16), "c.py": text(OTHER)}, "Rewrite nearly all")
    main_moves(repo, "main").squash_merge("topic", "Add a")
    return {made: Fact(0.8, homes=(repo.head,))}


@story
def merge_octopus(repo: Stage) -> Facts:
    first = branched(repo)
    repo.switch("side", create=True, start="main")
    second = repo.agent_commit({"b2.py": text(OTHER)}, "Second", "codex").head
    repo.switch("main").run("merge", "--no-edit", "topic", "side")
    repo.commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def merge_with_a_conflict(repo: Stage) -> Facts:
    made = conflict(repo)
    repo.switch("main").run("merge", "topic", fails=True)
    repo.resolve(OURS).run("merge", "--continue")
    return {made: Fact(0.2, homes=())}


@story
def merge_with_a_conflict_for_the_draft(repo: Stage) -> Facts:
    made = conflict(repo)
    repo.switch("main").run("merge", "topic", fails=True)
    repo.resolve(THEIRS).run("commit", "--no-edit")
    return {made: Fact(0.0, homes=())}


@story
def merge_aborted(repo: Stage) -> Facts:
    made = conflict(repo)
    repo.switch("main").run("merge", "topic", fails=True).run("merge", "--abort")
    return {made: Fact(0.0, at="topic")}


@story
def merge_ours(repo: Stage) -> Facts:
    """The merge takes nothing of the branch: the merger drops the draft."""
    made = branched(repo)
    main_moves(repo, "main").run("merge", "--no-edit", "-s", "ours", "topic")
    return {made: Fact(1.0, outcome="rejected")}


@story
def two_agents_in_two_branches(repo: Stage) -> Facts:
    first = branched(repo)
    repo.switch("other", create=True, start="main")
    second = repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    repo.switch("topic").commit({"a.py": edited(5)}).switch("other")
    repo.commit({"b.py": text(OTHER[:5])})
    return {first: Fact(0.25, at="topic"), second: Fact(0.5, agent="codex", at="other")}


@story
def two_worktrees(repo: Stage) -> Facts:
    begin(repo)
    other = repo.worktree(repo.path.parent / "other", "other")
    first = repo.agent_commit({"a.py": text(MINE)}).head
    second = other.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    repo.amend({"a.py": edited(5)})
    other.amend({"b.py": text(OTHER[:5])}).rebase("main")
    repo.merge("other", PERSON, "--ff-only")
    return {first: Fact(0.25), second: Fact(0.5, agent="codex")}


@story
def amend_in_a_worktree_that_is_gone(repo: Stage) -> Facts:
    begin(repo)
    other = repo.worktree(repo.path.parent / "other", "other")
    made = other.agent_commit({"b.py": text(MINE)}).head
    other.amend({"b.py": edited(5)})
    repo.git("worktree", "remove", str(other.path))
    repo.merge("other", PERSON, "--ff-only")
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def detached_then_a_branch(repo: Stage) -> Facts:
    begin(repo).run("switch", "--detach")
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.run("switch", "-c", "found").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def detached_and_left(repo: Stage) -> Facts:
    begin(repo).run("switch", "--detach")
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.run("switch", "main").commit({"c.py": text(FRESH)})
    return {made: DROPPED}


@story
def bisect(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    for count in (1, 3, 5):
        repo.commit({"a.py": edited(count)})
    repo.run("bisect", "start", "HEAD", "HEAD~4").run("bisect", "bad").run("bisect", "reset")
    return {made: Fact(0.25, homes=())}


def _filter(repo: Stage, script: str) -> None:
    quiet = {"FILTER_BRANCH_SQUELCH_WARNING": "1"}
    repo.run("filter-branch", "--tree-filter", script, "--", "main", fails=False, **quiet)


@story
def filter_branch(repo: Stage) -> Facts:
    """All of main gets another tree; who wrote what, when, stays."""
    begin(repo)
    first = repo.agent_commit({"a.py": text(MINE)}).head
    second = repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    script = "echo added >added.txt"
    repo.run(
        "filter-branch", "--tree-filter", script, "--", "main", FILTER_BRANCH_SQUELCH_WARNING="1"
    )
    repo.commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def filter_branch_that_moves_files(repo: Stage) -> Facts:
    begin(repo)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    script = "mkdir -p src && mv *.py src/"
    repo.run(
        "filter-branch", "--tree-filter", script, "--", "main", FILTER_BRANCH_SQUELCH_WARNING="1"
    )
    repo.commit({"src/a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def submodule(repo: Stage) -> Facts:
    """A bump of a submodule is nothing countable; a commit inside is in its own repository."""
    inner = Stage.init(repo.path.parent / "inner", env=repo.env)
    inner.clock = repo.clock
    inner.commit({"i.py": text(BASE)}, "Inside")
    begin(repo)
    repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner.path), "sub")
    repo.commit({}, "Add a submodule")
    sub = Stage(repo.path / "sub", repo.env, repo.clock)
    sub.agent_commit({"i.py": text(MINE)}, "Inside, by an agent")
    made = repo.agent_commit({"a.py": text(MINE)}, "Bump and write").head
    sub.commit({"i.py": text(FRESH)})
    bump = repo.agent_commit({}, "Bump").head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25), bump: Fact(None, outcome="unmeasurable")}


@story
def first_commit_by_an_agent(repo: Stage) -> Facts:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def orphan_branch(repo: Stage) -> Facts:
    first = begin(repo).agent_commit({"a.py": text(MINE)}).head
    second = repo.orphan("pages").agent_commit({"b.py": text(OTHER)}, "Pages", "codex").head
    repo.commit({"b.py": text(OTHER[:5])})
    return {first: Fact(0.0, at="main"), second: Fact(0.5, agent="codex", at="pages")}


@story
def branch_renamed(repo: Stage) -> Facts:
    made = branched(repo)
    repo.run("branch", "-m", "topic", "better").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def default_branch_renamed(repo: Stage) -> Facts:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.run("branch", "-m", "main", "master").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def branch_deleted_unmerged(repo: Stage) -> Facts:
    made = branched(repo)
    repo.switch("main").run("branch", "-D", "topic").commit({"c.py": text(FRESH)})
    return {made: DROPPED}


@story
def branch_deleted_and_restored(repo: Stage) -> Facts:
    made = branched(repo)
    repo.switch("main").run("branch", "-D", "topic").commit({"c.py": text(FRESH)})
    repo.run("branch", "topic", made).merge("topic").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def rebased_by_another_clone(repo: Stage) -> Facts:
    """Somebody else rebases the branch and pushes it by force."""
    made = branched(repo)
    other = Stage(repo.path.parent / "other", repo.env, repo.clock)
    repo.git("clone", "--quiet", str(repo.path), str(other.path))
    repo.switch("main").commit({"b.py": text(FRESH)})
    other.run("fetch", "--quiet", "origin").rebase("origin/main")
    repo.run("fetch", "--quiet", str(other.path), "+topic:topic")
    repo.merge("topic", PERSON, "--ff-only").commit({"a.py": edited(5)})
    return {made: Fact(0.25)}
