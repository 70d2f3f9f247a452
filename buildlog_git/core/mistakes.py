"""Which mistakes were made before: the same class, another session, nearly the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from buildlog_git.core.session_events import Mistake

ALIKE = 0.7
"""Two descriptions are the same mistake where more than this share of their words is common."""


def repeats(mistakes: Sequence[Mistake]) -> dict[str, str]:
    """Return the ids of mistakes that repeat one, each with the id of the first such one.

    ``mistakes`` are by time. What a person said of a repeat counts as said.
    """
    found: dict[str, str] = {}
    earlier: list[tuple[Mistake, frozenset[str]]] = []
    for mistake in mistakes:
        words = words_of(mistake.description)
        if mistake.repeat_of is not None:
            found[mistake.id] = mistake.repeat_of
        for known, its_words in earlier:
            if known.error_class != mistake.error_class or known.session == mistake.session:
                continue
            if mistake.id not in found and _alike(words, its_words):
                found[mistake.id] = known.id
        earlier.append((mistake, words))
    return found


def words_of(description: str) -> frozenset[str]:
    """Return the words of a description, whatever their order and case."""
    return frozenset(re.findall(r"\w+", description.casefold()))


def _alike(words: frozenset[str], others: frozenset[str]) -> bool:
    return words == others or len(words & others) > ALIKE * len(words | others)
