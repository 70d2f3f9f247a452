"""What a sentence asks for and what it forbids: each of its words, with whether it is negated.

"Do not log passwords" and "Always log passwords" have nearly the same words; whoever compares
bags of words, or takes negations for stop words, makes one of them. So a word that negates
(not, never, no, avoid, without, unless, except, n't ...) is no word of its own here: it turns
those that follow, up to the end of its clause. Two of them cancel out ("do not forget to").
Where a line ends in a colon, the list below it goes on in the same sense ("Avoid:"). Where a
condition begins (if, when, before ...), it is not what was negated.

Law: a text and the same text after "do not" are opposed; case and line breaks change nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

NEGATING = frozenset({
    "not", "never", "no", "nor", "neither", "nobody", "nothing", "nowhere", "without", "avoid",
    "avoids", "avoided", "avoiding", "unless", "except", "excluding", "cannot", "refrain",
    "forbid", "forbids", "forbidden", "prohibit", "prohibited", "disallow", "disallowed",
    "ban", "banned", "non", "forget", "forgets", "forgot", "forgotten", "dont", "doesnt",
    "didnt", "isnt", "arent", "wasnt", "werent", "wont", "wouldnt", "shouldnt", "mustnt",
    "cant", "couldnt", "neednt", "hasnt", "havent", "nicht", "kein", "keine", "keinen", "nie",
    "niemals", "ohne", "nunca", "jamais", "❌", "✗", "✘", "🚫", "⛔",
})  # fmt: skip
"""Words and marks that turn what follows."""

_PHRASES = (("instead", "of"), ("rather", "than"))
"""Two words that turn what follows as one."""

_AFFIRMING = frozenset({
    "always", "must", "but", "instead", "do", "should", "prefer", "use",
})  # fmt: skip
"""Words before which, after a comma, something is asked for anew."""

_AUXILIARY = frozenset({"do", "does", "did"})
"""Words that say nothing where ``not`` follows."""

_CONDITION = frozenset({
    "if", "when", "whenever", "while", "because", "since", "before", "after", "until", "where",
    "so",
})  # fmt: skip
"""Words at which what was negated is over."""

_TOKEN = re.compile(
    r"""
      (?P<bullet> (?:^|\n) [ \t\r\n>]{0,99} (?:[-*+•] | \d+[.)]) [ \t]+ )
    | (?P<colon>  : (?=[ \t]* (?:\n|$)) )
    | (?P<para>   \n [ \t\r>]{0,99} \n )
    | (?P<stop>   [.;!?)\u2013\u2014\u2026] (?=[\s"'*_)]|$) )
    | (?P<comma>  , )
    | (?P<word>   [^\W_](?:\w|(?<=\w)'(?=\w))* (?:\+\+|\#)? | _\w+ | [!=<>]= | [❌✗✘🚫⛔] )
    """,
    re.VERBOSE,
)
_ABBREVIATIONS = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf)\.", re.IGNORECASE)
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"))


class Signed(NamedTuple):
    """A word of a text, and whether what the text says of it is negated."""

    word: str
    negated: bool


def words(text: str) -> tuple[str, ...]:
    """Return the words of a text in their order, without case; ``don't`` is ``do`` ``not``."""
    return tuple(word for kind, word in _tokens(text) if kind == "word")


def polarity(text: str) -> tuple[Signed, ...]:
    """Return the words of a text in their order, each with its sign; those that negate are gone.

    A word that negates nothing, because it is the last, stands for itself.
    """
    return tuple(_Reader().read(text))


def opposed(signed: Sequence[Signed], others: Sequence[Signed]) -> frozenset[str]:
    """Return the words that two texts have in common, but in another sense.

    A negation that stands for itself counts where one of them has it more often.
    """
    mine, theirs = _senses(signed), _senses(others)
    return frozenset(
        word
        for word in mine.keys() | theirs.keys()
        if (word in NEGATING or (word in mine and word in theirs))
        and mine.get(word) != theirs.get(word)
    )


def _senses(signed: Sequence[Signed]) -> Mapping[str, frozenset[bool] | int]:
    """Return in which senses each word is said, and how often what negates nothing."""
    senses: dict[str, frozenset[bool]] = {}
    for word, negated in signed:
        senses[word] = senses.get(word, frozenset()) | {negated}
    alone = Counter(word for word, _negated in signed if word in NEGATING)
    return {**senses, **alone}


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the words and ends of clauses, each with its kind."""
    text = _ABBREVIATIONS.sub(" ", text.translate(_APOSTROPHES).casefold())
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        for word in _expanded(found.group()) if kind == "word" else ("",):
            yield kind, word


def _expanded(word: str) -> tuple[str, ...]:
    if word.endswith("n't") and word != "n't":
        return (word.removesuffix("n't"), "not")
    return (word.replace("'", ""),)


class _Reader:
    """Reads a text from left to right and knows in which sense it is meant."""

    def __init__(self) -> None:
        self._negated = False
        self._listed = False  # whether the list that we are in stands below a negation
        self._pending = ""  # a word that negates, as long as nothing has followed it

    def read(self, text: str) -> Iterator[Signed]:
        tokens = [*_tokens(text), ("para", "")]
        for number, (kind, word) in enumerate(tokens):
            before = tokens[number - 1][1] if number else ""
            after = tokens[number + 1][1] if number + 1 < len(tokens) else ""
            if kind == "word":
                yield from self._word(word, before, after)
            elif kind != "comma" or after in _AFFIRMING:
                yield from self._end(kind)

    def _word(self, word: str, before: str, after: str) -> Iterator[Signed]:
        if word in NEGATING or (before, word) in _PHRASES:
            self._negated = not self._negated
            self._pending = "" if self._pending else word
            return
        if word in _AUXILIARY and after == "not":
            return
        if word in _CONDITION:
            yield from self._alone()
            self._negated = False
        self._pending = ""
        yield Signed(word, self._negated)

    def _end(self, kind: str) -> Iterator[Signed]:
        if kind == "colon":
            self._listed = self._negated
        elif kind == "para":
            self._listed = False
        if not (self._listed and kind in ("colon", "bullet")):
            yield from self._alone()
        self._negated = self._listed

    def _alone(self) -> Iterator[Signed]:
        if self._pending:
            yield Signed(self._pending, negated=True)
        self._pending = ""
