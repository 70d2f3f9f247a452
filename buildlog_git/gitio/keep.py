"""Private refs that keep drafts readable which no branch has any more.

A rewritten draft is still compared with what became of it, for as long as its window is open;
a note does not protect its commit from garbage collection. The refs lie below
``refs/buildlog/keep``, which no default refspec fetches or pushes.
"""

from __future__ import annotations

from collections.abc import Iterable

from buildlog_git.core.ids import Oid
from buildlog_git.gitio.run import Git, feed

KEEP = "refs/buildlog/keep"


def kept_drafts(git: Git) -> frozenset[Oid]:
    """Return the commits that are kept."""
    return frozenset(
        Oid(name) for name in git.lines("for-each-ref", "--format=%(objectname)", KEEP)
    )


def change_kept(git: Git, new: Iterable[Oid], gone: Iterable[Oid]) -> None:
    """Keep ``new`` and let ``gone`` go; a commit that the repository lacks is passed over."""
    lines = [f"update {KEEP}/{oid} {oid}" for oid in sorted(new)]
    lines += [f"delete {KEEP}/{oid}" for oid in sorted(gone)]
    if lines and not git.run("update-ref", "--stdin", stdin=feed(lines), check=False).returncode:
        return
    for line in lines:  # one that cannot be must not hold up the others
        git.run("update-ref", "--stdin", stdin=feed([line]), check=False)
