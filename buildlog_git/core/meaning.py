"""Whether two rules say the same, or the opposite.

Both are asked of their words: in their order, each with its sign (:mod:`.polarity`), without
case, endings and fillers such as "please always".

Two rules are the same where the words of one are those of the other, in the same order and
sense, and hardly any are more: so no number, name, or negation is ever lost with a rule that is
left out as a double. "Prefer tabs to spaces" and "Prefer spaces to tabs" are two rules.

They contradict each other where at least half of all their words are common, and at least half
of those are negated in one and not in the other. What opposes without a negation ("use tabs",
"use spaces") is not found, and neither is what the wording hides.

Laws: both are symmetric; a text and its negation are never the same; case and the punctuation
around a text change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from buildlog_git.core.polarity import Signed, opposed, polarity

ALIKE = 0.8
"""One rule has the words of another where more than this share of the longer one is left."""
COMMON = 0.5
"""The share of all words that two rules must have in common to be about the same."""
TURNED = 0.5
"""The share of common words that must be meant in another sense."""

_FILLERS = frozenset({
    "a", "an", "the", "of", "to", "in", "on", "at", "for", "from", "by", "with", "and", "as",
    "is", "are", "be", "been", "it", "its", "this", "that", "these", "those", "you", "your",
    "we", "our", "they", "their", "please", "always", "must", "should", "shall", "ensure",
    "make", "sure", "do", "does", "did", "all", "every", "each", "just", "also", "will",
    "would", "can", "could", "may", "might", "need", "needs", "so", "then", "there",
})  # fmt: skip
_ENDINGS = ("ing", "ed")


class Meaning(NamedTuple):
    """A text's words with their signs: all of them, and those that carry it; these also alone."""

    signed: tuple[Signed, ...]
    content: tuple[Signed, ...]
    words: frozenset[str]


def meaning_of(text: str) -> Meaning:
    """Return what a text says."""
    signed = polarity(text)
    content = tuple(Signed(stem(word), negated) for word, negated in signed if word not in _FILLERS)
    content = content or signed
    return Meaning(signed, content, frozenset(word for word, _negated in content))


def same(one: Meaning, other: Meaning) -> bool:
    """Return whether two texts say the same."""
    short, long = sorted((one.content, other.content), key=len)
    if len(short) < len(long) and len(short) <= ALIKE * len(long):
        return False
    return _within(short, long) and not opposed(one.signed, other.signed)


def same_by(one: Meaning, other: Meaning, likeness: float) -> bool:
    """Return whether two texts say the same in the eyes of a back end.

    Args:
        one: what a text says.
        other: what another one says.
        likeness: how alike the back end finds them, from 0 to 1.

    """
    numbers = [{w for w, _ in m.signed if any(c.isdigit() for c in w)} for m in (one, other)]
    return likeness > ALIKE and numbers[0] == numbers[1] and not opposed(one.content, other.content)


def contradict(one: Meaning, other: Meaning) -> bool:
    """Return whether one text asks for what the other forbids."""
    common = one.words & other.words
    if not common or len(common) < COMMON * (len(one.words) + len(other.words) - len(common)):
        return False
    return len(opposed(one.content, other.content) & common) >= TURNED * len(common)


def stem(word: str) -> str:
    """Return a word without its ending, so that ``tests`` and ``testing`` are one."""
    if len(word) > 3 and word[-1] == "s" and word[-2] not in "siu":
        word = word[:-1]
    for ending in _ENDINGS:
        start = word.removesuffix(ending)
        if start != word and not word.endswith("eed") and any(c in "aeiouy" for c in start):
            doubled = len(start) > 3 and start[-1] == start[-2] and start[-1] not in "lsz"
            word = start[:-1] if doubled else start
            break
    return word[:-1] if len(word) > 2 and word[-1] == "e" else word


def _within(short: Sequence[Signed], long: Sequence[Signed]) -> bool:
    """Return whether the words of one stand in the other in the same order."""
    left = iter(long)
    return all(word in left for word in short)
