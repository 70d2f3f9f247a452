"""What ``init`` says: the first minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.cli.words.scan import write_gaps
from buildlog_git.render.report import write_report
from buildlog_git.render.words import command, counted, safe

if TYPE_CHECKING:
    from buildlog_git.flows.init import Init, RuleFile
    from buildlog_git.render.page import Page

RULES_SHOWN = 4
UNDO = "git update-ref -d refs/notes/buildlog"


def write_init(page: Page, init: Init) -> None:
    """Say what was found, what was written, and how to go on and back."""
    write_report(page, init.report, init.repository)
    page.blank()
    page.sentence(_rules(init.rule_files), "Rules for agents:")
    write_gaps(page, init.scan)
    page.sentence(_written(init), "Written:")
    if init.report.commits.agent or init.report.drafts:
        page.sentence(
            f"{command('git buildlog log')}, then {command('git buildlog distance <commit>')}",
            "Go on:",
        )
    if init.scan.written or init.scan.already:
        page.sentence(command(UNDO), "Undo:")


def _rules(files: tuple[RuleFile, ...]) -> str:
    if not files:
        return "none found (CLAUDE.md, AGENTS.md, .cursor/rules and the like)."
    shown = [f"{safe(file.path)} ({_times(file.commits)})" for file in files[:RULES_SHOWN]]
    more = len(files) - RULES_SHOWN
    if more > 0:
        shown.append(counted(more, "more file"))
    return f"{', '.join(shown)}."


def _times(commits: int) -> str:
    if commits < 2:
        return "never changed since"
    return "changed once" if commits == 2 else f"changed {commits - 1:,} times"


def _written(init: Init) -> str:
    if not init.scan.written and not init.scan.already:
        return "nothing."
    known = f" ({init.scan.already:,} were there already)" if init.scan.already else ""
    return (
        f"{counted(init.scan.written, 'fact')}{known} in refs/notes/buildlog. No branch, index or "
        "file of yours was touched."
    )
