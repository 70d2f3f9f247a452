"""Finished answers, kept for as long as nothing that they depend on has changed.

An answer about history is a function of the repository, the settings, the program and the
present. The first three make its name (a digest, :mod:`buildlog_git.gitio.fingerprint`); for the
present an answer says until when it is the same. So an answer that is kept is, byte for
byte, the one that would be made; and asking for it again costs no look at history.

Each is a file below ``<common git directory>/buildlog/answers``, written beside its place and
moved there. Whatever is wrong with one, or with the folder, the answer is made again.
"""

from __future__ import annotations

import os
import sys
from binascii import crc32
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git import __version__
from buildlog_git.core.events import ENGINE
from buildlog_git.core.ids import digest_bytes
from buildlog_git.core.moments import DAY
from buildlog_git.gitio.backlog import backlog
from buildlog_git.gitio.fingerprint import fingerprint
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.replacing import replace_file
from buildlog_git.gitio.repo import Repo

FOLDER_OF_ANSWERS = f"{FOLDER}/answers"
KEPT = 16
"""Answers that are kept; the ones longest not asked for go first."""
LARGEST = 32 * 1024 * 1024
"""Bytes of the largest answer that is kept."""
_PACKAGE = Path(__file__).resolve().parents[1]


class Span(NamedTuple):
    """The seconds (since 1970) from ``since`` to before ``until``, in which nothing changes."""

    since: int
    until: int

    def cut(self, until: int) -> Span:
        """Return the part of it before ``until``."""
        return Span(self.since, min(self.until, until))


NEVER = Span(0, 0)


def span_from(now: int, changes: Iterable[int]) -> Span:
    """Return the time from ``now`` to the first of ``changes`` that lies ahead, this day (UTC)."""
    end = now // DAY * DAY + DAY
    return Span(now, min((at for at in changes if now < at < end), default=end))


class Answer(NamedTuple):
    """Where one answer is kept."""

    path: Path
    now: int

    def text(self) -> str | None:
        """Return what is kept, None where that is nothing or holds no more."""
        try:
            head, _, body = self.path.read_bytes().partition(b"\n")
            since, until, checksum = map(int, head.split())
            if not since <= self.now < until or crc32(body) != checksum:
                return None
            text = body.decode("utf-8", "surrogatepass")
        except (OSError, ValueError):
            return None
        with suppress(OSError):
            os.utime(self.path)
        return text

    def keep(self, text: str, span: Span) -> None:
        """Keep the answer for a while, where that is possible."""
        body = text.encode("utf-8", "surrogatepass")
        if not span.since <= self.now < span.until or len(body) > LARGEST:
            return
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, b"%d %d %d\n" % (*span, crc32(body)) + body)
            self._prune()

    def _prune(self) -> None:
        ages = {}
        for path in self.path.parent.iterdir():
            with suppress(OSError):
                ages[path] = path.stat().st_mtime
        for path in sorted(ages, key=lambda path: ages[path])[:-KEPT]:
            with suppress(OSError):
                path.unlink()


def find_answer(
    repo: Repo,
    now: int,
    question: Sequence[str],
    revisions: Sequence[str],
    environment: Mapping[str, str],
) -> Answer | None:
    """Return where the answer to ``question`` about ``revisions`` is kept, if it may be.

    ``question`` is all that it depends on besides the repository: the command, its options, and
    how its text may look. Ask before the answer is made: what changes meanwhile then makes
    another name.
    """
    state = fingerprint(repo, revisions, environment)
    if state is None:
        return None
    parts = [__version__, str(ENGINE), sys.version, *_program(), *question, "--", *revisions]
    name = digest_bytes(state + "\0".join(parts).encode("utf-8", "surrogateescape")).hex()
    return Answer(repo.common_dir / FOLDER_OF_ANSWERS / name, now)


def _program() -> Iterable[str]:
    """Yield how the program's own files look: an edited one may answer otherwise."""
    folders = [_PACKAGE]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if entry.is_dir():
                    if entry.name != "__pycache__":
                        folders.append(Path(entry.path))
                else:
                    found = entry.stat()
                    yield f"{entry.name} {found.st_size} {found.st_mtime_ns}"


def is_drained(common_dir: Path) -> bool:
    """Return whether no hook has said anything that no drain has read."""
    return backlog(common_dir).lines == 0
