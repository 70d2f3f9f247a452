"""A digest of all of a repository that an answer about its history may depend on.

Two processes of git say most of it: what every ref names, and every setting in force. The rest
are files that git reads besides: each worktree's HEAD, the reflogs, what a shallow history lacks,
attributes, the rules and settings that are checked out. Objects need no digest: they are named by
their content, and which of them are there only changes with the refs, or in a partial clone, of
which nobody may ask this.

Small files count with their content. Reflogs only grow or are replaced, so that name, size, inode
and time tell. Settings may hold secrets: nothing but the digest leaves this module.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from buildlog_git.core.ids import digest_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from buildlog_git.gitio.repo import Repo

_SHARED = ("HEAD", "shallow", "info/attributes", "info/grafts", "objects/info/alternates",
           "reftable/tables.list")  # fmt: skip
_OF_WORKTREES = ("HEAD", "reftable/tables.list")
_CHECKED_OUT = (".buildlog", "pyproject.toml")
_FILES = ("blame.ignorerevsfile", "core.attributesfile", "include.path")
"""Settings that name a file of which the content counts."""
_VARIABLES = ("GIT_", "BUILDLOG_", "XDG_CONFIG_HOME", "HOME", "PATH")
_LARGE = 1 << 20


def fingerprint(
    repo: Repo, revisions: Sequence[str], environment: Mapping[str, str]
) -> bytes | None:
    """Return the digest; None where a revision is unknown, or means something else every day.

    ``revisions`` are what the answer is about, as for ``git log``; ``environment`` is the
    process's.
    """
    if any("@{" in name for name in revisions):
        return None
    git = repo.git
    settings = git.popen("config", "--list", "-z")
    refs = git.popen("for-each-ref", "--format=%(refname) %(objectname) %(symref)")
    parts = []
    for process in (settings, refs):
        out, _ = process.communicate()
        if process.returncode != 0:
            return None
        parts.append(out)
    if revisions:
        named = git.run("rev-parse", "--revs-only", *revisions, "--", check=False)
        if named.returncode != 0:
            return None
        parts.append(named.stdout)
    if b"extensions.partialclone\n" in parts[0].lower():
        return None
    parts += _variables(environment)
    parts += [os.fsencode(path) for path in (repo.git_dir, repo.common_dir, repo.top)]
    parts += _contents(_named_files(repo, parts[0], environment))
    parts += _logs(repo.common_dir)
    return digest_bytes(b"\0\0".join(b"%d\0%b" % (len(part), part) for part in parts))


def _variables(environment: Mapping[str, str]) -> Iterator[bytes]:
    for name in sorted(environment):
        if name.startswith(_VARIABLES) and name != "BUILDLOG_NOW":
            yield os.fsencode(f"{name}={environment[name]}")


def _named_files(repo: Repo, settings: bytes, environment: Mapping[str, str]) -> Iterator[Path]:
    yield from (repo.common_dir / name for name in _SHARED)
    yield repo.git_dir / "HEAD"
    for worktree in _listed(repo.common_dir / "worktrees"):
        yield from (worktree / name for name in _OF_WORKTREES)
    if not repo.bare:
        for name in _CHECKED_OUT:
            yield from _below(repo.top / name)
    home = environment.get("HOME", "")
    yield Path(environment.get("XDG_CONFIG_HOME") or f"{home}/.config", "git", "attributes")
    yield Path("/etc/gitattributes")
    for item in settings.split(b"\0"):
        key, _, value = item.partition(b"\n")
        if key.decode("utf-8", "replace").lower() in _FILES:
            named_file = os.fsdecode(value)
            yield repo.top / (home + named_file[1:] if named_file[:2] == "~/" else named_file)
    # A program that was installed anew may answer anew.
    for folder in environment.get("PATH", "").split(os.pathsep):
        git = Path(folder, "git")
        if git.is_file():
            yield git
            break


def _contents(paths: Iterable[Path]) -> Iterator[bytes]:
    for path in paths:
        yield os.fsencode(path)
        try:
            size = path.stat().st_size
            yield path.read_bytes() if size <= _LARGE else _look(path)
        except OSError:
            yield b"-"


def _logs(common_dir: Path) -> Iterator[bytes]:
    folders = [common_dir, *_listed(common_dir / "worktrees")]
    for folder in folders:
        for path in _below(folder / "logs"):
            with suppress(OSError):
                yield _look(path)


def _look(path: Path) -> bytes:
    found = path.stat()
    look = f"{path}\0{found.st_size} {found.st_ino} {found.st_mtime_ns} {found.st_ctime_ns}"
    return os.fsencode(look)


def _below(path: Path) -> Iterator[Path]:
    """Yield the file, or all files below the folder, in one order."""
    if path.is_dir():
        for entry in _listed(path):
            yield from _below(entry)
    elif path.exists():
        yield path


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
