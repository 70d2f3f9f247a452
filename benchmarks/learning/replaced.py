"""The system that is replaced, ``buildlog==0.8.0`` as it is on PyPI, as a policy.

It is installed into an environment of its own and driven through its engine by
``worker.py``, which that environment's interpreter runs. It has no controls, no sharing between
clones, and nothing for rules that people force: all that were on get the reward. A mistake is to
it a reward of 0 for the rules that it chose.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple, Self

from benchmarks.learning.policies import Chosen, Past
from benchmarks.learning.world import Task, World

PACKAGE = "buildlog==0.8.0"
HOME = Path(__file__).resolve().parents[2] / ".venv-replaced"


def interpreter(home: Path = HOME) -> Path:
    """Return an interpreter that has the replaced system; it is installed where it is not yet."""
    python = home / "bin" / "python"
    done = home / ".installed"
    if not done.exists():
        print(f"installing {PACKAGE} into {home.name} (once)", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, PACKAGE], check=True, stderr=subprocess.DEVNULL)
        done.touch()
    return python


class _Waiting(NamedTuple):
    arrival: int
    developer: int
    error_class: str
    rules: tuple[int, ...]
    reward: float


class Replaced:
    """The replaced system in one run; a context manager that ends its process."""

    def __init__(self, world: World, python: Path, seed: int) -> None:
        self.world = world
        self._scratch = tempfile.TemporaryDirectory()
        self._worker = subprocess.Popen(
            [python, Path(__file__).with_name("worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._waiting: list[_Waiting] = []
        self._ask(seed=seed)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._worker.stdin is not None
        self._worker.stdin.close()
        self._worker.wait()
        self._scratch.cleanup()

    def choose(self, task: Task) -> Chosen:
        self._deliver(task.at)
        picked = self._ask(
            "select",
            task.developer,
            task.error_class,
            rules=[str(number) for number in range(self.world.n)],
            seeds=[str(number) for number in self.world.seeds],
            k=self.world.k,
        )
        return Chosen(tuple(int(rule) for rule in picked))

    def happened(self, past: Past) -> None:
        task = past.task
        on = (*past.chosen, *(rule for rule in task.forced if rule not in past.chosen))
        for distance, arrival in zip(past.outcome.distances, task.arrivals, strict=True):
            self._waiting.append(
                _Waiting(arrival, task.developer, task.error_class, on, 1 - distance)
            )
        if self.world.scenario == "mistakes":
            for _ in range(past.outcome.mistakes):
                self._reward(task.developer, task.error_class, past.chosen, 0.0)

    def recommended(self, error_class: str) -> list[int]:
        self._deliver(None)
        means: dict[int, list[float]] = {}
        for developer in range(5 if self.world.scenario == "merge" else 1):
            stats: dict[str, dict[str, float]] = self._ask("stats", developer, error_class)
            for rule, stat in stats.items():
                means.setdefault(int(rule), []).append(stat["mean"])
        ranked = sorted(means, key=lambda rule: -sum(means[rule]) / len(means[rule]))
        return ranked[: self.world.k]

    def _deliver(self, now: int | None) -> None:
        due = [one for one in self._waiting if now is None or one.arrival <= now]
        self._waiting = [one for one in self._waiting if now is not None and one.arrival > now]
        for one in sorted(due):
            self._reward(one.developer, one.error_class, one.rules, one.reward)

    def _reward(
        self, developer: int, error_class: str, rules: tuple[int, ...], reward: float
    ) -> None:
        names = [str(rule) for rule in rules]
        self._ask("reward", developer, error_class, rules=names, reward=reward)

    def _ask(self, do: str = "", developer: int = 0, error_class: str = "", **more: Any) -> Any:
        clone = developer if self.world.scenario == "merge" else 0
        folder = str(Path(self._scratch.name) / str(clone))
        request = {"do": do, "folder": folder, "context": error_class, **more}
        assert self._worker.stdin is not None
        assert self._worker.stdout is not None
        self._worker.stdin.write(json.dumps(request) + "\n")
        self._worker.stdin.flush()
        return json.loads(self._worker.stdout.readline())
