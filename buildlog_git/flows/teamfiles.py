"""Which pinned rules agents can read in the files that the team commits, as they lie here.

A rule that is pinned while a session is open was on trial when that session began: by its draw it
may be off, and yet its agents read it from now on. A rule that is on trial again is read as long
as nobody has rendered the files anew. What agents have is told by the files, and not by states.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.rendering import ReadRule, ShownRule, read_block
from buildlog_git.core.scopes import key_in
from buildlog_git.core.targets import FORMS, INNER, Target
from buildlog_git.gitio.agentfiles import Refused, find_file, names_in, read_agent_file


class Found(NamedTuple):
    """A rule in a committed file: the digest of the text that is there, and the file."""

    digest: str
    path: str


def pinned_in_files(top: Path, targets: Iterable[Target], among: Iterable[str]) -> dict[str, Found]:
    """Return those rules of ``among`` that agents can read, by id.

    Args:
        top: the work tree, resolved.
        targets: the agents.
        among: ids of rules.

    """
    wanted = {*among}
    found: dict[str, Found] = {}
    for target in targets:
        for path in _files(top, target):
            found |= {r.id: Found(r.found, path) for r in _blocks(top, path) if r.id in wanted}
        for form in FORMS:
            if form.agent == target.name and wanted - found.keys():
                its = _in_form(top, form, wanted - found.keys())
                found |= {name: Found(digest, form.committed) for name, digest in its.items()}
    return dict(sorted(found.items()))


def _files(top: Path, target: Target) -> Iterator[str]:
    yield target.committed
    if target.name == "claude":
        yield INNER
    folder = target.scoped_committed.rpartition("/")[0]
    yield from (f"{folder}/{name}" for name in names_in(top, folder) if key_in(name))


def _blocks(top: Path, name: str) -> Iterator[ReadRule]:
    content = _content(top, name)
    while (block := read_block(content, "team")) is not None:
        yield from block.rules
        content = content[block.end :]


def _content(top: Path, name: str) -> bytes:
    with suppress(Refused):
        return read_agent_file(top, find_file(top, name, links=True)) or b""
    return b""


def _in_form(top: Path, form: Target, wanted: set[str]) -> dict[str, str]:
    """Return the rules in Claude's settings or skill: by their texts, for these have no digests."""
    content = _content(top, form.committed)
    if not content:
        return {}
    from buildlog_git.flows.rules import read_rules

    rules = (rule for rule in read_rules(top).rules if rule.id in wanted)
    if form.shape == "skill":
        there = {rule.id for rule in _blocks(top, form.committed)}
        return {rule.id: rule.digest for rule in rules if rule.id in there}
    text = content.decode("utf-8", "replace")
    return {r.id: r.digest for r in rules if _printed(r.id, r.text) in text}


def _printed(name: str, text: str) -> str:
    """Return a rule as it stands in a JSON string behind the heading."""
    # Few have these forms, and a drain waits for what is imported.
    import json

    from buildlog_git.core.startup import spoken

    said = spoken([ShownRule(name, "", text)]).partition("\n\n")[2]
    return json.dumps(said, ensure_ascii=False)[1:-1]
