"""Edits line by line: deleted, replaced, changed, inserted, and written down another way."""

from __future__ import annotations

import dataclasses

from tests.accuracy.cases import Case, Sheet, Studio, kind, plain
from tests.accuracy.truth import (
    PYTHON,
    QUOTED,
    TEXT,
    Change,
    Gone,
    Keep,
    Line,
    Put,
    Reshape,
    Step,
    changed,
)

BLANK = Line((), TEXT)


def change(studio: Studio, line: Line, places: range) -> Change:
    return Change(line, tuple((place, studio.source.word()) for place in places))


@kind(0.0)
def keep(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    return studio.case("keep", size, [sheet], sheet.agent)


@kind()
def delete(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    gone = studio.chosen(len(sheet.block), size)
    steps = [Gone(line) if n in gone else Keep(line) for n, line in enumerate(sheet.block)]
    # A file without a line would be another kind: the whole file is gone.
    if sheet.new and len(gone) == len(sheet.block):
        sheet = Sheet(sheet.path, sheet.block, studio.lines(TEXT, 8), studio.lines(TEXT, 8))
    return studio.edit("delete", size, sheet, steps)


def _replace(studio: Studio, size: float, name: str, words: int) -> Case:
    sheet = studio.sheet()
    steps = replaced(studio, sheet, studio.chosen(len(sheet.block), size), words)
    return studio.edit(name, size, sheet, steps)


@kind()
def replace_same(studio: Studio, size: float) -> Case:
    return _replace(studio, size, "replace-same", 8)


@kind()
def replace_shorter(studio: Studio, size: float) -> Case:
    return _replace(studio, size, "replace-shorter", 4)


@kind()
def replace_longer(studio: Studio, size: float) -> Case:
    return _replace(studio, size, "replace-longer", 16)


@kind()
def change_token(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    at = studio.rng.randrange(8)
    steps = [
        change(studio, line, range(at, at + 1)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return studio.edit("change-token", size, sheet, steps)


def _gate(studio: Studio, size: float, name: str, changed: int) -> Case:
    sheet = studio.sheet(TEXT, words=10)
    places = studio.chosen(len(sheet.block), size)
    start = studio.rng.randint(0, 10 - changed)
    steps = [
        change(studio, line, range(start, start + changed)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return studio.edit(name, size, sheet, steps)


@kind()
def gate_passed(studio: Studio, size: float) -> Case:
    """Four of ten words change: six tenths are the same, just enough."""
    return _gate(studio, size, "gate-passed", 4)


@kind()
def gate_missed(studio: Studio, size: float) -> Case:
    """Five of ten words change: the whole hunk is lost."""
    return _gate(studio, size, "gate-missed", 5)


@kind(0.10, 0.25, 0.50)
def gate_mixed(studio: Studio, size: float) -> Case:
    """Hunks of one line with one new word and one line replaced: 9 of 20 stay, all is lost."""
    sheet = studio.sheet(TEXT, count=40, words=10)
    starts = {3 * n for n in studio.chosen(13, size)}
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        if n in starts:
            steps.append(change(studio, line, range(4, 5)))
        elif n - 1 in starts:
            steps += [Gone(line), Put(TEXT.line(studio.source.words(10)))]
        else:
            steps.append(Keep(line))
    return studio.edit("gate-mixed", size, sheet, steps)


@kind()
def insert_inside(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    gaps = studio.rng.choices(range(1, len(sheet.block)), k=round(size * len(sheet.block)))
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        steps += [*(Put(studio.new(line)) for _ in range(gaps.count(n))), Keep(line)]
    return studio.edit("insert-inside", size, sheet, steps)


@kind(0.10, 0.50, 1.0)
def append_beside(studio: Studio, size: float) -> Case:
    """New lines before, after, or on both sides of the block are new work."""
    sheet = studio.sheet()
    where = studio.rng.choice(("before", "after", "both"))
    extra = plain(studio.lines(TEXT, 2 * round(size * len(sheet.block))))
    cut = {"before": len(extra), "after": 0, "both": len(extra) // 2}[where]
    final = sheet.around([*extra[:cut], *plain(sheet.block), *extra[cut:]])
    return studio.case("append-beside", size, [sheet], final)


@kind(0.10, 0.25, 0.50)
def delete_and_append(studio: Studio, size: float) -> Case:
    """Lines go inside, new work comes after the last line, which stays."""
    sheet = studio.sheet()
    gone = studio.chosen(len(sheet.block) - 1, size)
    steps = [Gone(line) if n in gone else Keep(line) for n, line in enumerate(sheet.block)]
    case = studio.edit("delete-and-append", size, sheet, steps)
    after = studio.lines(TEXT, 10)
    grown = Sheet(sheet.path, sheet.block, sheet.head, [*after, *sheet.tail])
    return studio.case(
        case.kind, size, [sheet], grown.edited(steps), terms=case.parts, half=case.half
    )


@kind(0.0)
def indent(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    lines = [f"        {line.text}" for line in sheet.block]
    return studio.case("indent", size, [sheet], sheet.around(lines))


@kind()
def indent_and_delete(studio: Studio, size: float) -> Case:
    sheet = studio.sheet(new=False)
    gone = studio.chosen(len(sheet.block), size)
    steps: list[Step] = [
        Gone(line) if n in gone else Keep(line, f"\t{line.text}")
        for n, line in enumerate(sheet.block)
    ]
    return studio.edit("indent-and-delete", size, sheet, steps)


@kind(0.0)
def crlf(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    (data,) = sheet.agent.values()
    return studio.case("crlf", size, [sheet], {sheet.path: data.replace(b"\n", b"\r\n")})


@kind(0.10, 0.50)
def crlf_and_change(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    steps = [
        change(studio, line, range(2, 3)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    case = studio.edit("crlf-and-change", size, sheet, steps)
    (data,) = case.steps[0].values()
    final = {sheet.path: data.replace(b"\n", b"\r\n")}
    return studio.case(case.kind, size, [sheet], final, terms=case.parts)


@kind(0.25, 1.0)
def wrap(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    steps = [
        Reshape(line, wrapped(line)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return studio.edit("wrap", size, sheet, steps)


def wrapped(line: Line) -> str:
    """Break the line at a space near its middle."""
    words = line.text.split(" ")
    return f"{' '.join(words[: len(words) // 2])}\n    {' '.join(words[len(words) // 2 :])}"


@kind(1.0)
def reflow(studio: Studio, size: float) -> Case:
    """Every two lines are joined into one, as a paragraph is."""
    sheet = studio.sheet(TEXT)
    steps: list[Step] = []
    for first, second in zip(sheet.block[::2], sheet.block[1::2], strict=True):
        steps += [Reshape(first, f"{first.text} {second.text}"), Reshape(second, None)]
    return studio.edit("reflow", size, sheet, steps)


@kind(0.25, 1.0)
def wrap_and_change(studio: Studio, size: float) -> Case:
    """Every line is wrapped, some with another word: one hunk, aligned word by word."""
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        steps.append(change(studio, line, range(1, 2)) if n in places else Reshape(line, ""))
    lines = [
        wrapped(changed(step.line, step.fresh if isinstance(step, Change) else ()))
        for step in steps
    ]
    case = studio.edit("wrap-and-change", size, sheet, steps)
    return studio.case(case.kind, size, [sheet], sheet.around(lines), terms=case.parts)


@kind(0.25, 1.0)
def quotes(studio: Studio, size: float) -> Case:
    sheet = studio.sheet(QUOTED)
    places = studio.chosen(len(sheet.block), size)
    steps = [
        Reshape(line, line.text.replace('"', "'")) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return studio.edit("quotes", size, sheet, steps)


@kind(0.25, 1.0)
def trailing_commas(studio: Studio, size: float) -> Case:
    """What a formatter does to a call that is too long: an argument a line, a last comma."""
    sheet = studio.sheet(PYTHON)
    places = studio.chosen(len(sheet.block), size)
    steps = [
        Reshape(line, exploded(line.text)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return studio.edit("trailing-commas", size, sheet, steps)


def exploded(text: str) -> str:
    return text.replace("(", "(\n    ").replace(", ", ",\n    ").replace(")", ",\n)")


@kind(0.25, 1.0)
def blank_lines(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        steps += [Put(BLANK), Keep(line)] if n in places else [Keep(line)]
    return studio.edit("blank-lines", size, sheet, steps)


@kind()
def undone(studio: Studio, size: float) -> Case:
    """Lines are replaced and brought back again."""
    sheet = studio.sheet()
    edited = sheet.edited(replaced(studio, sheet, studio.chosen(len(sheet.block), size)))
    return studio.case("undone", size, [sheet], edited, sheet.agent)


@kind(0.50, 1.0)
def half_undone(studio: Studio, size: float) -> Case:
    """Lines are replaced and half of them brought back."""
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    back = set(studio.rng.sample(sorted(places), len(places) // 2))
    new = {place: Put(studio.new(sheet.block[place])) for place in places}

    def edited(places: set[int]) -> list[Step]:
        steps: list[Step] = []
        for n, line in enumerate(sheet.block):
            steps += [Gone(line), new[n]] if n in places else [Keep(line)]
        return steps

    case = studio.edit("half-undone", size, sheet, edited(places - back))
    first = sheet.edited(edited(places))
    return studio.case(case.kind, size, [sheet], first, case.steps[0], terms=case.parts)


def replaced(studio: Studio, sheet: Sheet, places: set[int], words: int = 8) -> list[Step]:
    """Return the edit that replaces the lines at ``places`` by wholly different ones."""
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        steps += [Gone(line), Put(studio.new(line, words))] if n in places else [Keep(line)]
    return steps


@kind(0.10, 0.50, 1.0)
def own_words(studio: Studio, size: float) -> Case:
    """The agent changed two words of people's lines; people change one or both of them."""
    sheet, before = _touched(studio)
    own = [n for n, line in enumerate(sheet.block) if line.owned]
    places = {own[n] for n in studio.chosen(len(own), size)}
    both = studio.rng.random() < 0.5
    steps = [
        change(studio, line, range(3, 5 if both else 4)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return _rebased(studio.edit("own-words", size, sheet, steps), sheet, before)


@kind(0.10, 0.50, 1.0)
def others_words(studio: Studio, size: float) -> Case:
    """The agent changed two words of people's lines; people change another of their own."""
    sheet, before = _touched(studio)
    own = [n for n, line in enumerate(sheet.block) if line.owned]
    places = {own[n] for n in studio.chosen(len(own), size)}
    steps = [
        change(studio, line, range(7, 8)) if n in places else Keep(line)
        for n, line in enumerate(sheet.block)
    ]
    return _rebased(studio.edit("others-words", size, sheet, steps), sheet, before)


def _touched(studio: Studio) -> tuple[Sheet, list[str]]:
    """Return a sheet in which the agent changed words 3 and 4 of every third line."""
    sheet = studio.sheet(new=False, words=10)
    before = plain(sheet.block)
    for n, line in enumerate(sheet.block):
        words = list(line.words)
        if n % 3 == 1:
            words[3:5] = studio.source.words(2)
        owned = frozenset((3, 4) if n % 3 == 1 else ())
        sheet.block[n] = Line(tuple(words), line.style, owned)
    return sheet, before


def _rebased(case: Case, sheet: Sheet, before: list[str]) -> Case:
    """Return the case with ``before`` where the agent's block stands."""
    return dataclasses.replace(case, base=sheet.around(before))
