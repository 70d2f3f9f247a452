"""The rules that a repository has: Markdown files below ``.buildlog/rules``.

The reader is tolerant: one bad file is said and loses no other. It never leaves the work tree,
never waits for a pipe or a device, and reads the first 256 files by name. A ``README.md`` and
files whose name begins with a dot are nobody's rules.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.choice import MOST, Candidate
from buildlog_git.core.rules import FOLDER, LARGEST, Rule, parse_rule
from buildlog_git.core.trial import Trial

_SUFFIX = ".md"


class RuleFile(NamedTuple):
    """A file of the folder: its rule, or why it has none; ``path`` is below the work tree."""

    path: str
    rule: Rule | None
    problems: tuple[str, ...] = ()


class Rules(NamedTuple):
    """The rules by id, and what was wrong with files that were not read.

    ``never_off`` are rules on trial that agents read in any case, where that was asked.
    """

    rules: tuple[Rule, ...] = ()
    problems: tuple[str, ...] = ()
    files: Mapping[str, str] = {}
    never_off: frozenset[str] = frozenset()

    @property
    def on_trial(self) -> tuple[Rule, ...]:
        """The rules whose state is that."""
        return tuple(rule for rule in self.rules if rule.state == "trial")

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The rules that may be drawn."""
        return tuple(
            Trial(rule.id, rule.digest, rule.error_class, rule.tokens, rule.added)
            for rule in self.on_trial
            if rule.id not in self.never_off
        )

    @property
    def pinned(self) -> tuple[str, ...]:
        """The rules that are on in every session."""
        return tuple(rule.id for rule in self.rules if rule.state == "pinned")

    @property
    def active(self) -> int:
        """How many rules are pinned or on trial."""
        return sum(rule.active for rule in self.rules)

    def get(self, name: str) -> Rule | None:
        """Return a rule by its id."""
        return next((rule for rule in self.rules if rule.id == name), None)

    def scope(self, name: str) -> tuple[str, ...]:
        """Return the globs of a rule by its id; none where it has no file."""
        rule = self.get(name)
        return rule.scope if rule else ()

    def candidate(self, name: str) -> Candidate:
        """Return a rule by its id as what may be drawn, also one that has no file."""
        rule = self.get(name)
        return Candidate(name, rule.digest if rule else "")


def read_rules(top: Path) -> Rules:
    """Return the rules of the work tree ``top``; of two with one id, the first by file name."""
    files, problems = read_files(top)
    rules: dict[str, Rule] = {}
    paths: dict[str, str] = {}
    for file in files:
        problems += [f"{file.path}: {why}" for why in file.problems]
        if file.rule and file.rule.id in rules:
            problems.append(f"{file.path}: another file has the same id: {paths[file.rule.id]}")
        elif file.rule:
            rules[file.rule.id] = file.rule
            paths[file.rule.id] = file.path
    return Rules(tuple(rules[name] for name in sorted(rules)), tuple(problems), paths)


def read_files(top: Path) -> tuple[list[RuleFile], list[str]]:
    """Return the folder's files by name, and what is wrong with the folder itself."""
    root = top.resolve()
    folder = root / FOLDER
    try:
        names = sorted(path.name for path in folder.iterdir() if _counts(path.name))
        if folder.resolve() != folder:
            return [], [f"{FOLDER}: it is behind a symbolic link; such folders are not read"]
    except FileNotFoundError:
        return [], []
    except (OSError, RuntimeError) as error:
        return [], [f"{FOLDER}: it cannot be read ({why(error)})"]
    problems = []
    if len(names) > MOST:
        problems.append(f"{FOLDER}: only the first {MOST} of {len(names)} files by name are read")
    return [_read(root, name) for name in names[:MOST]], problems


def _counts(name: str) -> bool:
    return name.endswith(_SUFFIX) and name[0] != "." and name.lower() != "readme.md"


def _read(root: Path, name: str) -> RuleFile:
    path = f"{FOLDER}/{name}"
    place = root / path
    # The folder is known to be no link: only a file that is one has to be followed.
    found = content_of(root, path) if place.is_symlink() else _bytes(place, LARGEST)
    if isinstance(found, bytes):
        try:
            return RuleFile(path, *parse_rule(found.decode(), name.removesuffix(_SUFFIX)))
        except UnicodeDecodeError:
            return RuleFile(path, None, ("it is not UTF-8",))
    return RuleFile(path, None, (found,))


def content_of(root: Path, path: str, largest: int = LARGEST) -> bytes | str:
    """Return the bytes of a file of the work tree ``root`` (resolved), or why there are none."""
    try:
        real = (root / path).resolve()
        if real != root / path and not _inside(root, real):
            return "it is a symbolic link out of the work tree"
    except (OSError, RuntimeError) as error:  # older Pythons call a circle of links the latter
        return f"it cannot be read ({why(error)})"
    return _bytes(real, largest)


def _bytes(path: Path, largest: int) -> bytes | str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a device or a pipe might never end
            return "it is no regular file"
        with path.open("rb") as file:
            raw = file.read(largest + 1)
    except OSError as error:
        return f"it cannot be read ({why(error)})"
    if len(raw) > largest:
        return f"it is too large: more than {largest // 1024} KiB"
    return raw


def why(error: OSError | RuntimeError) -> str:
    """Return what the system says of a failure."""
    return getattr(error, "strerror", None) or str(error)


def _inside(root: Path, path: Path) -> bool:
    """Return whether a real path is in the work tree, and not in git's own folder."""
    return path.is_relative_to(root) and path.relative_to(root).parts[:1] != (".git",)
