"""Refspecs for the notes: the safe one that ``install`` adds, and those that do harm.

With the safe one a plain ``git fetch`` brings others' notes, beside ours, and the next command
unites them. It is added only where a fetch already names what it fetches (else it would fetch
nothing but notes), to the one remote that a sync is meant for, and not in a partial clone, which
would leave the notes' content behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.refspecs import (
    NOTES,
    Danger,
    parse_refspec,
    remote_dangers,
    rewrite_dangers,
    safe_refspec,
)
from buildlog_git.errors import BuildlogError, UsageError
from buildlog_git.flows.changes import changes_of
from buildlog_git.flows.sync import default_remote
from buildlog_git.gitio.hooksdir import git_version
from buildlog_git.gitio.remotes import is_partial, known_remotes, remote_of
from buildlog_git.gitio.settings import is_on, local_values, read_config
from buildlog_git.gitio.steps import Step, perform

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from buildlog_git.flows.changes import Change
    from buildlog_git.flows.context import Context
    from buildlog_git.gitio.run import Git

NEGATIVE = (2, 29)
"""The first git with refspecs that leave refs out."""


def wanted_refspec(context: Context) -> tuple[str, str] | None:
    """Return the remote whose fetches should bring notes, and the refspec; None: there is none."""
    git = context.repo.git
    try:
        name = default_remote(context)
    except UsageError:
        return None
    present = [value for key, value in read_config(git, "remote") if key == f"remote.{name}.fetch"]
    if not present or is_partial(git) or remote_of(git, name).place != name:
        return None
    if any(parse_refspec(value).to(NOTES) is not None for value in present):
        return None  # in whatever way, it fetches them already, or leaves them out on purpose
    return name, safe_refspec(name)


def refspec_removal(git: Git, added: Iterable[str]) -> Iterator[Step]:
    """Yield how the refspecs that an install has added go; a remote may be renamed meanwhile."""
    ours = {safe_refspec(name) for name in added}
    for key, values in local_values(git, "remote").items():
        if key.endswith(".fetch"):
            yield from (Step("drop-value", key, value) for value in values if value in ours)


def dangers(git: Git) -> Iterator[tuple[Danger, bool]]:
    """Yield the settings that harm the notes, and whether each is the repository's own.

    A mirror's are left alone: it is there to be overwritten.
    """
    negative = git_version(git) >= NEGATIVE
    own = {(key, value) for key, values in _settings(git, "--local").items() for value in values}
    settings = _settings(git)
    names, remotes = known_remotes(git), read_config(git, "remote")
    mirrors = {name for name in names if is_on(remotes, f"remote.{name}.mirror")}
    found: list[Danger] = []
    for name in names:
        if name not in mirrors:
            fetch, push = (settings.get(f"remote.{name}.{what}", []) for what in ("fetch", "push"))
            found += remote_dangers(name, fetch, push, negative=negative)
    found += rewrite_dangers(settings.get("notes.rewriteref", []))
    for danger in found:
        yield danger, (danger.key, danger.value) in own


def mend(git: Git) -> tuple[Change, ...]:
    """Mend the repository's own settings and return what was changed; what else they say stays."""
    steps = tuple(_mending(git))
    try:
        perform(git, steps)
    except BuildlogError:  # the findings stay, and say so
        return ()
    return changes_of(steps)


def _mending(git: Git) -> Iterator[Step]:
    settings = _settings(git, "--local")
    for danger, own in dangers(git):
        if not (own and danger.mends):
            continue
        present = settings.setdefault(danger.key, [])
        if danger.goes and danger.value in present:
            present[:] = [value for value in present if value != danger.value]
            yield Step("drop-value", danger.key, danger.value)
        for value in danger.adds:
            if value not in present:
                present.append(value)
                yield Step("add-value", danger.key, value)


def _settings(git: Git, *scope: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for section in ("remote", "notes"):
        for key, value in read_config(git, section, *scope):
            found.setdefault(key, []).append(value)
    return found
