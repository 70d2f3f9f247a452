"""Plain history: people change, later and in other commits, what an agent wrote."""

from __future__ import annotations

import pytest

from tests.builder import COLLEAGUE, Repo
from tests.flows.play import BASE, FRESH, MINE, lines, only, report, text


def written(repo: Repo) -> Repo:
    """Commit a person's ten lines and, below them, the agent's twenty."""
    return repo.commit({"a.py": text(BASE)}).agent_commit({"a.py": text(BASE, MINE)})


def test_what_nobody_touches_is_kept(repo: Repo) -> None:
    made = written(repo).head
    repo.commit({"b.py": text(FRESH)})
    item = only(repo)
    assert (item.commit, item.distance, item.outcome) == (made, 0, "accepted")
    assert (item.tokens, item.lines, item.reason) == (120, 20, "kept")
    assert item.revisions == ()


@pytest.mark.parametrize(("gone", "outcome"), [(1, "accepted"), (5, "revision"), (17, "rejected")])
def test_replaced_lines_are_the_distance(repo: Repo, gone: int, outcome: str) -> None:
    written(repo)
    edit = repo.commit({"a.py": text(BASE, FRESH[:gone], MINE[gone:])}).head
    item = only(repo)
    assert item.distance == gone / 20
    assert item.outcome == outcome
    (revision,) = item.revisions
    assert (revision.commit, revision.by, revision.way) == (edit, "person", "follow-up")
    assert revision.cost == 6 * gone


def test_deleted_lines_cost_as_much_as_replaced_ones(repo: Repo) -> None:
    written(repo).commit({"a.py": text(BASE, MINE[:15])})
    assert only(repo).distance == 0.25


def test_lines_put_inside_the_block_count(repo: Repo) -> None:
    written(repo).commit({"a.py": text(BASE, MINE[:10], FRESH[:5], MINE[10:])})
    assert only(repo).distance == 5 / 25


@pytest.mark.parametrize(
    "after",
    [text(BASE, FRESH[:5], MINE), text(BASE, MINE, FRESH[:5]), text(FRESH[:5], BASE[5:], MINE)],
    ids=["above", "below", "elsewhere"],
)
def test_lines_next_to_the_block_are_new_work(repo: Repo, after: str) -> None:
    written(repo).commit({"a.py": after})
    item = only(repo)
    assert item.distance == 0
    assert item.revisions == ()


def test_two_follow_ups_add_up(repo: Repo) -> None:
    first = written(repo).commit({"a.py": text(BASE, FRESH[:3], MINE[3:])}).head
    second = repo.commit(
        {"a.py": text(BASE, FRESH[:3], MINE[3:12], FRESH[12:14], MINE[14:])}, "", COLLEAGUE
    ).head
    item = only(repo)
    assert item.distance == 0.25
    assert [(r.commit, r.cost) for r in item.revisions] == [(first, 18), (second, 12)]


def test_editing_the_same_lines_twice_counts_once(repo: Repo) -> None:
    written(repo).commit({"a.py": text(BASE, FRESH[:4], MINE[4:])})
    repo.commit({"a.py": text(BASE, FRESH[8:12], MINE[4:])})
    assert only(repo).distance == 0.2


def test_an_edit_that_is_undone_is_no_revision(repo: Repo) -> None:
    written(repo).commit({"a.py": text(BASE, FRESH[:4], MINE[4:])})
    repo.commit({"a.py": text(BASE, MINE)})
    item = only(repo)
    assert item.distance == 0
    assert [r.cost for r in item.revisions] == [24, -24]


def test_an_insertion_that_is_taken_out_again_is_no_revision(repo: Repo) -> None:
    written(repo).commit({"a.py": text(BASE, MINE[:10], FRESH, MINE[10:])})
    repo.commit({"a.py": text(BASE, MINE)})
    assert only(repo).distance == 0


def test_a_file_that_is_deleted_and_comes_back_is_kept(repo: Repo) -> None:
    written(repo).delete("a.py").commit()
    assert only(repo).distance == 1
    repo.commit({"a.py": text(BASE, MINE)})
    assert only(repo).distance == 0


def test_a_rename_carries_the_text_along(repo: Repo) -> None:
    written(repo).rename("a.py", "lib/b.py").commit()
    assert only(repo).distance == 0
    repo.commit({"lib/b.py": text(BASE, FRESH[:5], MINE[5:])})
    assert only(repo).distance == 0.25


def test_a_rename_with_an_edit_counts_the_edit(repo: Repo) -> None:
    written(repo).rename("a.py", "lib/b.py")
    repo.commit({"lib/b.py": text(BASE, FRESH[:5], MINE[5:])})
    assert only(repo).distance == 0.25


def test_text_moved_to_another_file_is_kept_and_followed_there(repo: Repo) -> None:
    written(repo).commit({"a.py": text(BASE, MINE[:10]), "b.py": text(MINE[10:])})
    assert only(repo).distance == 0
    repo.commit({"b.py": text(FRESH[:5], MINE[15:])})
    assert only(repo).distance == 0.25


def test_two_files_swap_their_names(repo: Repo) -> None:
    other = lines(50, 20)
    repo.agent_commit({"a.py": text(MINE), "b.py": text(other)})
    repo.commit({"a.py": text(other), "b.py": text(MINE)})
    assert only(repo).distance == 0


def test_white_space_and_line_ends_cost_nothing(repo: Repo) -> None:
    written(repo)
    wide = "".join(f"\t  {line}  \r\n\r\n" for line in (*BASE, *MINE))
    repo.commit({"a.py": wide})
    item = only(repo)
    assert item.distance == 0
    repo.commit({"a.py": text(BASE, FRESH[:5], MINE[5:])})
    assert only(repo).distance == 0.25


def test_a_formatter_costs_nothing(repo: Repo) -> None:
    code = "".join(f"value_{n} = call_{n}('first_{n}', \"second_{n}\")\n" for n in range(12))
    tidy = "".join(
        f'value_{n} = call_{n}(\n    "first_{n}",\n    "second_{n}",\n)\n' for n in range(12)
    )
    repo.agent_commit({"a.py": code}).commit({"a.py": tidy}, "Run the formatter")
    assert only(repo).distance == 0


def test_what_an_agent_removed_and_people_put_back_counts(repo: Repo) -> None:
    repo.commit({"a.py": text(BASE, FRESH)}).agent_commit({"a.py": text(FRESH)})
    assert only(repo.commit({"b.py": "x\n"})).distance == 0
    repo.commit({"a.py": text(BASE[:5], FRESH)})
    item = only(repo)
    assert (item.tokens, item.removed, item.distance) == (0, 60, 0.5)


def test_two_drafts_each_pay_for_their_own_lines(repo: Repo) -> None:
    other = lines(50, 10)
    first = repo.agent_commit({"a.py": text(MINE)}).head
    second = repo.agent_commit({"a.py": text(MINE, other)}, agent="codex").head
    repo.commit({"a.py": text(FRESH[:2], MINE[2:], other[:9], FRESH[9:10])})
    found = {item.commit: item.distance for item in report(repo).drafts}
    assert found == {first: 0.1, second: 0.1}


def test_what_replaces_the_seam_of_two_drafts_stands_next_to_the_loss_of_both(repo: Repo) -> None:
    other = lines(50, 10)
    first = repo.agent_commit({"a.py": text(MINE)}).head
    second = repo.agent_commit({"a.py": text(MINE, other)}, agent="codex").head
    repo.commit({"a.py": text(MINE[:18], FRESH[:4], other[2:])})
    found = {item.commit: item.distance for item in report(repo).drafts}
    assert found == {first: pytest.approx(4 / 22), second: pytest.approx(4 / 12)}


def test_a_range_reports_only_its_drafts(repo: Repo) -> None:
    first = written(repo).head
    second = repo.agent_commit({"c.py": text(FRESH)}).head
    repo.commit({"a.py": text(BASE)})
    found = report(repo, f"{first}..HEAD")
    assert [item.commit for item in found.drafts] == [second]
    assert found.commits.total == 2
    (item,) = report(repo, f"{second}^!", f"^{first}").drafts
    assert item.distance == 0


def test_a_range_in_the_past_is_judged_by_what_head_has(repo: Repo) -> None:
    made = written(repo).head
    repo.commit({"a.py": text(BASE)})
    assert only(repo, f"{made}^!").distance == 1
