"""Which mistakes repeat another one: words, negations, classes, sessions, and many of them."""

from __future__ import annotations

import random
from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.ids import Oid
from buildlog_git.core.mistakes import alike, repeats, told
from buildlog_git.core.session_events import Mistake
from tests.patience import cpu_seconds

COMMIT = Oid("a" * 40)


def made(
    text: str, session: str | None = "s1", error_class: str = "tests", repeat_of: str | None = None
) -> Mistake:
    return Mistake(
        commit=COMMIT, at=0, error_class=error_class, description=text, source="person",
        session=session, repeat_of=repeat_of,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Forgot the null check", "forgot  the NULL check", True),
        ("forgot the null check there", "forgot the null check", True),
        ("forgot the null check", "forgot null check", True),  # 3 of 4
        ("a b c d e f g h i j", "a b c d e f g", False),  # 0.7 is not above 0.7
        ("a b c d e f g h i j k", "a b c d e f g h", True),
        ("do not close the file", "close the file", False),
        ("don't close the file", "close the file", False),
        ("never mock the clock in tests", "mock the clock in tests", False),
        ("do not close the file", "don't close the file", True),
        ("do not run it; close the file", "do not close the file; run it", False),
        ("!!!", "???", False),
        ("!!!", "!!!", True),
        ("", "", True),
        ("世界", "世界", True),
    ],
)
def test_alike(one: str, other: str, same: bool) -> None:
    assert alike(told(one), told(other)) is same
    assert alike(told(other), told(one)) is same


def test_only_another_session_and_the_same_class_count() -> None:
    first = made("forgot the null check")
    again = made("forgot the null check there")
    other = made("forgot the null check", "s2", "docs")
    third = made("Forgot the null check, again", "s3")
    assert repeats([first, again, other, third]) == {third.id: first.id}


def test_mistakes_of_unknown_sessions_do_not_repeat_each_other() -> None:
    first, second = made("forgot it", None), made("forgot it!", None)
    known = made("forgot it", "s1")
    assert repeats([first, second, known]) == {known.id: first.id}


def test_what_a_person_said_counts() -> None:
    first = made("forgot the null check")
    said = made("something else", "s2", repeat_of=first.id)
    later = made("something else", "s3")
    assert repeats([first, said, later]) == {said.id: first.id, later.id: said.id}


def test_the_first_such_one_is_named() -> None:
    texts = ["a b c d", "a b c d e", "a b c d f", "a b c d"]
    mistakes = [made(text, f"s{number}") for number, text in enumerate(texts)]
    ids = [mistake.id for mistake in mistakes]
    assert repeats(mistakes) == {ids[1]: ids[0], ids[2]: ids[0], ids[3]: ids[0]}
    same = made("A b c d f", "s9")
    assert repeats([*mistakes, same])[same.id] == ids[2]


def test_a_back_end_counts_in_place_of_the_words_but_not_of_negations() -> None:
    def synonyms(one: str, other: str) -> float:
        asked.append((one, other))
        return 1.0 if {one, other} == {"close the file", "do not leave the handle open"} else nan

    asked: list[tuple[str, str]] = []
    first, again = made("Close the file"), made("do not leave the handle open", "s2")
    other = made("something else", "s3")
    assert repeats([first, again, other], synonyms) == {again.id: first.id}
    assert ("close the file", "something else") in asked
    negated = made("do not close the file", "s2")
    assert repeats([first, negated], lambda *_: 1.0) == {}
    assert repeats([first, made("Close  the file", "s2")], lambda *_: 0.0)


words = st.sampled_from(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "not",
        "never",
        "close",
        "file",
        "the",
        ",",
        ".",
        "!",
    ]
)
texts = st.lists(words, max_size=9).map(" ".join)
sessions = st.sampled_from([None, "s1", "s2", "s3"])


@given(st.lists(st.tuples(texts, sessions, st.sampled_from(["a", "b"])), max_size=25))
def test_the_index_finds_what_comparing_all_finds(rows: list[tuple[str, str | None, str]]) -> None:
    by_id = {m.id: m for m in (made(*row) for row in rows)}
    mistakes = list(by_id.values())
    expected = {}
    for number, mistake in enumerate(mistakes):
        text = told(mistake.description)
        others = [
            (told(known.description).text != text.text, place, known.id)
            for place, known in enumerate(mistakes[:number])
            if known.error_class == mistake.error_class and known.session != mistake.session
            if alike(told(known.description), text)
        ]
        if others:
            expected[mistake.id] = min(others)[2]
    assert repeats(mistakes) == expected


def many(kind: str, count: int) -> list[Mistake]:
    chance = random.Random(7)
    vocabulary = [f"word{number}" for number in range(2000)]
    if kind == "mixed":
        rows = [chance.choices(vocabulary, k=chance.randint(3, 15)) for _ in range(count)]
    elif kind == "numbered":
        rows = [f"forgot to test case number {n} again today".split() for n in range(count)]
    else:
        rows = [["forgot", "it", "again", str(n % 7)] for n in range(count)]
    size = 20 if kind != "one session" else count
    return [made(" ".join(row), f"s{number // size}") for number, row in enumerate(rows)]


@pytest.mark.parametrize("kind", ["mixed", "numbered", "alike", "one session"])
def test_ten_thousand_are_no_burden(kind: str) -> None:
    """Comparing all pairs takes more than a minute."""
    mistakes = many(kind, 10_000)
    with cpu_seconds(6):
        found = repeats(mistakes)
    assert bool(found) is (kind in ("alike", "numbered"))
