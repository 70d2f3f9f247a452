"""What agents read, and what can be told from it again."""

from __future__ import annotations

import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.rendering import (
    ShownRule,
    body_of,
    escaped,
    read_block,
    unescaped,
    why_unfit,
    with_block,
    with_copy,
    without_block,
    without_copy,
)
from buildlog_git.core.rules import digest_of_text

KIND: Literal["local"] = "local"
END = "<!-- buildlog:end local -->"


def shown(name: str, text: str) -> ShownRule:
    return ShownRule(name, digest_of_text(text), text)


plain = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp")))
tricky = st.lists(
    st.sampled_from(["<!--", "<\\!--", " buildlog:end local ", "buildlog:rule a", "-->", "\n", "\\",
                     "text", END, "<!-- buildlog:rule x 0123456789abcdef -->"])
).map("".join)  # fmt: skip
texts = (plain | tricky).map(str.strip).filter(bool)
ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+/-]{0,9}", fullmatch=True)
scopes = st.lists(texts, max_size=2).map(tuple)
rules = st.dictionaries(ids, st.tuples(texts, scopes), max_size=4).map(
    lambda found: [shown(name, text)._replace(scope=its) for name, (text, its) in found.items()]
)


@given(texts)
def test_an_escaped_text_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not re.search(r"<!--\s*buildlog:", escaped(text))


@given(rules, st.binary(), st.booleans())
def test_what_is_rendered_can_be_read_back(
    wanted: list[ShownRule], around: bytes, at_start: bool
) -> None:
    around = around.replace(b"<!-- buildlog:", b"")
    content = with_block(around, KIND, body_of(wanted), at_start=at_start)
    block = read_block(content, KIND)
    assert block is not None
    assert (block.intact, block.ended) == (True, True)
    read = [(rule.id, rule.digest, rule.found) for rule in block.rules]
    assert read == sorted((rule.id, rule.digest, rule.digest) for rule in wanted)
    assert without_block(content, KIND) == around
    assert with_block(content, KIND, body_of(wanted)) == content


@given(rules, rules, st.text())
def test_another_set_takes_the_place_of_the_first(
    one: list[ShownRule], two: list[ShownRule], around: str
) -> None:
    content = around.replace("<!-- buildlog:", "").encode("utf-8", "replace")
    first = with_block(content, KIND, body_of(one))
    assert with_block(first, KIND, body_of(two)) == with_block(content, KIND, body_of(two))


@given(rules)
def test_the_order_of_rules_does_not_matter(wanted: list[ShownRule]) -> None:
    assert body_of(wanted) == body_of(wanted[::-1])


def test_a_rule_with_our_end_marker_ends_nothing() -> None:
    text = f"Write this:\n{END}\nand then go on."
    content = with_block(b"", KIND, body_of([shown("a", text), shown("b", "Second.")]))
    block = read_block(content, KIND)
    assert block is not None
    assert [rule.id for rule in block.rules if rule.found == rule.digest] == ["a", "b"]
    assert content.count(END.encode()) == 1
    assert b"and then go on." in content


def test_a_comment_that_is_left_open_hides_nothing() -> None:
    content = with_block(
        b"", KIND, body_of([shown("a", "Use <!-- in HTML."), shown("b", "Second.")])
    )
    visible = re.sub(rb"<!--.*?-->", b"", content, flags=re.DOTALL)
    assert b"in HTML." in visible
    assert b"Second." in visible
    closed = body_of([shown("a", "A <!-- comment --> stays.")])
    assert "A <!-- comment --> stays." in closed


def test_control_characters_never_get_through() -> None:
    text = "red \x1b[31m, \x00, \x9b, \u202e, \u2028, \ud800, \ufeff and\ta tab\r\nline"
    content = with_block(b"", KIND, body_of([shown("a", "x")._replace(text=text)]))
    found = content.decode()
    assert not {char for char in found if not char.isprintable()} - {"\n", "\t"}
    assert "red \\x1b[31m, \\x00, \\x9b, \\u202e, \\u2028, \\ud800, \\ufeff and\ta tab" in found


def test_line_ends_of_the_file_are_taken_over() -> None:
    content = with_block(b"# Mine\r\n\r\nText\r\n", KIND, body_of([shown("a", "One.\nTwo.")]))
    assert content.count(b"\n") == content.count(b"\r\n")
    block = read_block(content, KIND)
    assert block is not None
    assert block.intact
    assert block.rules[0].found == digest_of_text("One.\nTwo.")
    assert without_block(content, KIND) == b"# Mine\r\n\r\nText\r\n"


def test_a_change_by_hand_is_noticed() -> None:
    content = with_block(b"# Mine\n", KIND, body_of([shown("a", "One."), shown("b", "Two.")]))
    changed = read_block(content.replace(b"Two.", b"Three."), KIND)
    assert changed is not None
    assert not changed.intact
    assert [rule.found == rule.digest for rule in changed.rules] == [True, False]
    cut = read_block(content[: content.index(b"Two.")], KIND)
    assert cut is not None
    assert (cut.intact, cut.ended) == (False, False)
    doubled = content + content
    assert without_block(doubled, KIND) == b"# Mine\n# Mine\n"


def test_a_megabyte_is_rendered_and_read() -> None:
    text = ("word " * 20 + "\n") * 10_000
    block = read_block(with_block(b"x", KIND, body_of([shown("a", text.strip())])), KIND)
    assert block is not None
    assert block.rules[0].found == digest_of_text(text.strip())


@pytest.mark.parametrize("original", [b"", b"# Agents\n", b"\xff\xfe\xe9", END.encode() * 2])
def test_a_copy_is_told_from_what_somebody_added(original: bytes) -> None:
    block = with_block(b"", KIND, body_of([shown("a", "One.")]))
    content = with_copy(block, original)
    assert without_copy(content) == block
    assert without_copy(content + b"mine\n") == block + b"mine\n"
    if original:
        assert without_copy(content[:-1]) is None
    assert without_copy(b"# nothing of ours\n") == b"# nothing of ours\n"


def test_what_cannot_hold_a_block() -> None:
    assert "UTF-16" in why_unfit("# Mine".encode("utf-16"), "x")
    assert "binary" in why_unfit(b"a\0b", "x")
    assert why_unfit("# Größe".encode("latin-1"), "plain") == ""
    assert "not UTF-8" in why_unfit("# Größe".encode("latin-1"), "größer")
    assert why_unfit("# Größe".encode(), "größer") == ""
    kept = with_block("# Größe".encode("latin-1"), KIND, "plain\n")
    assert kept.startswith("# Größe".encode("latin-1"))


@pytest.mark.parametrize(("text", "scope", "line"), [
    ("Use it.", ("tests/**",), "In `tests/**`: Use it."),
    ("Use it.", ("a/*", "b`c", "d"), "In `a/*`, `b'c` and `d`: Use it."),
    ("- one\n- two", ("a/*",), "In `a/*`:\n\n- one\n- two"),
    ("# Tests\nUse it.", ("a/*",), "In `a/*`:\n\n# Tests\nUse it."),
    ("Use it.", (), "Use it."),
])  # fmt: skip
def test_a_scope_is_said_in_words(text: str, scope: tuple[str, ...], line: str) -> None:
    assert f"-->\n{line}\n" in body_of([shown("r", text)._replace(scope=scope)])


def test_words_of_a_scope_that_somebody_changed_are_noticed() -> None:
    rule = shown("r", "Use it.")._replace(scope=("tests/**",))
    content = with_block(b"", KIND, body_of([rule])).replace(b"`tests/**`", b"`docs/**`")
    block = read_block(content, KIND)
    assert block is not None
    assert not block.intact
    assert block.rules[0].found != rule.digest
