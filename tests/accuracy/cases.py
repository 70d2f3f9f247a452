"""A case: what stood before, what the agent wrote, what people made of it, and the truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tests.accuracy.truth import (
    STYLES,
    Line,
    Step,
    Style,
    Terms,
    Words,
    account,
    halved,
    texts,
    total,
)

if TYPE_CHECKING:
    import random

Tree = Mapping[str, bytes]
"""All files of a case at one moment."""

SIZES = (0.05, 0.10, 0.25, 0.50, 0.75, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One edit of one draft.

    ``steps`` are the trees that people leave one after the other, the last is the final one;
    ``half`` is a tree midway to it. ``parts`` are the terms of each of the draft's files.
    ``landmark`` is a word of the first line of a file that neither side touches, and another
    word for it: a change elsewhere in the same file.
    """

    kind: str
    size: float
    style: str
    base: Tree
    agent: Tree
    steps: tuple[Tree, ...]
    parts: Mapping[str, Terms]
    lines: int
    half: Tree | None = None
    landmark: tuple[bytes, bytes] | None = None

    @property
    def terms(self) -> Terms:
        return total(self.parts.values())

    @property
    def truth(self) -> float | None:
        return self.terms.distance

    def below(self, folder: str) -> Case:
        """Return the case in a folder of its own, so that many share a repository."""

        def moved(tree: Tree) -> Tree:
            return {f"{folder}/{path}": data for path, data in tree.items()}

        return replace(
            self,
            base=moved(self.base),
            agent=moved(self.agent),
            steps=tuple(map(moved, self.steps)),
            half=None if self.half is None else moved(self.half),
            parts={f"{folder}/{path}": terms for path, terms in self.parts.items()},
        )


@dataclass(slots=True)
class Sheet:
    """A file: lines of people around the agent's block, or, without them, a new file."""

    path: str
    block: list[Line]
    head: list[Line] = field(default_factory=list)
    tail: list[Line] = field(default_factory=list)

    @property
    def new(self) -> bool:
        return not self.head and not self.tail

    @property
    def base(self) -> dict[str, bytes]:
        return {} if self.new else {self.path: encode(plain(self.head + self.tail))}

    @property
    def agent(self) -> dict[str, bytes]:
        return {self.path: encode(plain(self.head + self.block + self.tail))}

    def around(self, lines: Iterable[str]) -> dict[str, bytes]:
        """The file with ``lines`` for the agent's block."""
        return {self.path: encode([*plain(self.head), *lines, *plain(self.tail)])}

    def edited(self, steps: Iterable[Step]) -> dict[str, bytes]:
        return self.around(texts(steps))


def plain(lines: Iterable[Line]) -> list[str]:
    return [line.text for line in lines]


def encode(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


class Studio:
    """Makes the material of cases: words, lines, files, choices; all from one seed."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.source = Words(rng)

    def lines(self, style: Style, count: int, words: int = 8) -> list[Line]:
        return [style.line(self.source.words(words)) for _ in range(count)]

    def new(self, old: Line, words: int = 8) -> Line:
        """Return a wholly new line that is written as ``old`` is."""
        return old.style.line(self.source.words(words))

    def style(self, *among: Style) -> Style:
        return self.rng.choice(among or STYLES)

    def sheet(
        self,
        style: Style | None = None,
        *,
        new: bool | None = None,
        count: int | None = None,
        words: int = 8,
    ) -> Sheet:
        """Return a file with a block of ``count`` lines, by default inside people's text."""
        style = style or self.style()
        path = f"{self.source.word()}{style.suffix}"
        block = self.lines(style, count or self.rng.choice((20, 40)), words)
        if self.rng.random() < 0.4 if new is None else new:
            return Sheet(path, block)
        margins = [self.lines(style, self.rng.randint(8, 30)) for _ in range(2)]
        return Sheet(path, block, *margins)

    def landmark(self, *sheets: Sheet) -> tuple[bytes, bytes] | None:
        """Return a word of the first line of a file that has people's lines, and a new one."""
        for sheet in sheets:
            if sheet.head:
                return sheet.head[0].words[0].encode(), self.source.word().encode()
        return None

    def chosen(self, count: int, size: float, *, least: int = 1) -> set[int]:
        """Return the places of a share ``size`` of ``count`` lines."""
        return set(self.rng.sample(range(count), max(least, round(size * count))))

    def edit(self, kind: str, size: float, sheet: Sheet, steps: Sequence[Step]) -> Case:
        """Return the case in which people make ``steps`` of the agent's block."""
        return self.edits(kind, size, [(sheet, steps)])

    def edits(self, kind: str, size: float, work: Sequence[tuple[Sheet, Sequence[Step]]]) -> Case:
        """Return the case in which people edit the agent's blocks of several files."""
        return self.case(
            kind,
            size,
            [sheet for sheet, _ in work],
            join(sheet.edited(steps) for sheet, steps in work),
            terms={sheet.path: account(steps) for sheet, steps in work},
            half=join(sheet.edited(halved(steps)) for sheet, steps in work),
        )

    def case(
        self,
        kind: str,
        size: float,
        sheets: Sequence[Sheet],
        *steps: Tree,
        terms: Mapping[str, Terms] | None = None,
        half: Tree | None = None,
    ) -> Case:
        """Return a case; without ``terms`` nothing of the agent's text is lost."""
        return Case(
            kind=kind,
            size=size,
            style=sheets[0].path.rpartition(".")[2],
            base=join(sheet.base for sheet in sheets),
            agent=join(sheet.agent for sheet in sheets),
            steps=steps,
            parts=terms if terms is not None else {s.path: untouched(s) for s in sheets},
            lines=sum(line.mine > 0 for sheet in sheets for line in sheet.block),
            half=half,
            landmark=self.landmark(*sheets),
        )


def join(trees: Iterable[Tree]) -> dict[str, bytes]:
    return {path: data for tree in trees for path, data in tree.items()}


def untouched(sheet: Sheet) -> Terms:
    return Terms(tokens=sum(line.mine for line in sheet.block))


Maker = Callable[[Studio, float], Case]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of edit and the sizes at which it makes sense."""

    name: str
    sizes: tuple[float, ...]
    make: Maker


KINDS: dict[str, Kind] = {}


def kind(*sizes: float) -> Callable[[Maker], Maker]:
    """Register a function that makes cases, under its own name."""

    def register(make: Maker) -> Maker:
        name = make.__name__.replace("_", "-")
        KINDS[name] = Kind(name, sizes or SIZES, make)
        return make

    return register
