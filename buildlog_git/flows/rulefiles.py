"""Rule files changed: added, and moved from one state to another.

Each change is in the rule's own file, which is written whole beside it and renamed. Nothing is
written through a link, over a file that is there, or outside of the work tree; nothing is
committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.frontmatter import with_field
from buildlog_git.core.rules import FOLDER, LARGEST, Rule, State, file_of, parse_rule, print_rule
from buildlog_git.errors import BuildlogError, GitError
from buildlog_git.flows.context import Context
from buildlog_git.flows.rulebook import known_rule, rules_here
from buildlog_git.flows.rules import content_of
from buildlog_git.flows.sources import Standing, standing
from buildlog_git.gitio.steps import Step, perform


class RuleError(BuildlogError):
    """A rule cannot be written where it belongs; nothing was changed."""

    exit_code = 128


@dataclass(frozen=True, slots=True)
class ChangedRule:
    """A rule's state before and after; the same where nothing had to be changed."""

    id: str
    file: str
    before: State
    after: State


@dataclass(frozen=True, slots=True)
class ChangedRules:
    """Rules of which a person set the state.

    ``never_off`` are those that are on trial now and stand in a file that agents always read.
    """

    rules: tuple[ChangedRule, ...]
    never_off: tuple[Standing, ...]


def set_state(context: Context, names: Sequence[str], state: State) -> ChangedRules:
    """Set the state of rules, in the front matter of their own files.

    All of them are looked at before the first is written.

    Raises:
        UsageError: there is no work tree, or no such rule in it.
        RuleError: a file cannot be written; those before it in ``names`` were.

    """
    rules = rules_here(context)
    root = context.repo.top.resolve()
    found = [(known_rule(rules, name), rules.files[name]) for name in dict.fromkeys(names)]
    changes = [(root / path, _with_state(root, path, rule, state)) for rule, path in found]
    for (rule, _), (path, content) in zip(found, changes, strict=True):
        if rule.state != state:
            _write(context, path, content)
    return ChangedRules(
        tuple(ChangedRule(rule.id, path, rule.state, state) for rule, path in found),
        standing(context, (rule for rule, _ in found)) if state == "trial" else (),
    )


def _with_state(root: Path, path: str, rule: Rule, state: State) -> bytes:
    target = root / path
    if target.resolve() != target:
        raise RuleError(
            f"{path} is a symbolic link, and no link is written through",
            slug="rule-is-a-link",
            hint=f"change the state in the file itself: {target.resolve()}",
        )
    content = content_of(root, path)
    if isinstance(content, str):
        raise RuleError(
            f"{path}: {content}",
            slug="rule-unreadable",
            hint=f"mend the file, or take the committed one: git restore {path}",
        )
    changed = with_field(content.decode(), "state", state)
    after, problems = parse_rule(changed, Path(path).stem)
    if after != rule._replace(state=state):  # front matter of a form that nobody foresaw
        raise RuleError(
            f"{path}: its state cannot be set: {'; '.join(problems) or 'its fields are odd'}",
            slug="rule-odd",
            hint=f"set it in the file: state: {state}",
        )
    return changed.encode()


def write_new(context: Context, rules: Iterable[Rule]) -> tuple[str, ...]:
    """Write the files of new rules and return their paths in the work tree.

    All of them are looked at before the first is written.

    Raises:
        RuleError: a file is there already, is too large, or the folder cannot be used.

    """
    root = context.repo.top.resolve()
    _refuse_folder(root)
    contents: dict[str, bytes] = {}
    for rule in rules:
        path = file_of(rule.id)
        contents[path] = checked_content(rule)
        if os.path.lexists(root / path):
            raise RuleError(
                f"there is a file already: {path}",
                slug="rule-file-exists",
                hint="remove it, or give the rule another id",
            )
    for path, content in contents.items():
        _write(context, root / path, content)
    return tuple(contents)


def checked_content(rule: Rule) -> bytes:
    """Return the file of a rule, from which the same rule is read again.

    Raises:
        RuleError: it is too large, or cannot be a rule.

    """
    content = print_rule(rule).encode("utf-8", "replace")
    again, problems = parse_rule(content.decode(), rule.id)
    if len(content) > LARGEST:
        problems = (f"it is too large: more than {LARGEST // 1024} KiB",)
    if problems or again != rule:
        raise RuleError(
            f"that cannot be a rule: {'; '.join(problems) or 'it would be read as another'}",
            slug="bad-rule",
            hint="a rule is UTF-8 text of at most 256 KiB without control characters",
        )
    return content


def _refuse_folder(root: Path) -> None:
    """Refuse a folder that is none, or that is somewhere else."""
    for folder in (root / FOLDER).parents[0], root / FOLDER:
        if os.path.lexists(folder) and (folder.is_symlink() or not folder.is_dir()):
            what = "a symbolic link" if folder.is_symlink() else "no folder"
            raise RuleError(
                f"{folder.relative_to(root)} is {what}, and rules are only written into folders "
                "of the work tree itself",
                slug="rule-folder",
                hint="move it away first",
            )


def _write(context: Context, path: Path, content: bytes) -> None:
    folders = [folder for folder in (path.parent.parent, path.parent) if not folder.exists()]
    steps = [Step("make-folder", str(folder)) for folder in folders]
    try:
        perform(context.repo.git, [*steps, Step("write", str(path), content=content)])
    except GitError as error:
        raise RuleError(error.message, slug=error.slug, hint=error.hint) from error
