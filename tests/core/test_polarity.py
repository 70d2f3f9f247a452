"""What a sentence asks for and what it forbids."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.polarity import opposed, polarity, words

PARTS = "log use test not never if when without unless always the no, a. b; c: \n- \n\n , . don't"
texts = st.one_of(
    st.text("abc dn't,.:;!\n-", max_size=30),
    st.lists(st.sampled_from(PARTS.split(" ")), max_size=12).map(" ".join),
)


def signs(text: str) -> str:
    return " ".join(f"{'-' if negated else '+'}{word}" for word, negated in polarity(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Do not log passwords", "-log -passwords"),
        ("Always log passwords!", "+always +log +passwords"),
        ("Don\u2019t log passwords", "-log -passwords"),
        ("NEVER\n  commit a secret", "-commit -a -secret"),
        ("Use tabs, not spaces.", "+use +tabs -spaces"),
        ("Don't use tabs, use spaces", "-use -tabs +use +spaces"),
        ("Do not push tokens, keys or names. Ask.", "-push -tokens -keys -or -names +ask"),
        ("Do not forget to run tests", "+to +run +tests"),
        ("Do not commit if tests fail", "-commit +if +tests +fail"),
        ("Use pathlib instead of os.path", "+use +pathlib +instead -os -path"),
        ("Avoid:\n\n- globals\n- prints\n\nUse logging.", "-globals -prints +use +logging"),
        ("Avoid globals (e.g. caches). Run it", "-globals -caches +run +it"),
        ("Compare with `is not None`", "+compare +with +is -none"),
        ("❌ C++ and C#", "-c++ -and -c#"),
        ("never", "-never"),
    ],
)
def test_signs(text: str, expected: str) -> None:
    assert signs(text) == expected


def test_words_keep_negations() -> None:
    assert " ".join(words("Don't PRINT; it isn't logged")) == "do not print it is not logged"
    assert words("  ...  ") == ()


@given(texts)
def test_to_negate_is_to_oppose(text: str) -> None:
    assert opposed(polarity(text), polarity(f"do not {text}"))
    assert opposed(polarity(f"never {text}"), polarity(text))


@given(texts, texts)
def test_opposition_is_mutual_and_nothing_opposes_itself(text: str, other: str) -> None:
    assert opposed(polarity(text), polarity(other)) == opposed(polarity(other), polarity(text))
    assert not opposed(polarity(text), polarity(text.upper()))


@pytest.mark.parametrize(
    ("text", "other", "common"),
    [
        ("Do not log passwords", "Always log passwords", {"log", "passwords"}),
        ("Use tabs, not spaces", "Use spaces, not tabs", {"tabs", "spaces"}),
        ("Commit without tests", "Commit with tests", {"tests"}),
        ("Return non-empty lists", "Return empty lists", {"empty", "lists"}),
        ("Write tests first", "Write tests first, please", set()),
    ],
)
def test_what_is_opposed(text: str, other: str, common: set[str]) -> None:
    assert opposed(polarity(text), polarity(other)) == common
