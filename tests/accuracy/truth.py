"""Lines of unique words, edits of them, and the distance that follows from how they were made.

Every word occurs once in a whole run, so that two lines share no word unless one was made from
the other, and an alignment has one answer. Punctuation is shared, but makes up less than 0.6 of
a line: it never lifts two lines over the gate.

The definition, on counts of tokens. Of the draft: T tokens are the agent's, Dt stood in hunks
that it only removed. An edit of the agent's block is a sequence of steps; a run of steps that
are not ``Keep`` is one hunk of the line diff, since the kept lines on either side are unique
and hold it in place. In a hunk, ``matched`` tokens stand on both sides in order; where they are
less than 0.6 of the shorter side, the whole hunk is lost. With l owned tokens lost and i
inserted next to a loss or between two owned tokens:

    distance = min(1, (Σ max(l, i) + Dr) / (T + Σ max(0, i - l) + Dt))
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable, Sequence

GATE_TENTHS = 6


class Words:
    """A source of words, none twice."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.used: set[str] = set()

    def word(self) -> str:
        while True:
            letters = self.rng.choices("abcdefghijklmnopqrstuvwxyz", k=self.rng.randint(6, 9))
            word = "".join(letters)
            if self.rng.random() < 0.05:
                word = word[:2] + self.rng.choice("éßжñ_7") + word[3:]
            if word not in self.used:
                self.used.add(word)
                return word

    def words(self, count: int) -> tuple[str, ...]:
        return tuple(self.word() for _ in range(count))


@dataclass(frozen=True, slots=True)
class Style:
    """How the words of a line are written down; ``shape`` gives a pattern for n words."""

    name: str
    suffix: str
    shape: Callable[[int], str]

    def line(self, words: Sequence[str]) -> Line:
        return Line(tuple(words), self)


def _text(count: int) -> str:
    return " ".join(["{}"] * count)


def _bullet(count: int) -> str:
    return "- " + _text(count)


def _python(count: int) -> str:
    return f"{{}} = {{}}({', '.join(['{}'] * (count - 2))})"


def _script(count: int) -> str:
    return f"{{}}.{{}}({', '.join(['{}'] * (count - 2))});"


def _quoted(count: int) -> str:
    return f'{{}} = {{}}("{_text(count - 2)}")'


TEXT = Style("text", ".txt", _text)
MARKDOWN = Style("markdown", ".md", _bullet)
PYTHON = Style("python", ".py", _python)
SCRIPT = Style("script", ".js", _script)
QUOTED = Style("quoted", ".py", _quoted)
STYLES = (TEXT, MARKDOWN, PYTHON, SCRIPT)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words; ``owned`` are the positions of the agent's words, None for all."""

    words: tuple[str, ...]
    style: Style
    owned: frozenset[int] | None = None

    @property
    def text(self) -> str:
        return self.style.shape(len(self.words)).format(*self.words)

    @property
    def tokens(self) -> int:
        marks = self.style.shape(len(self.words)).replace("{}", "")
        return len(self.words) + len("".join(marks.split()))

    @property
    def mine(self) -> int:
        """How many of its tokens are the agent's."""
        return self.tokens if self.owned is None else len(self.owned)


@dataclass(frozen=True, slots=True)
class Keep:
    """The line stays; ``text`` may write it with other white space."""

    line: Line
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Gone:
    """The line is deleted."""

    line: Line


@dataclass(frozen=True, slots=True)
class Put:
    """A new line, between two of the agent's or next to one that is gone."""

    line: Line


@dataclass(frozen=True, slots=True)
class Change:
    """Some words of the line are replaced, each by one new word."""

    line: Line
    fresh: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Reshape:
    """All tokens stay, the lines they stand on do not."""

    line: Line
    text: str | None


Step = Keep | Gone | Put | Change | Reshape


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of the definition; they add up over hunks, files and edits."""

    tokens: int = 0
    removed: int = 0
    cost: int = 0
    grow: int = 0
    restored: int = 0

    def __add__(self, other: Terms) -> Terms:
        return Terms(
            self.tokens + other.tokens,
            self.removed + other.removed,
            self.cost + other.cost,
            self.grow + other.grow,
            self.restored + other.restored,
        )

    @property
    def distance(self) -> float | None:
        if self.tokens + self.removed == 0:
            return None
        whole = self.tokens + self.grow + self.removed
        return min(1.0, (self.cost + self.restored) / whole)


def total(terms: Iterable[Terms]) -> Terms:
    return sum(terms, Terms())


def texts(steps: Iterable[Step]) -> list[str]:
    """The lines that stand after the edit."""
    lines: list[str] = []
    for step in steps:
        match step:
            case Keep(line, text):
                lines.append(line.text if text is None else text)
            case Put(line):
                lines.append(line.text)
            case Change(line, fresh):
                lines.append(changed(line, fresh).text)
            case Reshape(_, text) if text is not None:
                lines.append(text)
            case _:
                pass
    return lines


def changed(line: Line, fresh: Iterable[tuple[int, str]]) -> Line:
    new = dict(fresh)
    return replace(line, words=tuple(new.get(n, word) for n, word in enumerate(line.words)))


def halved(steps: Sequence[Step]) -> list[Step]:
    """The same edit stopped midway: the second half of its changes is not made yet."""
    edits = [n for n, step in enumerate(steps) if not isinstance(step, Keep)]
    later = set(edits[len(edits) // 2 :])
    halfway: list[Step] = []
    for n, step in enumerate(steps):
        if n not in later:
            halfway.append(step)
        elif not isinstance(step, Put | Keep):
            halfway.append(Keep(step.line))
    return halfway


def account(steps: Sequence[Step]) -> Terms:
    """Return the terms of an edit of a block, from what each step did."""
    terms = Terms(tokens=sum(step.line.mine for step in steps if not isinstance(step, Put)))
    for edited, hunk in groupby(steps, key=lambda step: not isinstance(step, Keep)):
        if edited:
            terms += _hunk(list(hunk))
    return terms


@dataclass(slots=True)
class _Sides:
    """Tokens of a hunk: of both sides, on both, the agent's, and how they fare if it passes."""

    old: int = 0
    new: int = 0
    matched: int = 0
    mine: int = 0
    lost: int = 0
    put: int = 0


def _hunk(steps: Sequence[Step]) -> Terms:
    sides = _Sides()
    for step in steps:
        _weigh(sides, step)
    if sides.matched * 10 >= GATE_TENTHS * min(sides.old, sides.new):
        lost, put = sides.lost, sides.put
    else:
        lost, put = sides.mine, sides.new
    return Terms(cost=max(lost, put), grow=max(0, put - lost))


def _weigh(sides: _Sides, step: Step) -> None:
    size = step.line.tokens
    if not isinstance(step, Put):
        sides.old += size
        sides.mine += step.line.mine
    if not isinstance(step, Gone):
        sides.new += size
    match step:
        case Gone(line):
            sides.lost += line.mine
        case Put():
            sides.put += size
        case Change(line, fresh):
            # A word that was not the agent's may be replaced freely: the kinds keep such
            # words away from the agent's, so that nothing stands between two owned tokens.
            own = [n for n, _ in fresh if line.owned is None or n in line.owned]
            sides.matched += size - len(fresh)
            sides.lost += len(own)
            sides.put += len(own)
        case Reshape() | Keep():
            sides.matched += size
