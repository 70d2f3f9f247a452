"""The rules as people look at them: listed, shown one by one, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildlog_git.core.adoption import clashes, doubles
from buildlog_git.core.confidence import Confidence, Usage, confidence, usages
from buildlog_git.core.fold import fold
from buildlog_git.core.rules import Rule, State, file_of
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.rules import Rules, read_rules

if TYPE_CHECKING:
    from buildlog_git.core.effects import RuleEffect


@dataclass(frozen=True, slots=True)
class RuleItem:
    """A rule.

    ``digest`` names its text, ``tokens`` is an estimate of what reading it costs, ``usage`` is
    what the ledger knows, ``contradicts`` are active rules that say the opposite.
    """

    id: str
    title: str
    error_class: str
    state: State
    scope: tuple[str, ...]
    seed: str | None
    added: str | None
    file: str
    digest: str
    tokens: int
    usage: Usage
    confidence: Confidence
    contradicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleList:
    """The rules of the work tree by state and id, and what is wrong with their files."""

    rules: tuple[RuleItem, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShownRule:
    """One rule with its text, and what its present text does where sessions had it."""

    rule: RuleItem
    text: str
    effects: tuple[RuleEffect, ...]


def list_rules(context: Context) -> RuleList:
    """Return the rules of the work tree.

    Raises:
        UsageError: there is no work tree.

    """
    rules = rules_here(context)
    order = {"pinned": 0, "trial": 1, "retired": 2}
    items = _items(context, rules)
    return RuleList(
        tuple(sorted(items, key=lambda item: (order[item.state], item.id))), rules.problems
    )


def show_rule(context: Context, name: str) -> ShownRule:
    """Return one rule.

    Raises:
        UsageError: there is no work tree, or no such rule in it.

    """
    rules = rules_here(context)
    rule = known_rule(rules, name)
    item = next(item for item in _items(context, rules) if item.id == name)
    return ShownRule(item, rule.text, _effects(context, rule))


def _effects(context: Context, rule: Rule) -> tuple[RuleEffect, ...]:
    """Return what the present text of a rule does, where sessions had it."""
    from buildlog_git.flows.lesson import read_lesson

    return tuple(
        item
        for item in read_lesson(context).learned.rules
        if (item.rule, item.text) == (rule.id, rule.digest) and item.effect.on + item.effect.off
    )


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """Something that is wrong with a file, or with two rules; ``fails`` where it must not be.

    That rules contradict each other, or that one on trial stands in a file that agents always
    read, is told by the words, which may deceive: it does not fail.
    """

    slug: str
    what: str
    why: str
    fails: bool


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What a check of all rule files and packs of the work tree has found."""

    sound: bool
    rules: int
    problems: tuple[RuleProblem, ...]


def check_rules(context: Context) -> RuleCheck:
    """Return all that is wrong with the rules of the work tree.

    Raises:
        UsageError: there is no work tree.

    """
    from buildlog_git.flows.backends import chosen_similarity
    from buildlog_git.flows.seeds import FOLDER as SEEDS
    from buildlog_git.flows.seeds import list_seeds
    from buildlog_git.flows.sources import standing

    rules = rules_here(context)
    packs = [told for told in list_seeds(context).problems if told.startswith(SEEDS)]
    problems = [
        RuleProblem(slug, *_parted(told), fails=True)
        for slug, group in (("bad-rule", rules.problems), ("bad-seed", packs))
        for told in group
    ]
    ids: dict[str, str] = {}
    for rule in rules.rules:
        other = ids.setdefault(rule.id.lower(), rule.id)
        if other != rule.id:
            why = f"only case tells it from {other}, and some file systems do not"
            problems.append(RuleProblem("same-id", rule.id, why, fails=True))
    problems += [
        RuleProblem("same-rule", one, f"says the same as {other}", fails=True)
        for one, other in doubles(rules.rules, chosen_similarity(context))
    ]
    problems += [
        RuleProblem("never-off", one.rule, f"is on trial, and always read in {one.place}", False)
        for one in standing(context, (rule for rule in rules.rules if rule.state == "trial"))
    ]
    problems += [
        RuleProblem("contradiction", one, f"contradicts {other}", fails=False)
        for one, others in sorted(clashes(rules.rules).items())
        for other in others
        if one < other
    ]
    return RuleCheck(not any(p.fails for p in problems), len(rules.rules), tuple(problems))


def _parted(told: str) -> tuple[str, str]:
    what, _, why = told.partition(": ")
    return what, why


def rules_here(context: Context) -> Rules:
    """Return the rules of the work tree.

    Raises:
        UsageError: there is no work tree.

    """
    if context.repo.bare or context.repo.top == context.repo.git_dir:
        raise UsageError(
            "rules are files of a work tree, and there is none here",
            slug="no-work-tree",
            hint="call it in the work tree of a clone",
        )
    return read_rules(context.repo.top)


def known_rule(rules: Rules, name: str) -> Rule:
    """Return a rule by its id.

    Raises:
        UsageError: there is none.

    """
    rule = rules.get(name)
    if rule is None:
        bad = [problem for problem in rules.problems if f"{file_of(name)}:" in problem]
        raise UsageError(
            f"there is no rule of that id: {name}" + (f" ({bad[0]})" if bad else ""),
            slug="unknown-rule",
            hint="see: git buildlog rules list",
        )
    return rule


def _items(context: Context, rules: Rules) -> list[RuleItem]:
    known = usages(fold(context.ledger.read().by_id.values()))
    opposite = clashes(rules.rules)
    return [
        _item(
            rule, rules.files[rule.id], known.get(rule.id, Usage()), opposite.get(rule.id, ()),
            context.now,
        )
        for rule in rules.rules
    ]  # fmt: skip


def _item(rule: Rule, file: str, usage: Usage, contradicts: tuple[str, ...], now: int) -> RuleItem:
    return RuleItem(
        rule.id, rule.title, rule.error_class, rule.state, rule.scope, rule.seed or None,
        rule.added or None, file, rule.digest, rule.tokens, usage,
        confidence(usage, len(contradicts), now), contradicts,
    )  # fmt: skip
