"""History that is rewritten: a draft is followed into the commit that replaces its own."""

from __future__ import annotations

import pytest

from tests.builder import AGENTS, COLLEAGUE, DAY, PERSON, Repo
from tests.flows.play import BASE, FRESH, MINE, draft, lines, only, report, scanned, text

EDITED = text(FRESH[:5], MINE[5:])


def begin(repo: Repo) -> Repo:
    return repo.commit({"z.py": text(BASE)}, "Begin")


def branched(repo: Repo, content: str = text(MINE)) -> str:
    """Let the agent write ``a.py`` on the new branch ``topic``; return its commit."""
    return begin(repo).switch("topic", create=True).agent_commit({"a.py": content}).head


def edit_todo(repo: Repo, script: str) -> None:
    """Rebase onto main with a list of steps that ``sed`` has edited."""
    repo.git(
        "rebase", "-i", "main",
        GIT_SEQUENCE_EDITOR=f"sed -i -e '{script}'", GIT_EDITOR="true",
        GIT_COMMITTER_DATE=f"{repo.clock.tick()} +0000",
    )  # fmt: skip


def forge_squash(repo: Repo, branch: str, message: str, *, keep: bool = True) -> Repo:
    """Squash a branch as a forge does: a message of its own, and nothing local tells of it."""
    repo.switch("main")
    tree = repo.git("rev-parse", f"{branch}^{{tree}}")
    repo.clock.tick()
    when = f"{repo.clock.now} +0000"
    made = repo.git("commit-tree", tree, "-p", "HEAD", "-m", message, GIT_COMMITTER_DATE=when)
    repo.git("reset", "--quiet", "--hard", made)
    if not keep:
        repo.git("branch", "-D", branch)
    return repo


def test_an_amend(repo: Repo) -> None:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    new = repo.amend({"a.py": EDITED}).head
    item = only(repo)
    assert (item.commit, item.homes, item.distance) == (made, (new,), 0.25)
    assert [(r.way, r.commit) for r in item.revisions] == [("amend", new)]


def test_a_chain_of_amends(repo: Repo) -> None:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    for count in (2, 3, 5):
        repo.amend({"a.py": text(FRESH[:count], MINE[count:])})
    item = only(repo)
    assert (item.commit, item.distance, len(item.homes)) == (made, 0.25, 3)


def test_an_amend_of_the_message_alone(repo: Repo) -> None:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.git("commit", "--amend", "-m", f"Better words\n\n{AGENTS['claude']}")
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0)


def test_an_amend_that_takes_the_mark_away(repo: Repo) -> None:
    made = begin(repo).agent_commit({"a.py": text(MINE)}).head
    repo.write({"a.py": EDITED}).git("commit", "-a", "--amend", "-m", "My own words")
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)


def test_an_amended_root(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.amend({"a.py": EDITED})
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)


def test_a_root_amended_without_its_mark(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.write({"a.py": EDITED}).git("commit", "-a", "--amend", "-m", "My own words")
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)


def test_an_amend_and_then_a_follow_up(repo: Repo) -> None:
    begin(repo).agent_commit({"a.py": text(MINE)}).amend({"a.py": EDITED})
    repo.commit({"a.py": text(FRESH[:10], MINE[10:])})
    assert only(repo).distance == 0.5


def test_an_amend_that_is_undone_by_the_next(repo: Repo) -> None:
    begin(repo).agent_commit({"a.py": text(MINE)}).amend({"a.py": EDITED})
    repo.amend({"a.py": text(MINE)})
    assert only(repo).distance == 0


def test_a_plain_rebase(repo: Repo) -> None:
    made = branched(repo)
    repo.switch("main").commit({"b.py": text(FRESH)}).switch("topic").rebase("main")
    item = only(repo)
    assert (item.commit, item.distance, item.homes) == (made, 0, (repo.head,))
    repo.switch("main").merge("topic", PERSON, "--ff-only").commit({"a.py": EDITED})
    assert only(repo).distance == 0.25


def test_a_rebase_that_folds_a_fixup(repo: Repo) -> None:
    made = branched(repo)
    repo.fixup({"a.py": EDITED}).autosquash("main")
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)
    assert len(repo.git("rev-list", "main..HEAD").split()) == 1


def test_a_rebase_that_squashes_two_drafts(repo: Repo) -> None:
    other = lines(40, 10)
    first = branched(repo)
    second = repo.agent_commit({"b.py": text(other)}, "Second", "codex").head
    edit_todo(repo, "2s/^pick/squash/")
    repo.commit({"a.py": EDITED, "b.py": text(other[:5])})
    found = report(repo)
    assert {item.commit: item.distance for item in found.drafts} == {first: 0.25, second: 0.5}


def test_a_rebase_that_changes_the_order(repo: Repo) -> None:
    first = branched(repo)
    second = repo.agent_commit({"b.py": text(FRESH)}, "Second").head
    edit_todo(repo, "1{h;d};2G")
    assert repo.git("log", "-1", "--format=%s") == "Write a.py"
    found = report(repo)
    assert {item.commit: item.distance for item in found.drafts} == {first: 0, second: 0}


def test_a_rebase_that_drops_a_draft(repo: Repo) -> None:
    dropped = branched(repo)
    kept = repo.agent_commit({"b.py": text(FRESH)}, "Second").head
    edit_todo(repo, "1d")
    late = repo.clock.now + 20 * DAY
    scanned(repo, now=late)
    found = report(repo, now=late)
    assert draft(found, kept).distance == 0
    item = draft(found, dropped)
    assert (item.distance, item.outcome) == (1, "rejected")


def test_a_reset_and_another_commit(repo: Repo) -> None:
    made = branched(repo)
    repo.git("reset", "--quiet", "--soft", "HEAD^")
    repo.commit({"a.py": EDITED}, "The same, by my hands")
    item = only(repo)
    assert (item.commit, item.distance, item.homes) == (made, 0.25, (repo.head,))


@pytest.mark.parametrize("flags", [("-x",), ()], ids=["named", "plain"])
def test_a_cherry_pick_to_main(repo: Repo, flags: tuple[str, ...]) -> None:
    made = branched(repo)
    repo.switch("main").commit({"b.py": text(FRESH)}).cherry_pick("topic", COLLEAGUE, *flags)
    repo.commit({"a.py": EDITED})
    item = draft(report(repo), made)
    assert item.distance == 0.25
    assert len(report(repo).drafts) == 1


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "deleted"])
def test_a_squash_merge(repo: Repo, keep: bool) -> None:
    made = branched(repo)
    repo.switch("main").commit({"b.py": text(FRESH)}).squash_merge("topic")
    if not keep:
        repo.git("branch", "-D", "topic")
    repo.commit({"a.py": EDITED})
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)


@pytest.mark.parametrize("keep", [True, False], ids=["kept", "deleted"])
@pytest.mark.parametrize("marked", [True, False], ids=["marked", "unmarked"])
def test_a_squash_of_a_forge(repo: Repo, keep: bool, marked: bool) -> None:
    made = branched(repo)
    repo.commit({"c.py": text(lines(60, 4))}, "A person helps")
    message = f"Add a (#7)\n\n{AGENTS['claude'] if marked else 'no mark'}"
    forge_squash(repo, "topic", message, keep=keep).commit({"a.py": EDITED})
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)


def test_what_people_fixed_before_the_squash_counts(repo: Repo) -> None:
    made = branched(repo)
    fix = repo.commit({"a.py": EDITED}, "Fix what the agent wrote").head
    repo.switch("main").squash_merge("topic")
    item = draft(report(repo), made)
    assert item.distance == 0.25
    assert fix not in repo.git("rev-list", "HEAD").split()


def test_two_drafts_in_one_squash(repo: Repo) -> None:
    first = branched(repo)
    second = repo.agent_commit({"b.py": text(FRESH)}, "Second", "codex").head
    repo.switch("main").squash_merge("topic").commit({"b.py": text(FRESH[:10]), "a.py": EDITED})
    found = report(repo)
    assert {item.commit: item.distance for item in found.drafts} == {first: 0.25, second: 0.5}


def test_a_branch_deleted_without_landing_is_dropped(repo: Repo) -> None:
    made = branched(repo)
    repo.switch("main").commit({"b.py": text(BASE)}).git("branch", "-D", "topic")
    scanned(repo)
    assert report(repo).drafts == ()
    late = repo.clock.now + 15 * DAY
    scanned(repo, now=late)
    item = only(repo, now=late)
    assert (item.commit, item.distance, item.state) == (made, 1, "settled")


def test_an_unmerged_branch_that_stands_is_not_dropped(repo: Repo) -> None:
    made = branched(repo)
    late = repo.clock.now + 100 * DAY
    scanned(repo, now=late)
    item = draft(report(repo, now=late), made)
    assert (item.distance, item.state) == (0, "provisional")


def test_a_branch_that_comes_back_after_it_was_dropped(repo: Repo) -> None:
    made = branched(repo)
    repo.switch("main").commit({"b.py": text(BASE)}).git("branch", "-D", "topic")
    scanned(repo, now=repo.clock.now + 15 * DAY)
    repo.wait(days=16).merge(made, PERSON, "--no-edit", "--no-ff")
    scanned(repo)
    item = draft(report(repo), made)
    assert (item.distance, item.outcome) == (0, "accepted")


def test_a_draft_rebased_after_a_scan_is_one_draft(repo: Repo) -> None:
    made = branched(repo)
    scanned(repo)
    repo.switch("main").commit({"b.py": text(FRESH)}).switch("topic").rebase("main")
    scanned(repo)
    repo.switch("main").merge("topic", PERSON, "--ff-only").commit({"a.py": EDITED})
    scanned(repo)
    item = only(repo)
    assert (item.commit, item.distance) == (made, 0.25)


def test_a_draft_on_two_branches_that_both_land(repo: Repo) -> None:
    """The pick is a second copy of the text that the merge then finds in place."""
    made = branched(repo)
    repo.switch("main").commit({"b.py": text(FRESH)}).cherry_pick("topic").merge("topic")
    repo.commit({"a.py": EDITED})
    found = [item for item in report(repo).drafts if item.distance is not None]
    assert draft(report(repo), made).distance == 0.25
    assert len(found) == 1


def test_a_mark_that_an_amend_adds_makes_a_draft(repo: Repo) -> None:
    begin(repo).commit({"a.py": text(MINE)}, "Write a")
    repo.git("commit", "--quiet", "--amend", "-m", f"Write a\n\n{AGENTS['claude']}")
    made = repo.head
    repo.commit({"a.py": EDITED})
    item = only(repo)
    assert (item.commit, item.homes, item.distance) == (made, (), 0.25)


def test_a_fix_that_is_folded_into_another_draft_is_a_persons(repo: Repo) -> None:
    """The new commit keeps its agent's mark, and takes lines of the draft before it."""
    begin(repo).switch("topic", create=True)
    first = repo.agent_commit({"a.py": text(MINE)}).head
    second = repo.agent_commit({"b.py": text(FRESH)}, agent="codex").head
    repo.commit({"a.py": EDITED}, "Fix a")
    edit_todo(repo, "3s/pick/fixup/")
    found = report(repo)
    revised, kept = draft(found, repo.id_of("HEAD~1")), draft(found, second)
    assert first == revised.commit
    assert (revised.distance, [r.by for r in revised.revisions]) == (0.25, ["person"])
    assert (kept.distance, kept.homes) == (0.0, (repo.head,))


def test_what_an_agent_inserts_into_its_own_text_stays_its_own_after_a_rebase(repo: Repo) -> None:
    """The rebase is a person's, but nothing came into the commits on the way."""
    repo.commit({"z.py": text(BASE)}).switch("topic", create=True)
    repo.agent_commit({"a.py": text(MINE)})
    repo.agent_commit({"a.py": text(MINE[:10], lines(70, 1), MINE[10:])})
    repo.switch("main").commit({"y.py": text(FRESH)})
    repo.switch("topic").rebase("main")
    assert [(d.distance, d.revisions) for d in report(repo).drafts] == [(0.0, ()), (0.0, ())]


def test_a_fix_that_comes_in_with_a_rewrite_still_counts(repo: Repo) -> None:
    repo.commit({"z.py": text(BASE)}).switch("topic", create=True)
    repo.agent_commit({"a.py": text(MINE)})
    repo.agent_commit({"a.py": text(MINE[:10], lines(70, 1), MINE[10:])})
    repo.amend({"a.py": text(MINE[:10], lines(70, 1), FRESH[10:])})
    first, second = sorted(report(repo).drafts, key=lambda draft: draft.at)
    # Nobody can tell the inserted line from the fix any more: it counts along with it.
    assert first.distance == pytest.approx(11 / 21)
    assert second.distance == 0.0


def test_a_closed_window_does_not_hide_drafts_of_a_rewritten_history(repo: Repo) -> None:
    """The old commits are still known, and were settled there: the new ones count all the same."""
    repo.commit({"z.py": text(BASE)}).agent_commit({"a.py": text(MINE)})
    repo.commit({"a.py": text(MINE[:10], FRESH[10:])}).wait(days=60).commit({"y.py": text(BASE)})
    before = scanned(repo)
    old = [(d.commit, d.distance) for d in report(repo).drafts]
    repo.git("rebase", "--quiet", "--root", "--committer-date-is-author-date", "-x",
             "git commit --quiet --amend --no-edit --reset-author")  # fmt: skip
    assert [(d.commit, d.distance) for d in report(repo).drafts] == old
    assert set(before) < set(scanned(repo))
