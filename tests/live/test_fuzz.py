"""Random sequences of git commands, held to a model that knows nothing of patches.

``BUILDLOG_NIGHTLY=1`` runs all seeds that a continuous build must pass, and as many fresh ones.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.conftest import NIGHTLY
from tests.live.fuzz import Fuzz, make_template, run_seeds

if TYPE_CHECKING:
    from pathlib import Path

SHARD = 20
DAILY, ALL = 120, 600
"""Sequences of 20 steps in every run, and in a nightly one."""

FOUND = {
    "rebase-of-one-identity-at-another-place": 41,
    "a-fold-onto-what-it-was-folded-from": 59,
    "a-squash-that-is-rebased": 76,
    "a-fold-of-a-persons-revert-and-a-draft": 82,
    "a-reset-that-is-rebased": 31,
    "landed-by-a-copy-and-by-itself": 74,
    "an-amend-on-one-branch-a-reset-on-another": 101,
    "a-fold-of-a-draft-that-main-has": 129,
    "a-fast-forward-inside-a-rebase": 147,
    "a-drop-beside-a-fast-forward": 195,
    "a-squash-between-two-side-branches": 6,
}
"""Seeds of sequences that once were told wrong."""


@pytest.mark.parametrize("seed", FOUND.values(), ids=FOUND.keys())
def test_sequences_that_were_told_wrong(seed: int, tmp_path: Path) -> None:
    Fuzz(seed, make_template(tmp_path / "template"), tmp_path / "repo").run()


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, ALL if NIGHTLY else DAILY, SHARD))
def test_random_sequences(first: int, tmp_path: Path) -> None:
    run_seeds(range(first, first + SHARD), tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(not NIGHTLY, reason="fresh seeds are for the nightly run")
@pytest.mark.parametrize("shard", range(10))
def test_fresh_sequences(shard: int, tmp_path: Path) -> None:
    first = random.SystemRandom().randrange(1_000_000, 1_000_000_000)
    print(f"seeds from {first} on, shard {shard}")
    run_seeds(range(first, first + SHARD), tmp_path)
