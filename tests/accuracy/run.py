"""``python -m tests.accuracy.run [--seed N] [--cases N]``: kind by way, measured and true."""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from tests.accuracy.gather import gather
from tests.accuracy.measure import Measured, measure
from tests.accuracy.ways import WAYS, stage
from tests.builder import sealed_environment

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--cases", type=int, default=40, help="cases a way; 0 is all")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way")
    parser.add_argument("--kind", action="append", help="only this kind")
    parser.add_argument("--keep", type=Path, help="leave the repositories here")
    parser.add_argument("--no-report", action="store_true", help="measure pairs only")
    asked = parser.parse_args(arguments)
    print(f"seed {asked.seed}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        env = sealed_environment(folder / "home")
        wrong: Counter[str] = Counter()
        for way in asked.way or WAYS:
            rng = random.Random(f"{asked.seed} {way}")
            cases = gather(rng, asked.cases, kinds=asked.kind, fits=WAYS[way].needs)
            staged = stage(WAYS[way], cases, folder / way, env)
            for measured in measure(way, staged, report=not asked.no_report):
                wrong[show(measured)] += 1
        print(", ".join(f"{count} {verdict}" for verdict, count in wrong.most_common()))
    return int(set(wrong) != {"right"})


def show(measured: Measured) -> str:
    """Print a line of the table and return the verdict."""
    case, pair, line = measured.played.case, measured.pairwise, measured.report
    faults = [*measured.faults(), *(f"REPORT {fault}" for fault in measured.report_faults())]
    said = "failed" if isinstance(pair, str) else number(pair["distance"])
    told = "none" if isinstance(line, str) else number(line["distance"])
    print(
        f"{measured.way:16} {case.kind:19} {case.style:4} {case.size:4.0%}"
        f"  true {number(case.truth)}  pair {said}  report {told}  "
        f"{'; '.join(faults)}"
    )
    pairwise = "pair wrong" if measured.faults() else ""
    report = "report wrong" if measured.report_faults() else ""
    return " and ".join(filter(None, (pairwise, report))) or "right"


def number(value: float | None) -> str:
    return " null" if value is None else f"{value:5.3f}"


if __name__ == "__main__":
    raise SystemExit(main())
