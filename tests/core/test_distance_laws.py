"""The laws of the revision distance, on trees that hypothesis makes up."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.edits import OTHER_AGENT, PERSON, Tree, distance_after, follow


def words(name: str, count: int = 8) -> str:
    return " ".join(f"{name}{n}" for n in range(count))


# Lines that differ in every token, so that what survives is known without a diff.
lines = st.lists(st.integers(0, 400), min_size=2, max_size=30, unique=True).map(
    lambda numbers: [words(f"t{number}x") for number in numbers]
)
texts = st.lists(st.text("abcd (),{}'\n\t;", max_size=30), max_size=12)


@given(texts, texts, texts)
def test_a_distance_lies_between_0_and_1(
    base: list[str], draft: list[str], final: list[str]
) -> None:
    value = distance_after({"f": base}, {"f": draft}, (PERSON, {"f": final}))
    assert value is None or 0 <= value <= 1


@given(texts, texts)
def test_a_kept_draft_costs_nothing(base: list[str], draft: list[str]) -> None:
    _, account = follow({"f": base}, {"f": draft}, (PERSON, {"f": draft}))
    assert not any(account)


@given(lines, st.data())
def test_only_a_kept_draft_costs_nothing(draft: list[str], data: st.DataObject) -> None:
    dropped = data.draw(st.integers(0, len(draft) - 1))
    final = draft[:dropped] + draft[dropped + 1 :]
    value = distance_after({}, {"f": draft}, (PERSON, {"f": final}))
    assert value == pytest.approx(1 / len(draft))


@given(lines, lines, lines)
def test_unrelated_files_change_nothing(
    draft: list[str], other: list[str], later: list[str]
) -> None:
    final = draft[: len(draft) // 2]
    alone = distance_after({}, {"f": draft}, (PERSON, {"f": final}))
    beside = distance_after(
        {"g": other}, {"f": draft, "g": other}, (PERSON, {"f": final, "g": [*later, "end of g"]})
    )
    # Text that the person put into the other file might be the draft's: then it only moved.
    moved = set(draft[len(draft) // 2 :]) & set(later)
    assert beside == alone if not moved else (beside or 0) <= (alone or 0)


@given(lines, st.randoms(use_true_random=False))
def test_undoing_more_costs_more(draft: list[str], rng: random.Random) -> None:
    order = rng.sample(range(len(draft)), len(draft))
    values = []
    for count in range(len(draft) + 1):
        final = [line for n, line in enumerate(draft) if n not in order[:count]]
        values.append(distance_after({}, {"f": draft}, (PERSON, {"f": final})) or 0.0)
    assert values == sorted(values)
    assert values[0] == 0
    assert values[-1] == 1


@given(lines, st.randoms(use_true_random=False))
def test_an_edit_that_is_undone_costs_nothing(draft: list[str], rng: random.Random) -> None:
    edited = [line if rng.random() < 0.5 else words(f"new{n}x") for n, line in enumerate(draft)]
    rng.shuffle(kept := [line for line in edited if rng.random() < 0.8])
    _, account = follow({}, {"f": draft}, (PERSON, {"f": kept}), (PERSON, {"f": draft}))
    assert account.cost == account.restored == 0


@given(lines, st.randoms(use_true_random=False))
def test_steps_cost_what_their_sum_costs(draft: list[str], rng: random.Random) -> None:
    """The walk over history agrees with the comparison of its ends."""
    steps: list[Tree] = []
    now = list(draft)
    for number in range(rng.randrange(1, 6)):
        now = [
            words(f"s{number}n{at}x") if rng.random() < 0.2 else line
            for at, line in enumerate(now)
            if rng.random() < 0.9
        ]
        steps.append({"f": list(now)})
    walked = distance_after({}, {"f": draft}, *((PERSON, tree) for tree in steps))
    paired = distance_after({}, {"f": draft}, (PERSON, steps[-1]))
    assert walked == pytest.approx(paired, abs=0.02)


@given(lines, st.data())
def test_what_agents_replace_leaves_the_denominator(draft: list[str], data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(draft) - 1))
    replaced = [*draft[:cut], *(words(f"a{n}x") for n in range(len(draft) - cut))]
    agent_only = distance_after({}, {"f": draft}, (OTHER_AGENT, {"f": replaced}))
    assert agent_only == 0
    then_person = distance_after(
        {}, {"f": draft}, (OTHER_AGENT, {"f": replaced}), (PERSON, {"f": replaced[cut:]})
    )
    assert then_person == 1


@given(lines, st.sampled_from(["indent", "crlf", "quotes", "blank", "wrap"]))
def test_layout_costs_nothing(draft: list[str], kind: str) -> None:
    draft = [f"call({line!r})" for line in draft]
    final = {
        "indent": [f"    {line}" for line in draft],
        "crlf": [f"{line}\r" for line in draft],
        "quotes": [line.replace("'", '"') for line in draft],
        "blank": [part for line in draft for part in (line, "")],
        "wrap": [part for line in draft for part in (line[:5], f"    {line[5:-1]},", line[-1])],
    }[kind]
    value = distance_after({}, {"f": draft}, (PERSON, {"f": final}))
    assert value == pytest.approx(0, abs=0.02)


@given(lines, lines)
def test_moved_text_is_kept(draft: list[str], other: list[str]) -> None:
    other = [words(f"o{n}x") for n in range(len(other))]
    value = distance_after(
        {"g": other}, {"f": draft, "g": other}, (PERSON, {"g": [*other, *draft]})
    )
    assert value == 0


@given(lines)
def test_restoring_what_an_agent_deleted_undoes_it(base: list[str]) -> None:
    half = base[: len(base) // 2]
    owned, account = follow({"f": base}, {"f": half}, (PERSON, {"f": base}))
    assert owned.tokens == 0
    assert account.restored == owned.removed == 8 * (len(base) - len(half))
