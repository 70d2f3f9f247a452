"""Pinned rules in the files that the team commits: a block in an agent's file, or a file of ours.

Each time the whole set is written, so that a rule which was retired or reworded leaves nothing
behind. What somebody has changed within a block is noticed and not overwritten, unless it is
asked for; a block whose end is gone is never touched, since nobody knows where it ends.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from buildlog_git.core.rendering import ShownRule
from buildlog_git.core.rules import FOLDER
from buildlog_git.core.targets import choose_committed
from buildlog_git.flows.committed import body_for, content_of, has_ours, was_edited, why_unread
from buildlog_git.flows.context import Context
from buildlog_git.flows.localrules import is_used
from buildlog_git.flows.pinnedplaces import PinnedPlace, pinned_places
from buildlog_git.flows.rulebook import rules_here
from buildlog_git.flows.sources import Standing, standing
from buildlog_git.gitio.agentfiles import (
    Refused,
    put_agent_file,
    read_agent_file,
    remove_agent_file,
)

State = Literal["current", "stale", "edited", "refused"]


@dataclass(frozen=True, slots=True)
class RenderedFile:
    """A file that agents read, and how it stands to the pinned rules.

    ``current`` has them (or needs none), ``stale`` has others, ``edited`` was changed by hand
    within the block, ``refused`` cannot be written, and ``why`` says what is in the way.
    ``diff`` is what would change, or was, as lines.
    """

    path: str
    agents: tuple[str, ...]
    state: State
    written: bool
    why: str
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rendering:
    """The files for the pinned ``rules``; ``problems`` say what an agent may not read.

    ``standing`` are the rules that the team's own words have already, outside of our block.
    """

    files: tuple[RenderedFile, ...]
    rules: tuple[str, ...]
    problems: tuple[str, ...]
    standing: tuple[Standing, ...]

    @property
    def current(self) -> bool:
        """Whether all files have the pinned rules now."""
        return all(file.state == "current" or file.written for file in self.files)


def render_rules(
    context: Context, targets: tuple[str, ...] = (), *, write: bool = True, force: bool = False
) -> Rendering:
    """Bring the committed files up to date with the pinned rules.

    Args:
        context: where.
        targets: agents, or ``all``; by default those of the settings, else those that are used.
        write: else only say what would be done.
        force: also overwrite what was changed by hand within a block.

    Raises:
        UsageError: there is no work tree, or a target is unknown.

    """
    rules = rules_here(context)
    pinned = [
        ShownRule(r.id, r.digest, r.text, r.scope) for r in rules.rules if r.state == "pinned"
    ]
    top = context.repo.top.resolve()
    asked = targets or context.settings.targets
    chosen = choose_committed(
        asked, lambda target: is_used(top, target), lambda target: has_ours(top, target)
    )
    places, refused = pinned_places(top, chosen, pinned, on_trial=bool(rules.trials))
    problems = list(rules.problems)
    files = [RenderedFile(one.name, (one.agent,), "refused", False, one.why, ()) for one in refused]
    for place in places:
        body = body_for(place.target, place.rules, place.extra)
        files.append(_render(context, top, place, body, write=write, force=force))
        problems += _unread(top, place) if body else []
        size = len(body.encode() if place.target.in_bytes else body)
        if size > place.target.limit:
            problems.append(
                f"{place.name}: {size:,} characters of rules, and {place.target.reader} reads "
                f"{place.target.limit:,}"
            )
    there = standing(context, (rule for rule in rules.rules if rule.state == "pinned"))
    problems += [*_said_twice(there), *_read_twice(places)]
    return Rendering(
        tuple(sorted(files, key=lambda file: file.path)),
        tuple(sorted(rule.id for rule in pinned)),
        tuple(problems),
        there,
    )


def _said_twice(there: Sequence[Standing]) -> list[str]:
    """Return which files have pinned rules outside of our block, as after an import."""
    files = Counter(one.file for one in there)
    return [
        f"{path}: {count} of the pinned rules {'stands' if count == 1 else 'stand'} there also in "
        "the team's own words; take them out, or agents read them twice"
        for path, count in sorted(files.items())
    ]


def _unread(top: Path, place: PinnedPlace) -> list[str]:
    with suppress(Refused):
        content = read_agent_file(top, place.name)
        why = why_unread(place.target, content) if content is not None else ""
        return [f"{place.name}: {why}"] if why else []
    return []


def _read_twice(places: Sequence[PinnedPlace]) -> list[str]:
    """Return which agents are given the same rules in more than one file."""
    files: dict[str, list[PinnedPlace]] = {}
    for place in places:
        for agent in place.agents:
            files.setdefault(agent, []).append(place)
    return [
        f"{', '.join(place.name for place in its)}: {agent} reads the same rules in each of them; "
        "leave it one"
        for agent, its in files.items()
        if len({rule.id for place in its for rule in place.rules})
        < sum(len(place.rules) for place in its)
    ]


def _render(
    context: Context, top: Path, place: PinnedPlace, body: str, *, write: bool, force: bool
) -> RenderedFile:
    done = RenderedFile(place.name, place.agents, "current", False, "", ())
    try:
        present = read_agent_file(top, place.name)
        edited = was_edited(place.target, present or b"")
        wanted = content_of(place.target, present, body)
        if wanted == present:
            return done
        diff = _diff(place.name, present or b"", wanted or b"")
        done = replace(done, state="stale", diff=diff)
        if edited and not force:
            why = f"the rules in it were changed by hand; put it into {FOLDER}, or use --force"
            return replace(done, state="edited", why=why)
        if not write:
            return done
        if wanted is None:
            remove_agent_file(top, place.name)
        else:
            put_agent_file(top, place.name, wanted, context.repo.common_dir)
    except Refused as error:
        return replace(done, state="refused", why=str(error))
    return replace(done, written=True)


def _diff(name: str, old: bytes, new: bytes) -> tuple[str, ...]:
    one, two = (part.decode("utf-8", "surrogateescape").splitlines() for part in (old, new))
    return tuple(difflib.unified_diff(one, two, f"a/{name}", f"b/{name}", n=1, lineterm=""))
