"""Rules that say the same, and rules that say the opposite."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.meaning import contradict, meaning_of, same, stem

PARTS = "log use tests not never if without always the no code, fast. 40"
texts = st.lists(st.sampled_from(PARTS.split(" ")), max_size=10).map(" ".join)


def are_same(one: str, other: str) -> bool:
    return same(meaning_of(one), meaning_of(other))


@given(texts, texts)
def test_both_are_symmetric(one: str, other: str) -> None:
    mine, theirs = meaning_of(one), meaning_of(other)
    assert same(mine, theirs) == same(theirs, mine)
    assert contradict(mine, theirs) == contradict(theirs, mine)


@given(texts)
def test_a_text_and_its_negation_are_never_the_same(text: str) -> None:
    assert not are_same(text, f"Do not {text}")
    assert not are_same(f"Never {text}", text)


@given(texts, st.sampled_from([".", "!", " ", "\n", ""]))
def test_case_and_punctuation_around_it_change_nothing(text: str, end: str) -> None:
    assert are_same(text, f"  {text.upper()}{end}")
    assert not contradict(meaning_of(text), meaning_of(text.title()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Write tests for all new code.", "Please always write tests for new code"),
        ("Use type hints", "**Using** `type` hints:"),
        ("Do not log passwords", "don't log a password!"),
        ("Run the linter before you push to the main", "Run linter before pushing to main"),
    ],
)  # fmt: skip
def test_the_same(one: str, other: str) -> None:
    assert are_same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Do not log passwords", "Always log passwords"),
        ("Prefer tabs to spaces", "Prefer spaces to tabs"),
        ("Keep all functions in core under 40 lines", "Keep all functions in core under 50 lines"),
        ("Use pytest for unit tests in core and api", "Use tox for unit tests in core and api"),
        ("Commit without tests", "Commit with tests"),
        ("Compare with `is None`", "Compare with `is not None`"),
        ("Write tests", "Write tests for the parser, and run them in the container"),
        ("Never use tabs, use spaces", "Never use spaces, use tabs"),
    ],
)  # fmt: skip
def test_not_the_same(one: str, other: str) -> None:
    assert not are_same(one, other)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Do not log passwords", "Always log passwords", True),
        ("Use tabs, not spaces", "Use spaces, not tabs", True),
        ("Always use type hints", "Never use type hints in tests", True),
        ("Do not use mocks", "Use fakes", False),
        ("Do not commit secrets", "Commit often", False),
        ("Use tabs", "Use spaces", False),
        ("Never push to main", "Never push to main", False),
    ],
)
def test_contradictions(one: str, other: str, expected: bool) -> None:
    assert contradict(meaning_of(one), meaning_of(other)) is expected


@pytest.mark.parametrize(
    "words",
    ["test tests testing tested", "cache caches caching cached", "log logs logging logged",
     "use uses using used", "class classes", "string strings", "status", "need needs"],
)  # fmt: skip
def test_stems(words: str) -> None:
    assert len({stem(word) for word in words.split()}) == 1
