"""Which committed files are to have which pinned rules, and which had some before.

Rules that are about some paths alone get files of their own where the agent has a form for that
(:mod:`..core.scopes`). Where several agents read one file, all of them read scopes in words there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.rendering import ShownRule, front_matter, read_block
from buildlog_git.core.scopes import key_in, key_of, main_of, parts_of
from buildlog_git.core.targets import INNER, Target
from buildlog_git.gitio.agentfiles import Refused, find_file, names_in, read_agent_file


@dataclass(frozen=True, slots=True)
class PinnedPlace:
    """A file, its agents (several by links), and the rules that it is to have.

    ``target`` says how it holds them, ``extra`` are lines before them.
    """

    name: str
    agents: tuple[str, ...]
    target: Target
    rules: tuple[ShownRule, ...]
    extra: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """A file that cannot be reached, for an agent, and why."""

    name: str
    agent: str
    why: str


def pinned_places(
    top: Path, targets: Sequence[Target], rules: Sequence[ShownRule], *, on_trial: bool
) -> tuple[list[PinnedPlace], list[OutOfReach]]:
    """Return the files of targets, each once, and those that are out of reach.

    Args:
        top: the work tree.
        targets: whom to serve.
        rules: those that are pinned.
        on_trial: whether the repository has rules on trial, which some agents are told of.

    """
    refused: list[OutOfReach] = []
    groups: dict[str, list[Target]] = {}
    for target in targets:
        real = _reached(top, _file_of(top, target), target, refused)
        if real is not None:
            groups.setdefault(real, []).append(target)
    places: list[PinnedPlace] = []
    for name, group in groups.items():
        elsewhere = name != "AGENTS.md" and "AGENTS.md" in groups and _imports_agents(top, name)
        its = () if elsewhere else tuple(rules)
        parts = parts_of(group[0], its, committed=True, words=len(group) > 1)
        # Without this line the agent does not read what is put there for a session.
        extra = tuple(
            f"@./{t.local}" for t in group if t.imported_by and on_trial and not elsewhere
        )
        agents = tuple(target.reader for target in group)
        places.append(PinnedPlace(name, agents, group[0], parts[0].rules, extra))
        for part in parts[1:]:
            its_target = _part(group[0], part.path, part.head)
            real = _reached(top, part.path, its_target, refused)
            if real is not None:
                places.append(PinnedPlace(real, agents, its_target, part.rules))
    known = {place.name for place in places}
    left = (place for target in targets for place in _left(top, target))
    return [*places, *(place for place in left if place.name not in known)], refused


def _part(target: Target, path: str, head: str) -> Target:
    return target._replace(committed=path, committed_head=head, own=True, shape="part")


def _reached(top: Path, name: str, target: Target, refused: list[OutOfReach]) -> str | None:
    try:
        return find_file(top, name, links=True)
    except Refused as error:
        refused.append(OutOfReach(name, target.reader, str(error)))
        return None


def _file_of(top: Path, target: Target) -> str:
    if target.name == "claude" and not (top / target.committed).exists():
        return INNER if (top / INNER).is_file() else target.committed
    return target.committed


def _imports_agents(top: Path, name: str) -> bool:
    """Return whether a file brings in AGENTS.md, whose rules its agent then reads already."""
    if name not in ("CLAUDE.md", "GEMINI.md"):
        return False
    try:
        lines = (read_agent_file(top, name) or b"").splitlines()
    except Refused:
        return False
    return any(line.strip() in (b"@AGENTS.md", b"@./AGENTS.md") for line in lines)


def _left(top: Path, target: Target) -> Iterator[PinnedPlace]:
    """Yield the files for some paths that have rules of ours, to have none any more."""
    folder = target.scoped_committed.rpartition("/")[0]
    main = main_of(target.scoped_committed.format("0" * 8))
    for name in names_in(top, folder):
        path = f"{folder}/{name}"
        if key_in(name) and main_of(path) == main:
            with suppress(Refused):
                real = find_file(top, path)
                content = read_agent_file(top, real) or b""
                head = front_matter(content)
                if read_block(content, "team") is not None:
                    ours = head if key_of(head) == key_in(name) else ""
                    yield PinnedPlace(real, (target.reader,), _part(target, path, ours), ())
