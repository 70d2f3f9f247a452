"""Random sequences of git commands, held to a model that knows nothing of patches.

What they found is told as stories in :mod:`tests.live.stories.found`. A seed is replayed by
``python -m tests.live.fuzz SEED``.

``BUILDLOG_NIGHTLY=1`` runs fresh seeds besides.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NIGHTLY
from tests.live.fuzz import run_seeds

if TYPE_CHECKING:
    from pathlib import Path

SHARD = 20
SEQUENCES = 600
"""Sequences of 20 steps that must be told right."""
OPEN = {
    272: "the model merges otherwise than git does",
    279: "a clock that stands still, one subject: a second scan finds one more home of a squash",
    292: "a commit of the default branch is taken for a form of a draft",
    349: "a clock that stands still, one subject: a form of a draft counts as a draft",
    472: "a second scan finds one more home of a squash",
    548: "a squash that is folded into a pick of one of its commits",
    570: "a squash that is folded into a pick of one of its commits",
}
"""Sequences that are not told right yet."""


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SEQUENCES, SHARD))
def test_random_sequences(first: int, tmp_path: Path) -> None:
    run_seeds([seed for seed in range(first, first + SHARD) if seed not in OPEN], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", OPEN)
@pytest.mark.xfail(raises=AssertionError, strict=True, reason="not told right yet, see OPEN")
def test_open_sequences(seed: int, tmp_path: Path) -> None:
    run_seeds([seed], tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not NIGHTLY, reason="fresh seeds are for the nightly run")
@pytest.mark.parametrize("shard", range(10))
def test_fresh_sequences(shard: int, tmp_path: Path) -> None:
    first = random.SystemRandom().randrange(1_000_000, 1_000_000_000)
    print(f"seeds from {first} on, shard {shard}")
    run_seeds(range(first, first + SHARD), tmp_path)
