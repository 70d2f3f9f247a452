"""Where agents' rules stand in a repository, and for which files each is meant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from buildlog_git.core.frontmatter import split
from buildlog_git.core.rules import scope_of

_NAMES = (
    "CLAUDE.md",
    ".claude/CLAUDE.md",
    ".claude/rules/**/*.md",
    "AGENTS.md",
    "GEMINI.md",
    ".cursorrules",
    ".cursor/rules/**/*.mdc",
    ".cursor/rules/**/*.md",
    ".github/copilot-instructions.md",
    ".github/instructions/**/*.md",
    ".windsurfrules",
    ".windsurf/rules/**/*.md",
    ".continue/rules/**/*.md",
    ".clinerules",
    ".clinerules/**/*.md",
)
"""At the top of the repository or of any folder in it, which it then is about."""

GLOBS = tuple(glob for name in _NAMES for glob in (name, f"**/{name}"))

_FOLDERS = (".claude", ".cursor", ".github", ".windsurf", ".continue", ".clinerules")
_FOREIGN = frozenset({"node_modules", "vendor", "third_party", "fixtures", "testdata"})
"""Folders with what others wrote."""
_SCOPES = ("globs", "applyto", "paths", "scope")
"""What the agents call the globs of the files that a text is about."""
_EVERYTHING = frozenset({"*", "**", "**/*", "/**"})
_OURS = ("buildlog.", "buildlog-", "zz-buildlog")


class Read(NamedTuple):
    """The text of an agents' file, and the globs of the files that it is about (none: all).

    ``above`` counts the lines before the text.
    """

    text: str
    scope: tuple[str, ...]
    above: int


def counts(path: str) -> bool:
    """Return whether a file found by its name is the team's own, and not made by us."""
    *folders, name = path.split("/")
    return not set(folders) & _FOREIGN and not name.startswith(_OURS)


def read_source(path: str, content: str) -> Read:
    """Return what an agents' file says, and for which files."""
    parts = split(content)
    return Read(parts.text, _scope(path, parts.fields), parts.above)


def _scope(path: str, fields: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    # A comma would part two globs, and quotes would go.
    home = "".join("?" if char in ",\"'" else char for char in _home(path))
    said = [glob for key in _SCOPES for glob in scope_of(fields, key)]
    if not said or any(glob in _EVERYTHING for glob in said):
        said = ["**"]
    if not home:
        return () if said == ["**"] else tuple(dict.fromkeys(said))
    return tuple(dict.fromkeys(f"{home}/{glob.lstrip('/')}" for glob in said))


def _home(path: str) -> str:
    """Return the folder that a file is about; empty for the whole repository."""
    parts = path.lstrip("/").split("/")[:-1]
    first = next((n for n, part in enumerate(parts) if part in _FOLDERS), len(parts))
    return "/".join(parts[:first])
