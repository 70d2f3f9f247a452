"""The forest plot of one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.render.forest import WIDTH, forest


@pytest.mark.parametrize(
    ("low", "middle", "high", "plot"),
    [
        (-0.2, -0.12, -0.04, "  ──●──│       "),
        (-0.1, -0.05, 0.01, "     ─●┼       "),
        (-0.1, 0.0, 0.1, "     ──●──     "),
        (0.01, 0.07, 0.13, "       │─●─    "),
        (-0.9, -0.5, -0.1, "◂───── │       "),
        (-0.9, 0.0, 0.9, "◂──────●──────▸"),
        (0.001, 0.002, 0.02, "       │●      "),
        (0.4, 0.5, 0.6, "       │      ▸"),
    ],
)
def test_plots(low: float, middle: float, high: float, plot: str) -> None:
    assert forest(low, middle, high) == plot


@given(st.lists(st.floats(-1, 1), min_size=3, max_size=3).map(sorted))
def test_a_plot_has_its_width_and_shows_zero(values: list[float]) -> None:
    low, middle, high = values
    plot = forest(low, middle, high)
    assert len(plot) == WIDTH
    assert plot[WIDTH // 2] in "│┼●"
    assert plot.count("●") <= 1
