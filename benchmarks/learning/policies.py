"""Who chooses: the program as it is, by its own draw, posterior and report; and the replaced one.

Ours is driven through the functions that the program uses: observations, posterior, beliefs,
Thompson, the pivotal draw with controls. The replaced system runs in an environment of its own
(:mod:`benchmarks.learning.replaced`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, Protocol

from benchmarks.learning.world import DAY, Outcome, Task, World
from buildlog_git.core.choice import UNIFORM, Candidate, Wanted, draw
from buildlog_git.core.choice import Policy as Drawing
from buildlog_git.core.effects import ENOUGH, Effect, Learned, learn
from buildlog_git.core.lesson import RuleNow, advice_on
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.posterior import Posterior, fit
from buildlog_git.core.session import GENERAL
from buildlog_git.core.thompson import EXPLORE, Beliefs, Thompson
from buildlog_git.core.trial import Trial, compete

HOLDOUT = 0.03
REFIT = 4
"""Sessions after which beliefs are remade: three times a day."""
LOOK = 84
"""Sessions after which people do what the report advises, where rules wait: once a week."""


class Past(NamedTuple):
    """A session that has been: its task, the rules that the policy put on, and the outcome.

    ``offered`` are those that it could have put on; none for all.
    """

    task: Task
    chosen: tuple[int, ...]
    control: bool
    outcome: Outcome
    offered: tuple[int, ...] = ()


class Chosen(NamedTuple):
    """The rules of a session, whether it is a control, and what could have been on (all)."""

    rules: tuple[int, ...]
    control: bool = False
    offered: tuple[int, ...] = ()


class Policy(Protocol):
    """Somebody who chooses the rules of each session in turn."""

    def choose(self, task: Task) -> Chosen:
        """Return the rules to put on in a session that begins now."""

    def happened(self, past: Past) -> None:
        """Take note of a session; its rewards are known when they arrive."""

    def recommended(self, error_class: str) -> list[int]:
        """Return the at most k rules that look best, with all rewards in."""


@cache
def rule_of(number: int) -> RuleText:
    return RuleText(f"rule-{number:03}", "0")


@cache
def rules_of(numbers: tuple[int, ...]) -> tuple[RuleText, ...]:
    return tuple(rule_of(number) for number in numbers)


def numbers_of(rules: Sequence[str]) -> tuple[int, ...]:
    return tuple(int(rule.removeprefix("rule-")) for rule in rules)


@cache
def names_of(numbers: tuple[int, ...]) -> frozenset[str]:
    return frozenset(rule_of(number).rule for number in numbers)


def observed(world: World, past: Past, until: int) -> Observation:
    """Return what is known of a session at a time."""
    task = past.task
    known = [
        1 - distance
        for distance, arrival in zip(past.outcome.distances, task.arrivals, strict=True)
        if arrival <= until
    ]
    return Observation(
        session=f"{task.number:06}",
        at=task.at,
        error_class=task.error_class or "general",
        offered=rules_of(past.offered or tuple(range(world.n))),
        drawn=rules_of(past.chosen),
        forced=rules_of(task.forced),
        seeds=names_of(world.seeds),
        control=past.control,
        rewards=tuple(known),
        censored=task.drafts - len(known),
        mistakes=past.outcome.mistakes if world.scenario == "mistakes" else None,
    )


class Ours:
    """The program: each clone draws by what it knows when the session begins."""

    def __init__(
        self,
        world: World,
        explore: float = EXPLORE,
        holdout: float = HOLDOUT,
        most: int | None = None,
    ) -> None:
        self.world = world
        self.most = most or world.n
        self.explore = explore
        self.holdout = holdout
        self.past: list[Past] = []
        self.retired: set[str] = set()
        self.candidates = self._competing()
        self._fits: dict[int, tuple[int, Posterior, dict[str, Beliefs]]] = {}

    def choose(self, task: Task) -> Chosen:
        beliefs = self._beliefs(task)
        policy: Drawing = UNIFORM
        if beliefs is not None:
            policy = Thompson(beliefs, self.explore, f"{task.number}")
        session = f"{self.world.scenario} {task.luck:x}"
        wanted = Wanted(self.candidates, self.world.k, self.holdout)
        made = draw(session, wanted, policy)
        return Chosen(numbers_of(made.drawn), made.arm == "control", numbers_of(made.offered))

    def happened(self, past: Past) -> None:
        self.past.append(past)
        if self.most < self.world.n and len(self.past) % LOOK == 0:
            report = learned(self.world, self.past, past.task.at)
            self.retired.update(to_retire(report))
            self.candidates = self._competing()
            self._fits.clear()

    def _competing(self) -> tuple[Candidate, ...]:
        """Return the rules that compete: the oldest, without those that people have retired."""
        texts = [rule_of(number) for number in range(self.world.n)]
        trials = [Trial(*text, added=text.rule) for text in texts if text.rule not in self.retired]
        found = compete(trials, GENERAL, most=self.most, k=self.world.k, budget=0)
        return found.candidates

    def _beliefs(self, task: Task) -> Beliefs | None:
        """Return what the task's clone believes of its class, by its last refit; None too early."""
        clone = task.developer if self.world.scenario == "merge" else 0
        made = self._fits.get(clone)
        if made is None or task.number - made[0] >= REFIT:
            known = self._known(task)
            if sum(len(seen.rewards) for seen in known) < ENOUGH:
                return None
            made = self._fits[clone] = task.number, fit(known, task.at), {}
        _, posterior, beliefs = made
        name = task.error_class or "general"
        if name not in beliefs:
            texts = [RuleText(*candidate) for candidate in self.candidates]
            beliefs[name] = posterior.beliefs(texts, name)
        return beliefs[name]

    def _known(self, task: Task) -> list[Observation]:
        if self.world.scenario != "merge":
            return [observed(self.world, past, task.at) for past in self.past]
        # Clones exchange what they know at midnight.
        midnight = task.at // DAY * DAY
        found = []
        for past in self.past:
            own = past.task.developer == task.developer
            if own or past.task.at < midnight:
                found.append(observed(self.world, past, task.at if own else midnight))
        return found

    def recommended(self, error_class: str) -> list[int]:
        return best_of(learned(self.world, self.past), error_class, self.world.k)


def learned(world: World, past: Sequence[Past], until: int | None = None) -> Learned:
    """Return the report on some sessions, with what is known at a time; by default all of it."""
    now = until or past[-1].task.at
    rows = [observed(world, one, until or now + 1000 * DAY) for one in past]
    return learn(rows, now, rules_of(tuple(range(world.n)))).learned


def to_retire(learned: Learned) -> list[str]:
    """Return the rules that a report says to retire."""
    trials = {
        rule.rule: RuleNow(rule.rule, "trial", rule.text, GENERAL, 0) for rule in learned.rules
    }
    advised = (advice_on(rule, trials) for rule in learned.rules)
    return [advice.rule for advice in advised if advice and advice.action == "retire"]


def best_of(learned: Learned, error_class: str, k: int) -> list[int]:
    """Return the numbers of the at most ``k`` rules with the largest effect above 0."""
    ranked = sorted(
        ((effect.mean, number) for number, effect in enumerate(effects(learned, error_class))),
        reverse=True,
    )
    return [number for mean, number in ranked[:k] if mean > 0]


def effects(learned: Learned, error_class: str) -> list[Effect]:
    """Return the effects of all rules in a class; overall where it has had no session."""
    name = error_class or "general"
    return [
        next((one.effect for one in rule.classes if one.error_class == name), rule.effect)
        for rule in learned.rules
    ]


def run(world: World, policy: Policy) -> list[float]:
    """Let a policy choose in all sessions; return the regret of each."""
    regrets = []
    for task in world.tasks:
        chosen = policy.choose(task)
        half = world.half(task.number)
        best = world.best(task.error_class, half)
        regrets.append(best - world.value(chosen.rules, task.error_class, half))
        on = {*chosen.rules, *task.forced}
        outcome = world.outcome(task, on)
        policy.happened(Past(task, chosen.rules, chosen.control, outcome, chosen.offered))
    return regrets
