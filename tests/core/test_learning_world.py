"""The learning in the simulated world of the benchmark, small and seeded.

The whole of it, with the replaced system beside it, is ``python -m benchmarks.learning``.
"""

from __future__ import annotations

import pytest

from benchmarks.learning.invariance import invariance_targets, sessions
from benchmarks.learning.measure import claims, intervals, measure_null, truth
from benchmarks.learning.policies import Chosen, Ours, Past, learned, rule_of, run
from benchmarks.learning.world import SCENARIOS, Task, World, make_world
from buildlog_git.core.choice import Chance, Wanted, draw


class Evenly:
    """Puts on k rules by chance, whatever happens."""

    def __init__(self, world: World) -> None:
        self.world = world

    def choose(self, task: Task) -> Chosen:
        candidates = Ours(self.world).candidates
        made = draw(f"{task.luck}", Wanted(candidates, self.world.k))
        return Chosen(tuple(int(rule.removeprefix("rule-")) for rule in made.drawn))

    def happened(self, past: Past) -> None:
        pass

    def recommended(self, error_class: str) -> list[int]:
        return [Chance(error_class).below(self.world.n)]


def test_what_is_drawn_gets_better_and_what_is_said_is_true() -> None:
    ours = evenly = 0.0
    held = every = true = false = 0
    for seed in range(3):
        world = make_world("dense", 10, 2, 400, seed)
        policy = Ours(world)
        ours += sum(run(world, policy))
        evenly += sum(run(world, Evenly(world)))
        report = learned(world, policy.past)
        found = intervals(world, report, policy.past)
        said = claims(world, report, policy.past)
        held, every = held + found.held, every + found.all
        true, false = true + said.true, false + said.false
    assert ours < 0.6 * evenly
    assert held / every >= 0.9
    assert true >= 3
    assert false <= 1


def test_truth_is_what_a_rule_does_beside_those_that_are_on_with_it() -> None:
    world = make_world("interact", 6, 2, 40, 5)
    (task, *_) = world.tasks
    easy = task._replace(hardness=0.0)
    past = [
        Past(easy, rules, control=False, outcome=world.outcome(easy, rules))
        for rules in ((0, 1), (0, 2), (1, 2))
    ]
    own, pairs = world.effects[0, 0], world.pairs
    beside = own[0] + (pairs[0, 1] + pairs[0, 2]) / 2
    assert truth(world, past)[0] == pytest.approx(beside)
    # A rule that nothing had: what it would have added to what was on.
    would = own[5] + (pairs[5, [0, 1]].sum() + pairs[5, [0, 2]].sum() + pairs[5, [1, 2]].sum()) / 3
    assert truth(world, past)[5] == pytest.approx(would)
    # Where nothing is left to revise, no rule can save anything.
    perfect = [one._replace(task=easy._replace(hardness=-5.0)) for one in past]
    assert truth(world, perfect) == pytest.approx([0.0] * 6)


def test_rules_wait_for_their_turn_until_people_retire_one() -> None:
    world = make_world("harmful", 16, 2, 600, 1)
    policy = Ours(world, most=8)
    run(world, policy)
    assert {len(one.offered) for one in policy.past} == {8}
    assert policy.past[0].offered == tuple(range(8))
    assert policy.retired
    left = [number for number in range(16) if rule_of(number).rule not in policy.retired]
    assert policy.past[-1].offered == tuple(left[:8])


def test_nothing_is_proven_where_nothing_is() -> None:
    nulls = [measure_null(8, 2, 200, seed) for seed in range(3)]
    assert not any(null.proven for null in nulls)
    assert sum(null.likely for null in nulls) <= 1


def test_order_copies_and_splits_change_nothing() -> None:
    for target in invariance_targets():
        assert target.met, target
        if "sums" not in target.measure:
            assert target.value == 0.0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_is_the_same_again(scenario: str) -> None:
    one, other = (make_world(scenario, 6, 2, 40, 5) for _ in range(2))
    assert sessions(one) == sessions(other)
    assert one.tasks == other.tasks
    assert sum(task.drafts for task in one.tasks) == 40
    best = [one.best(name, 0) for name in one.classes]
    assert all(one.random(name, 0) <= value for name, value in zip(one.classes, best, strict=True))
    if scenario != "interact":
        assert sum(best) / len(best) == pytest.approx(0.25)
