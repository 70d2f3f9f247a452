"""Histories that fork and join: a line stays an agent's where any parent has it."""

from __future__ import annotations

import pytest

from tests.builder import BOT, COLLEAGUE, DAY, PERSON, Repo
from tests.flows.play import (
    BASE,
    FRESH,
    MINE,
    WORDS,
    draft,
    lines,
    only,
    report,
    scanned,
    text,
)


def topic(repo: Repo) -> str:
    """Fork ``topic`` off ``main``, let the agent write there, and return its commit."""
    repo.commit({"a.py": text(BASE)}).switch("topic", create=True)
    return repo.agent_commit({"a.py": text(BASE, MINE)}).head


def settle_conflict(repo: Repo, branch: str, files: dict[str, str | None]) -> Repo:
    """Merge a branch that conflicts, and commit ``files`` as the solution."""
    repo.git("merge", "--no-ff", "--no-commit", branch, check=False)
    return repo.commit(files, f"Merge branch '{branch}'")


def test_a_fast_forward(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").merge("topic", PERSON, "--ff-only")
    repo.commit({"a.py": text(BASE, FRESH[:5], MINE[5:])})
    assert only(repo).distance == 0.25


def test_a_merge_commit(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").merge("topic").commit({"a.py": text(BASE, FRESH[:5], MINE[5:])})
    item = only(repo)
    assert item.distance == 0.25
    assert len(item.revisions) == 1


def test_a_merge_with_changes_on_both_sides_of_the_file(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").commit({"a.py": text(FRESH[:5], BASE[5:])}).merge("topic")
    assert only(repo).distance == 0
    repo.commit({"a.py": text(FRESH[:5], BASE[5:], MINE[5:])})
    assert only(repo).distance == 0.25


def test_an_octopus(repo: Repo) -> None:
    made = []
    repo.commit({"a.py": text(BASE)})
    for number, name in enumerate(("one", "two", "three")):
        repo.switch(name, create=True, start="main")
        made.append(repo.agent_commit({f"{name}.py": text(lines(20 * number, 20))}).head)
    repo.switch("main").commit({"d.py": text(FRESH)})
    repo.git("merge", "--quiet", "--no-ff", "--no-edit", "one", "two", "three")
    assert len(repo.git("rev-list", "--parents", "-1", "HEAD").split()) == 5
    assert {draft(report(repo), commit).distance for commit in made} == {0}
    repo.commit({"two.py": text(lines(20, 15))})
    found = report(repo)
    assert [draft(found, commit).distance for commit in made] == [0, 0.25, 0]


def test_a_conflict_in_which_the_agents_lines_are_dropped(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").commit({"a.py": text(BASE, FRESH)})
    settle_conflict(repo, "topic", {"a.py": text(BASE, FRESH, MINE[:5])})
    item = only(repo)
    assert item.distance == 0.75
    assert [(r.way, r.by, r.commit) for r in item.revisions] == [("merge", "person", repo.head)]


def test_a_conflict_in_which_both_sides_are_kept(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").commit({"a.py": text(BASE, FRESH)})
    settle_conflict(repo, "topic", {"a.py": text(BASE, FRESH, MINE)})
    assert only(repo).distance == 0


def test_the_strategy_ours_throws_the_agents_work_away(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").commit({"b.py": text(FRESH)})
    repo.merge("topic", PERSON, "--no-edit", "-s", "ours")
    item = only(repo)
    assert (item.distance, item.outcome) == (1, "rejected")


def test_the_option_theirs_throws_the_trunks_lines_away(repo: Repo) -> None:
    repo.commit({"a.py": text(BASE)})
    made = repo.agent_commit({"a.py": text(BASE, MINE)}).head
    repo.switch("topic", create=True, start="HEAD^").commit({"a.py": text(BASE, FRESH)})
    repo.switch("main").merge("topic", PERSON, "--no-edit", "-X", "theirs")
    assert repo.read("a.py").decode() == text(BASE, FRESH)
    assert draft(report(repo), made).distance == 1


def test_the_trunk_merged_into_the_branch_and_back(repo: Repo) -> None:
    topic(repo)
    repo.switch("main").commit({"a.py": text(FRESH[:5], BASE[5:])})
    repo.switch("topic").merge("main").commit({"a.py": text(FRESH[:5], BASE[5:], MINE[5:])})
    repo.switch("main").commit({"b.py": text(FRESH)}).merge("topic")
    item = only(repo)
    assert item.distance == 0.25
    assert len(item.revisions) == 1


def test_two_branches_that_merge_each_other(repo: Repo) -> None:
    made = topic(repo)
    repo.switch("main").commit({"b.py": text(FRESH)})
    repo.git("branch", "main-before")
    repo.merge("topic").switch("topic").merge("main-before", COLLEAGUE)
    repo.commit({"a.py": text(BASE, FRESH[:5], MINE[5:])}).switch("main").merge("topic")
    item = draft(report(repo), made)
    assert item.distance == 0.25
    assert sum(r.cost for r in item.revisions) == 5 * WORDS


def test_the_same_fix_on_two_branches_counts_once(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    fix = repo.switch("one", create=True).commit({"a.py": text(FRESH[:5], MINE[5:])}).head
    repo.switch("main").commit({"b.py": text(BASE)}).cherry_pick(fix).merge("one")
    item = draft(report(repo), made)
    assert item.distance == 0.25
    assert sum(r.cost for r in item.revisions) == 5 * WORDS


def test_two_branches_that_change_different_lines_add_up(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("one", create=True).commit({"a.py": text(FRESH[:5], MINE[5:])})
    repo.switch("main").commit({"a.py": text(MINE[:15], FRESH[15:])}).merge("one")
    assert draft(report(repo), made).distance == 0.5


def test_an_undo_on_one_branch_merged_with_the_other(repo: Repo) -> None:
    """Git takes the change of the one side that changed anything against the fork."""
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.commit({"a.py": text(FRESH[:5], MINE[5:])}).switch("back", create=True)
    repo.commit({"a.py": text(MINE)}).switch("main").commit({"b.py": text(BASE)}).merge("back")
    assert repo.read("a.py").decode() == text(MINE)
    assert draft(report(repo), made).distance == 0


def test_an_evil_merge_is_the_mergers_doing(repo: Repo) -> None:
    made = topic(repo)
    repo.switch("main").commit({"b.py": text(FRESH)})
    repo.git("merge", "--no-ff", "--no-commit", "topic")
    repo.commit({"a.py": text(BASE, MINE[5:])}, "Merge branch 'topic'")
    item = draft(report(repo), made)
    assert item.distance == 0.25
    assert [(r.way, r.commit) for r in item.revisions] == [("merge", repo.head)]


def test_an_evil_merge_that_restores_the_lost_lines(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("one", create=True).commit({"a.py": text(FRESH[:5], MINE[5:])})
    repo.switch("main").commit({"a.py": text(FRESH[5:10], MINE[5:])})
    settle_conflict(repo, "one", {"a.py": text(MINE)})
    assert draft(report(repo), made).distance == 0


def test_a_rename_on_one_side_and_an_edit_on_the_other(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(BASE, MINE)}).head
    repo.switch("move", create=True).rename("a.py", "lib/b.py").commit()
    repo.switch("main").commit({"a.py": text(BASE, FRESH[:6], MINE[6:])}).merge("move")
    assert repo.read("lib/b.py").decode() == text(BASE, FRESH[:6], MINE[6:])
    assert draft(report(repo), made).distance == pytest.approx(6 / 30)


def test_an_edit_on_one_side_and_a_rename_on_the_other(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(BASE, MINE)}).head
    repo.switch("edit", create=True).commit({"a.py": text(BASE, FRESH[:6], MINE[6:])})
    repo.switch("main").rename("a.py", "lib/b.py").commit().merge("edit")
    assert repo.read("lib/b.py").decode() == text(BASE, FRESH[:6], MINE[6:])
    assert draft(report(repo), made).distance == pytest.approx(6 / 30)


def test_what_an_unmerged_branch_rewrites_stands_on_main(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("other", create=True).commit({"a.py": text(FRESH)}).switch("main")
    repo.commit({"a.py": text(MINE[:18], FRESH[18:])})
    scanned(repo)
    assert draft(report(repo), made).distance == 0.1
    assert draft(report(repo.switch("other")), made).distance == 1


def test_unrelated_histories(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    other = repo.orphan("island").agent_commit({"b.py": text(FRESH)}, agent="codex").head
    repo.switch("main").merge("island", PERSON, "--no-edit", "--allow-unrelated-histories")
    repo.commit({"a.py": text(MINE[5:]), "b.py": text(FRESH[10:])})
    found = report(repo)
    assert draft(found, made).distance == 0.25
    assert draft(found, other).distance == 0.5


def test_a_merge_by_an_agent_is_no_draft(repo: Repo) -> None:
    made = topic(repo)
    repo.switch("main").commit({"b.py": text(FRESH)})
    repo.git("merge", "--no-ff", "--no-commit", "topic")
    repo.agent_commit({"a.py": text(BASE, MINE[5:])}, "Merge branch 'topic'", "codex")
    item = only(repo)
    assert item.commit == made
    assert item.self_revision == 0.25
    assert item.distance == 0


def test_a_branch_that_lands_late_opens_the_window_late(repo: Repo) -> None:
    made = topic(repo)
    repo.switch("main").wait(days=60).commit({"b.py": text(FRESH)}).merge("topic")
    repo.wait(days=10).commit({"a.py": text(BASE, MINE[5:])})
    repo.wait(days=10).commit({"a.py": text(BASE)})
    item = draft(report(repo, now=repo.clock.now + 90 * DAY), made)
    assert (item.distance, item.state) == (0.25, "settled")


def test_what_an_agent_replaced_on_a_branch_stays_gone_after_the_merge(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("topic", create=True).agent_commit({"a.py": text(FRESH[:10], MINE[10:])})
    repo.switch("main").commit({"b.py": text(BASE)}).merge("topic")
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (0, 0.5)
    repo.commit({"a.py": text(FRESH[:10], MINE[15:])})
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (0.5, 0.5)


def test_what_an_agent_replaced_is_not_the_mergers_doing(repo: Repo) -> None:
    """The trunk has changed the same file, so that neither parent has the merge's version."""
    made = repo.agent_commit({"a.py": text(MINE, BASE)}).head
    repo.switch("topic", create=True).agent_commit({"a.py": text(FRESH[:10], MINE[10:], BASE)})
    repo.switch("main").commit({"a.py": text(MINE, BASE[:8])}).merge("topic")
    assert repo.read("a.py").decode() == text(FRESH[:10], MINE[10:], BASE[:8])
    item = draft(report(repo), made)
    assert item.distance == pytest.approx(2 / 20)
    assert item.self_revision == pytest.approx(10 / 30)


def test_what_agents_replaced_on_both_sides_is_not_the_mergers_doing(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("topic", create=True).agent_commit({"a.py": text(FRESH[:5], MINE[5:])})
    repo.switch("main").agent_commit({"a.py": text(MINE[:16], FRESH[16:])}).merge("topic")
    item = draft(report(repo), made)
    assert item.distance == 0
    assert item.self_revision == pytest.approx(9 / 20)


def test_a_branch_on_which_an_agent_replaced_its_own_text(repo: Repo) -> None:
    made = topic(repo)
    repo.agent_commit({"a.py": text(BASE, FRESH[:10], MINE[10:])})
    repo.switch("main").commit({"a.py": text(FRESH[18:], BASE)}).merge("topic")
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (0, 0.5)


def test_a_merge_by_an_agent_leaves_what_people_did_to_people(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE, BASE)}).head
    repo.switch("topic", create=True).commit({"a.py": text(FRESH[:6], MINE[6:], BASE)})
    repo.switch("main").commit({"a.py": text(MINE, FRESH[6:10])})
    repo.agent_commit({"b.py": text(lines(70, 9))}, agent="codex")
    repo.git("merge", "--no-ff", "--no-commit", "topic", check=False)
    solved = text(FRESH[:6], MINE[6:], FRESH[6:10])
    repo.agent_commit({"a.py": solved}, "Merge branch 'topic'", "codex")
    item = draft(report(repo), made)
    assert item.distance == pytest.approx(16 / 30)
    assert item.self_revision == 0


def test_lines_that_an_agent_put_inside_the_block_are_not_the_mergers(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE, BASE)}).head
    repo.switch("topic", create=True)
    repo.agent_commit({"a.py": text(MINE[:10], FRESH[:5], MINE[10:], BASE)}, agent="codex")
    repo.switch("main").commit({"a.py": text(MINE, BASE[:8])}).merge("topic")
    item = draft(report(repo), made)
    assert item.distance == pytest.approx(2 / 30)
    assert len(item.revisions) == 1


def test_a_revision_that_the_strategy_ours_throws_away_counts_no_more(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("topic", create=True).commit({"a.py": text(FRESH)})
    repo.switch("main").commit({"b.py": text(BASE)}).merge(
        "topic", PERSON, "--no-edit", "-s", "ours"
    )
    assert draft(report(repo), made).distance == 0


def test_what_a_bot_replaced_on_a_branch_is_not_the_mergers_doing(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE, BASE)}).head
    repo.switch("topic", create=True).commit({"a.py": text(FRESH[:5], MINE[5:], BASE)}, "Bump", BOT)
    repo.switch("main").commit({"a.py": text(MINE, BASE[:8])}).merge("topic")
    item = draft(report(repo), made)
    assert item.distance == pytest.approx(2 / 25)
    assert item.self_revision == pytest.approx(5 / 30)


def test_what_an_agent_replaced_before_a_squash_stays_gone(repo: Repo) -> None:
    made = topic(repo)
    repo.agent_commit({"a.py": text(BASE, FRESH[:10], MINE[10:])})
    repo.switch("main").squash_merge("topic")
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (0, 0.5)


def test_a_file_that_is_all_gone_is_renamed_and_merged(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("topic", create=True).agent_commit({"a.py": text(FRESH)}, agent="codex")
    repo.rename("a.py", "b.py").commit().switch("main").commit({"c.py": "x\n"}).merge("topic")
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (None, 1)
