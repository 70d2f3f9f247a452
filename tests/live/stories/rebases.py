"""Rebases, by both backends and in every interactive way."""

from __future__ import annotations

from tests.builder import AGENTS, DAY
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


def two(repo: Stage) -> tuple[str, str]:
    """Let two agents write a file each on ``topic``."""
    first = branched(repo)
    return first, repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head


def plain_by(repo: Stage, backend: str) -> Facts:
    made = branched(repo)
    main_moves(repo).rebase("main", PERSON, backend)
    home = repo.head
    repo.switch("main").merge("topic", PERSON, "--ff-only").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=(home,))}


@story
def plain_merge(repo: Stage) -> Facts:
    return plain_by(repo, "--merge")


@story
def plain_apply(repo: Stage) -> Facts:
    return plain_by(repo, "--apply")


@story
def twice(repo: Stage) -> Facts:
    made = branched(repo)
    main_moves(repo).rebase("main")
    repo.switch("main").commit({"c.py": text(BASE)}).switch("topic").rebase("main")
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


def conflict_by(repo: Stage, backend: str, resolved: str) -> str:
    made = conflict(repo)
    repo.run("rebase", backend, "main", fails=True)
    repo.resolve(resolved).run("rebase", "--continue")
    return made


@story
def continued_merge(repo: Stage) -> Facts:
    made = conflict_by(repo, "--merge", THEIRS)
    return {made: Fact(0.0, homes=(repo.head,))}


@story
def continued_apply(repo: Stage) -> Facts:
    made = conflict_by(repo, "--apply", THEIRS)
    return {made: Fact(0.0, homes=(repo.head,))}


@story
def continued_with_the_other_side(repo: Stage) -> Facts:
    made = conflict_by(repo, "--merge", OURS)
    return {made: Fact(0.2, homes=(repo.head,))}


@story
def continued_apply_with_the_other_side(repo: Stage) -> Facts:
    made = conflict_by(repo, "--apply", OURS)
    return {made: Fact(0.2, homes=(repo.head,))}


@story
def continued_much_changed(repo: Stage) -> Facts:
    """Resolving the conflict, a person leaves a fifth of the draft."""
    made = conflict(repo)
    repo.run("rebase", "main", fails=True)
    repo.write({"a.py": text(FRESH[:16])}).resolve(THEIRS).run("rebase", "--continue")
    return {made: Fact(0.8, homes=(repo.head,))}


def skipped_by(repo: Stage, backend: str) -> Facts:
    made = conflict(repo)
    later = repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    repo.run("rebase", backend, "main", fails=True).run("rebase", "--skip")
    return {made: DROPPED, later: Fact(0.0, agent="codex", homes=(repo.head,))}


@story
def skipped_merge(repo: Stage) -> Facts:
    return skipped_by(repo, "--merge")


@story
def skipped_apply(repo: Stage) -> Facts:
    return skipped_by(repo, "--apply")


@story
def skipped_in_the_middle(repo: Stage) -> Facts:
    begin(repo).switch("topic", create=True)
    first = repo.agent_commit({"b.py": text(OTHER)}, "First", "codex").head
    gone = repo.agent_commit({"s.py": THEIRS}, "Second").head
    last = repo.agent_commit({"c.py": text(FRESH)}, "Third", "codex").head
    repo.switch("main").commit({"s.py": OURS}, "Change s").switch("topic")
    repo.run("rebase", "main", fails=True).run("rebase", "--skip")
    return {first: Fact(agent="codex"), gone: DROPPED, last: Fact(agent="codex")}


@story
def skipped_all(repo: Stage) -> Facts:
    made = conflict(repo)
    repo.run("rebase", "main", fails=True).run("rebase", "--skip")
    return {made: DROPPED}


def aborted_by(repo: Stage, backend: str) -> Facts:
    begin(repo).switch("topic", create=True)
    first = repo.agent_commit({"b.py": text(OTHER)}, "First", "codex").head
    second = repo.agent_commit({"s.py": THEIRS}, "Second").head
    repo.switch("main").commit({"s.py": OURS}, "Change s").switch("topic")
    repo.run("rebase", backend, "main", fails=True).run("rebase", "--abort")
    return {first: Fact(agent="codex"), second: Fact(0.0)}


@story
def aborted_merge(repo: Stage) -> Facts:
    return aborted_by(repo, "--merge")


@story
def aborted_apply(repo: Stage) -> Facts:
    return aborted_by(repo, "--apply")


@story
def squash_of_two_drafts(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.todo("2s/^pick/squash/").commit({"a.py": edited(5), "b.py": text(OTHER[:5])})
    return {first: Fact(0.25), second: Fact(0.5, agent="codex")}


@story
def squash_of_three_drafts(repo: Stage) -> Facts:
    first, second = two(repo)
    third = repo.agent_commit({"c.py": text(FRESH)}, "Third").head
    repo.todo("2,3s/^pick/squash/").commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex"), third: Fact(0.0)}


@story
def fixup_by_a_person(repo: Stage) -> Facts:
    made = branched(repo)
    repo.commit({"a.py": edited(5)}, "Fix").todo("2s/^pick/fixup/")
    return {made: Fact(0.25, homes=(repo.head,))}


@story
def fixup_of_a_draft_on_a_draft(repo: Stage) -> Facts:
    """The second agent replaces ten lines of the first; a person folds the two."""
    first = branched(repo)
    second = repo.agent_commit({"a.py": edited(10)}, "Second", "codex").head
    repo.todo("2s/^pick/fixup/").commit({"a.py": text(FRESH[:10], MINE[10:15])})
    # Ten lines of the first are the other agent's work, five of the ten left are a person's.
    return {first: Fact(0.5), second: Fact(0.0, agent="codex")}


@story
def autosquash(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.fixup({"a.py": edited(5)}, first).fixup({"b.py": text(OTHER[:5])}, second)
    repo.autosquash("main")
    return {first: Fact(0.25), second: Fact(0.5, agent="codex")}


@story
def autostash(repo: Stage) -> Facts:
    made = branched(repo)
    main_moves(repo).write({"a.py": edited(5)})
    repo.run("rebase", "--autostash", "main").commit({}, "Change a")
    return {made: Fact(0.25)}


@story
def reorder(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.todo("1{h;d};2G").commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def drop_of_the_first(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.todo("1d")
    return {first: DROPPED, second: Fact(agent="codex", homes=(repo.head,))}


@story
def drop_of_the_last(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.todo("2d")
    return {first: Fact(0.0), second: Fact(1.0, agent="codex", reason="dropped")}


@story
def drop_of_the_first_with_a_person_after(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.commit({"c.py": text(FRESH)}, "My part").todo("1d")
    return {first: DROPPED, second: Fact(agent="codex")}


@story
def drop_of_the_larger(repo: Stage) -> Facts:
    """What is left of the branch is like the whole branch was, but for a small part."""
    begin(repo).switch("topic", create=True)
    small = repo.agent_commit({"b.py": text(OTHER[:2])}, "Small", "codex").head
    large = repo.agent_commit({"a.py": text(MINE)}, "Large").head
    repo.todo("1d")
    return {small: Fact(1.0, agent="codex", reason="dropped"), large: Fact(0.0)}


@story
def drop_of_a_draft_at_the_same_place(repo: Stage) -> Facts:
    """The second draft stands where the first stood; only the second is kept."""
    begin(repo).switch("topic", create=True)
    first = repo.agent_commit({"s.py": text(BASE[:5], MINE[:10], BASE[6:])}, "First").head
    second = repo.agent_commit({"s.py": text(BASE[:5], FRESH[:10], BASE[6:])}, "Second", "codex")
    there = second.head
    repo.todo("1d", fails=True).resolve(text(BASE[:5], FRESH[:10], BASE[6:]))
    repo.run("rebase", "--continue")
    return {first: DROPPED, there: Fact(agent="codex", homes=(repo.head,))}


@story
def split_in_two(repo: Stage) -> Facts:
    begin(repo).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE[:10]), "b.py": text(MINE[10:])}).head
    later = repo.agent_commit({"c.py": text(FRESH)}, "Later", "codex").head
    repo.todo("1s/^pick/edit/").run("reset", "HEAD^").git("add", "a.py")
    repo.run("commit", "-m", "First half").git("add", "b.py")
    repo.run("commit", "-m", "Second half").run("rebase", "--continue")
    return {made: Fact(0.0), later: Fact(agent="codex")}


@story
def split_in_two_that_keep_the_mark(repo: Stage) -> Facts:
    begin(repo).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE[:10]), "b.py": text(MINE[10:])}).head
    mark = AGENTS["claude"]
    repo.todo("1s/^pick/edit/").run("reset", "HEAD^").git("add", "a.py")
    repo.run("commit", "-m", f"First half\n\n{mark}").git("add", "b.py")
    repo.run("commit", "-m", f"Second half\n\n{mark}").run("rebase", "--continue")
    repo.commit({"b.py": text(MINE[15:])})
    return {made: Fact(0.25)}


@story
def edit_and_amend(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.todo("1s/^pick/edit/").amend({"a.py": edited(5)}).run("rebase", "--continue")
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def edit_without_amend(repo: Stage) -> Facts:
    """What is staged at the stop goes into the commit when the rebase goes on."""
    first, second = two(repo)
    repo.todo("1s/^pick/edit/").stage({"a.py": edited(5)}).run("rebase", "--continue")
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def reword(repo: Stage) -> Facts:
    first, second = two(repo)
    editor = "sed -i -e '1s/.*/Other words/'"
    todo = "sed -i -e '1s/^pick/reword/'"
    repo.run("rebase", "-i", "main", GIT_SEQUENCE_EDITOR=todo, GIT_EDITOR=editor)
    return {first: Fact(0.0, homes=(repo.id_of("HEAD^"),)), second: Fact(agent="codex")}


@story
def reword_onto_a_new_base(repo: Stage) -> Facts:
    first, second = two(repo)
    main_moves(repo)
    editor = "sed -i -e '1s/.*/Other words/'"
    todo = "sed -i -e '1,2s/^pick/reword/'"
    repo.run("rebase", "-i", "main", GIT_SEQUENCE_EDITOR=todo, GIT_EDITOR=editor)
    repo.commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def with_merges(repo: Stage) -> Facts:
    first = branched(repo)
    repo.switch("side", create=True)
    second = repo.agent_commit({"b.py": text(OTHER)}, "Second", "codex").head
    repo.switch("topic").commit({"c.py": text(FRESH)}).merge("side")
    repo.switch("main").commit({"d.py": text(BASE)}, "Go on").switch("topic")
    repo.run("rebase", "--rebase-merges", "main").commit({"a.py": edited(5)})
    repo.git("branch", "-D", "side")
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def with_exec(repo: Stage) -> Facts:
    first, second = two(repo)
    main_moves(repo).run("rebase", "--exec", "true", "main").commit({"a.py": edited(5)})
    return {first: Fact(0.25), second: Fact(agent="codex")}


@story
def onto_another_branch(repo: Stage) -> Facts:
    first, second = two(repo)
    repo.run("rebase", "--onto", "main", "HEAD^")
    return {first: DROPPED, second: Fact(agent="codex", homes=(repo.head,))}


@story
def of_what_has_landed_by_a_pick(repo: Stage) -> Facts:
    """Git leaves out what main has already."""
    made = branched(repo)
    repo.switch("main").commit({"c.py": text(BASE)}).cherry_pick("topic")
    repo.switch("topic").commit({"d.py": text(FRESH)}).rebase("main")
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


def pulled(repo: Stage, *flags: str) -> Facts:
    begin(repo)
    other = Stage(repo.path.parent / "other", repo.env, repo.clock)
    repo.git("clone", "--quiet", str(repo.path), str(other.path))
    other.commit({"c.py": text(FRESH)}, "Theirs")
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.git("remote", "add", "origin", str(other.path))
    repo.run("pull", "--quiet", *flags, "origin", "main")
    repo.commit({"a.py": edited(5)})
    return {made: Fact(0.25)}


@story
def pull_rebase(repo: Stage) -> Facts:
    return pulled(repo, "--rebase")


@story
def pull_merge(repo: Stage) -> Facts:
    return pulled(repo, "--no-rebase", "--no-edit")


@story
def pull_ff_only(repo: Stage) -> Facts:
    begin(repo)
    other = Stage(repo.path.parent / "other", repo.env, repo.clock)
    repo.git("clone", "--quiet", str(repo.path), str(other.path))
    made = other.agent_commit({"a.py": text(MINE)}, "Theirs").head
    repo.run("pull", "--quiet", "--ff-only", str(other.path), "main").commit({"a.py": edited(5)})
    return {made: Fact(0.25, homes=())}


@story
def long_after_the_branch_was_dropped(repo: Stage) -> Facts:
    """A branch comes back by its reflog, after it was settled as dropped."""
    made = branched(repo)
    repo.switch("main").run("branch", "-D", "topic").commit({"c.py": text(BASE)})
    repo.clock.now += 16 * DAY
    repo.commit({"d.py": text(FRESH)}).run("branch", "topic", made).switch("topic").rebase("main")
    return {made: Fact(0.0)}
