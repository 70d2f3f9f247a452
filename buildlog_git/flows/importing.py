"""Existing agents' files cut into rules, once.

Their files are read and never changed. What is imported twice, from wherever, is one rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.adoption import Adoption, Wanted, adopt
from buildlog_git.core.choice import MOST
from buildlog_git.core.cutting import Cut, Piece, cut, slug
from buildlog_git.core.extraction import Extraction, Note
from buildlog_git.core.moments import day_of
from buildlog_git.core.rules import Rule, State, file_of
from buildlog_git.core.session import GENERAL
from buildlog_git.core.sources import read_source
from buildlog_git.errors import UsageError
from buildlog_git.flows.backends import chosen_extraction, chosen_similarity
from buildlog_git.flows.context import Context
from buildlog_git.flows.rulebook import rules_here
from buildlog_git.flows.rulefiles import RuleError, checked_content, write_new
from buildlog_git.flows.rules import content_of
from buildlog_git.flows.sources import (
    LARGEST_SOURCE,
    SourceFile,
    Unreadable,
    read_sources,
    text_of,
)

MOST_PIECES = 2000
"""Pieces that are compared with each other; no repository can have so many rules."""


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule that was added, or would be; ``source`` is where its text comes from."""

    id: str
    title: str
    error_class: str
    state: State
    scope: tuple[str, ...]
    tokens: int
    file: str
    source: str | None


@dataclass(frozen=True, slots=True)
class LeftPiece:
    """A piece that became no rule, why, and the rule that stands for it, if one does."""

    source: str
    text: str
    why: str
    rule: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two active rules that contradict each other."""

    rule: str
    other: str


@dataclass(frozen=True, slots=True)
class AddedRules:
    """Rules that were added; ``sources`` counts the new ones by file.

    ``always_read`` are the files that agents read in any case, so that a rule on trial which
    stands there too is never off.
    """

    dry_run: bool
    state: State
    rules: tuple[NewRule, ...]
    left: tuple[LeftPiece, ...]
    conflicts: tuple[Conflict, ...]
    sources: dict[str, int]
    always_read: tuple[str, ...]
    problems: tuple[str, ...]


def import_rules(
    context: Context,
    files: Sequence[Path] = (),
    *,
    state: State = "pinned",
    dry_run: bool = False,
    everything: bool = False,
) -> AddedRules:
    """Cut ``files``, or the agents' files that the work tree has, into rules.

    Raises:
        UsageError: there is no work tree; a named file cannot be read; the rules would be more
            than are ever read.
        RuleError: a rule cannot be written.

    """
    known = rules_here(context)
    found, same, problems = _named(context, files) if files else _searched(context)
    wanted, left = _wanted(context, found, state, everything=everything)
    adoption = adopt(known.rules, wanted, chosen_similarity(context))
    if not dry_run and adoption.added:
        _refuse_too_many(len(known.files) + len(adoption.added))
        write_new(context, (one.rule for one in adoption.added))
    return added_rules(
        adoption, state, dry_run=dry_run, left=(*same, *left),
        always_read=_always_read(context, found, named=bool(files)),
        problems=(*known.problems, *problems),
    )  # fmt: skip


def added_rules(
    adoption: Adoption,
    state: State,
    *,
    dry_run: bool = False,
    left: Sequence[LeftPiece] = (),
    always_read: tuple[str, ...] = (),
    problems: tuple[str, ...] = (),
) -> AddedRules:
    """Return what was added, in the words of the result."""
    sources = Counter(one.source.rpartition(":")[0] or one.source for one in adoption.added)
    refused = [
        LeftPiece(one.wanted.source, one.wanted.rule.title, one.why, one.instead)
        for one in adoption.refused
    ]
    return AddedRules(
        dry_run=dry_run,
        state=state,
        rules=tuple(_new(one) for one in adoption.added),
        left=(*left, *refused),
        conflicts=tuple(Conflict(*pair) for pair in adoption.conflicts),
        sources=dict(sorted(sources.items())),
        always_read=always_read,
        problems=problems,
    )


def _new(one: Wanted) -> NewRule:
    rule = one.rule
    return NewRule(
        rule.id, rule.title, rule.error_class, rule.state, rule.scope, rule.tokens,
        file_of(rule.id), one.source or None,
    )  # fmt: skip


def today(context: Context) -> str:
    """Return the present day (UTC) as rule files name it."""
    return day_of(context.now)


def _wanted(
    context: Context, found: Sequence[SourceFile], state: State, *, everything: bool
) -> tuple[list[Wanted], list[LeftPiece]]:
    wanted: list[Wanted] = []
    left: list[LeftPiece] = []
    extraction = chosen_extraction(context)
    for file in found:
        read = read_source(file.path, file.content)
        pieces = (
            cut(read.text, everything=everything)
            if extraction is None
            else _extracted(extraction, Note("file", read.text, GENERAL, file.path))
        )
        for piece in pieces.pieces:
            source = f"{file.path}:{piece.line + read.above}"
            rule = _rule(piece, read.scope, state)._replace(source=file.path, added=today(context))
            try:
                checked_content(rule._replace(id=rule.id or "unnamed"))
            except RuleError as error:  # one odd piece must not cost all others
                left.append(LeftPiece(source, piece.title, error.message, None))
            else:
                wanted.append(Wanted(rule, source))
        left += [
            LeftPiece(f"{file.path}:{one.line + read.above}", one.text, one.why, None)
            for one in pieces.left
        ]
    if len(wanted) > MOST_PIECES:
        _refuse_too_many(len(wanted))
    return wanted, left


def _extracted(extraction: Extraction, note: Note) -> Cut:
    """Return what a back end reads in a file; it need not say in which line."""
    return Cut(
        tuple(
            Piece(one.text, one.title, slug(one.text), one.error_class, (), 1)
            for one in extraction([note])
        )
    )


def _rule(piece: Piece, scope: tuple[str, ...], state: State) -> Rule:
    return Rule(piece.slug, piece.title, piece.error_class, state, piece.text, scope)


def _searched(
    context: Context,
) -> tuple[Sequence[SourceFile], list[LeftPiece], Sequence[str]]:
    """Return the agents' files of the work tree, those at its top first."""
    found = read_sources(context)
    left = [
        LeftPiece(path, "", f"it is the same file as {other}", None) for path, other in found.links
    ]
    return found.files, left, found.problems


def _always_read(context: Context, found: Sequence[SourceFile], *, named: bool) -> tuple[str, ...]:
    """Return the files that agents read: of those that a person named, not every one is."""
    agents = {file.path for file in read_sources(context).files} if named else set()
    return tuple(one.path for one in found if not named or one.path in agents)


def _named(
    context: Context, files: Sequence[Path]
) -> tuple[Sequence[SourceFile], list[LeftPiece], Sequence[str]]:
    """Return the files that a person named.

    Raises:
        UsageError: one of them cannot be read.

    """
    root = context.repo.top.resolve()
    found = []
    for file in files:
        place = file.parent.resolve()
        text = text_of(content_of(place, file.name, LARGEST_SOURCE))
        if isinstance(text, Unreadable):
            raise UsageError(
                f"{file}: {text.why}", slug="unreadable-file", hint="nothing was imported"
            )
        # A file from elsewhere is about everything; where a person keeps it is nobody's business.
        here = (place / file.name).is_relative_to(root)
        path = (place / file.name).relative_to(root).as_posix() if here else file.name
        found.append(SourceFile(path, text))
    return found, [], []


def _refuse_too_many(count: int) -> None:
    if count > MOST:
        raise UsageError(
            f"that would make {count:,} rules, and only the first {MOST} files by name are read",
            slug="too-many-rules",
            hint="import fewer files: git buildlog rules import <file>",
        )
