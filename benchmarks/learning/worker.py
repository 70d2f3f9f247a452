"""Drives the replaced system's engine; run by an interpreter that has it, and nothing else.

Reads one JSON request a line and answers each with one line: select rules, take rewards, take
a mistake. It uses the engine's own objects (``buildlog.engine``) and files, a folder a clone.
"""

import json
import random
import sys
from pathlib import Path

from buildlog.engine import ThompsonSamplingBandit  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    bandits: dict[str, ThompsonSamplingBandit] = {}
    for line in sys.stdin:
        request = json.loads(line)
        if "seed" in request:
            random.seed(request["seed"])
            bandits.clear()
            print("{}", flush=True)
            continue
        folder = request["folder"]
        if folder not in bandits:
            Path(folder).mkdir(parents=True, exist_ok=True)
            bandits[folder] = ThompsonSamplingBandit(Path(folder) / "bandit_state.jsonl")
        print(json.dumps(answer(bandits[folder], request)), flush=True)


def answer(bandit: ThompsonSamplingBandit, request: dict) -> object:  # type: ignore[type-arg]
    context = request["context"] or "general"
    if request["do"] == "select":
        return bandit.select(
            request["rules"], context, request["k"], seed_rule_ids=set(request["seeds"])
        )
    if request["do"] == "reward":
        bandit.batch_update(request["rules"], request["reward"], context)
        return None
    return bandit.get_stats(context)


if __name__ == "__main__":
    main()
