"""Which files of an agent hold the rules of a scope, and how they say for which paths."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.frontmatter import split
from buildlog_git.core.rendering import ShownRule, front_matter
from buildlog_git.core.rules import digest_of_text, scope_of
from buildlog_git.core.scopes import MOST, head_of, key_in, key_of, main_of, parts_of
from buildlog_git.core.targets import TARGETS, Target

KEYS = {"paths": "paths", "globs": "globs", "applyTo": "applyto"}
SCOPED = [target for target in TARGETS if target.scope_key]


def rule(name: str, *scope: str) -> ShownRule:
    return ShownRule(name, digest_of_text(name), name, scope)


def test_the_forms_of_the_agents() -> None:
    scope = ("tests/**", "*.{py,pyi}")
    assert head_of("paths", scope) == '---\npaths:\n  - "tests/**"\n  - "*.{py,pyi}"\n---\n'
    assert head_of("globs", scope) == (
        "---\ndescription: Rules of the team\nglobs: tests/**,*.py,*.pyi\nalwaysApply: false\n---\n"
    )
    assert head_of("applyTo", scope) == "---\napplyTo: 'tests/**,*.py,*.pyi'\n---\n"
    assert {target.name for target in SCOPED} == {"claude", "cursor", "copilot"}


@pytest.mark.parametrize("glob", ["!a/**", "a'b", "a`b", 'a"b', "a: b", "a # b", "a\\b", "a\nb",
                                  " a", "{a", "a}b", "{a,{b",
                                  f"{{{','.join(map(str, range(MOST)))}}}"])  # fmt: skip
def test_what_an_agent_may_read_otherwise_is_said_in_words(glob: str) -> None:
    assert head_of("globs", ("tests/**", glob)) == ""
    assert head_of("applyTo", ("tests/**", glob)) == ""


def test_braces_within_braces_are_spread() -> None:
    assert "globs: a/xz,bz,a/yz\n" in head_of("globs", ("{a/{x,y},b}z",))


@given(st.lists(st.from_regex(r"[a-z./*?@~+-]{1,8}(?:\{a,b\})?", fullmatch=True), min_size=1,
                max_size=4, unique=True), st.sampled_from(sorted(KEYS)))  # fmt: skip
def test_a_front_matter_names_just_the_scope(scope: list[str], key: str) -> None:
    head = head_of(key, scope)
    found = scope_of(split(head).fields, KEYS[key])
    wanted = scope if key == "paths" else [
        glob.replace("{a,b}", one) for glob in scope for one in ("ab" if "{" in glob else " ")
    ]  # fmt: skip
    assert found == tuple(dict.fromkeys(wanted))
    assert front_matter(head.encode()) == head


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_every_rule_is_in_one_file_of_each_agent(target: Target, committed: bool) -> None:
    rules = [rule("all"), rule("b", "src/*"), rule("a", "src/*"), rule("odd", "!x"), rule("t", "t")]
    parts = parts_of(target, rules, committed=committed)
    names = [[one.id for one in part.rules] for part in parts]
    if target in SCOPED:
        assert names[0] == ["all", "odd"]
        assert sorted(names[1:]) == [["a", "b"], ["t"]]
        assert [one.scope for one in parts[0].rules] == [(), ("!x",)]
        for part in parts[1:]:
            assert key_in(part.path) == key_of(part.head)
            assert {one.scope for one in part.rules} == {()}
            assert re.search(r"/buildlog-[0-9a-f]{8}\.", part.path)
            assert committed or main_of(part.path) == target.local
    else:
        assert names == [["a", "all", "b", "odd", "t"]]
        assert parts[0].rules[0].scope == ("src/*",)
    assert parts == parts_of(target, rules[::-1], committed=committed)
    assert len(parts_of(target, rules, committed=committed, words=True)) == 1
