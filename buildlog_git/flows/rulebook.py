"""The rules as people look at them: listed, shown one by one, checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildlog_git.core.rules import FOLDER, Rule, State
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.rules import Rules, read_rules

if TYPE_CHECKING:
    from buildlog_git.core.effects import RuleEffect


@dataclass(frozen=True, slots=True)
class RuleItem:
    """A rule; ``digest`` names its text, ``tokens`` is an estimate of what reading it costs."""

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
    items = [_item(rule, rules) for rule in rules.rules]
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
    return ShownRule(_item(rule, rules), rule.text, _effects(context, rule))


def _effects(context: Context, rule: Rule) -> tuple[RuleEffect, ...]:
    """Return what the present text of a rule does, where sessions had it."""
    from buildlog_git.flows.lesson import read_lesson

    return tuple(
        item
        for item in read_lesson(context).learned.rules
        if (item.rule, item.text) == (rule.id, rule.digest) and item.effect.on + item.effect.off
    )


def rules_here(context: Context) -> Rules:
    """Return the rules of the work tree.

    Raises:
        UsageError: there is no work tree.

    """
    if context.repo.bare:
        raise UsageError(
            "rules are files of a work tree, and this repository has none",
            slug="no-work-tree",
            hint="call it in a clone with a work tree",
        )
    return read_rules(context.repo.top)


def known_rule(rules: Rules, name: str) -> Rule:
    """Return a rule by its id.

    Raises:
        UsageError: there is none.

    """
    rule = rules.get(name)
    if rule is None:
        bad = [problem for problem in rules.problems if f"{FOLDER}/{name}.md:" in problem]
        raise UsageError(
            f"there is no rule of that id: {name}" + (f" ({bad[0]})" if bad else ""),
            slug="unknown-rule",
            hint="see: git buildlog rules list",
        )
    return rule


def _item(rule: Rule, rules: Rules) -> RuleItem:
    return RuleItem(
        rule.id, rule.title, rule.error_class, rule.state, rule.scope, rule.seed or None,
        rule.added or None, rules.files[rule.id], rule.digest, rule.tokens,
    )  # fmt: skip
