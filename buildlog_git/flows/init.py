"""The first minute: look at a repository, scan it, and show what its history already tells."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from buildlog_git.core.report import Report
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import make_report
from buildlog_git.flows.scan import ScanResult, scan
from buildlog_git.gitio.history import changed_paths
from buildlog_git.gitio.repo import default_branch, head_commit

RULE_FILES = (
    "CLAUDE.md", ".claude/CLAUDE.md", ".claude/rules/", "AGENTS.md", ".cursor/rules/",
    ".cursorrules", ".github/copilot-instructions.md", ".github/instructions/",
    ".windsurf/rules/", ".windsurfrules", ".continue/rules/", "GEMINI.md", ".clinerules",
    "CONVENTIONS.md",
)  # fmt: skip
"""Where agents read rules; a path that ends in a slash is a folder."""


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file with rules for agents, and how many commits changed it."""

    path: str
    commits: int


@dataclass(frozen=True, slots=True)
class Init:
    """What ``init`` found and did; ``branch`` is where work lands."""

    repository: str
    branch: str | None
    rule_files: tuple[RuleFile, ...]
    scan: ScanResult
    report: Report


def initialise(context: Context) -> Init:
    """Scan the whole history, store the facts, and return the first report.

    Nothing but the notes ref is written.
    """
    scanned = scan(context)
    branch = default_branch(context.repo.git)
    return Init(
        repository=context.repo.name,
        branch=branch.name if branch else None,
        rule_files=_rule_files(context),
        scan=scanned,
        report=make_report(context, stored=True),
    )


def _rule_files(context: Context) -> tuple[RuleFile, ...]:
    if head_commit(context.repo.git) is None:
        return ()
    counts = Counter(changed_paths(context.repo.git, RULE_FILES))
    return tuple(
        RuleFile(path, n) for path, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))
    )
