"""What the doctor finds of the files that agents read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from buildlog_git.core.targets import TARGETS
from buildlog_git.errors import BuildlogError
from buildlog_git.flows.context import Context
from buildlog_git.flows.localrules import is_intact, is_reached, is_used, local_faults
from buildlog_git.flows.pinned import RenderedFile, Rendering, render_rules
from buildlog_git.flows.rulebook import rules_here
from buildlog_git.flows.sources import standing
from buildlog_git.gitio.shown import read_on_disk
from buildlog_git.gitio.worktrees import find_worktree, worktree_name


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know: ``wrong`` needs somebody, a ``note`` does not.

    ``subject`` is the file, hook, setting or program that it is about, ``detail`` what was seen.
    """

    slug: str
    level: Literal["wrong", "note"]
    subject: str = ""
    detail: str = ""


def agent_findings(context: Context) -> Iterator[Finding]:
    """Look at the files that agents read: those of this worktree, and those of the team."""
    repo = context.repo
    tree = find_worktree(repo, worktree_name(repo))
    if tree is None:
        return
    found = read_on_disk(repo.common_dir, tree.name)
    for slug, path in local_faults(tree):
        yield Finding(slug, "wrong", path)
    if found is not None and not is_intact(tree, found):
        yield Finding("rules-changed", "note", ", ".join(sorted(found.files)))
    try:
        rendered = render_rules(context, write=False)
    except BuildlogError as error:
        yield Finding(error.slug, "wrong", "buildlog.target", error.message)
        return
    yield from _said_twice(context, rendered)
    slugs = {"stale": "rules-stale", "edited": "rules-edited", "refused": "rules-refused"}
    for file in rendered.files:
        if file.state == "stale":
            # Rendering comes after what stands there in other words: else agents read it twice.
            tells = not rendered.standing and (rendered.rules or _has_old_rules(file))
        else:
            tells = rendered.rules or file.state == "edited"
        if tells and file.state in slugs:
            yield Finding(slugs[file.state], "note", file.path, file.why)
    for target in TARGETS:
        if is_used(tree.top, target) and not is_reached(tree.top, target):
            yield Finding("target-unreached", "note", target.local, target.imported_by)


def _has_old_rules(file: RenderedFile) -> bool:
    """Return whether a file has rules of ours that are not pinned any more."""
    return any(line.startswith("-") and "buildlog" in line for line in file.diff)


def _said_twice(context: Context, rendered: Rendering) -> Iterator[Finding]:
    """Say which rules agents read in the team's own words, whatever we put for them."""
    for path, count in sorted(Counter(one.file for one in rendered.standing).items()):
        yield Finding("rules-twice", "note", path, str(count))
    for one in standing(context, rules_here(context).on_trial):
        yield Finding("never-off", "note", one.rule, one.place)
