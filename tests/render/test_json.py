"""JSON is written in one pass, and is what the standard library writes of the plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from buildlog_git.render.jsonout import to_json, to_plain


@dataclass(frozen=True, slots=True)
class Inner:
    """A value with fields."""

    what: Any
    how: Any = ()


class Pair(NamedTuple):
    """A named tuple, which is an object."""

    one: Any
    other: Any


class Nothing(NamedTuple):
    """A named tuple without fields."""


@dataclass(frozen=True, slots=True)
class Empty:
    """A value without fields."""


class Word(str):
    """A text by inheritance."""

    __slots__ = ()


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.text().map(Word),
    st.sampled_from([Nothing(), Empty(), "\ud800", "</script>", 1e16, 1e-7, -0.0, 10**30]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers(), st.none()), inner),
        st.builds(Inner, inner, inner),
        st.builds(Pair, inner, inner),
    ),
    max_leaves=20,
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
@example({1: "one", "1": "another"})
def test_it_is_what_the_library_writes(value: Any) -> None:
    whole = Pair(value, Inner(value))
    assert to_json(whole) == json.dumps(to_plain(whole), indent=2)
