"""What all sessions have shown of the rules, and the beliefs that draws make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buildlog_git.core.effects import Answer, learn
from buildlog_git.core.events import Event
from buildlog_git.core.lesson import Lesson, RuleNow, build_lesson
from buildlog_git.core.observation import RuleText
from buildlog_git.flows.beliefs import ANY, keep_beliefs
from buildlog_git.flows.context import Context
from buildlog_git.flows.observations import Table, read_table, table_of
from buildlog_git.flows.report import Judged
from buildlog_git.flows.rules import read_rules


@dataclass(frozen=True, slots=True)
class Kept:
    """What was learned and is kept for the next draws; ``classes`` have beliefs of their own.

    Before it is enough to be ``ranked``, nothing is kept, and draws are uniform.
    """

    sessions: int
    randomised: int
    rewards: int
    rules: int
    classes: tuple[str, ...]
    evidence: str
    ranked: bool


def lesson_of(context: Context, events: Sequence[Event], judged: Judged) -> Lesson:
    """Return what the facts ``events``, of which a report was made, tell of the rules."""
    return _lesson(context, table_of(context, events, judged))[0]


def read_lesson(context: Context, *, stored: bool = False) -> Lesson:
    """Return what all that is known tells of the rules.

    Raises:
        LedgerError: the ledger cannot be read.

    """
    return _lesson(context, read_table(context, stored=stored))[0]


def learn_and_keep(context: Context, *, stored: bool = False) -> Kept:
    """Compute what all sessions tell, and keep what draws need of it.

    Raises:
        LedgerError: the ledger cannot be read.
        OSError: the git directory cannot be written.

    """
    lesson, answer = _lesson(context, read_table(context, stored=stored))
    posterior = answer.posterior
    on_trial = [
        RuleText(rule.rule, rule.text) for rule in lesson.rules.values() if rule.state == "trial"
    ]
    # Nothing beats a uniform draw before there is enough to rank by, and none tells as much.
    classes = posterior.design.classes if answer.learned.ranked else ()
    wanted = (ANY, *classes) if answer.learned.ranked else ()
    keep_beliefs(
        context,
        (posterior.beliefs(on_trial, error_class) for error_class in wanted),
        lesson.evidence,
    )
    learned = lesson.learned
    return Kept(
        learned.sessions, learned.randomised, learned.rewards, len(on_trial), tuple(classes),
        lesson.evidence, learned.ranked,
    )  # fmt: skip


def _lesson(context: Context, table: Table) -> tuple[Lesson, Answer]:
    rules = _rules_now(context)
    listed = [RuleText(rule.rule, rule.text) for rule in rules.values() if rule.state == "trial"]
    answer = learn(table.observations, context.now, listed)
    return build_lesson(answer.learned, table.exposed, rules, table.evidence), answer


def _rules_now(context: Context) -> Mapping[str, RuleNow]:
    return {
        rule.id: RuleNow(rule.id, rule.state, rule.digest, rule.error_class, rule.tokens)
        for rule in read_rules(context.repo.top).rules
    }
