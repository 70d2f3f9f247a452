"""What ``install`` and ``uninstall`` report: the changes, and what they left for a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from buildlog_git.gitio.steps import Step


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was made, or would be; ``other`` is the second path, or a setting's value."""

    action: str
    target: str
    other: str


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was left as it is: a slug that says why, and which file or setting."""

    slug: str
    target: str
    other: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that somebody else's hook needs; ``present`` says that it is there."""

    path: str
    line: str
    present: bool


@dataclass(frozen=True, slots=True)
class Installed:
    """What ``install`` did, or would do.

    ``dispatcher`` is ``files``, ``config`` or ``by-hand``; ``owner`` whose the hooks directory is.
    ``lefthook`` are the hooks that lefthook would write anew in our place.
    """

    dispatcher: str
    folder: str
    owner: str
    hooks: tuple[str, ...]
    drain: str
    command: str
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    by_hand: tuple[Line, ...]
    lefthook: tuple[str, ...]
    dry_run: bool

    @property
    def complete(self) -> bool:
        """Whether all hooks run now."""
        return not self.left and all(line.present for line in self.by_hand)


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """What ``uninstall`` did, or would do; ``waiting`` signals stay in the queue."""

    found: bool
    changes: tuple[Change, ...]
    left: tuple[Left, ...]
    by_hand: tuple[Line, ...]
    waiting: bool
    dry_run: bool


def changes_of(steps: Iterable[Step]) -> tuple[Change, ...]:
    """Return steps as what people see of them."""
    return tuple(Change(step.action, step.target, step.other) for step in steps)
