"""Rules on trial that agents read in any case, because they stand in the agents' own files.

No draw can take such a rule off, so that its sessions would tell nothing of it: it is not drawn,
and that is said. What is looked for is the rule's text, word for word, at the beginning of a line,
a list item or a sentence; ``git buildlog rules --check`` also finds it in other words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from buildlog_git.core.rules import Rule
from buildlog_git.flows.rules import content_of

FILES = (
    "CLAUDE.md", ".claude/CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "GEMINI.md",
    ".github/copilot-instructions.md", ".cursorrules", ".windsurfrules",
)  # fmt: skip
"""Files of agents that a team writes as a whole, and that are read in every session."""
LARGEST = 1024 * 1024
SHORTEST = 8
"""Characters below which a text may stand anywhere by chance."""
_BEGINS = r"(?im:^[ \t>]*(?:[-*+]|\d+[.)])?[ \t]*|[.!?:]\s+)"
_BLOCK = rb"(?s)<!-- buildlog:begin (local|team) .*?<!-- buildlog:end \1 -->"


def always_read(top: Path, rules: Sequence[Rule]) -> dict[str, str]:
    """Return the rules that stand in an agents' file of the work tree ``top``, and in which."""
    root, found = top.resolve(), dict[str, str]()
    looked_for = {rule.id: _pattern(rule.text) for rule in rules if len(rule.text) >= SHORTEST}
    for path in FILES if looked_for else ():
        content = content_of(root, path, LARGEST)
        if not isinstance(content, bytes):
            continue
        # What we have put there ourselves is what was drawn or pinned.
        text = re.sub(_BLOCK, b"", content).decode("utf-8", "replace")
        for rule, pattern in looked_for.items():
            if rule not in found and re.search(pattern, text):
                found[rule] = path
    return found


def _pattern(text: str) -> str:
    return _BEGINS + r"\s+".join(f"(?i:{re.escape(word)})" for word in text.split())
