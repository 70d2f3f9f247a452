"""Lines to tokens: what a change of layout leaves alone.

A token is a word or a single other character; white space and blank lines are no tokens, all
quotes are one, and a comma before a closing bracket is dropped. So re-indenting, other line
ends, wrapping and a formatter cost about nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_TOKEN = re.compile(r"\w+|[^\w\s]")
_QUOTES = str.maketrans(dict.fromkeys("'\u2018\u2019\u201c\u201d", '"'))
_CLOSERS = frozenset(")]}")


def tokenize(line: str) -> list[str]:
    """Return the tokens of one line, commas included."""
    return _TOKEN.findall(line.translate(_QUOTES))


def line_key(line: str) -> str:
    """Return ``line`` without white space: two lines with one key are verbatim alike."""
    return "".join(line.split())


def weight(key: str) -> int:
    """Return how many letters and digits ``key`` has."""
    return sum(map(str.isalnum, key))


def kept_positions(lines: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Return (line, token) positions that count in a run of tokenized lines.

    Left out is a comma that a closing bracket follows, or that ends the run: there a formatter
    may add or drop it, and the bracket may stand on a line that the diff does not show.
    """
    positions: list[tuple[int, int]] = []
    comma = False
    for number, tokens in enumerate(lines):
        for index, token in enumerate(tokens):
            if comma and token in _CLOSERS:
                positions.pop()
            positions.append((number, index))
            comma = token == ","
    if comma:
        positions.pop()
    return positions


def count_tokens(lines: Iterable[Sequence[str]]) -> int:
    """Return how many tokens count in a run of tokenized lines."""
    return len(kept_positions(list(lines)))
