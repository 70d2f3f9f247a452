"""When a draft is judged: landing, the fourteen days after it, and clocks that are wrong."""

from __future__ import annotations

import pytest

from tests.builder import DAY, HOUR, PERSON, START, Repo
from tests.flows.play import BASE, FRESH, MINE, draft, only, report, scanned, text

EDITED = text(FRESH[:5], MINE[5:])


def test_changes_after_the_window_do_not_count(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)}).wait(days=13).commit({"a.py": EDITED})
    repo.wait(days=2).commit({"a.py": text(BASE)})
    item = only(repo)
    assert (item.distance, item.state) == (0.25, "settled")
    scanned(repo)
    assert only(repo) == item


def test_the_last_second_of_the_window_counts_and_the_next_does_not(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    repo.at(START + 14 * DAY).commit({"a.py": EDITED})
    repo.at(START + 14 * DAY + 1).commit({"a.py": text(FRESH)})
    assert only(repo).distance == 0.25


def test_a_draft_on_a_branch_stays_open_until_it_lands(repo: Repo) -> None:
    repo.commit({"z.py": text(BASE)}).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.wait(days=100).commit({"a.py": EDITED}).switch("main").commit({"b.py": "x\n"})
    repo.wait(days=30).merge("topic").wait(days=13).commit({"a.py": text(FRESH[:10], MINE[10:])})
    repo.wait(days=2).commit({"a.py": text(FRESH)})
    assert draft(report(repo), made).distance == 0.5


def test_scans_before_and_after_the_landing_agree_with_one_at_the_end(repo: Repo) -> None:
    repo.commit({"z.py": text(BASE)}).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.wait(days=100).commit({"a.py": EDITED})
    scanned(repo)
    repo.switch("main").commit({"b.py": "x\n"}).wait(days=30).merge("topic")
    scanned(repo)
    repo.wait(days=20).commit({"a.py": text(FRESH)})
    scanned(repo)
    assert draft(report(repo), made).distance == 0.25


def test_the_states_of_a_draft(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head

    def state(hours: int) -> str:
        return draft(report(repo, now=START + hours * HOUR), made).state

    assert [state(1), state(23), state(24), state(14 * 24 - 1)] == [
        "open", "open", "provisional", "provisional",
    ]  # fmt: skip
    assert state(14 * 24) == "settled"


def test_a_commit_of_a_person_makes_it_provisional(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    assert only(repo).state == "open"
    repo.agent_commit({"b.py": text(FRESH)}, agent="codex")
    assert {item.state for item in report(repo).drafts} == {"open"}
    repo.commit({"c.py": "x\n"})
    assert {item.state for item in report(repo).drafts} == {"provisional"}


def test_a_push_makes_it_provisional(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    Repo.init(repo.path.with_name("far.git"), bare=True)
    repo.git("remote", "add", "origin", "../far.git")
    assert only(repo).state == "open"
    repo.git("push", "--quiet", "origin", "main")
    assert only(repo).state == "provisional"


def test_open_drafts_are_in_no_mean(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    found = report(repo)
    assert (found.distance.n, found.distance.mean, found.coverage.open) == (0, None, 1)


YEARS = 6 * 365 * DAY


@pytest.mark.parametrize("off", [-YEARS, YEARS], ids=["behind", "ahead"])
def test_an_edit_by_a_clock_that_is_wrong_by_years(repo: Repo, off: int) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    right = repo.clock.now
    repo.at(right + off).commit({"a.py": EDITED}).at(right + 2 * HOUR).commit({"b.py": "x\n"})
    item = only(repo, now=right + DAY)
    assert item.distance == 0.25
    assert item.state == "provisional"
    scanned(repo, now=right + DAY)
    assert only(repo, now=right + DAY) == item


@pytest.mark.parametrize("off", [-YEARS, YEARS], ids=["behind", "ahead"])
def test_a_draft_by_a_clock_that_is_wrong_by_years(repo: Repo, off: int) -> None:
    repo.commit({"z.py": text(BASE)})
    right = repo.clock.now
    repo.at(right + off).agent_commit({"a.py": text(MINE)}).at(right + 2 * HOUR)
    repo.commit({"a.py": EDITED})
    scanned(repo, now=right + DAY)
    assert only(repo, now=right + DAY).distance == 0.25


@pytest.mark.parametrize("off", [-YEARS, YEARS], ids=["behind", "ahead"])
def test_a_machine_whose_clock_is_wrong_all_the_time(repo: Repo, off: int) -> None:
    repo.commit({"z.py": text(BASE)})
    right = repo.clock.now
    repo.at(right + off).agent_commit({"a.py": text(MINE)}).commit({"a.py": EDITED})
    scanned(repo, now=right + DAY)
    assert only(repo, now=right + DAY).distance == 0.25


def test_one_wrong_clock_does_not_close_the_windows_of_later_drafts(repo: Repo) -> None:
    repo.at(START + YEARS).commit({"z.py": text(BASE)}).at(START + HOUR)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.wait(days=1).commit({"a.py": EDITED})
    now = START + 30 * DAY
    assert draft(report(repo, now=now), made).distance == 0.25


def test_a_draft_that_landed_by_a_rebase_is_open_from_then_on(repo: Repo) -> None:
    repo.commit({"z.py": text(BASE)}).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.switch("main").wait(days=40).commit({"b.py": "x\n"}).switch("topic").rebase("main")
    repo.switch("main").merge("topic", PERSON, "--ff-only").wait(days=5).commit({"a.py": EDITED})
    assert draft(report(repo), made).distance == 0.25
