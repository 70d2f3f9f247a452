"""Which mistakes were made before: the same class, another session, nearly the same words.

Two descriptions tell of one mistake where their text is the same but for case and space, or
where more than 0.7 of their words are common and no common word, fillers aside, is negated in
only one of them: "do not close the file" never repeats "close the file".

Ten thousand mistakes are not compared with each other. Words are sorted by rarity; for two
texts of m and n words to have o in common, their first common word must stand among the first
m - o + 1 of the one and the first n - o + 1 of the other (Chaudhuri et al., "A primitive
operator for similarity joins", 2006). So only texts that share a rare word are looked at.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from buildlog_git.core.meaning import meaning_of
from buildlog_git.core.polarity import Signed, opposed, words
from buildlog_git.core.session_events import Mistake

ALIKE = (7, 10)
"""Two descriptions are the same mistake where more than this share of their words is common."""


class Told(NamedTuple):
    """A description as it is compared.

    Its text without case and extra space, its words, and those that carry the meaning with
    their signs.
    """

    text: str
    words: frozenset[str]
    senses: tuple[Signed, ...]


def told(description: str) -> Told:
    """Return a description as it is compared."""
    text = " ".join(description.casefold().split())
    return Told(text, frozenset(words(description)), meaning_of(description).content)


Similarity = Callable[[str, str], float]
"""How alike two texts are, from 0 to 1, in the eyes of a back end."""


def alike(one: Told, other: Told, similarity: Similarity | None = None) -> bool:
    """Return whether two descriptions tell of the same mistake.

    A back end's word counts in place of the common words; what is negated stays apart.
    """
    if one.text == other.text:
        return True
    if similarity is not None:
        share, whole = ALIKE
        return similarity(one.text, other.text) * whole > share and not opposed(
            one.senses, other.senses
        )
    common = len(one.words & other.words)
    share, whole = ALIKE
    if whole * common <= share * (len(one.words) + len(other.words) - common):
        return False
    return not opposed(one.senses, other.senses)


def repeats(mistakes: Sequence[Mistake], similarity: Similarity | None = None) -> dict[str, str]:
    """Return the ids of mistakes that repeat one, each with the id of the first such one.

    The first with the same text, else the first with nearly the same words. ``mistakes`` are by
    time. What a person said of a repeat counts as said. A back end for ``similarity`` is asked
    about every two mistakes of one class and different sessions: no index can spare that.
    """
    texts = [told(mistake.description) for mistake in mistakes]
    rarity = Counter(word for text in texts for word in text.words)
    classes: dict[str, _Earlier] = defaultdict(lambda: _Earlier(rarity, similarity))
    found: dict[str, str] = {}
    for number, (mistake, text) in enumerate(zip(mistakes, texts, strict=True)):
        earlier = classes[mistake.error_class]
        entry = _Entry(number, mistake.session, text)
        if mistake.repeat_of is not None:
            found[mistake.id] = mistake.repeat_of
        else:
            first = earlier.first_alike(entry)
            if first is not None:
                found[mistake.id] = mistakes[first].id
        earlier.add(entry)
    return found


class _Entry(NamedTuple):
    number: int
    session: str | None
    told: Told


_BySession = dict[str | None, list[_Entry]]
"""Entries in their order, by session; sessions in the order of their first entry."""


class _Earlier:
    """The mistakes of one class that came before, by their text and by their rare words."""

    def __init__(self, rarity: Mapping[str, int], similarity: Similarity | None) -> None:
        self._rarity = rarity
        self._similarity = similarity
        self._every: _BySession = {}
        self._texts: defaultdict[str, _BySession] = defaultdict(dict)
        self._words: defaultdict[tuple[int, str, int], _BySession] = defaultdict(dict)
        """By how many words a text has, one of its rarest words, and which of them that is."""
        self._sizes: set[int] = set()

    def add(self, entry: _Entry) -> None:
        by_session = self._texts[entry.told.text]
        by_session.setdefault(entry.session, [entry])  # only the first is ever asked for
        self._every.setdefault(entry.session, []).append(entry)
        ranked = self._ranked(entry.told)
        size = len(ranked)
        self._sizes.add(size)
        share, whole = ALIKE
        for place, word in enumerate(ranked[: size - share * size // whole]):
            by_session = self._words[size, word, place]
            by_session.setdefault(entry.session, []).append(entry)

    def first_alike(self, entry: _Entry) -> int | None:
        """Return the number of the first mistake of another session that is alike.

        One with the same text comes before those with nearly the same words.
        """
        for session, known in self._texts.get(entry.told.text, {}).items():
            if session != entry.session:
                return known[0].number
        best: int | None = None
        for by_session in self._near(entry.told):
            for session, known in by_session.items():
                if best is not None and known[0].number >= best:
                    break  # the sessions after it came later still
                if session != entry.session:
                    best = self._first(known, entry.told, best)
        return best

    def _first(self, known: Sequence[_Entry], text: Told, best: int | None) -> int | None:
        for entry in known:
            if best is not None and entry.number >= best:
                return best
            if alike(entry.told, text, self._similarity):
                return entry.number
        return best

    def _near(self, text: Told) -> Iterator[_BySession]:
        """Yield the mistakes that may be alike."""
        if self._similarity is not None:
            yield self._every
            return
        ranked = self._ranked(text)
        mine = len(ranked)
        share, whole = ALIKE
        for size in self._sizes:
            needed = share * (mine + size) // (share + whole) + 1
            if needed > min(mine, size):
                continue
            for word in ranked[: mine - needed + 1]:
                for place in range(size - needed + 1):
                    by_session = self._words.get((size, word, place))
                    if by_session:
                        yield by_session

    def _ranked(self, text: Told) -> list[str]:
        return sorted(text.words, key=lambda word: (self._rarity[word], word))
