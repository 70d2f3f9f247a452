"""Two versions of one note as one: the union of their lines, in the same bytes on every clone.

Lines are a set: no line of either side is lost, none is doubled. Where one side has all lines of
the other and more, its bytes are the union, so that a note which only one clone has written to
stays as it was written. Else the lines are sorted by their bytes, as git's ``cat_sort_uniq``
does. Both rules are blind to which side is whose: two clones that unite the same two versions
write the same blob, without knowing of each other, and find nothing to unite when they meet.

Law: the set of lines of ``united`` is commutative, associative and idempotent; its bytes are
commutative and idempotent, and the same for every order once the lines had to be sorted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Surviving = Callable[[Iterable[bytes]], Iterable[bytes]]
    """Given all lines that any clone has of a note, those that nobody says are forgotten."""


class Union(NamedTuple):
    """What a note is after two versions of it have met.

    ``ours_forgotten`` says that ours still had lines that theirs says are forgotten, and
    ``theirs_forgotten`` the reverse.
    """

    content: bytes
    ours_forgotten: bool = False
    theirs_forgotten: bool = False


def lines_of(content: bytes) -> frozenset[bytes]:
    """Return the lines of a note that are not blank."""
    return frozenset(line for line in content.split(b"\n") if line and not line.isspace())


def united(ours: bytes, theirs: bytes, surviving: Surviving = list) -> Union:
    """Return the union of two versions of a note, without the lines that do not survive it."""
    if ours == theirs:
        return Union(ours)
    mine, others = lines_of(ours), lines_of(theirs)
    kept = frozenset(surviving(sorted(mine | others)))
    if mine == kept and others != kept:
        content = ours
    elif others == kept and mine != kept:
        content = theirs
    else:
        content = b"".join(line + b"\n" for line in sorted(kept))
    return Union(content, not mine <= kept, not others <= kept)
