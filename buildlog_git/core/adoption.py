"""New rules among those that there are: each once, under an id of its own.

A text is known by its digest, by the digest of the text that a rule was made from (so that a
rule which was reworded since, or retired, does not come back), or because a rule says the same.
An id comes from the first words; where another rule has it, a piece of the text's digest is
added.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from buildlog_git.core.meaning import Meaning, contradict, meaning_of, same, same_by
from buildlog_git.core.mistakes import Similarity
from buildlog_git.core.rules import Rule, why_no_id

_RESERVED = frozenset({"readme"})
"""Names of files in the folder that hold no rule."""


class Wanted(NamedTuple):
    """A rule that is to be added; its id is only a wish. ``source`` is where it comes from."""

    rule: Rule
    source: str = ""


class Refused(NamedTuple):
    """A rule that is not added, why, and the rule that stands for it."""

    wanted: Wanted
    why: str
    instead: str


class Adoption(NamedTuple):
    """What is added and what is not; ``conflicts`` are pairs of ids that contradict."""

    added: tuple[Wanted, ...] = ()
    refused: tuple[Refused, ...] = ()
    conflicts: tuple[tuple[str, str], ...] = ()


def adopt(
    known: Iterable[Rule], wanted: Iterable[Wanted], similarity: Similarity | None = None
) -> Adoption:
    """Return which of the ``wanted`` rules are new, with their ids.

    A back end's word for ``similarity`` counts in place of the words; what is negated, and what
    has other numbers, stays apart.
    """
    shelf = _Shelf(similarity)
    for rule in known:
        shelf.put(rule, new=False)
    refused = []
    for one in wanted:
        there = shelf.find(one.rule)
        if there is None:
            shelf.put(shelf.named(one.rule), new=True, source=one.source)
        elif shelf.is_new(there.id):
            shelf.widen(there.id, one.rule.scope)
            refused.append(Refused(one, "says the same", there.id))
        else:
            refused.append(Refused(one, _why(there, one.rule), there.id))
    return Adoption(shelf.added, tuple(refused), tuple(shelf.conflicts))


def _why(there: Rule, wanted: Rule) -> str:
    if there.state == "retired":
        return "was retired"
    if wanted.digest == there.digest:
        return "is there already"
    return "is there already, reworded" if wanted.digest == there.origin else "says the same"


class _Shelf:
    def __init__(self, similarity: Similarity | None) -> None:
        self._similarity = similarity
        self._rules: dict[str, Rule] = {}
        self._meanings: dict[str, Meaning] = {}
        self._sources: dict[str, str] = {}
        self._ids: set[str] = set(_RESERVED)
        self._texts: dict[str, str] = {}
        self.conflicts: list[tuple[str, str]] = []

    @property
    def added(self) -> tuple[Wanted, ...]:
        return tuple(Wanted(self._rules[name], source) for name, source in self._sources.items())

    def is_new(self, name: str) -> bool:
        return name in self._sources

    def put(self, rule: Rule, *, new: bool, source: str = "") -> None:
        meaning = meaning_of(rule.text)
        if new:
            self._sources[rule.id] = source
            self.conflicts += [
                (name, rule.id)
                for name, other in self._rules.items()
                if other.active and rule.active and overlap(rule, other)
                and contradict(self._meanings[name], meaning)
            ]  # fmt: skip
        self._rules[rule.id] = rule
        self._meanings[rule.id] = meaning
        self._ids.add(rule.id.lower())
        for digest in filter(None, (rule.digest, rule.origin)):
            self._texts.setdefault(digest, rule.id)

    def find(self, rule: Rule) -> Rule | None:
        name = self._texts.get(rule.digest)
        if name is None:
            meaning = meaning_of(rule.text)
            name = next(
                (n for n, other in self._rules.items()
                 if _same(rule, meaning, other, self._meanings[n], self._similarity)), None,
            )  # fmt: skip
        return None if name is None else self._rules[name]

    def named(self, rule: Rule) -> Rule:
        base = rule.id if rule.id and not why_no_id(rule.id) else f"rule-{rule.digest[:8]}"
        tails = ("", *(f"-{rule.digest[:size]}" for size in (4, 8, 16)))
        name = next(
            base[:47] + tail for tail in tails if (base[:47] + tail).lower() not in self._ids
        )
        return rule._replace(id=name, title=rule.title or name, origin=rule.digest)

    def widen(self, name: str, scope: tuple[str, ...]) -> None:
        rule = self._rules[name]
        both = tuple(dict.fromkeys((*rule.scope, *scope))) if rule.scope and scope else ()
        self._rules[name] = rule._replace(scope=both)


def overlap(one: Rule, other: Rule) -> bool:
    """Return whether two rules can be about the same file, as far as their globs tell."""
    return not one.scope or not other.scope or bool(set(one.scope) & set(other.scope))


def clashes(rules: Sequence[Rule]) -> Mapping[str, tuple[str, ...]]:
    """Return the ids of active rules that contradict others, each with those others."""
    active = [(rule, meaning_of(rule.text)) for rule in rules if rule.active]
    found: dict[str, list[str]] = {}
    for number, (rule, meaning) in enumerate(active):
        for other, its in active[number + 1 :]:
            if overlap(rule, other) and contradict(meaning, its):
                found.setdefault(rule.id, []).append(other.id)
                found.setdefault(other.id, []).append(rule.id)
    return {name: tuple(sorted(others)) for name, others in found.items()}


def _same(
    rule: Rule, meaning: Meaning, other: Rule, its: Meaning, similarity: Similarity | None
) -> bool:
    if similarity is None:
        return same(meaning, its)
    return same_by(meaning, its, similarity(rule.text, other.text))


def doubles(rules: Sequence[Rule], similarity: Similarity | None = None) -> list[tuple[str, str]]:
    """Return the pairs of active rules that say the same, for the same files."""
    active = [(rule, meaning_of(rule.text)) for rule in rules if rule.active]
    return [
        (rule.id, other.id)
        for number, (rule, meaning) in enumerate(active)
        for other, its in active[number + 1 :]
        if overlap(rule, other) and _same(rule, meaning, other, its, similarity)
    ]
