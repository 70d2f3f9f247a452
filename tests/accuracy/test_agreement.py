"""The program measures what is true by construction, whatever way the edit came by."""

from __future__ import annotations

import random
import secrets
from typing import TYPE_CHECKING

import pytest

from tests.accuracy.cases import KINDS
from tests.accuracy.gather import gather
from tests.accuracy.measure import Measured, close, measure
from tests.accuracy.ways import WAYS, Way, stage
from tests.conftest import NIGHTLY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

SEED = "accuracy"


def wrong(measured: Iterable[Measured], *, report: bool = False) -> list[str]:
    return [
        f"{m.way} {m.played.case.kind} {m.played.case.size:.0%}: {fault}"
        for m in measured
        for fault in (m.report_faults() if report else m.faults())
    ]


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS.values()])
def test_every_kind(kind: str, tmp_path: Path) -> None:
    some = KINDS[kind].sizes[:: max(1, len(KINDS[kind].sizes) // 2)]
    rng = random.Random(f"{SEED} {kind}")
    cases = gather(rng, kinds=[kind], fits=lambda case: case.size in some)
    assert len(cases) == len(some)
    staged = stage(WAYS["follow-up"], cases, tmp_path / "repo", None)
    measured = measure("follow-up", staged)
    assert not wrong(measured)
    assert not wrong(measured, report=True)


@pytest.mark.parametrize("way", WAYS.values(), ids=lambda way: way.name)
def test_every_way(way: Way, tmp_path: Path) -> None:
    cases = gather(random.Random(f"{SEED} {way.name}"), 6, fits=way.needs)
    assert len(cases) == 6
    measured = measure(way.name, stage(way, cases, tmp_path / "repo", None))
    assert not wrong(measured)
    if way.linked:
        assert not wrong(measured, report=True)


def test_one_edit_has_one_distance_whatever_way_it_came_by(tmp_path: Path) -> None:
    names = ["replace-longer"]
    said: dict[str, set[float]] = {name: set() for name in names}
    for way in WAYS.values():
        cases = gather(random.Random(SEED), kinds=names, fits=lambda case: case.size == 0.5)
        staged = stage(way, [c for c in cases if way.needs(c)], tmp_path / way.name, None)
        for measured in measure(way.name, staged, report=False):
            said[measured.played.case.kind].add(measured.pairwise["distance"])
    for name, distances in said.items():
        assert close(min(distances), max(distances), 0.02), name


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS.values(), ids=lambda way: way.name)
def test_cases_that_nobody_has_seen(way: Way, tmp_path: Path) -> None:
    seed = secrets.randbelow(10**6) if NIGHTLY else 2026
    print(
        f"to see it again: python -m tests.accuracy.run --cases 12 --seed {seed} --way {way.name}"
    )
    cases = gather(random.Random(f"{seed} {way.name}"), 12, fits=way.needs)
    measured = measure(way.name, stage(way, cases, tmp_path / "repo", None))
    assert not wrong(measured)
    if way.linked:
        assert not wrong(measured, report=True)
