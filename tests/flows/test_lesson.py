"""What is learned from a ledger: the same in every clone, whatever one clock says."""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.choice import Candidate, Wanted, draw, drawn_again
from buildlog_git.core.ids import Oid
from buildlog_git.core.rules import digest_of_text
from buildlog_git.core.session_events import Exposure, Reward, Session
from buildlog_git.core.thompson import Beliefs
from buildlog_git.flows.beliefs import are_stale, keep_beliefs, policy_of
from buildlog_git.flows.lesson import learn_and_keep, read_lesson
from buildlog_git.flows.session import Sessions
from buildlog_git.render.answer import write_answer
from buildlog_git.render.look import Look
from buildlog_git.render.page import Page
from tests.builder import DAY, HOUR, START, Repo
from tests.flows.play import context

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.core.lesson import Lesson

EFFECTS = {"good": 0.3, "harmful": -0.3, "placebo": 0.0}
TEXTS = {rule: f"Do as {rule} says." for rule in EFFECTS}
CANDIDATES = tuple(Candidate(rule, digest_of_text(text)) for rule, text in TEXTS.items())
NOW = START + 90 * DAY
TEN_YEARS = 3653 * DAY


@pytest.fixture
def office(repo: Repo) -> Repo:
    """Give a repository with three rules on trial."""
    return repo.commit(
        {f".buildlog/rules/{rule}.md": f"---\nid: {rule}\n---\n{TEXTS[rule]}\n" for rule in TEXTS}
    )


def work(repo: Repo, clone: str, first: int, count: int, ahead: int = 0) -> None:
    """Write down sessions as hooks do, with rewards that obey the true effects."""
    base = Oid(repo.head)
    for number in range(first, first + count):
        rng, name = Random(number), f"{number:016x}"
        begun = Session(
            commit=base, at=START + number * 4 * HOUR + ahead, session=name, branch=name,
            clone=clone, worktree="w", error_class="feature" if number % 3 else "bugfix",
            **draw(name, Wanted(CANDIDATES, k=1, holdout=0.05))._asdict(),
        )  # fmt: skip
        shown = Exposure(
            commit=base, at=begun.at, session=name, channel="file", state="shown",
            rules=begun.rules, exposure=begun.exposure,
        )  # fmt: skip
        mean = 0.47 - sum(EFFECTS[rule] for rule in begun.rules) + rng.gauss(0, 0.08)
        said = [
            Reward(
                commit=base,
                at=begun.at + HOUR,
                outcome="revision",
                source="ci",
                distance=min(1.0, max(0.0, mean + rng.gauss(0, 0.15))),
                session=name,
                error_class=begun.error_class,
                rules=begun.rules,
                nonce=f"{name}{nth}",
            )
            for nth in range(2)
        ]
        context(repo).ledger.append([begun, shown, *said])


def lesson(repo: Repo, now: int = NOW) -> Lesson:
    return read_lesson(context(repo, now=now))


def verdicts(found: Lesson) -> dict[str, str]:
    return {item.rule: item.effect.verdict for item in found.learned.rules}


def test_the_good_rule_is_kept_and_the_harmful_one_flagged(office: Repo) -> None:
    work(office, "one", 0, 120)
    found = lesson(office)
    assert verdicts(found) == {
        "good": "proven", "harmful": "likely harms", "placebo": "no evidence yet",
    }  # fmt: skip
    assert [(a.rule, a.action) for a in found.advice] == [("good", "pin"), ("harmful", "retire")]
    assert (found.learned.sessions, found.learned.randomised, found.learned.rewards) == (
        120, 120, 240,
    )  # fmt: skip
    good = next(item for item in found.learned.rules if item.rule == "good")
    assert good.effect.low < 0.3 < good.effect.high
    assert good.effect.on + good.effect.off == 120
    assert {one.error_class for one in good.classes} == {"bugfix", "feature"}


def test_two_clones_that_learn_apart_have_the_posterior_of_the_union(
    office: Repo, tmp_path: Path
) -> None:
    """United by git's own merge of notes, whichever of them unites."""
    other = office.clone(tmp_path / "other")
    together = office.clone(tmp_path / "together")
    work(office, "one", 0, 30)
    work(other, "two", 30, 30)
    work(together, "one", 0, 30)
    work(together, "two", 30, 30)
    notes = "refs/notes/buildlog"
    for mine, theirs in ((office, other), (other, office)):
        mine.git("fetch", "-q", str(theirs.path), f"{notes}:refs/notes/theirs")
        mine.git("notes", "--ref=buildlog", "merge", "-s", "cat_sort_uniq", "refs/notes/theirs")
    assert lesson(office) == lesson(other) == lesson(together)
    assert lesson(office).learned.sessions == 60


def test_a_clock_ten_years_ahead_changes_nothing_but_its_own_dates(
    office: Repo, tmp_path: Path
) -> None:
    twin = office.clone(tmp_path / "twin")
    for repo, ahead in ((office, TEN_YEARS), (twin, 0)):
        work(repo, "one", 0, 40)
        work(repo, "two", 40, 1, ahead)
    wrong, right = lesson(office), lesson(twin)
    assert wrong.learned.sessions == right.learned.sessions == 41
    for one, other in zip(wrong.learned.rules, right.learned.rules, strict=True):
        assert abs(one.effect.mean - other.effect.mean) < 0.01
        assert abs(one.effect.low - other.effect.low) < 0.02


def test_a_draw_believes_what_was_learned(office: Repo) -> None:
    work(office, "one", 0, 120)
    here = context(office, now=NOW)
    assert policy_of(here, "feature").name == "uniform"
    assert are_stale(here)
    kept = learn_and_keep(here)
    assert (kept.sessions, kept.rules, kept.classes) == (120, 3, ("bugfix", "feature"))
    assert not are_stale(here)
    sessions = Sessions(here)
    sessions.for_checkout("-", "refs/heads/feature/next", Oid(office.head), at=NOW)
    (begun,) = (event for event in sessions.events if isinstance(event, Session))
    assert (begun.policy, begun.evidence) == ("thompson", kept.evidence)
    chance = dict(zip(begun.offered, begun.weights, strict=True))
    assert chance["good"] > 0.95 > 0.3 > chance["harmful"]
    assert drawn_again(begun) == begun.drawn


@pytest.mark.parametrize("damage", [b"", b"{}", b"[1]", b'{"v":1,"beliefs":[1,2]}', b"\xff"])
def test_damaged_beliefs_are_no_beliefs(office: Repo, damage: bytes) -> None:
    here = context(office, now=NOW)
    learn_and_keep(here)
    for path in (here.repo.common_dir / "buildlog" / "beliefs").iterdir():
        path.write_bytes(damage)
    assert policy_of(here, "feature").name == "uniform"
    assert are_stale(here)


def test_a_reworded_rule_is_another_treatment(office: Repo) -> None:
    work(office, "one", 0, 60)
    office.commit({".buildlog/rules/good.md": "---\nid: good\n---\nSomething else.\n"})
    found = lesson(office)
    assert [(item.rule, item.effect.on > 0) for item in found.learned.rules][:2] in (
        [("good", True), ("good", False)], [("good", False), ("good", True)],
    )  # fmt: skip
    assert "good" in found.untried
    assert [a.rule for a in found.advice] == ["harmful"]


def test_a_long_list_of_pinned_rules_does_not_bury_the_answer(office: Repo) -> None:
    work(office, "one", 0, 60)
    office.commit(
        {f".buildlog/rules/p{n}.md": f"---\nstate: pinned\n---\nDo {n}.\n" for n in range(30)}
        | {".buildlog/rules/late.md": "Not in any session yet.\n"}
    )
    page = Page(Look())
    write_answer(page, lesson(office), most=None)
    told = page.text()
    assert "Pinned: p0, p1, p10 and p11 and 26 more are always on" in " ".join(told.split())
    assert "more rule" not in told  # what no session had yet is no line of the table


@pytest.mark.parametrize("evidence", [None, 7, "", "\ud800", "x\n\x1b[31m", "y" * 5000])
def test_what_the_ledger_would_refuse_is_no_evidence(repo: Repo, evidence: object) -> None:
    here = context(repo.commit({"a.py": "a = 1\n"}))
    keep_beliefs(here, [Beliefs()], "0123456789abcdef")
    assert policy_of(here, "feature").evidence == "0123456789abcdef"
    (kept,) = (here.repo.common_dir / "buildlog" / "beliefs").iterdir()
    kept.write_text(json.dumps({**json.loads(kept.read_text()), "evidence": evidence}))
    assert policy_of(here, "feature").name == "uniform"
