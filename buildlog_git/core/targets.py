"""Where each agent reads rules: one table, for rules on trial and for pinned ones.

Rules on trial go into a file that git ignores, pinned ones into a file that the team commits. An
agent that has a folder of rules gets files of our own there; in the others' files we keep a block
between markers. Claude Code reads ``CLAUDE.local.md`` too; its folder is taken because what lies
there is ours alone, and nobody else's words stand in the same file.

Codex reads ``AGENTS.override.md`` in place of ``AGENTS.md``, so that ours holds a copy of that
one. Gemini reads no file that is not named: ``GEMINI.local.md`` counts where ``GEMINI.md`` imports
it, as the block that we write there does, or where ``context.fileName`` in its settings has it.

Claude Code can be given pinned rules in two more places, :data:`FORMS`, where a team says so: by a
hook in its settings (:mod:`.startup`), and as a skill, which it reads when the work calls for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from buildlog_git.errors import UsageError

SETTING = "buildlog.target"
MANY = 40_000
"""Characters beyond which no agent is known to follow what it reads."""

INNER = ".claude/CLAUDE.md"
"""Where Claude reads the team's rules besides ``CLAUDE.md``."""


class Target(NamedTuple):
    """Where one agent reads.

    ``name`` is what the agent is called in drafts. ``local`` is the file for rules on trial and
    ``committed`` the one for pinned rules, which is ours alone where ``own`` is set. ``head`` and
    ``committed_head`` are the front matter of files of ours. ``signs`` are files and folders that
    show that the agent is used. ``limit`` are the characters (``in_bytes``: bytes) that it reads
    of a file. ``copies`` is a file that the local one is read in place of, ``imported_by`` one
    that has to name the local one. ``shape`` is how the committed file holds rules, ``agent`` who
    reads it where the target is not called so. ``scope_key`` is what the agent calls the globs that
    a file is about, ``scoped`` and ``scoped_committed`` are where such files lie (:mod:`.scopes`).
    """

    name: str
    local: str
    committed: str
    signs: tuple[str, ...]
    own: bool = False
    head: str = ""
    committed_head: str = ""
    limit: int = MANY
    in_bytes: bool = False
    copies: str = ""
    imported_by: str = ""
    shape: Literal["block", "part", "skill", "hook"] = "block"
    agent: str = ""
    scope_key: Literal["", "paths", "globs", "applyTo"] = ""
    scoped: str = ""
    scoped_committed: str = ""

    @property
    def reader(self) -> str:
        """The agent, as it is called in drafts."""
        return self.agent or self.name

    @property
    def front(self) -> str | None:
        """The front matter that the local file is to have, None where it is plain text to all."""
        return None if self.copies or self.imported_by else self.head


def _front(*lines: str) -> str:
    return "\n".join(("---", *lines, "---", ""))


TARGETS: tuple[Target, ...] = (
    Target(
        "claude", ".claude/rules/buildlog.local.md", "CLAUDE.md",
        signs=("CLAUDE.md", "CLAUDE.local.md", ".claude"), scope_key="paths",
        scoped=".claude/rules/buildlog-{}.local.md",
        scoped_committed=".claude/rules/buildlog-{}.md",
    ),
    Target(
        "codex", "AGENTS.override.md", "AGENTS.md", signs=("AGENTS.md", ".codex"),
        limit=32 * 1024, in_bytes=True, copies="AGENTS.md",
    ),
    Target(
        "cursor", ".cursor/rules/buildlog.local.mdc", ".cursor/rules/buildlog.mdc", own=True,
        signs=(".cursor", ".cursorrules"), scope_key="globs",
        scoped=".cursor/rules/buildlog-{}.local.mdc",
        scoped_committed=".cursor/rules/buildlog-{}.mdc",
        head=_front("description: Rules of the team", "globs:", "alwaysApply: true"),
        committed_head=_front("description: Rules of the team", "globs:", "alwaysApply: true"),
    ),
    Target(
        "copilot", ".github/instructions/buildlog.local.instructions.md",
        ".github/copilot-instructions.md",
        signs=(".github/copilot-instructions.md", ".github/instructions"),
        head=_front("applyTo: '**'"), limit=4_000, scope_key="applyTo",
        scoped=".github/instructions/buildlog-{}.local.instructions.md",
        scoped_committed=".github/instructions/buildlog-{}.instructions.md",
    ),
    Target(
        "windsurf", ".windsurf/rules/buildlog.local.md", ".windsurf/rules/buildlog.md", own=True,
        signs=(".windsurf", ".windsurfrules"), limit=12_000,
        head=_front("trigger: always_on"), committed_head=_front("trigger: always_on"),
    ),
    Target(
        "continue", ".continue/rules/zz-buildlog.local.md", ".continue/rules/buildlog.md", own=True,
        signs=(".continue",),
        head=_front("name: Rules of the team, local", "alwaysApply: true"),
        committed_head=_front("name: Rules of the team", "alwaysApply: true"),
    ),
    Target(
        "gemini", "GEMINI.local.md", "GEMINI.md", signs=("GEMINI.md", ".gemini"),
        imported_by="GEMINI.md",
    ),
    Target(
        "cline", ".clinerules/buildlog.local.md", ".clinerules/buildlog.md", own=True,
        signs=(".clinerules",),
    ),
)  # fmt: skip
SKILL = "buildlog-rules"
"""What the skill is called, and its folder: at most 64 of ``[a-z0-9-]``."""
_CLAUDE = next(target for target in TARGETS if target.name == "claude")._replace(
    scope_key="", scoped="", scoped_committed=""
)
FORMS: tuple[Target, ...] = (
    _CLAUDE._replace(
        name="claude-settings", committed=".claude/settings.json", shape="hook", agent="claude",
        limit=10_000,
    ),
    _CLAUDE._replace(
        name="claude-skill", committed=f".claude/skills/{SKILL}/SKILL.md", own=True, shape="skill",
        agent="claude",
        committed_head=_front(
            f"name: {SKILL}",
            "description: The rules of this team for code in this repository. Read them before you "
            "write, change or review code here.",
        ),
    ),
)  # fmt: skip
"""Other committed files in which an agent of the table can be given the pinned rules."""
DEFAULT = ("claude", "codex")
"""Who is served where nothing shows which agents are used."""
LOCAL_FILES = frozenset(target.local for target in TARGETS)
_ALIASES = {
    "agents": "codex", "claude-code": "claude", "claude_code": "claude", "claude_md": "claude",
    "settings_json": "claude-settings", "skill": "claude-skill", "continue_dev": "continue",
}  # fmt: skip
"""Other names, among them those of the targets of the system that this one replaces."""


def choose(asked: Sequence[str], is_used: Callable[[Target], bool]) -> tuple[Target, ...]:
    """Return the targets to serve, in the order of the table.

    Args:
        asked: names, ``all`` or ``none``, from the settings or the command line; none of them
            leaves it to what the repository has.
        is_used: whether the repository has files of an agent.

    Raises:
        UsageError: a name is none of a target.

    """
    names = names_of(asked)
    if not names and "none" not in asked:
        return _used(is_used)
    agents = {form.agent for form in FORMS if form.name in names} | names
    return tuple(target for target in TARGETS if target.name in agents)


def choose_committed(
    asked: Sequence[str], is_used: Callable[[Target], bool], has_ours: Callable[[Target], bool]
) -> tuple[Target, ...]:
    """Return the targets whose committed files are to have the pinned rules; see :func:`choose`.

    An agent that has them in another form alone is left with that one, where nobody is named.

    Args:
        asked: names; ``all`` names no other form.
        is_used: whether the repository has files of an agent.
        has_ours: whether the committed file of a target has rules that we put there.

    Raises:
        UsageError: a name is none of a target.

    """
    names = names_of(asked)
    if names or "none" in asked:
        return tuple(target for target in (*TARGETS, *FORMS) if target.name in names)
    forms = tuple(form for form in FORMS if has_ours(form))
    served = {form.agent for form in forms}
    plain = (t for t in _used(is_used) if t.name not in served or has_ours(t))
    return (*plain, *forms)


def _used(is_used: Callable[[Target], bool]) -> tuple[Target, ...]:
    names = {target.name for target in TARGETS if is_used(target)} or set(DEFAULT)
    return tuple(target for target in TARGETS if target.name in names)


def names_of(asked: Iterable[str]) -> set[str]:
    """Return the targets that are named; see :func:`choose`.

    Raises:
        UsageError: a name is none of a target.

    """
    every = {target.name for target in TARGETS}
    known = every | {form.name for form in FORMS}
    names: set[str] = set()
    for word in asked:
        name = _ALIASES.get(word.lower(), word.lower())
        if name not in known | {"all", "none"}:
            raise UsageError(
                f"{SETTING} is no agent that rules can be put for: {word}",
                slug="bad-setting",
                hint=f"one of {', '.join(sorted(known))}, all, or none",
            )
        names |= every if name == "all" else {name}
    return names & known
