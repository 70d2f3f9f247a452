"""Rule files: parsed, printed, and changed in one field only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.frontmatter import split, with_field
from buildlog_git.core.rules import (
    STATES,
    Rule,
    digest_of_text,
    parse_rule,
    print_rule,
    why_no_id,
)

lines = st.text("ab-: #'\"[]{}>|,\\*&!%@`é✓/.", max_size=20)
texts = st.lists(lines, min_size=1, max_size=5).map("\n".join).map(str.strip).filter(bool)
values = lines.map(str.strip).filter(bool)
words = st.from_regex(r"[a-z][a-z0-9-]{0,9}", fullmatch=True)
globs = st.lists(st.from_regex(r"[a-z*/.{}]{1,9}", fullmatch=True), max_size=3, unique=True)
rules = st.builds(
    Rule, words, values, words, st.sampled_from(STATES), texts, globs.map(tuple),
    words | st.just(""), st.sampled_from(["", "2026-01-31"]), words, values,
)  # fmt: skip


def parsed(content: str, stem: str = "stem") -> Rule:
    rule, problems = parse_rule(content, stem)
    assert rule, problems
    return rule


@given(rules)
def test_what_is_printed_is_read_again(rule: Rule) -> None:
    assert parsed(print_rule(rule)) == rule
    assert parsed("\ufeff" + print_rule(rule).replace("\n", "\r\n")) == rule


@given(rules, st.sampled_from(STATES), st.booleans(), st.booleans())
def test_a_state_is_changed_and_nothing_else(rule: Rule, state: str, crlf: bool, bom: bool) -> None:
    before = print_rule(rule).replace("title:", "x-odd: [1, {a: b}]  # ours\ntitle:")
    before = ("\ufeff" if bom else "") + (before.replace("\n", "\r\n") if crlf else before)
    after = with_field(before, "state", state)
    assert parsed(after) == rule._replace(state=state)  # type: ignore[arg-type]
    assert with_field(after, "state", rule.state) == before
    assert with_field(after, "state", state) == after
    kept = [line for line in before.splitlines() if not line.startswith("state:")]
    assert [line for line in after.splitlines() if not line.startswith("state:")] == kept


@given(texts)
def test_a_text_alone_is_a_rule_on_trial(text: str) -> None:
    if text.startswith("---"):
        return
    rule = parsed(text, "be-brief")
    assert rule == Rule("be-brief", "be-brief", "general", "trial", text)
    pinned = with_field(text, "state", "pinned")
    assert pinned.endswith(f"---\n{text}")
    assert parsed(pinned, "be-brief") == rule._replace(state="pinned")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("scope: src/**, '*.py'", ("src/**", "*.py")),
        ('scope: [src/**, "a, b"]  # both', ("src/**", "a", "b")),
        ("scope:\n  - src/**\n  # not this\n  - '*.{ts,tsx}'", ("src/**", "*.{ts,tsx}")),
        ("scope:\n- src/**", ("src/**",)),
        ("scope: [\n  a,\n  b\n]", ("a", "b")),
        ('scope: "*.a", "*.b"', ("*.a", "*.b")),
        ("scope:", ()),
    ],
)  # fmt: skip
def test_scopes(line: str, value: tuple[str, ...]) -> None:
    assert parsed(f"---\n{line}\nid: x\n---\nText.").scope == value


@given(st.text("ab:-[]{}#'\" \t\n\r\\>|", max_size=40), st.sampled_from(STATES))
def test_whatever_stands_there_is_read_and_a_state_can_be_set(head: str, state: str) -> None:
    for content in (f"---\n{head}\n---\nText.", f"---\n---\n{head}", head):
        split(content)
        parse_rule(content, "stem")
        after = with_field(content, "state", state)
        assert with_field(after, "state", state) == after
        if not head.startswith("---"):
            assert split(after).get("state") == state


def test_fields_in_all_forms() -> None:
    fields = split(
        "---\nID: a\ntitle: 'It''s # here' # gone\nfolded: >-\n  one\n  two\nodd\n"
        'long: one\n  two\nquoted: "a \\"b\\" c"\n---\n\n  Text  \n'
    )
    assert {key: fields.get(key) for key in fields.fields} == {
        "id": "a", "title": "It's # here", "folded": "one two", "long": "one two",
        "quoted": 'a "b" c',
    }  # fmt: skip
    assert fields.text == "Text"
    assert split("---\nno end").text == "---\nno end"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("---\nid: ../x\n---\nText.", "its id cannot be one"),
        ("---\nid: a/b\n---\nText.", "its id cannot be one"),
        ("---\nid: a..b\n---\nText.", "two dots"),
        ("---\nid: a\nid: b\n---\nText.", "its id is said twice"),
        ("---\nstate: odd\n---\nText.", "its state is none of"),
        ("---\nclass: two words\n---\nText.", "its class is not one word"),
        ("---\nid: a\n---\n\n", "it has no text"),
        ("", "it has no text"),
        ("Text \x1b[31m", "it has control characters"),
        ("Text \x00", "it has control characters"),
        ("Old\rline ends", "it has control characters"),
        ("Right \u202e to left", "it has control characters"),
    ],
)
def test_what_is_no_rule(content: str, problem: str) -> None:
    rule, problems = parse_rule(content, "stem")
    assert rule is None
    assert problem in " ".join(problems)


def test_all_that_is_wrong_is_said() -> None:
    assert len(parse_rule("---\nid: /\nstate: odd\nclass: a b\n---\n", "stem")[1]) == 4


def test_emoji_and_other_scripts_are_fine() -> None:
    assert parsed("👩‍💻 ログに\u00ad書かない\t∀").text


def test_ids() -> None:
    assert not any(map(why_no_id, ["a", "no-mocks", "C++", "v1.2", "A_b"]))
    assert all(map(why_no_id, ["", "-a", ".a", "a b", "a/b", "..", "a..b", "a.", "é", "a" * 65]))


def test_digest_and_cost_follow_the_text_alone() -> None:
    rule = parsed("---\nid: a\n---\n\nUse it.\n")
    assert rule.digest == digest_of_text("Use it.") == parsed("Use it.\r\n").digest
    assert (rule.tokens, rule._replace(text="12345678").tokens) == (2, 2)
    assert rule._replace(text="123456789").tokens == 3
