"""Rules added by a person: one in words, or those of a pack."""

from __future__ import annotations

from typing import NamedTuple

from buildlog_git.core.adoption import Refused, Wanted, adopt
from buildlog_git.core.cutting import slug, summary
from buildlog_git.core.rules import Rule, State, why_no_id
from buildlog_git.core.session import GENERAL
from buildlog_git.errors import UsageError
from buildlog_git.flows.backends import chosen_similarity
from buildlog_git.flows.context import Context
from buildlog_git.flows.importing import AddedRules, added_rules, today
from buildlog_git.flows.rewards import refuse_no_word
from buildlog_git.flows.rulebook import rules_here
from buildlog_git.flows.rulefiles import write_new
from buildlog_git.flows.rules import Rules
from buildlog_git.flows.seeds import find_pack


class Told(NamedTuple):
    """A rule in a person's words; what is empty is made of the text."""

    text: str
    id: str = ""
    title: str = ""
    error_class: str = GENERAL
    scope: tuple[str, ...] = ()


def add_rule(context: Context, told: Told, state: State = "trial") -> AddedRules:
    """Write a new rule.

    Raises:
        UsageError: a name is none or is taken, there is no text, or a rule says the same.
        RuleError: it cannot be written.

    """
    known = rules_here(context)
    text = told.text.replace("\r\n", "\n").strip()
    if not text:
        raise UsageError("a rule needs a text", slug="no-text", hint='rules add "Be brief."')
    refuse_no_word(told.error_class)
    if told.id:
        _refuse_id(known, told.id)
    title = " ".join(told.title.split()) or summary(text)
    rule = Rule(told.id or slug(text), title, told.error_class, state, text, told.scope)
    adoption = adopt(
        known.rules, [Wanted(rule._replace(added=today(context)))], chosen_similarity(context)
    )
    for refused in adoption.refused:
        _refuse_double(refused)
    write_new(context, (one.rule for one in adoption.added))
    return added_rules(adoption, state, problems=known.problems)


def add_seed(context: Context, name: str, state: State = "trial") -> AddedRules:
    """Copy the rules of the pack ``name``, or only the one of ``pack/id``.

    What is there already, in these words or others, is left as it is.

    Raises:
        UsageError: there is no such pack or rule.
        RuleError: a rule cannot be written.

    """
    known = rules_here(context)
    pack_name, slash, only = name.partition("/")
    pack = find_pack(context, pack_name)
    rules = [rule for rule in pack.rules if not slash or rule.id == only]
    if not rules:
        raise UsageError(
            f"the pack {pack.name} has no rule {only}",
            slug="unknown-seed",
            hint=f"it has {', '.join(rule.id for rule in pack.rules)}",
        )
    day = today(context)
    wanted = [
        Wanted(rule._replace(state=state, added=day), f"{pack.name}/{rule.id}") for rule in rules
    ]
    adoption = adopt(known.rules, wanted, chosen_similarity(context))
    write_new(context, (one.rule for one in adoption.added))
    return added_rules(adoption, state, problems=known.problems)


def _refuse_id(known: Rules, name: str) -> None:
    why = why_no_id(name)
    if why:
        raise UsageError(f"not the id of a rule: {name}", slug="bad-rule-id", hint=why)
    there = next((rule for rule in known.rules if rule.id.lower() == name.lower()), None)
    if there or name.lower() == "readme":
        raise UsageError(
            f"there is a rule of that id: {name}" if there else f"that id is reserved: {name}",
            slug="rule-id-taken",
            hint="choose another --id, or change the rule in its file",
        )


def _refuse_double(refused: Refused) -> None:
    raise UsageError(
        f"that rule {refused.why}: {refused.instead}",
        slug="rule-exists",
        hint=f"see: git buildlog rules show {refused.instead}",
    )
