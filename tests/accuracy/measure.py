"""Measures staged cases with the program, by its command line only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.accuracy import warm

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tests.accuracy.ways import Played
    from tests.builder import Repo

EXACT = 0.005
"""How far a measurement may be from the truth: printed numbers are rounded, no more."""
SPREAD = 0.02
"""How far the report, and another way of git, may be from it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the program said about a case; an error is its text."""

    played: Played
    way: str
    pairwise: Any
    report: Any = None

    @property
    def truth(self) -> float | None:
        return self.played.case.truth

    def faults(self) -> list[str]:
        """Return what is wrong with the pairwise answer."""
        case, said = self.played.case, self.pairwise
        if isinstance(said, str):
            return [f"failed: {said}"]
        faults = []
        if not close(said["distance"], self.truth, EXACT):
            faults.append(f"distance {said['distance']}, not {self.truth}")
        if (said["draft"], said["final"]) != (self.played.draft, self.played.final):
            faults.append("another pair of commits")
        expected = outcome(self.truth, case.terms.tokens + case.terms.removed)
        if said["outcome"] != expected:
            faults.append(f"outcome {said['outcome']}, not {expected}")
        if said["lines"] != case.lines:
            faults.append(f"{said['lines']} lines, not {case.lines}")
        return [*faults, *self._files()]

    def _files(self) -> list[str]:
        said = {file["path"]: file["distance"] for file in self.pairwise["files"]}
        return [
            f"{path}: {said.get(path)}, not {terms.distance}"
            for path, terms in self.played.case.parts.items()
            if terms.distance is not None and not close(said.get(path), terms.distance, EXACT)
        ]

    def report_faults(self) -> list[str]:
        """Return what is wrong with the report's line."""
        if isinstance(self.report, str):
            return [self.report]
        said = self.report["distance"]
        return [] if close(said, self.truth, SPREAD) else [f"report: {said}, not {self.truth}"]


def close(said: float | None, truth: float | None, tolerance: float) -> bool:
    if said is None or truth is None:
        return said is truth
    return abs(said - truth) <= tolerance


def outcome(distance: float | None, tokens: int) -> str:
    """Return the class of a distance, for a draft of so many countable tokens."""
    if distance is None or tokens < 10:
        return "unmeasurable"
    if distance <= 0.05:
        return "accepted"
    return "rejected" if distance >= 0.80 else "revision"


def pairwise(played: Played) -> Any:
    ran = warm.buildlog(played.repo, "distance", played.draft, played.final, "--json")
    return ran.json if ran.code == 0 else _last_line(ran.out + ran.err)


def reports(staged: Sequence[Played]) -> list[Any]:
    """Scan and report each repository once; return what is said of each draft."""
    said: dict[str, Any] = {}
    for repo in {id(played.repo): played.repo for played in staged}.values():
        said[str(repo.path)] = _report(repo)
    return [_of(played, said[str(played.repo.path)]) for played in staged]


def _report(repo: Repo) -> Any:
    for command in (("scan",), ("report", "--json")):
        ran = warm.buildlog(repo, *command)
        if ran.code != 0:
            return f"{command[0]} failed: {_last_line(ran.out + ran.err)}"
    return ran.json


def _of(played: Played, report: Any) -> Any:
    """Return the draft's line; a draft and its rewritten copies have one line between them."""
    if isinstance(report, str):
        return report
    names = {"draft": played.draft, **{f"heir {n}": h for n, h in enumerate(played.heirs)}}
    lines = {line["commit"]: line for line in report["drafts"]}
    found = {name: lines[commit] for name, commit in names.items() if commit in lines}
    if len(found) == 1:
        return next(iter(found.values()))
    told = ", ".join(f"{name} {line['distance']}" for name, line in found.items())
    return f"{len(found)} lines in the report for one draft: {told or 'none'}"


def measure(way: str, staged: Sequence[Played], *, report: bool = True) -> list[Measured]:
    pairs = [pairwise(played) for played in staged]
    lines: Iterable[Any] = (
        reports(staged) if report else [{"distance": p.case.truth} for p in staged]
    )
    return [
        Measured(played, way, pair, line)
        for played, pair, line in zip(staged, pairs, lines, strict=True)
    ]


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
