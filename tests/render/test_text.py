"""Looks, words and pages: what a terminal can show, and what it must never be sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from buildlog_git.core.moments import day_of
from buildlog_git.render.jsonout import to_json
from buildlog_git.render.look import Look, choose_look
from buildlog_git.render.page import Column, Page, cut, padded
from buildlog_git.render.words import (
    command,
    counted,
    distance_text,
    interval_text,
    listed,
    percent,
    safe,
    sparkline,
)

UI = "color.ui"
OWN = "color.buildlog"


@pytest.mark.parametrize(
    ("environment", "settings", "terminal", "colour"),
    [
        ({}, [], True, True),
        ({}, [], False, False),
        ({"NO_COLOR": ""}, [], True, True),
        ({"NO_COLOR": "1"}, [], True, False),
        ({"NO_COLOR": "1"}, [(UI, "always")], True, False),
        ({"TERM": "dumb"}, [], True, False),
        ({}, [(UI, "auto")], True, True),
        ({}, [(UI, "true")], False, False),
        ({}, [(UI, "never")], True, False),
        ({}, [(UI, "false")], True, False),
        ({}, [(UI, "always")], False, True),
        ({}, [(UI, "false"), (UI, "always")], False, True),
        ({}, [(OWN, "never"), (UI, "always")], True, False),
        ({}, [(OWN, "always"), (UI, "never")], False, True),
    ],
)
def test_colour(
    environment: dict[str, str], settings: list[tuple[str, str]], terminal: bool, colour: bool
) -> None:
    assert choose_look(environment, settings, terminal=terminal).colour is colour


@pytest.mark.parametrize(
    ("columns", "terminal", "width"),
    [(200, True, 120), (100, True, 100), (80, True, 80), (10, True, 40), (200, False, 80)],
)
def test_width(columns: int, terminal: bool, width: int) -> None:
    assert choose_look({}, terminal=terminal, columns=columns).width == width


@pytest.mark.parametrize(
    ("encoding", "term", "unicode"),
    [("UTF-8", "xterm", True), ("utf8", "xterm", True), ("ascii", "xterm", False),
     ("iso8859-1", "xterm", False), ("utf-8", "dumb", False)],
)  # fmt: skip
def test_characters(encoding: str, term: str, unicode: bool) -> None:
    look = choose_look({"TERM": term}, terminal=True, encoding=encoding)
    assert look.unicode is unicode


@given(st.text())
def test_safe_text_has_nothing_that_a_terminal_acts_upon(text: str) -> None:
    shown = safe(text)
    assert all(ord(char) >= 32 and not 127 <= ord(char) < 160 for char in shown)
    assert not set(shown) & set("\u2028\u2029\u202a\u202e\u2066\u200f\ufeff")
    shown.encode()


def test_safe_text_keeps_what_is_harmless() -> None:
    assert safe("Grüße, 世界 🤖 a\\b") == "Grüße, 世界 🤖 a\\b"
    assert safe("a\tb\n\x1b[0m\udce9\ud800\u202e") == r"a\tb\n\x1b[0m\xe9\ud800\u202e"


def test_numbers() -> None:
    values = (None, 0.0, 0.0049, 0.005, 0.209, 1.0)
    assert [distance_text(v) for v in values] == ["-", "0.00", "<0.01", "0.01", "0.21", "1.00"]
    assert [percent(v) for v in (0, 0.001, 0.5, 0.999, 1)] == [
        "0 %", "<1 %", "50 %", ">99 %", "100 %",
    ]  # fmt: skip
    assert interval_text(0.184, 0.25) == "[0.18-0.25]"
    assert interval_text(None, 0.2) == ""
    assert [counted(n, "draft") for n in (0, 1, 1234)] == ["0 drafts", "1 draft", "1,234 drafts"]
    assert [listed(names) for names in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
    assert [day_of(at) for at in (0, -5, 1767258000, 10**20)] == [
        "1970-01-01", "1970-01-01", "2026-01-01", "9999-12-31",
    ]  # fmt: skip


def test_sparkline() -> None:
    assert sparkline([0.0, 0.1, None, 0.2]) == "▁▅ █"
    assert sparkline([0.0, 0.0]) == "▁▁"
    assert sparkline([]) == ""


@given(st.text(), st.integers(1, 40))
def test_cells_are_exact(text: str, width: int) -> None:
    assert cell_len(padded(safe(text), width)) == width
    assert cell_len(cut(safe(text), width)) <= width


def test_a_sentence_never_breaks_a_command() -> None:
    page = Page(Look(width=40))
    page.sentence(f"what was stored there goes with {command('git update-ref -d x')}.", "Undo:")
    assert page.text() == "Undo: what was stored there goes with\n  git update-ref -d x.\n"


def test_a_table_is_cut_to_the_width() -> None:
    page = Page(Look())
    page.table((Column("A", right=True), Column("B")), [("1", "x" * 90), ("22", "[bold]")])
    assert page.text().splitlines() == [" A  B", f" 1  {'x' * 75}…", "22  [bold]"]


def test_a_page_in_ascii() -> None:
    page = Page(Look(width=40, unicode=False))
    page.line(sparkline([0.1, 0.8]), " ", cut("x" * 50, 10), " ü")
    assert page.text() == ":@ xxxxxxxxx~ ü\n"


def test_colours_are_the_standard_ones() -> None:
    page = Page(Look(colour=True))
    page.line("a ", ("b", "yellow"))
    page.table((Column("C", style="cyan"),), [("d",)])
    assert page.text().startswith("a \x1b[33mb\x1b[0m\n\x1b[1mC\x1b[0m\n\x1b[36md\x1b[0m\n")


def test_json_escapes_what_is_not_ascii() -> None:
    from buildlog_git.core.report import TrendItem

    assert to_json(TrendItem("é\udce9\x1b", 1, None)).splitlines() == [
        "{", r'  "period": "\u00e9\udce9\u001b",', '  "n": 1,', '  "mean": null', "}",
    ]  # fmt: skip
