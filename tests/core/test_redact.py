"""What is private never reaches a note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.redact import redact


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("forgot the null check in parse()", "forgot the null check in parse()"),
        ("ask ada@example.com about it", "ask [removed] about it"),
        ("<Ada.L+x@mail.example.co.uk>", "<[removed]>"),
        ("cloned https://ada:hunter2@host/x.git twice", "cloned [removed] twice"),
        ("cloned https://token@host/x.git", "cloned [removed]"),
        ("see https://example.com/a/b#c", "see https://example.com/a/b#c"),
        ("key ghp_abcdefghijklmnopqrstuvwxyz0123456789 leaked", "key [removed] leaked"),
        ("AKIAIOSFODNN7EXAMPLE", "[removed]"),
        ("Authorization: Bearer abcdef.ghijkl", "Authorization: [removed]"),
        ("password = hunter2", "[removed]"),
        ("hash 0123456789abcdef0123456789abcdef01234567", "hash [removed]"),
        ("a_rather_long_name_without_any_number", "a_rather_long_name_without_any_number"),
        ("two\nlines\tand \x1b[31mred", "two lines and [31mred"),
    ],
)
def test_what_is_removed(text: str, left: str) -> None:
    assert redact(text) == left


@given(st.text())
def test_any_text_fits(text: str) -> None:
    assert len(redact(text)) <= 200


def test_long_text_is_cut_and_fast() -> None:
    assert len(redact("a1" * 500_000)) <= 200
    assert redact("word " * 300).startswith("word word")
    assert redact("@" * 5000 + "://" * 1000) is not None
