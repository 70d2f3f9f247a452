"""Refspecs: which ref of one repository becomes which ref of another, and what that does to ours.

A refspec that writes fetched notes over ``refs/notes/buildlog`` loses what nobody has pushed yet.
Ours fetches beside it, into a place of its own for each remote, and a union follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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


class Danger(NamedTuple):
    """A setting of git's that harms the notes, and how it is mended.

    Where ``mends`` is set, ``value`` goes from ``key`` if ``goes`` is, and ``adds`` come to it.
    """

    slug: str
    key: str
    value: str
    mends: bool = True
    goes: bool = True
    adds: tuple[str, ...] = ()


def remote_dangers(
    name: str, fetch: Sequence[str], push: Sequence[str], *, negative: bool = True
) -> Iterator[Danger]:
    """Yield the refspecs of a remote that harm the notes.

    ``negative`` says that git knows refspecs which take a ref out of those that others name.
    """
    specs = [(value, parse_refspec(value)) for value in fetch]
    left_out = any(spec.negative and spec.to(NOTES) is not None for _, spec in specs)
    for value, spec in specs:
        target = None if spec.negative or left_out else spec.to(NOTES)
        if target is None:
            continue
        key = f"remote.{name}.fetch"
        exact = "*" not in spec.source
        if target == NOTES:
            slug = "refspec-overwrites" if spec.force else "refspec-diverges"
            if exact:
                yield Danger(slug, key, value, adds=(safe_refspec(name),))
            else:  # it may bring notes of others, which are no business of ours
                yield Danger(slug, key, value, negative, goes=False, adds=(f"^{NOTES}",))
        elif exact:
            yield Danger("refspec-exact", key, value, adds=(safe_refspec(name),))
    for value in push:
        spec = parse_refspec(value)
        notes = spec.source.startswith("refs/notes/") and not spec.negative
        if notes and spec.to(NOTES) is not None:
            yield Danger("refspec-push", f"remote.{name}.push", value)


def rewrite_dangers(values: Sequence[str]) -> Iterator[Danger]:
    """Yield the values of ``notes.rewriteRef`` by which git copies our notes by itself."""
    for value in values:
        if parse_refspec(value).to(NOTES) is not None:
            # A pattern may be meant for notes of others.
            yield Danger("rewrite-ref", "notes.rewriteref", value, mends="*" not in value)
