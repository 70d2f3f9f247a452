"""Decisions about sessions that need no repository."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.ids import Oid
from buildlog_git.core.session import (
    CLASSES,
    OpenSession,
    Place,
    class_of_branch,
    decode_session,
    encode_session,
    is_word,
    place_digests,
    seconds_of,
    session_id,
    session_settings,
)
from buildlog_git.errors import UsageError

BASE = Oid("a" * 40)
PLACE = Place("-", "refs/heads/fix/login")
OPEN = OpenSession("0123456789abcdef", BASE, 100, 200, "bugfix", ("one",), 4, (BASE,), ("note",))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("8h", 28800), ("90m", 5400), ("2d", 172800), ("45s", 45), ("1w", 604800),
        ("1d12h", 129600), ("0h", 0), ("", None), ("8", None), ("h", None), ("8 h", None),
        ("-8h", None), ("8h!", None), ("1.5h", None), ("9999999h", None), ("8H", None),
    ],
)  # fmt: skip
def test_durations(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds


def test_settings() -> None:
    found = session_settings(
        [
            ("buildlog.session.idle", "2d"), ("buildlog.holdout", "0.1"),
            ("buildlog.session.k", "5"), ("buildlog.class.spike", "research"),
            ("buildlog.class.fix", "repair"), ("buildlog.exclude", "*.lock"),
            ("buildlog.session.idle", "90m"),
        ]
    )  # fmt: skip
    assert (found.idle, found.holdout, found.k) == (5400, 0.1, 5)
    assert found.classes == {**CLASSES, "spike": "research", "fix": "repair"}
    defaults = session_settings([])
    assert (defaults.idle, defaults.holdout, defaults.k) == (28800, 0.03, 3)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("buildlog.session.idle", "8"), ("buildlog.session.idle", ""),
        ("buildlog.session.idle", "0h"), ("buildlog.holdout", "1.5"),
        ("buildlog.holdout", "nan"), ("buildlog.holdout", "-0.1"), ("buildlog.holdout", ""),
        ("buildlog.session.k", "many"), ("buildlog.class.fix", "two words"),
    ],
)  # fmt: skip
def test_a_bad_setting_is_named(key: str, value: str) -> None:
    with pytest.raises(UsageError, match=key) as raised:
        session_settings([(key, value)])
    assert raised.value.slug == "bad-setting"


@pytest.mark.parametrize(
    ("branch", "error_class"),
    [
        ("refs/heads/fix/login", "bugfix"), ("refs/heads/FEAT/x", "feature"),
        ("refs/heads/feature/a/b", "feature"), ("refs/heads/test/x", "tests"),
        ("refs/heads/docs/x", "docs"), ("refs/heads/hotfix/x", "bugfix"),
        ("refs/heads/fix", "general"), ("refs/heads/main", "general"),
        ("refs/heads/ada/fix", "general"), ("refs/heads/fixture/x", "general"),
    ],
)  # fmt: skip
def test_the_class_of_a_branch(branch: str, error_class: str) -> None:
    assert class_of_branch(branch, CLASSES) == error_class


def test_ids_tell_every_part_apart() -> None:
    names = {
        session_id(clone, Place(worktree, branch), base, ordinal)
        for clone in ("1", "2")
        for worktree in ("-", "w")
        for branch in ("refs/heads/a", "refs/heads/b")
        for base in (BASE, Oid("b" * 40))
        for ordinal in (0, 1)
    }
    assert len(names) == 32
    assert session_id("1", PLACE, BASE, 0) == session_id("1", PLACE, BASE, 0)
    assert not {"fix", "login"} & set(place_digests(PLACE)[0])


def test_a_session_is_idle_after_the_limit_and_a_commit_counts_once() -> None:
    assert not OPEN.is_idle(300, 100)
    assert OPEN.is_idle(301, 100)
    assert not OPEN.is_idle(0, 100)  # a clock that went back ends nothing
    other = Oid("b" * 40)
    touched = OPEN.touched(250, other).touched(240, other).touched(245)
    assert (touched.last, touched.commits) == (250, (BASE, other))


@given(
    st.builds(
        OpenSession,
        id=st.text("0123456789abcdef", min_size=16, max_size=16),
        base=st.just(BASE),
        started=st.integers(),
        last=st.integers(),
        error_class=st.text("abc-", min_size=1, max_size=5).filter(is_word),
        rules=st.lists(st.text()).map(tuple),
        rules_start=st.integers(),
        commits=st.lists(st.just(BASE)).map(tuple),
        notes=st.lists(st.text()).map(tuple),
    ),
    st.builds(Place, st.text(min_size=1), st.text(min_size=1)),
)
def test_the_file_says_what_was_written(session: OpenSession, place: Place) -> None:
    content = encode_session(session, place).encode("utf-8", "surrogatepass")
    assert decode_session(content) == (session, place)


@given(st.binary(max_size=200))
def test_any_bytes_are_read(content: bytes) -> None:
    assert decode_session(content) is None


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2}, {"id": "short"}, {"id": None}, {"base": "HEAD"}, {"started": "now"},
        {"last": True}, {"rules": "one"}, {"rules": [1]}, {"commits": None}, {"worktree": ""},
        {"branch": 7}, {"error_class": "two words"},
    ],
)  # fmt: skip
def test_a_damaged_file_is_none(change: dict[str, Any]) -> None:
    told = {**json.loads(encode_session(OPEN, PLACE)), **change}
    assert decode_session(json.dumps(told).encode()) is None
    whole = encode_session(OPEN, PLACE).encode()
    assert decode_session(whole[:-20]) is None
