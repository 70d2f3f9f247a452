"""Writes files that agents read, and nothing else: never outside of the work tree.

A file is reached by its real place, so that a folder which is a link into the repository works
and one which leads out of it is refused, as is a file of git's. It is whole or as it was: the new
content waits in git's own folder, where no status shows it, and takes the old one's place.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from buildlog_git.gitio.replacing import beside, replace_file
from buildlog_git.gitio.run import Git

LARGEST = 4 * 1024 * 1024
EXCLUDE = "info/exclude"
_FIRST = b"# >>> git buildlog: files for agents that it writes and nobody commits\n"
_LAST = b"# <<< git buildlog\n"


class Refused(Exception):  # noqa: N818 - it says what we did
    """A file is not to be written, or cannot be; the message says why, without its name."""


def find_file(top: Path, name: str, *, links: bool = False) -> str:
    """Return the real place of a file, below the work tree ``top`` (which is resolved).

    Args:
        top: the work tree.
        name: the file's path below it; neither it nor its folders need to exist.
        links: whether the file itself may be a link.

    Raises:
        Refused: it is outside, or in git's own folder, or in the way of a folder.

    """
    path = top / name
    try:
        if path.is_symlink() and not links:
            raise Refused("it is a symbolic link")
        real = path.resolve() if links else path.parent.resolve() / path.name
        folder = next((p for p in real.parents if os.path.lexists(p)), top)
        if not folder.is_dir():
            raise Refused(f"{folder.name} is no folder")
        if real.exists() and not stat.S_ISREG(real.stat().st_mode):
            raise Refused("it is no regular file")
    except (OSError, RuntimeError) as error:  # older Pythons call a circle of links the latter
        raise Refused(_reason(error)) from error
    if not real.is_relative_to(top):
        raise Refused("it is behind a symbolic link out of the work tree")
    below = real.relative_to(top).as_posix()
    parts = below.lower().split("/")
    nested = next((p for p in real.parents if p != top and p.is_relative_to(top)
                   and os.path.lexists(p / ".git")), None)  # fmt: skip
    if ".git" in parts or nested is not None:
        raise Refused("it belongs to another repository, or to git itself")
    return below


def names_in(top: Path, folder: str) -> list[str]:
    """Return the names in a folder of the work tree, in order; none where there is no such folder.

    An empty ``folder`` is that of an agent that has none.
    """
    with suppress(OSError):
        return sorted(os.listdir(top / folder)) if folder else []  # noqa: PTH208 - an import less
    return []


def read_agent_file(top: Path, name: str) -> bytes | None:
    """Return the content of a file, None where there is none.

    Raises:
        Refused: it cannot be read, or is too large to be meant for an agent.

    """
    path = top / name
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Refused("it is no regular file")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise Refused(_reason(error)) from error
    if len(content) > LARGEST:
        raise Refused("it is too large for any agent")
    return content


def put_agent_file(top: Path, name: str, content: bytes, scratch: Path) -> None:
    """Give a file new content; its mode stays.

    ``scratch`` is a folder in git's own, in which the content waits.

    Raises:
        Refused: it cannot be written; it is as it was.

    """
    path = top / name
    new = beside(scratch / path.name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666
        if path.exists() and not os.access(path, os.W_OK):
            raise Refused("it is write-protected")
        scratch.mkdir(parents=True, exist_ok=True)
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(file, "wb") as stream:  # noqa: PTH123 - it is open already
            stream.write(content)
        if path.exists():
            new.chmod(mode)
        try:
            new.replace(path)
        except OSError:  # the work tree is on another file system
            path.write_bytes(content)
    except OSError as error:
        raise Refused(_reason(error)) from error
    finally:
        with suppress(OSError):
            new.unlink()


def remove_agent_file(top: Path, name: str) -> None:
    """Remove a file, and the folders in which nothing is left.

    Raises:
        Refused: it cannot be removed.

    """
    path = top / name
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Refused(_reason(error)) from error
    with suppress(OSError):
        for folder in path.parents:
            if folder == top:
                break
            folder.rmdir()


def _reason(error: OSError | RuntimeError) -> str:
    return getattr(error, "strerror", None) or str(error)


# -- what git ignores ---------------------------------------------------------------------------


def exclude(common_dir: Path, names: Iterable[str]) -> None:
    """Let git ignore files of all worktrees, besides those that it ignores for us already.

    Raises:
        Refused: that cannot be written down.

    """
    path = common_dir / EXCLUDE
    try:
        content = b""
        if path.exists():
            if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end
                raise Refused("it is no regular file")
            content = path.read_bytes()
        before, present, after = _ours(content)
        wanted = {b"/" + os.fsencode(_pattern(name)) + b"\n" for name in names}
        if wanted <= set(present):
            return
        if path.is_symlink():  # it leads to somebody's own file, perhaps of all repositories
            raise Refused("it is a symbolic link, which is not written through")
        lines = b"".join(sorted({*present, *wanted}))
        if before and not before.endswith(b"\n"):
            before += b"\n"
        _rewrite(path, before + _FIRST + lines + _LAST + after)
    except OSError as error:
        raise Refused(_reason(error)) from error


def without_exclusions(common_dir: Path) -> bytes | None:
    """Return what git is told to ignore without our lines; None where there are none of ours."""
    try:
        content = (common_dir / EXCLUDE).read_bytes()
    except OSError:
        return None
    before, _, after = _ours(content)
    return None if before == content else before + after


def _ours(content: bytes) -> tuple[bytes, list[bytes], bytes]:
    """Return what stands before our lines, our lines, and what stands after them."""
    before, first, rest = content.partition(_FIRST)
    if not first:
        return content, [], b""
    lines, last, after = rest.partition(_LAST)
    if not last:  # somebody has taken the end away: only lines like ours are ours
        kept = rest.splitlines(keepends=True)
        count = next((n for n, line in enumerate(kept) if not line.startswith(b"/")), len(kept))
        lines, after = b"".join(kept[:count]), b"".join(kept[count:])
    return before, lines.splitlines(keepends=True), after


def _pattern(name: str) -> str:
    return "".join(f"\\{char}" if char in "\\*?[ " else char for char in name)


def _rewrite(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    replace_file(path, content)
    if mode is not None:
        path.chmod(mode)


def ignored(git: Git, names: Iterable[str]) -> frozenset[str]:
    """Return those of the files that git ignores and does not track: which nobody commits."""
    asked = "".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape")
    if not asked:
        return frozenset()
    done = git.run("check-ignore", "-z", "--stdin", stdin=asked, check=False)
    return frozenset(filter(None, done.stdout.decode("utf-8", "surrogateescape").split("\0")))


def tracked(git: Git, names: Iterable[str]) -> frozenset[str]:
    """Return those of the files that git tracks."""
    asked = list(names)
    if not asked:
        return frozenset()
    done = git.run("ls-files", "-z", "--", *asked, check=False)
    return frozenset(filter(None, done.stdout.decode("utf-8", "surrogateescape").split("\0")))
