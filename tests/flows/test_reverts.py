"""Commits that say what they revert, and those that bring it back."""

from __future__ import annotations

from buildlog_git.core.events import Settle
from tests.builder import AGENTS, Repo
from tests.flows.play import BASE, FRESH, MINE, draft, only, report, scanned, text


def written(repo: Repo) -> Repo:
    return repo.commit({"a.py": text(BASE)}).agent_commit({"a.py": text(BASE, MINE)}, "Add it")


def test_a_revert_rejects_and_settles_at_once(repo: Repo) -> None:
    made = written(repo).head
    revert = repo.revert().head
    item = only(repo)
    assert (item.distance, item.outcome, item.state) == (1, "rejected", "settled")
    assert item.reason == "reverted"
    assert [(r.commit, r.way) for r in item.revisions] == [(revert, "revert")]
    settled = {(e.commit, e.reason, e.final) for e in scanned(repo) if isinstance(e, Settle)}
    assert settled == {(made, "reverted", revert), (made, "landed", made)}


def test_a_revert_of_the_revert_lands_it_again(repo: Repo) -> None:
    written(repo).revert().revert()
    item = only(repo)
    assert (item.distance, item.outcome, item.reason) == (0, "accepted", "kept")
    assert item.state == "provisional"


def test_a_scan_between_the_two_reverts_changes_nothing(repo: Repo) -> None:
    written(repo).revert()
    scanned(repo)
    repo.revert()
    scanned(repo)
    item = only(repo)
    assert (item.distance, item.outcome) == (0, "accepted")
    assert item.state == "provisional"
    assert item.reason == "relanded"


def test_a_third_revert_takes_it_away_again(repo: Repo) -> None:
    written(repo).revert().revert().revert()
    item = only(repo)
    assert (item.distance, item.outcome, item.reason) == (1, "rejected", "reverted")


def test_a_reapply_by_hand_lands_it_again(repo: Repo) -> None:
    made = written(repo).head
    undone = repo.revert().head
    said = f'Reapply "Add it"\n\nThis reverts commit {undone}.'
    repo.commit({"a.py": text(BASE, MINE)}, said)
    item = draft(report(repo), made)
    assert (item.distance, item.outcome, item.state) == (0, "accepted", "provisional")


def test_a_revert_in_part_is_a_revision(repo: Repo) -> None:
    made = written(repo).head
    repo.commit({"a.py": text(BASE, MINE[:14])}, f"Back out\n\nThis reverts commit {made}.")
    item = only(repo)
    assert (item.distance, item.outcome) == (0.3, "revision")
    assert item.state == "provisional"


def test_an_agent_that_reverts_itself_leaves_nothing_to_judge(repo: Repo) -> None:
    made = written(repo).head
    said = f'Revert "Add it"\n\nThis reverts commit {made}.\n\n{AGENTS["claude"]}'
    repo.commit({"a.py": text(BASE)}, said)
    item = draft(report(repo), made)
    assert item.distance is None
    assert item.outcome == "unmeasurable"
    assert item.self_revision == 1


def test_a_revert_of_a_revert_on_another_branch_does_not_count_here(repo: Repo) -> None:
    made = written(repo).revert().id_of("HEAD^")
    repo.switch("again", create=True).revert().switch("main")
    item = draft(report(repo), made)
    assert (item.distance, item.outcome) == (1, "rejected")


def test_a_revert_on_an_unmerged_branch_does_not_count_on_main(repo: Repo) -> None:
    made = written(repo).head
    repo.switch("away", create=True).revert().switch("main").commit({"b.py": text(FRESH)})
    item = draft(report(repo), made)
    assert (item.distance, item.outcome, item.state) == (0, "accepted", "provisional")
    scanned(repo)
    assert draft(report(repo), made) == item


def test_a_reverted_merge_rejects_what_it_brought(repo: Repo) -> None:
    repo.commit({"a.py": text(BASE)}).switch("topic", create=True)
    made = repo.agent_commit({"b.py": text(MINE)}).head
    repo.switch("main").commit({"c.py": text(FRESH)}).merge("topic")
    repo.git("revert", "--no-edit", "-m", "1", "HEAD")
    item = draft(report(repo), made)
    assert (item.distance, item.outcome) == (1, "rejected")
