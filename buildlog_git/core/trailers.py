"""Commit messages: which lines of one are marks, and which only talk about marks.

A trailer counts where a tool puts it: in a paragraph made of trailers, or in the lines that end
a message. A message may hold several messages: a forge's squash lists ``* subject`` blocks, each
with its own trailers, and adds more below a rule of dashes; ``git merge --squash`` indents every
message by four spaces. Each of these parts has an end of its own. What is quoted, fenced,
otherwise indented, or introduced by a line that ends in a colon is talk, unless the message
ends with it.

The project's own keys are found by a looser rule, anywhere at the start of a line: nobody else
writes them, and squashing moves them about.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

SQUASH = "Squashed commit of the following:"
# Strings, here and in the modules beside: ``re`` compiles a pattern when it is first used, and
# keeps it. Compiling all of them costs a drain half a bare interpreter, and it uses few.
_TRAILER = r"([A-Za-z][A-Za-z0-9-]*)[ \t]*:(?!//)[ \t]*(\S.*)"
_NEUTRAL = (
    r"(?i)\(cherry[ -]picked from .*|-{3,}|\[[^\]]*\]|<!--.*-->"
    r"|[\W_]*(?:generated|created|written|made|built|implemented|co-created) "
    r"(?:with|by|using|via)\b.*"
    r"|(?:close|fixe?|resolve)[sd]? +\S*#\d+.*"
)
_FENCE = r"[ \t]*(`{3,}|~{3,})"
_COMMIT = r"commit [0-9a-f]{7,64}"

_ID = r"\b[0-9a-f]{7,64}\b"
_REVERTS = (
    rf"(?i)\bthis reverts (?:commit\s+({_ID})"
    rf"|commits\s+({_ID}(?:(?:,|\s)\s*(?:and\s+)?{_ID})*))"
)
_PICKED = rf"(?i)\(cherry[ -]picked from commit ({_ID})\)"
_QUOTED = r"(?m)^[ \t]*>.*$"
_DIRECTIVE = r"(?im)^[ \t]*buildlog(?:-(session|class|mistake|reward))?:[ \t]+(\S.*)$"
_MISTAKE = r"([\w./-]+):\s+(\S.*)"


class Trailer(NamedTuple):
    """One ``Key: value`` line, its continuation lines joined by a space."""

    key: str
    value: str

    @property
    def line(self) -> str:
        """The trailer on one line, as it is shown to people."""
        return f"{self.key}: {self.value}"


class Message(NamedTuple):
    """What counts of a commit message.

    ``lines`` are those that may be a footer; ``squash`` says that ``git merge --squash`` wrote
    it, and that its ``Author`` lines are among the trailers.
    """

    subject: str
    trailers: tuple[Trailer, ...]
    lines: tuple[str, ...]
    squash: bool = False


class Mistake(NamedTuple):
    """A ``Buildlog-Mistake`` line; the class may be left out."""

    error_class: str | None
    text: str


class Directives(NamedTuple):
    """What a message tells this program; a squashed message may tell several things."""

    sessions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()
    rejected: bool = False
    skip: bool = False

    @property
    def session(self) -> str | None:
        """The session that was named last."""
        return self.sessions[-1] if self.sessions else None

    @property
    def error_class(self) -> str | None:
        """The error class that was named last."""
        return self.classes[-1] if self.classes else None


def read(message: str) -> Message:
    """Return the trailers and the possible footers of a message, in its order."""
    lines = [line.rstrip() for line in message.split("\n")]
    squash = SQUASH in message and _unindent(lines)
    if "```" in message or "~~~" in message:
        _hide_fenced(lines)
    first = next((number for number, line in enumerate(lines) if line), len(lines))
    body = lines[first + 1 :]
    trailers: list[Trailer] = []
    plain: list[str] = []
    parts = _parts(body, squash=squash)
    for number, part in enumerate(parts):
        _read_part(part, trailers, plain, final=number == len(parts) - 1)
    subject = lines[first] if first < len(lines) else ""
    return Message(subject, tuple(trailers), tuple(plain), squash)


def trailers(message: str) -> tuple[Trailer, ...]:
    """Return the trailers that count, in the order of the message."""
    return read(message).trailers


NOTHING_TOLD = Directives()


def may_tell(message: str) -> bool:
    """Return whether it is worth to read what a message tells this program."""
    return "buildlog" in message.lower()


def directives(message: str) -> Directives:
    """Return what the message tells this program, wherever in it the lines stand."""
    if not may_tell(message):
        return NOTHING_TOLD
    found: dict[str, list[str]] = {}
    for match in re.finditer(_DIRECTIVE, message):
        found.setdefault((match[1] or "").lower(), []).append(match[2].rstrip())
    return Directives(
        sessions=tuple(found.get("session", ())),
        classes=tuple(found.get("class", ())),
        mistakes=tuple(_mistake(text) for text in found.get("mistake", ())),
        rejected=_says(found.get("reward", []), "rejected"),
        skip=_says(found.get("", []), "skip"),
    )


def reverted(message: str) -> tuple[str, ...]:
    """Return the ids (7 to 64 hex digits) of the commits that the message says it reverts."""
    if "this reverts" not in message.lower():
        return ()
    text = re.sub(_QUOTED, "", message)
    ids: list[str] = []
    for match in re.finditer(_REVERTS, text):
        ids += re.findall(_ID, (match[1] or match[2]).lower())
    return tuple(dict.fromkeys(ids))


def cherry_picked(message: str) -> tuple[str, ...]:
    """Return the ids of the commits that ``git cherry-pick -x`` says it copied, oldest first."""
    return tuple(dict.fromkeys(found.lower() for found in re.findall(_PICKED, message)))


def _mistake(text: str) -> Mistake:
    """Split ``class: text``."""
    match = re.fullmatch(_MISTAKE, text)
    return Mistake(match[1].lower(), match[2]) if match else Mistake(None, text)


def _says(values: list[str], word: str) -> bool:
    """Whether one of the values is the word."""
    return any(value.lower() == word for value in values)


_Line = Literal["trailer", "more", "neutral", "prose"]
"""What a line of a paragraph may be: a trailer, the continuation of one, a line that tools write
between trailers, or talk."""


def _unindent(lines: list[str]) -> bool:
    """Take four spaces off what follows the title of a squashed merge, where there is one."""
    for number, line in enumerate(lines):
        if line in (SQUASH, f"* {SQUASH}"):
            lines[number + 1 :] = [later.removeprefix("    ") for later in lines[number + 1 :]]
            return True
    return False


def _hide_fenced(lines: list[str]) -> None:
    """Replace fenced code by prose; a fence that nothing closes hides nothing."""
    start, fence = -1, ""
    for number, line in enumerate(lines):
        match = re.match(_FENCE, line)
        if match is None:
            continue
        if start < 0:
            start, fence = number, match[1]
        elif match[1].startswith(fence) and line.strip() == match[1]:
            lines[start : number + 1] = ["> code"] * (number + 1 - start)
            start = -1


def _parts(lines: list[str], *, squash: bool) -> list[list[list[str]]]:
    """Cut a message into the messages that it holds, and each of them into paragraphs."""
    parts: list[list[list[str]]] = [[[]]]
    for line in lines:
        cut = line.startswith("-----") and not line.strip("-")
        cut = cut or (squash and re.fullmatch(_COMMIT, line) is not None)
        if cut or (line.startswith("* ") and not parts[-1][-1]):
            parts.append([[]])
        if line and not cut:
            parts[-1][-1].append(line)
        elif not line and parts[-1][-1]:
            parts[-1].append([])
    cleaned = [[paragraph for paragraph in part if paragraph] for part in parts]
    return [part for part in cleaned if part]


def _read_part(
    part: list[list[str]], trailers: list[Trailer], plain: list[str], *, final: bool
) -> None:
    """Add what counts of one message within the message."""
    kinds = [_kinds(paragraph) for paragraph in part]
    tail = len(part) - 1  # the first paragraph of those that end the part
    while tail > 0 and "prose" not in kinds[tail]:
        tail -= 1
    before = ""
    for number, (paragraph, kind) in enumerate(zip(part, kinds, strict=True)):
        if final and number == len(part) - 1:
            before = ""  # what a message ends with is no example, whatever introduces it
        if not before.endswith(":"):
            start = _start(paragraph, kind, ending=number >= tail)
            trailers += _joined(paragraph[start:], kind[start:])
        plain += _footers(paragraph, before)
        before = paragraph[-1]


def _kinds(paragraph: list[str]) -> list[_Line]:
    """Say what each line may be."""
    kinds: list[_Line] = []
    for line in paragraph:
        if line[0] in " \t":
            follows = kinds and kinds[-1] in ("trailer", "more")
            kinds.append("more" if follows else "prose")
        elif re.fullmatch(_TRAILER, line):
            kinds.append("trailer")
        else:
            kinds.append("neutral" if re.fullmatch(_NEUTRAL, line) else "prose")
    return kinds


def _start(lines: list[str], kinds: list[_Line], *, ending: bool) -> int:
    """Return where the trailers of a paragraph start; its length where it has none.

    All lines are trailers, or git's own rule (a quarter of them) with a trailer at the head, or
    the run of trailers at the foot; the last two only where a message ends.
    """
    if "prose" not in kinds:
        return 0
    prose = kinds.count("prose")
    if not ending:
        return len(kinds)
    if kinds[0] == "trailer" and prose <= 3 * kinds.count("trailer"):
        return 0
    start = len(kinds) - kinds[::-1].index("prose")
    return len(kinds) if lines[start - 1].endswith(":") else start


def _joined(lines: list[str], kinds: list[_Line]) -> list[Trailer]:
    """Build the trailers of a run of lines."""
    found: list[Trailer] = []
    for line, kind in zip(lines, kinds, strict=True):
        if kind == "more":
            last = found.pop()
            found.append(Trailer(last.key, f"{last.value} {line.strip()}"))
        elif kind == "trailer" and (match := re.fullmatch(_TRAILER, line)):
            found.append(Trailer(match[1], match[2]))
    return found


def _footers(paragraph: list[str], before: str) -> list[str]:
    """Return the lines that stand for themselves: not indented, quoted or introduced."""
    found: list[str] = []
    for line in paragraph:
        if line[0] not in " \t>" and not before.endswith(":"):
            found.append(line)
        before = line
    return found
