"""Refspecs: which ref of one repository becomes which ref of another, and what that does to ours.

A refspec that writes fetched notes over ``refs/notes/buildlog`` loses what nobody has pushed yet.
Ours fetches beside it, into a place of its own for each remote, and a union follows.
"""

from __future__ import annotations

from typing import NamedTuple

NOTES = "refs/notes/buildlog"
BESIDE = "refs/notes-sync"
"""Below it lies what each remote's notes were when they were last fetched."""


class Refspec(NamedTuple):
    """A refspec of git's; ``negative`` ones take refs out of those that others name."""

    source: str
    target: str = ""
    force: bool = False
    negative: bool = False

    def to(self, ref: str) -> str | None:
        """Return which ref ``ref`` becomes, empty for one without a name; None: it is not meant."""
        if "*" not in self.source:
            return self.target if ref == self.source else None
        before, _, after = self.source.partition("*")
        if not (ref.startswith(before) and ref.endswith(after)):
            return None
        if len(ref) < len(before) + len(after):
            return None
        return self.target.replace("*", ref[len(before) : len(ref) - len(after)], 1)


def parse_refspec(text: str) -> Refspec:
    """Return the refspec that ``text`` is; every text is one."""
    negative, force = text.startswith("^"), text.startswith("+")
    source, _, target = text.lstrip("^+").partition(":")
    return Refspec(source, target, force, negative)


def safe_refspec(place: str) -> str:
    """Return the refspec that fetches a remote's notes beside ours, below ``place``.

    With a pattern, because git fails at a remote that lacks a ref which is named exactly.
    """
    return f"+{NOTES}*:{BESIDE}/{place}/buildlog*"


def beside(place: str) -> str:
    """Return the ref that :func:`safe_refspec` makes of a remote's notes."""
    return f"{BESIDE}/{place}/buildlog"
