"""Edits of whole files and regions: moved, renamed, removed, restored, elsewhere, ignored."""

from __future__ import annotations

import dataclasses

from tests.accuracy.cases import Case, Sheet, Studio, Tree, encode, join, kind, plain, untouched
from tests.accuracy.line_edits import replaced
from tests.accuracy.truth import TEXT, Change, Gone, Keep, Put, Step, Terms, texts

IGNORED = (
    "package-lock.json",
    "poetry.lock",
    "go.sum",
    "site.min.js",
    "app.js.map",
    "rows.csv",
    "vendor/lib.py",
    "node_modules/lib.js",
    "page.snap",
    "api_pb2.py",
)


@kind(0.0)
def move_within_file(studio: Studio, size: float) -> Case:
    """The block goes up or down, past lines of people."""
    sheet = studio.sheet(new=False)
    head, block, tail = plain(sheet.head), plain(sheet.block), plain(sheet.tail)
    up = [*head[:2], *block, *head[2:], *tail]
    down = [*head, *tail[:-2], *block, *tail[-2:]]
    final = {sheet.path: encode(studio.rng.choice((up, down)))}
    return studio.case("move-within-file", size, [sheet], final)


@kind(0.0)
def reorder(studio: Studio, size: float) -> Case:
    """Two parts of the block change places."""
    sheet = studio.sheet()
    block = plain(sheet.block)
    cut = studio.rng.randint(4, len(block) - 4)
    return studio.case("reorder", size, [sheet], sheet.around([*block[cut:], *block[:cut]]))


@kind(0.25, 0.50, 1.0)
def move_to_new_file(studio: Studio, size: float) -> Case:
    """A part of the block goes to a file of its own, among new lines of people."""
    sheet = studio.sheet(new=False)
    cut = round((1 - size) * len(sheet.block))
    stay, go = plain(sheet.block[:cut]), plain(sheet.block[cut:])
    other = encode([*plain(studio.lines(TEXT, 4)), *go, *plain(studio.lines(TEXT, 4))])
    final = {**sheet.around(stay), f"{studio.source.word()}.txt": other}
    return studio.case("move-to-new-file", size, [sheet], final)


@kind(0.25, 0.50, 1.0)
def move_to_known_file(studio: Studio, size: float) -> Case:
    """A part of the block goes into another file, between lines of people."""
    sheet, other = studio.sheet(new=False), studio.lines(TEXT, 30)
    path = f"{studio.source.word()}.txt"
    cut = round((1 - size) * len(sheet.block))
    stay, go = plain(sheet.block[:cut]), plain(sheet.block[cut:])
    final = {**sheet.around(stay), path: encode([*plain(other[:9]), *go, *plain(other[9:])])}
    return _beside(studio.case("move-to-known-file", size, [sheet], final), path, plain(other))


@kind(0.10, 0.25, 0.50)
def move_and_replace(studio: Studio, size: float) -> Case:
    """The block goes to another file, and some of its lines are replaced on the way."""
    sheet, other = studio.sheet(new=False, count=40), studio.lines(TEXT, 30)
    path = f"{studio.source.word()}.txt"
    places = studio.chosen(len(sheet.block), size)
    block = texts(replaced(studio, sheet, places))
    final = {
        **sheet.around([]),
        path: encode([*plain(other[:9]), *block, *plain(other[9:])]),
    }
    # In the old file nothing stands for the block, in the new one nothing is the draft's: what
    # did not move verbatim is lost, word for word of it replaced, so that nothing grows.
    lost = sum(sheet.block[place].tokens for place in places)
    terms = {sheet.path: Terms(tokens=untouched(sheet).tokens, cost=lost)}
    case = studio.case("move-and-replace", size, [sheet], final, terms=terms)
    return _beside(case, path, plain(other))


def _beside(case: Case, path: str, lines: list[str]) -> Case:
    """Return the case with another file of people, which the agent leaves as it is."""
    data = {path: encode(lines)}
    return dataclasses.replace(case, base={**case.base, **data}, agent={**case.agent, **data})


@kind(0.0)
def rename(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    (data,) = sheet.agent.values()
    return studio.case("rename", size, [sheet], {_renamed(studio, sheet): data})


@kind(0.05, 0.10, 0.25)
def rename_and_replace(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    steps = replaced(studio, sheet, studio.chosen(len(sheet.block), size))
    case = studio.edit("rename-and-replace", size, sheet, steps)
    (data,) = case.steps[0].values()
    return studio.case(case.kind, size, [sheet], {_renamed(studio, sheet): data}, terms=case.parts)


@kind(0.05, 0.10, 0.25)
def rename_then_delete(studio: Studio, size: float) -> Case:
    """The file is renamed first and edited under its new name."""
    sheet = studio.sheet()
    gone = studio.chosen(len(sheet.block), size)
    steps = [Gone(line) if n in gone else Keep(line) for n, line in enumerate(sheet.block)]
    case = studio.edit("rename-then-delete", size, sheet, steps)
    path = _renamed(studio, sheet)
    (before,), (after,) = sheet.agent.values(), case.steps[0].values()
    return studio.case(case.kind, size, [sheet], {path: before}, {path: after}, terms=case.parts)


def _renamed(studio: Studio, sheet: Sheet) -> str:
    return f"{studio.source.word()}/{studio.source.word()}.{sheet.path.rpartition('.')[2]}"


@kind(1.0)
def remove_file(studio: Studio, size: float) -> Case:
    sheet = studio.sheet()
    tokens = untouched(sheet).tokens
    terms = {sheet.path: Terms(tokens=tokens, cost=tokens)}
    return studio.case("remove-file", size, [sheet], {}, terms=terms)


def _restored(studio: Studio, size: float, name: str, sheet: Sheet) -> Case:
    """Return a case in which the agent deletes people's lines and people bring some back."""
    doomed = studio.lines(studio.style(), 20)
    rest = studio.lines(TEXT, 6)
    back = doomed[: round(size * len(doomed))]
    # The removal stands after six kept lines, so that it is a hunk of its own.
    bottom = Sheet(sheet.path, sheet.block, sheet.head, sheet.tail)
    base = Sheet(sheet.path, [], sheet.head, [*sheet.tail, *doomed, *rest])
    after = Sheet(sheet.path, sheet.block, sheet.head, [*sheet.tail, *rest])
    final = Sheet(sheet.path, sheet.block, sheet.head, [*sheet.tail, *back, *rest])
    terms = Terms(
        tokens=untouched(bottom).tokens,
        removed=sum(line.tokens for line in doomed),
        restored=sum(line.tokens for line in back),
    )
    halfway = Sheet(
        sheet.path, sheet.block, sheet.head, [*sheet.tail, *back[: len(back) // 2], *rest]
    )
    case = studio.case(
        name, size, [after], final.agent, terms={sheet.path: terms}, half=halfway.agent
    )
    return dataclasses.replace(case, base=base.base)


@kind()
def restore(studio: Studio, size: float) -> Case:
    """The agent writes here and deletes there; people bring back what it deleted."""
    return _restored(studio, size, "restore", studio.sheet(new=False))


@kind(0.0, 0.25, 1.0)
def restore_only(studio: Studio, size: float) -> Case:
    """The agent only deletes."""
    sheet = studio.sheet(new=False)
    sheet.block.clear()
    return _restored(studio, size, "restore-only", sheet)


@kind(0.10, 0.50, 1.0)
def elsewhere_in_file(studio: Studio, size: float) -> Case:
    """People change, delete and add lines of their own, away from the block."""
    sheet = studio.sheet(new=False)
    tail: list[str] = []
    places = studio.chosen(len(sheet.tail) - 2, size)
    for n, line in enumerate(sheet.tail):
        if n - 2 not in places:
            tail.append(line.text)
        elif studio.rng.random() < 0.6:
            tail += plain(studio.lines(line.style, studio.rng.randint(1, 3)))
    final = {sheet.path: encode([*plain(sheet.head), *plain(sheet.block), *tail])}
    return studio.case("elsewhere-in-file", size, [sheet], final)


@kind(1.0)
def elsewhere(studio: Studio, size: float) -> Case:
    """People change, add and delete other files."""
    sheet = studio.sheet()
    paths = [f"{studio.source.word()}.py" for _ in range(3)]
    old = {path: encode(plain(studio.lines(TEXT, 12))) for path in paths[:2]}
    new = {path: encode(plain(studio.lines(TEXT, 12))) for path in paths[1:]}
    case = studio.case("elsewhere", size, [sheet], {**sheet.agent, **new})
    return dataclasses.replace(case, base={**case.base, **old}, agent={**case.agent, **old})


@kind(0.0, 0.25)
def ignored_beside(studio: Studio, size: float) -> Case:
    """A generated file is rewritten next to a real edit; only the real one counts."""
    sheet = studio.sheet()
    steps = replaced(studio, sheet, set(studio.rng.sample(range(20), round(size * 20))))
    case = studio.edit("ignored-beside", size, sheet, steps)
    path = studio.rng.choice(IGNORED)
    trees: list[Tree] = [{path: encode(plain(studio.lines(TEXT, 60)))} for _ in range(2)]
    return _with(case, *trees)


@kind(0.0, 0.25)
def binary_beside(studio: Studio, size: float) -> Case:
    """A binary file is rewritten next to a real edit."""
    sheet = studio.sheet()
    steps = replaced(studio, sheet, set(studio.rng.sample(range(20), round(size * 20))))
    case = studio.edit("binary-beside", size, sheet, steps)
    trees: list[Tree] = [{"icon.bin": b"\0" + studio.rng.randbytes(500)} for _ in range(2)]
    return _with(case, *trees)


def _with(case: Case, agent: Tree, final: Tree) -> Case:
    """Return the case with another file of the agent that people rewrite."""
    return dataclasses.replace(
        case,
        agent={**case.agent, **agent},
        steps=tuple({**step, **final} for step in case.steps),
        half=None if case.half is None else {**case.half, **agent},
    )


@kind(0.10, 0.25, 0.50)
def several_files(studio: Studio, size: float) -> Case:
    """Lines are replaced in one file, deleted in another, words changed in a third."""
    sheets = [studio.sheet(count=count) for count in (20, 40, 20)]
    first = replaced(studio, sheets[0], studio.chosen(20, size))
    gone = studio.chosen(40, size / 2)
    second: list[Step] = [
        Gone(line) if n in gone else Keep(line) for n, line in enumerate(sheets[1].block)
    ]
    places = studio.chosen(20, size)
    third: list[Step] = [
        Change(line, ((3, studio.source.word()),)) if n in places else Keep(line)
        for n, line in enumerate(sheets[2].block)
    ]
    work = list(zip(sheets, (first, second, third), strict=True))
    return studio.edits("several-files", size, work)


@kind(0.25, 1.0)
def agent_moved(studio: Studio, size: float) -> Case:
    """The agent moves a passage of people's and writes a block; people edit the passage."""
    sheet = studio.sheet(new=False)
    passage = studio.lines(studio.style(), 8)
    places = studio.chosen(len(passage), size)
    edited: list[Step] = []
    for n, line in enumerate(passage):
        edited += [Gone(line), Put(studio.new(line))] if n in places else [Keep(line)]
    foot = studio.lines(TEXT, 6)
    top, rest = plain(sheet.head[:4]), plain(sheet.head[4:])
    block, tail = plain(sheet.block), plain(sheet.tail)

    def file(above: list[str], middle: list[str], below: list[str]) -> dict[str, bytes]:
        lines = [*top, *above, *rest, *middle, *tail, *below, *plain(foot)]
        return {sheet.path: encode(lines)}

    case = studio.case("agent-moved", size, [sheet], file([], block, texts(edited)))
    return dataclasses.replace(
        case, base=file(plain(passage), [], []), agent=file([], block, plain(passage))
    )


@kind(0.0)
def several_untouched(studio: Studio, size: float) -> Case:
    """Three files of the agent; people add a fourth."""
    sheets = [studio.sheet() for _ in range(3)]
    more = {f"{studio.source.word()}.md": encode(plain(studio.lines(TEXT, 9)))}
    final = join([*(sheet.agent for sheet in sheets), more])
    return studio.case("several-untouched", size, sheets, final)
