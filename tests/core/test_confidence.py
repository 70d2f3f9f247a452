"""Confidence: frequency, recency, contradictions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.confidence import HALF_LIFE, Usage, confidence, usages
from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Mistake, Session
from tests.core.strategies import made

BASE = Oid("a" * 40)
USAGES = made(
    Usage,
    on=st.integers(0, 500),
    off=st.integers(0, 500),
    corrected=st.integers(0, 50),
    last=st.none() | st.integers(0, 2**31),
)


def session(name: str, at: int, **fields: tuple[str, ...]) -> Session:
    told = Session(BASE, at, name, "b", "c", "w", "general")
    return told._replace(**fields)  # type: ignore[arg-type]


def test_usage_is_counted_from_the_ledger() -> None:
    experiment = fold(
        [
            session("one", 10, offered=("a", "b"), drawn=("a",), held=("b",), pinned=("p",)),
            session("two", 20, offered=("a", "b"), drawn=("b",), forced=("f",), removed=("b",)),
            Mistake(BASE, 30, "general", "x", "person", corrected_by="a"),
            Mistake(BASE, 40, "general", "y", "person"),
        ]
    )
    assert usages(experiment) == {
        "a": Usage(1, 1, 1, 30), "b": Usage(0, 2, 0, None), "p": Usage(1, 0, 0, 10),
        "f": Usage(1, 0, 0, 20),
    }  # fmt: skip


def test_the_formula() -> None:
    found = confidence(Usage(on=5, last=100), 0, 100)
    assert (found.score, found.tier, found.frequency, found.recency) == (0.5, "medium", 0.5, 1.0)
    assert confidence(Usage(on=5, last=100), 1, 100).score == 0.25
    assert confidence(Usage(on=5, last=0), 0, HALF_LIFE).score == 0.375
    assert confidence(Usage(on=1, corrected=2, last=100), 0, 100).score == 0.5
    assert confidence(Usage(off=9), 0, 100).tier == "new"
    assert confidence(Usage(on=95, last=100), 0, 100).tier == "high"


@given(USAGES, st.integers(0, 9), st.integers(0, 2**31))
def test_more_use_is_never_less_and_contradictions_are(usage: Usage, c: int, now: int) -> None:
    score = confidence(usage, c, now).score
    assert 0 <= score <= 1
    assert (
        confidence(Usage(usage.on + 1, usage.off, usage.corrected, usage.last), c, now).score
        >= score
    )
    assert confidence(usage, c + 1, now).score <= score
    assert confidence(usage, c, now + HALF_LIFE).score <= score
    ahead = Usage(usage.on, usage.off, usage.corrected, now + 10 * HALF_LIFE)
    assert confidence(ahead, c, now).recency == 1
