"""The agents' files of a work tree as the team wrote them, and which rules stand in them.

A rule that stands in such a file is read in every session. That is right for a pinned one; one on
trial is never off, whatever was drawn, and nothing can be learned of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.cutting import cut
from buildlog_git.core.meaning import meaning_of, same
from buildlog_git.core.rendering import without_block
from buildlog_git.core.rules import Rule, has_control
from buildlog_git.core.sources import GLOBS, counts, read_source
from buildlog_git.flows.context import Context
from buildlog_git.flows.rules import content_of

LARGEST_SOURCE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file for agents; ``path`` is that in the work tree."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The files for agents, those at the top first; ``links`` lead to the file beside each."""

    files: tuple[SourceFile, ...]
    links: tuple[tuple[str, str], ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule that stands in a file which agents always read: ``place`` is its path and line."""

    rule: str
    place: str

    @property
    def file(self) -> str:
        """The file, without the line."""
        return self.place.rpartition(":")[0]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a file cannot be read."""

    why: str


def read_sources(context: Context) -> Sources:
    """Return the agents' files of the work tree."""
    root = context.repo.top.resolve()
    out = context.repo.git.out(
        "ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard", "--",
        *(f":(top,glob){glob}" for glob in GLOBS),
    )  # fmt: skip
    paths = {raw.decode("utf-8", "surrogateescape") for raw in out.split(b"\0") if raw}
    found: list[SourceFile] = []
    links: list[tuple[str, str]] = []
    problems = []
    seen: dict[Path, str] = {}
    for path in sorted(filter(counts, paths), key=lambda path: (path.count("/"), path)):
        if not (root / path).exists() and not (root / path).is_symlink():
            continue  # git still has it, and the work tree no longer
        real = (root / path).resolve()
        if real in seen:
            links.append((path, seen[real]))
            continue
        seen[real] = path
        if has_control(path) or not path.isprintable():
            problems.append(f"{path}: a rule cannot name it, because of odd characters")
            continue
        text = text_of(content_of(root, path, LARGEST_SOURCE))
        if isinstance(text, Unreadable):
            problems.append(f"{path}: {text.why}")
        else:
            found.append(SourceFile(path, text))
    return Sources(tuple(found), tuple(links), tuple(problems))


def text_of(content: bytes | str) -> str | Unreadable:
    """Return what was read as text; a ``str`` is already the reason why nothing was."""
    if isinstance(content, str):
        return Unreadable(content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Unreadable("it is not UTF-8")


def standing(context: Context, rules: Iterable[Rule]) -> tuple[Standing, ...]:
    """Return which ``rules`` the team's own part of the agents' files has, each once."""
    left = {rule.id: meaning_of(rule.text) for rule in rules}
    found = []
    for file in read_sources(context).files if left else ():
        read = read_source(file.path, without_block(file.content.encode(), "team").decode())
        for piece in cut(read.text, everything=True).pieces:
            said = meaning_of(piece.text)
            there = [name for name, its in left.items() if same(its, said)]
            for name in there:
                del left[name]
                found.append(Standing(name, f"{file.path}:{piece.line + read.above}"))
    return tuple(sorted(found, key=lambda one: one.rule))
