"""The generator: its truths obey the definition's laws, its histories hold what they say."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.accuracy.cases import KINDS, SIZES, Case, Studio
from tests.accuracy.gather import gather
from tests.accuracy.truth import (
    STYLES,
    TEXT,
    Change,
    Gone,
    Keep,
    Line,
    Put,
    Reshape,
    Step,
    Style,
    Terms,
    Words,
    account,
    halved,
    texts,
)
from tests.accuracy.ways import WAYS, Way, stage

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builder import Repo

FREE = {
    "agent-moved", "append-beside", "blank-lines", "crlf", "elsewhere", "elsewhere-in-file",
    "indent", "inserted-and-removed", "keep", "move-to-known-file", "move-to-new-file",
    "move-within-file", "moved-in-two-steps", "others-words", "quotes", "reflow", "rename",
    "reorder", "restored-and-deleted", "several-untouched", "trailing-commas", "undone",
    "wrap",
}  # fmt: skip
"""The kinds that cost nothing."""
WHOLE = {"delete", "replace-same", "replace-shorter", "gate-missed", "indent-and-delete"}
"""The kinds whose distance is the share of lines that they touch."""


def some(kind: str, size: float, seed: int = 1) -> Case:
    return KINDS[kind].make(Studio(random.Random(f"{seed} {kind} {size}")), size)


def everything() -> list[tuple[str, float]]:
    assert gather(random.Random(0), 1)
    return [(kind.name, size) for kind in KINDS.values() for size in kind.sizes]


@pytest.mark.parametrize(("kind", "size"), everything())
def test_a_case_obeys_the_laws(kind: str, size: float) -> None:
    for seed in range(5):
        case = some(kind, size, seed)
        assert case.truth is not None
        assert 0 <= case.truth <= 1
        assert case.agent != case.base
        assert case.steps
        assert case.parts.keys() <= case.agent.keys()
        assert case == some(kind, size, seed)
        if kind in FREE:
            assert case.truth == 0
        elif size and kind != "mixed":
            assert case.truth > 0
        if case.steps[-1] == case.agent:
            assert case.truth == 0
        if kind in WHOLE and case.terms.tokens % 20 == 0 and case.lines * size % 1 == 0:
            assert case.truth == pytest.approx(size)


@pytest.mark.parametrize("size", SIZES)
def test_sizes_grow_the_distance(size: float) -> None:
    for kind in WHOLE | {"insert-inside", "change-token", "gate-passed", "replace-longer"}:
        smaller = [some(kind, less).truth or 0 for less in SIZES if less < size]
        assert all(truth < (some(kind, size).truth or 0) for truth in smaller)


@pytest.mark.parametrize(("kind", "size"), everything())
def test_words_are_unique_in_what_the_agent_left(kind: str, size: float) -> None:
    case = some(kind, size)
    text = b"\n".join(d for p, d in case.agent.items() if p != "icon.bin").decode()
    repeated = [word for word, n in Counter(re.findall(r"\w+", text)).items() if n > 1]
    assert not repeated


@pytest.mark.parametrize("style", STYLES, ids=lambda style: style.name)
@pytest.mark.parametrize("count", [4, 8, 10, 16])
def test_lines_count_their_tokens_and_punctuation_stays_below_the_gate(
    style: Style, count: int
) -> None:
    line = style.line(Words(random.Random(1)).words(count))
    assert line.tokens == len(re.findall(r"\w+|[^\w\s]", line.text))
    assert line.tokens - count < 0.6 * line.tokens


def of(*words: str, owned: frozenset[int] | None = None) -> Line:
    return Line(words, TEXT, owned)


A, B, C, D = of("a1", "a2", "a3", "a4", "a5"), of("b1", "b2"), of("c1", "c2"), of("d1", "d2")


@pytest.mark.parametrize(
    ("steps", "terms"),
    [
        ([Keep(A), Keep(B)], Terms(7)),
        ([Keep(A), Gone(B)], Terms(7, cost=2)),
        ([Gone(A), Gone(B)], Terms(7, cost=7)),
        ([Keep(A), Put(C), Keep(B)], Terms(7, cost=2, grow=2)),
        ([Keep(A), Gone(B), Put(C)], Terms(7, cost=2)),
        ([Keep(A), Gone(B), Put(C), Put(D)], Terms(7, cost=4, grow=2)),
        ([Change(A, ((0, "x"),)), Keep(B)], Terms(7, cost=1)),
        ([Change(A, ((0, "x"), (1, "y"))), Keep(B)], Terms(7, cost=2)),
        ([Change(A, ((0, "x"), (1, "y"), (2, "z"))), Keep(B)], Terms(7, cost=5)),
        ([Change(A, ((0, "x"),)), Gone(B), Put(C)], Terms(7, cost=7)),
        ([Change(A, ((0, "x"),)), Gone(B)], Terms(7, cost=3)),
        ([Change(A, ((0, "x"),)), Keep(C), Gone(B), Put(D)], Terms(9, cost=3)),
        ([Reshape(A, "a1 a2\na3 a4 a5"), Put(C), Reshape(B, "b1\nb2")], Terms(7, cost=2, grow=2)),
        ([Keep(A), Put(of()), Keep(B)], Terms(7)),
        ([Change(of(*"pqrst", owned=frozenset((1, 2))), ((1, "x"),))], Terms(2, cost=1)),
        ([Change(of(*"pqrst", owned=frozenset((1, 2))), ((4, "x"),))], Terms(2)),
    ],
)  # fmt: skip
def test_the_account_of_an_edit(steps: list[Step], terms: Terms) -> None:
    assert account(steps) == terms


def test_the_formula() -> None:
    assert Terms().distance is None
    assert Terms(tokens=10).distance == 0
    assert Terms(tokens=10, cost=5).distance == 0.5
    assert Terms(tokens=10, cost=30, grow=20).distance == 1
    assert Terms(tokens=30, removed=10, cost=5, grow=0, restored=5).distance == 0.25
    assert Terms(removed=20, restored=5).distance == 0.25
    assert Terms(tokens=1, cost=9).distance == 1


def test_half_an_edit() -> None:
    assert texts(halved([Gone(A), Put(B), Keep(C), Gone(D)])) == [C.text, D.text]
    steps: list[Step] = [Gone(A), Keep(B), Put(C), Change(D, ((0, "x"),)), Gone(B)]
    assert texts(halved(steps)) == [B.text, C.text, D.text, B.text]


@pytest.mark.parametrize("way", WAYS.values(), ids=lambda way: way.name)
def test_a_way_leaves_what_the_case_says(way: Way, tmp_path: Path) -> None:
    cases = gather(random.Random(f"staged {way.name}"), 5, fits=way.needs)
    staged = stage(way, cases, tmp_path / "repo", None)
    assert len(staged) == len(cases)
    for played in staged:
        case = played.case
        repo = played.repo
        assert played.draft != played.final or case.steps[-1] == case.agent
        assert tree_of(repo, played.draft, case) == case.agent
        final = case.steps[-1]
        if way.name == "main-moved" and case.landmark:
            final = {path: data.replace(*case.landmark) for path, data in final.items()}
        assert tree_of(repo, played.final, case) == final
        for heir in played.heirs:
            assert "noreply@anthropic.com" in repo.git("log", "-1", "--format=%B", heir)


def tree_of(repo: Repo, commit: str, case: Case) -> dict[str, bytes]:
    folder = next(iter(case.agent)).partition("/")[0]
    names = repo.git("ls-tree", "-r", "-z", "--name-only", commit, f"{folder}/").split("\0")
    return {name: repo.git_bytes("show", f"{commit}:{name}") for name in names if name}
