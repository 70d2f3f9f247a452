"""Which rules compete: by class, by age, and never beyond the budget."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.trial import Trial, compete

RULES = [
    Trial("new", "n", "general", 10, "2026-03-01"),
    Trial("old", "o", "general", 10, "2026-01-01"),
    Trial("tests", "t", "tests", 10, "2026-02-01"),
    Trial("undated", "u", "general", 10),
]


def names(error_class: str, most: int = 12) -> list[str]:
    found = compete(RULES, error_class, most=most, k=3, budget=100)
    return [candidate.rule for candidate in found.candidates]


def test_the_oldest_of_the_class_compete() -> None:
    assert names("bugfix") == ["old", "new", "undated"]
    assert names("tests") == ["old", "tests", "new", "undated"]
    assert names("general") == ["old", "tests", "new", "undated"]
    assert names("general", 2) == ["old", "tests"]
    assert compete(RULES, "general", most=2, k=3, budget=100).waiting == ("new", "undated")


def test_what_costs_too_much_is_not_offered() -> None:
    dear = [*RULES, Trial("essay", "e", tokens=101)]
    found = compete(dear, "general", most=12, k=3, budget=100)
    assert found.too_dear == ("essay",)
    assert len(found.candidates) == 4


trials = st.lists(
    st.builds(
        Trial, st.text("abc", min_size=1, max_size=3), st.just(""), st.just("general"),
        st.integers(0, 60),
    ),
    max_size=8,
    unique_by=lambda trial: trial.rule,
)  # fmt: skip


@given(trials, st.integers(0, 5), st.integers(0, 100))
def test_any_k_of_them_fit_the_budget_and_k_is_the_most(
    some: list[Trial], k: int, budget: int
) -> None:
    found = compete(some, "general", most=6, k=k, budget=budget)
    costs = {trial.rule: trial.tokens for trial in some}
    sets = combinations([costs[c.rule] for c in found.candidates], found.k)
    assert all(sum(chosen) <= budget for chosen in sets)
    if found.k < k:
        greater = combinations([costs[c.rule] for c in found.candidates], found.k + 1)
        assert any(sum(chosen) > budget for chosen in greater)
