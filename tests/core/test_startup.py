"""Rules as a hook in settings that somebody else writes too: nothing of theirs is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.jsontext import OddJsonError, parsed
from buildlog_git.core.rendering import ShownRule
from buildlog_git.core.rules import digest_of_text
from buildlog_git.core.startup import EVENT, hooks_in, spoken, with_hook, without_hook

BODY = "Follow these rules of the team:\n\nDo be."
THEIRS = """{
    // what we allow
    "permissions": {"allow": ["Bash(ls)"]}, /* and
    more */
    "hooks": {
        "SessionStart": [
            {"hooks": [{"type": "command", "command": "date"}]} // when
        ],
        "Stop": []
    },
    "model": "x" // last
}
"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
GROUPS = st.lists(JSON, min_size=1, max_size=3)
HOOKS = st.one_of(
    st.none(),
    st.dictionaries(st.just("Stop"), JSON, min_size=1),
    st.builds(lambda groups, stop: {EVENT: groups, **stop}, GROUPS,
              st.dictionaries(st.just("Stop"), JSON)),
)  # fmt: skip
SETTINGS = st.builds(
    lambda before, hooks, after: {**before, **({} if hooks is None else {"hooks": hooks}), **after},
    st.dictionaries(st.sampled_from(["model", "env"]), JSON, min_size=1),
    HOOKS,
    st.dictionaries(st.sampled_from(["permissions", "ü"]), JSON),
)


def printed(text: str) -> str:
    """Return what a shell prints for our hook."""
    command = parsed(text).value["hooks"][EVENT][-1]["hooks"][0]["command"]
    shell = shutil.which("sh") or "/bin/sh"
    return subprocess.run([shell, "-c", command], capture_output=True, check=True).stdout.decode()


@given(SETTINGS, st.sampled_from([None, 2, 4, "\t"]), st.booleans(), st.text(max_size=30))
def test_what_was_put_in_comes_out_again(
    settings: dict[str, Any], indent: int | str | None, crlf: bool, said: str
) -> None:
    text = json.dumps(settings, indent=indent, ensure_ascii=False)
    text = text.replace("\n", "\r\n") if crlf else text
    body = spoken([ShownRule("r", "0" * 16, said)])
    put = with_hook(text, body)
    assert with_hook(put, body) == put
    assert [hook.intact for hook in hooks_in(put)] == [True]
    assert without_hook(put) == text
    value = json.loads(put)
    ours = value["hooks"][EVENT].pop()
    assert ours["hooks"][0]["command"].startswith("cat <<'buildlog-")
    assert {**value, "hooks": None} == {**settings, "hooks": None}
    other = with_hook(put, BODY)
    assert without_hook(other) == text
    assert json.loads(other)["hooks"][EVENT][-1] != ours or body == BODY


def test_comments_and_layout_stay() -> None:
    put = with_hook(THEIRS, BODY)
    assert put.startswith(THEIRS[: THEIRS.index(" // when")] + ", // when\n            {\n")
    assert put.endswith(THEIRS[THEIRS.index("\n        ],\n") :])
    assert without_hook(put) == THEIRS
    assert printed(put) == BODY + "\n"


@pytest.mark.parametrize("text", [
    '{"a": 1,}', '{"hooks": {"SessionStart": [1,]}}', '{\n  "a": 1, // x\n}',
    '{"hooks": {\n  // none yet\n}}', '{"hooks": {"SessionStart": [ /* x */ ]}}',
    '\ufeff{"a": 1}',
])  # fmt: skip
def test_what_is_no_strict_json_stays_as_it_is(text: str) -> None:
    put = with_hook(text, BODY)
    assert [hook.intact for hook in hooks_in(put)] == [True]
    assert without_hook(put) == text
    assert printed(put.removeprefix("\ufeff")) == BODY + "\n"


@pytest.mark.parametrize("text", ["", " \n", "{}", "{ }\n", '{"hooks": {"SessionStart": []}}'])
def test_where_nothing_else_is_nothing_is_left(text: str) -> None:
    put = with_hook(text, BODY)
    assert json.loads(put)["hooks"][EVENT]
    assert without_hook(put) == ""


def test_no_text_gets_out_of_its_hook() -> None:
    texts = ["$(touch x) `date` $HOME \\ '\" !!", "buildlog-0123456789abcdef", "EOF\nrm -rf x"]
    rules = [ShownRule(f"r{n}", digest_of_text(text), text) for n, text in enumerate(texts)]
    body = spoken(rules)
    assert printed(with_hook("{}", body)) == body + "\n"
    assert all(text in body for text in texts)


def test_a_change_by_hand_is_noticed() -> None:
    put = with_hook(THEIRS, BODY)
    edited = put.replace("Do be.", "Do be nice.")
    assert [hook.intact for hook in hooks_in(edited)] == [False]
    assert with_hook(edited, BODY) == put
    more = put.replace('"matcher": "startup|clear|compact"', '"matcher": "startup"')
    assert [hook.intact for hook in hooks_in(more)] == [False]
    relaid = json.dumps(parsed(put).value)
    assert with_hook(relaid, BODY) == relaid, "who lays it out anew has changed nothing"


def test_of_two_after_a_merge_one_is_left() -> None:
    put = with_hook(THEIRS, BODY)
    value = parsed(put).value
    value["hooks"][EVENT].append(value["hooks"][EVENT][-1])
    value["hooks"][EVENT].append({"hooks": []})
    tidied = json.loads(with_hook(json.dumps(value), BODY))
    assert len(tidied["hooks"][EVENT]) == 3
    assert tidied["hooks"][EVENT][1] == value["hooks"][EVENT][1]


@pytest.mark.parametrize("text", [
    "[]", "3", '{"hooks": []}', '{"hooks": {"SessionStart": {}}}', '{"a": 1', '{"a" 1}', "{a: 1}",
    '{"hooks": {}, "hooks": {}}', "{} x", '{"a": tru}', "[" * 500, '{"a": "\n"}', "/* open",
])  # fmt: skip
def test_what_has_no_place_for_it_is_refused(text: str) -> None:
    with pytest.raises(OddJsonError):
        with_hook(text, BODY)
