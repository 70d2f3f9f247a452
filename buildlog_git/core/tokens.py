"""Lines to tokens: what a change of layout leaves alone.

A token is a word or a single other character; white space and blank lines are no tokens, all
quotes are one, and a comma before a closing bracket is dropped. So re-indenting, other line
ends, wrapping and a formatter cost about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

TELLING = 20
"""Letters and digits that a run of lines needs to be recognised in another place."""

_TOKEN = re.compile(r"\w+|[^\w\s]")
_QUOTES = str.maketrans(dict.fromkeys("'\u2018\u2019\u201c\u201d", '"'))
_DROPPED = re.compile(r",(?=\s*[)\]}])")
_CLOSERS = frozenset(")]}")


def tokenize(line: str) -> list[str]:
    """Return the tokens of one line, commas included."""
    if line.isascii():
        return _TOKEN.findall(line.replace("'", '"'))
    return _TOKEN.findall(line.translate(_QUOTES))


def line_key(line: str) -> str:
    """Return ``line`` without white space: two lines with one key are verbatim alike."""
    return "".join(line.split())


def weight(key: str) -> int:
    """Return how many letters and digits ``key`` has."""
    return sum(map(str.isalnum, key))


class Flat(NamedTuple):
    """The tokens that count in a run of lines.

    ``places`` maps each to its place among all tokens of the run, None where all of them count.
    """

    tokens: list[str]
    places: list[int] | None

    def spread(self, marks: bytearray, size: int) -> bytearray:
        """Return ``marks``, one for each token that counts, as marks for all ``size`` tokens."""
        if self.places is None:
            return marks
        spread = bytearray(size)
        for place, mark in zip(self.places, marks, strict=True):
            spread[place] = mark
        return spread

    def pick(self, values: list[int]) -> list[int]:
        """Return, of ``values`` for all tokens, those for the tokens that count."""
        return values if self.places is None else [values[place] for place in self.places]


def flatten(lines: Iterable[Iterable[str]]) -> Flat:
    """Return the tokens that count in a run of tokenized lines.

    Left out is a comma that a closing bracket follows, or that ends the run: there a formatter
    may add or drop it, and the bracket may stand on a line that the diff does not show.
    """
    tokens = list(chain.from_iterable(lines))
    dropped = list(_dropped_commas(tokens))
    if not dropped:
        return Flat(tokens, None)
    places = list(range(len(tokens)))
    for place in reversed(dropped):
        del places[place]
        del tokens[place]
    return Flat(tokens, places)


def _dropped_commas(tokens: list[str]) -> Iterator[int]:
    place = -1
    for _ in range(tokens.count(",")):
        place = tokens.index(",", place + 1)
        if place + 1 == len(tokens) or tokens[place + 1] in _CLOSERS:
            yield place


def count_tokens(text: str) -> int:
    """Return how many tokens count in a run of lines: as many as ``flatten`` gives."""
    tokens = _TOKEN.findall(text)
    dropped = len(_DROPPED.findall(text)) + (bool(tokens) and tokens[-1] == ",")
    return len(tokens) - dropped
