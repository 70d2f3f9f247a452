"""Patches from git: one stream for a whole history, one server for single pairs.

Both are one process each, ``git diff-tree --stdin``, whatever the number of commits. Where git
stops because the repository lacks blobs, what is missing is looked for once, and git is started
again with stand-ins (:mod:`buildlog_git.gitio.missing`).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from buildlog_git.core.ids import Oid
from buildlog_git.core.patch import unquote
from buildlog_git.errors import GitError
from buildlog_git.gitio.missing import missing_blobs, write_stand_ins
from buildlog_git.gitio.run import Git, end_process, first_line, unnamed_file

if TYPE_CHECKING:
    import tempfile

_DIFF_TREE = ("-c", "diff.renameLimit=1000", "diff-tree", "--stdin", "-r", "--root")
_PATCH = (
    *_DIFF_TREE, "-p", "-U0", "-w", "--diff-algorithm=histogram", "-M",
    "--inter-hunk-context=0", "--no-color", "--no-ext-diff", "--no-textconv",
    "--src-prefix=a/", "--dst-prefix=b/", "-O/dev/null", "--ignore-submodules=all",
)  # fmt: skip
_NAMES = (*_DIFF_TREE, "--name-only", "--no-renames", "-O/dev/null")
_MARK = b"= "
"""Begins a line of ours between the patches. Git echoes an input line that is no object id, and
flushes; a line of a patch never begins so."""
_END = b"= end\n"
_CHUNK = 1 << 20


_LACKS = (
    "git fsck shows what the repository lacks; a clone without trees (--filter=tree:0) gets them "
    "by git fetch --refetch --filter=blob:none"
)


class Request(NamedTuple):
    """A commit whose patch is wanted, against ``parent`` or else its only parent or nothing."""

    commit: Oid
    parent: Oid | None = None

    def line(self) -> bytes:
        """Return the request as ``git diff-tree --stdin`` reads it."""
        return f"{self.commit} {self.parent}".encode() if self.parent else self.commit.encode()


class _Server:
    """One git process that answers requests one at a time."""

    def __init__(self, git: Git, args: tuple[str, ...]) -> None:
        self._process = git.popen(*args, stdin=subprocess.PIPE)

    def ask(self, request: Request) -> bytes | None:
        """Return what git prints for ``request``, or None where it stopped."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # noqa: S101 - both are pipes
        assert stdout is not None  # noqa: S101
        try:
            stdin.write(request.line() + b"\n" + _END)
            stdin.flush()
        except BrokenPipeError:
            return None
        answer = bytearray()
        for line in stdout:
            if line == _END:
                return bytes(answer.partition(b"\n")[2])  # the first line is the commit's id
            answer += line
        return None

    def stop(self) -> None:
        """End the process."""
        end_process(self._process)


class Patches:
    """The patches of one repository; a context manager that ends its processes.

    ``missing`` counts the blobs that the repository lacks, once that mattered.
    """

    def __init__(self, git: Git, skip: Sequence[str] = ()) -> None:
        """``skip`` are patterns of files, such as ``*.jsonl``, that no patch need show."""
        self._git = git
        self._patch = (*_PATCH, "--", *(f":(exclude){pattern}" for pattern in skip))
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._servers: dict[tuple[str, ...], _Server] = {}
        self.missing = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop_servers()
        if self._scratch is not None:
            self._scratch.cleanup()

    def stream(self, requests: Sequence[Request]) -> Iterator[bytes]:
        """Yield the patch of each request, in order; it is empty where nothing changed.

        Raises:
            GitError: git stopped for another reason than missing blobs.

        """
        done = 0
        while done < len(requests):
            with unnamed_file() as errors, unnamed_file() as wanted:
                for request in requests[done:]:
                    wanted.write(b"%b%b\n%b\n" % (_MARK, request.commit.encode(), request.line()))
                wanted.write(_END)
                wanted.seek(0)
                process = self._git.popen(
                    *self._patch, stdin=wanted.fileno(), stderr=errors.fileno(), pipesize=_CHUNK
                )
                try:
                    for patch in _split(process):
                        yield patch
                        done += 1
                finally:
                    end_process(process)
                if done < len(requests):
                    errors.seek(0)
                    self._stand_in(errors.read())

    def between(self, old: Oid, new: Oid) -> bytes:
        """Return the patch that leads from the tree of ``old`` to the tree of ``new``.

        Raises:
            GitError: one of the commits is not readable.

        """
        patch = self._ask(self._patch, Request(new, old))
        if patch is None:
            # What the server lacked is in the error output of a second try.
            probe = self._git.run(*self._patch, stdin=Request(new, old).line() + b"\n", check=False)
            self._stand_in(probe.stderr)
            patch = self._ask(self._patch, Request(new, old))
        return self._or_fail(patch, old, new)

    def paths(self, old: Oid, new: Oid) -> frozenset[str]:
        """Return the paths in which the trees of two commits differ, without their content.

        Raises:
            GitError: one of the commits is not readable.

        """
        names = self._or_fail(self._ask(_NAMES, Request(new, old)), old, new)
        return frozenset(unquote(name) for name in names.split(b"\n") if name)

    def _or_fail(self, answer: bytes | None, old: Oid, new: Oid) -> bytes:
        if answer is None:
            raise GitError(
                f"git could not compare {old[:12]} and {new[:12]}",
                slug="git-failed",
                hint=_LACKS,
            )
        return answer

    def _ask(self, args: tuple[str, ...], request: Request) -> bytes | None:
        server = self._servers.get(args)
        if server is None:
            server = self._servers[args] = _Server(self._git, args)
        answer = server.ask(request)
        if answer is None:
            self._servers.pop(args).stop()
        return answer

    def _stop_servers(self) -> None:
        while self._servers:
            self._servers.popitem()[1].stop()

    def _stand_in(self, errors: bytes) -> None:
        """Provide stand-ins for the blobs that the repository lacks, once."""
        self._stop_servers()
        missing = missing_blobs(self._git) if self._scratch is None else []
        if not missing:
            raise GitError(
                f"git could not read the history: {first_line(errors)}",
                slug="git-failed",
                hint=_LACKS,
            )
        import tempfile  # a third of a bare interpreter, and rarely needed

        self.missing = len(missing)
        self._scratch = tempfile.TemporaryDirectory(prefix="buildlog-")
        write_stand_ins(missing, Path(self._scratch.name))
        self._git = self._git.with_objects(self._scratch.name)


def _split(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """Yield each patch of the stream that is followed by a mark, so that it is whole."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    mark = b"\n" + _MARK
    parts: list[bytes] = []
    carry = b"\n"
    first = True
    while chunk := os.read(process.stdout.fileno(), _CHUNK):
        pieces = (carry + chunk).split(mark)
        for piece in pieces[:-1]:
            parts.append(piece)
            if not first:
                yield _without_ids(b"".join(parts))
            first = False
            parts = []
        # The last bytes may be the beginning of a mark.
        cut = max(0, len(pieces[-1]) - len(mark) + 1)
        parts.append(pieces[-1][:cut])
        carry = pieces[-1][cut:]


def _without_ids(record: bytes) -> bytes:
    """Drop the id that we wrote and, where there is a patch, the one that git wrote."""
    _, _, rest = record.partition(b"\n")
    return rest.partition(b"\n")[2]
