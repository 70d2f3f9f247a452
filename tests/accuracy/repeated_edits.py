"""Edits in several steps and of several sorts: what counts is what stands at the end."""

from __future__ import annotations

import dataclasses

from tests.accuracy.cases import Case, Sheet, Studio, encode, kind, plain
from tests.accuracy.file_edits import restore
from tests.accuracy.line_edits import change, replaced, wrapped
from tests.accuracy.truth import TEXT, Change, Gone, Keep, Line, Put, Reshape, Step


@kind()
def mixed(studio: Studio, size: float) -> Case:
    """Lines are deleted, replaced, wrapped, changed and inserted as it comes, within the block."""
    sheet = studio.sheet(TEXT, words=10)
    places = studio.chosen(len(sheet.block) - 2, size)
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        steps += _any(studio, line) if n - 1 in places else [Keep(line)]
    case = studio.edit("mixed", size, sheet, steps)
    # Two halves of a mixed hunk may fall on different sides of the gate.
    return dataclasses.replace(case, half=None)


def _any(studio: Studio, line: Line) -> list[Step]:
    new = [Put(TEXT.line(studio.source.words(studio.rng.randint(1, 16)))) for _ in range(2)]
    width = studio.rng.randint(1, 9)
    start = studio.rng.randint(0, 10 - width)
    choices: list[list[Step]] = [
        [Gone(line)],
        [Gone(line), new[0]],
        [Gone(line), *new],
        [new[0], Keep(line)],
        [change(studio, line, range(start, start + width))],
        [Reshape(line, wrapped(line))],
    ]
    return studio.rng.choice(choices)


@kind()
def revised_again(studio: Studio, size: float) -> Case:
    """Lines are replaced by longer or shorter ones, and these by others."""
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    first = sheet.edited(replaced(studio, sheet, places, studio.rng.choice((4, 8, 16))))
    steps = replaced(studio, sheet, places, studio.rng.choice((4, 8, 16)))
    case = studio.edit("revised-again", size, sheet, steps)
    return _after(studio, case, sheet, first)


@kind()
def bit_by_bit(studio: Studio, size: float) -> Case:
    """Lines are deleted in four commits."""
    sheet = studio.sheet(new=False)
    gone = studio.rng.sample(range(len(sheet.block)), max(4, round(size * len(sheet.block))))

    def without(count: int) -> list[Step]:
        cut = set(gone[:count])
        return [Gone(line) if n in cut else Keep(line) for n, line in enumerate(sheet.block)]

    earlier = [sheet.edited(without(len(gone) * part // 4)) for part in (1, 2, 3)]
    case = studio.edit("bit-by-bit", size, sheet, without(len(gone)))
    return _after(studio, case, sheet, *earlier)


@kind(0.25, 1.0)
def inserted_and_removed(studio: Studio, size: float) -> Case:
    """Lines come into the block and go again."""
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block) - 1, size)
    steps: list[Step] = []
    for n, line in enumerate(sheet.block):
        steps += [Put(studio.new(line)), Keep(line)] if n - 1 in places else [Keep(line)]
    first = sheet.edited(steps)
    return studio.case("inserted-and-removed", size, [sheet], first, sheet.agent)


@kind(0.25, 1.0)
def word_undone(studio: Studio, size: float) -> Case:
    """Two words of some lines change, and one of the two is changed back."""
    sheet = studio.sheet()
    places = studio.chosen(len(sheet.block), size)
    fresh = {n: (studio.source.word(), studio.source.word()) for n in places}

    def edited(words: int) -> list[Step]:
        return [
            Change(line, tuple(zip((2, 5), fresh[n][:words], strict=False)))
            if n in places
            else Keep(line)
            for n, line in enumerate(sheet.block)
        ]

    case = studio.edit("word-undone", size, sheet, edited(1))
    return _after(studio, case, sheet, sheet.edited(edited(2)))


@kind(0.25, 0.50)
def moved_in_two_steps(studio: Studio, size: float) -> Case:
    """A part of the block is deleted, and stands elsewhere in the file a commit later."""
    sheet = studio.sheet(new=False)
    cut = round(size * len(sheet.block))
    part, stay, tail = plain(sheet.block[:cut]), plain(sheet.block[cut:]), plain(sheet.tail)
    first = sheet.around(stay)
    final = encode([*plain(sheet.head), *stay, *tail[:5], *part, *tail[5:]])
    return studio.case("moved-in-two-steps", size, [sheet], first, {sheet.path: final})


@kind(0.25, 1.0)
def restored_and_deleted(studio: Studio, size: float) -> Case:
    """What the agent deleted comes back and is deleted again."""
    case = restore(studio, size)
    terms = {path: dataclasses.replace(t, restored=0) for path, t in case.parts.items()}
    steps = (*case.steps, case.agent)
    return dataclasses.replace(
        case, kind="restored-and-deleted", steps=steps, parts=terms, half=None
    )


def _after(studio: Studio, case: Case, sheet: Sheet, *earlier: dict[str, bytes]) -> Case:
    """Return the case with other trees before its final one."""
    final = case.steps[-1]
    return studio.case(case.kind, case.size, [sheet], *earlier, final, terms=case.parts)
