"""The answer: which rules to keep, which to drop, and which to go on testing.

What the sessions tell of each rule (:mod:`buildlog_git.core.effects`), joined with what the
repository does with that rule today, and with what the numbers do not rest on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from buildlog_git.core.effects import Learned, RuleEffect
    from buildlog_git.core.observe import Exposed

State = Literal["trial", "pinned", "retired", "gone"]
Action = Literal["pin", "retire"]


@dataclass(frozen=True, slots=True)
class RuleNow:
    """A rule as the repository has it: its state, the digest of its text, class and cost."""

    rule: str
    state: State
    text: str
    error_class: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do with a rule, and why: the verdict that says so."""

    rule: str
    action: Action
    why: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """What all sessions tell of the rules.

    ``rules`` are those of the repository now, by id. ``pinned`` ones are always on, so that no
    effect of theirs can be known; ``untried`` ones are on trial and no session with a reward has
    drawn them yet. ``evidence`` is a digest of the facts behind it.
    """

    learned: Learned
    exposed: Exposed
    rules: Mapping[str, RuleNow]
    pinned: tuple[str, ...]
    untried: tuple[str, ...]
    advice: tuple[Advice, ...]
    evidence: str


def build_lesson(
    learned: Learned, exposed: Exposed, rules: Mapping[str, RuleNow], evidence: str
) -> Lesson:
    """Return the answer."""
    now = current(learned, rules)
    tried = {item.rule for item in now if item.effect.on}
    on_trial = [rule.rule for rule in rules.values() if rule.state == "trial"]
    advised = (advice_on(item, rules) for item in now)
    return Lesson(
        learned=learned,
        exposed=exposed,
        rules=rules,
        pinned=tuple(rule.rule for rule in rules.values() if rule.state == "pinned"),
        untried=tuple(rule for rule in on_trial if rule not in tried),
        advice=tuple(found for found in advised if found is not None),
        evidence=evidence,
    )


def current(learned: Learned, rules: Mapping[str, RuleNow]) -> tuple[RuleEffect, ...]:
    """Return what is told of the texts that rules have now; of a rule that is gone, of all."""
    return tuple(
        item
        for item in learned.rules
        if item.rule not in rules or rules[item.rule].text == item.text
    )


def advice_on(item: RuleEffect, rules: Mapping[str, RuleNow]) -> Advice | None:
    """Return what to do with a rule on trial of which something is known; else None.

    Only what is proven is to be pinned: a likely help is better tested on.
    """
    known = rules.get(item.rule)
    if known is None or known.state != "trial":
        return None
    verdict = item.effect.verdict
    if verdict == "proven":
        return Advice(item.rule, "pin", verdict)
    if verdict in ("likely harms", "no practical effect"):
        return Advice(item.rule, "retire", verdict)
    return None
