"""Proposals: only what was repeated, only folders that clearly stand out."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.extraction import Extracted, Note, checked
from buildlog_git.core.ids import Oid
from buildlog_git.core.proposals import (
    ENOUGH,
    Touched,
    from_mistakes,
    from_notes,
    from_revisions,
)
from buildlog_git.core.rules import Rule
from buildlog_git.core.session_events import Mistake

BASE = Oid("a" * 40)


def mistake(number: int, said: str = "forgot to close the file", **fields: str) -> Mistake:
    told = Mistake(Oid(f"{number:040x}"), number, "errors", said, "person", session=f"s{number}")
    return told._replace(**fields)  # type: ignore[arg-type]


def draft(number: int, distance: float, *paths: str) -> Touched:
    return Touched(Oid(f"{number:040x}"), distance, frozenset(paths))


def test_a_mistake_that_was_repeated() -> None:
    made = [mistake(1), mistake(2, "something else happened"), mistake(3), mistake(4)]
    (found,) = from_mistakes(made, {})
    assert found.id == f"not-again-forgot-close-file-{made[0].id[:4]}"
    assert found.text == (
        "Do not repeat this mistake, which was made 3 times here: forgot to close the file"
    )
    assert found.evidence == tuple(made[n].id for n in (0, 2, 3))
    assert (found.error_class, found.status, found.count) == ("errors", "pending", 3)
    assert found.why == "made 3 times, in 3 sessions"
    # One more changes the count and not the id.
    (again,) = from_mistakes([*made, mistake(5)], {})
    assert (again.id, again.count) == (found.id, 4)


def test_what_became_of_it_is_told_by_the_rules() -> None:
    made = [mistake(1), mistake(3)]
    (found,) = from_mistakes(made, {})
    rule = Rule(found.id, "", "errors", "trial", "x")
    assert from_mistakes(made, {rule.id: rule})[0].status == "promoted"
    assert from_mistakes(made, {rule.id: rule._replace(state="retired")})[0].status == "rejected"


def test_no_proposal_where_a_rule_is_said_to_prevent_it() -> None:
    made = [mistake(1), mistake(3, corrected_by="close")]
    rule = Rule("close", "", "errors", "pinned", "Close files.")
    assert from_mistakes(made, {"close": rule}) == []
    assert len(from_mistakes(made, {"close": rule._replace(state="retired")})) == 1
    assert from_mistakes([mistake(1), mistake(2, "x"), mistake(3, "y")], {}) == []
    assert from_mistakes([mistake(1, "a\x1b[31m b"), mistake(2, "a\x1b[31m b")], {}) == []


def test_a_folder_that_stands_out() -> None:
    drafts = [draft(n, 0.6 + n % 3 / 20, "src/api/a.py", f"src/api/deep/{n}.py") for n in range(6)]
    drafts += [draft(n, 0.1 + n % 3 / 20, "src/core/b.py", "README.md") for n in range(10, 20)]
    (found,) = from_revisions(drafts, {})
    assert (found.id, found.scope, found.count) == ("care-in-src-api", ("src/api/**",), 6)
    assert found.why == (
        "distance 0.65 in 6 drafts there, 0.15 in 10 elsewhere; observed, not randomised"
    )
    assert found.evidence == tuple(one.commit for one in drafts[:6])
    assert from_revisions(drafts[:4] + drafts[6:], {}) == []
    assert from_revisions(drafts[: 6 + ENOUGH - 1], {}) == []


@given(st.randoms(use_true_random=False))
def test_the_order_of_drafts_does_not_matter(rng: Random) -> None:
    drafts = [draft(n, rng.random() / (1 + n % 2), f"f{n % 2}/x", f"f{n % 3}/y") for n in range(30)]
    found = from_revisions(drafts, {})
    shuffled = from_revisions(rng.sample(drafts, len(drafts)), {})
    assert [one.id for one in found] == [one.id for one in shuffled]
    for one in found:
        assert one.count >= ENOUGH


def test_equal_folders_give_no_proposal() -> None:
    assert from_revisions([draft(n, 0.5, f"f{n % 2}/x") for n in range(30)], {}) == []
    assert from_revisions([], {}) == []


def note(name: str, text: str, error_class: str = "tests") -> Note:
    return Note("note", text, error_class, name)


def test_notes_that_ask_are_proposed_each_once() -> None:
    notes = [
        note("one", "Always close the file."),
        note("two", "- always close the file\n- The CLI is in src."),
        note("three", "Never close the file."),
    ]
    found = from_notes(notes, {})
    assert [(one.count, one.evidence, one.reason) for one in found] == [
        (2, ("one", "two"), "notes"), (1, ("three",), "notes"),
    ]  # fmt: skip
    assert "Always close the file." in found[0].text
    (first, second) = found
    rule = Rule(first.id, "x", "tests", "retired", first.text)
    assert [one.status for one in from_notes(notes, {rule.id: rule})] == ["rejected", "pending"]
    other = rule._replace(id="close", state="pinned", text="Never close the file")
    assert [one.id for one in from_notes(notes, {"close": other})] == [first.id]
    assert second.error_class == "tests"


@pytest.mark.parametrize("answer", [
    None, "x", [1], [{}], [{"text": ""}], [{"text": "a" * 5000}], [{"text": "a\x1b[31m"}],
    [{"text": "a", "title": 3}], [{"text": "a", "class": "two words"}], [{"text": "a", "class": 3}],
    [{"text": "a", "from": ["nobody"]}], [{"text": "a", "from": 3}], [{"text": "a"}] * 300,
])  # fmt: skip
def test_nonsense_of_a_back_end_is_no_rule(answer: object) -> None:
    with pytest.raises(ValueError, match=r"it returned|its rule"):
        checked(answer, [note("one", "x")])


def test_what_a_back_end_may_leave_out() -> None:
    notes = [note("one", "x"), note("two", "y"), note("three", "z", "docs")]
    answer = [{"text": " Be brief.\r\n", "from": ["two", "one", "two"]}, {"text": "Be brief."},
              {"text": "Be kind.", "title": "Kind", "class": "style"}]  # fmt: skip
    assert checked(answer, notes) == [
        Extracted("Be brief.", "Be brief", "tests", ("two", "one")),
        Extracted("Be kind.", "Kind", "style", ("one", "two", "three")),
    ]
