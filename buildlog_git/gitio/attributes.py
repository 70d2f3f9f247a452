"""Paths that the repository's attributes mark as generated or vendored.

The attributes are those that a commit has, HEAD by default, read through a temporary index: so a
bare repository and one without a checkout answer like any other, and nothing of the user's is
read or written. Only a repository that uses the attributes pays for it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from buildlog_git.gitio.run import Git, end_process

if TYPE_CHECKING:
    import tempfile

_ATTRIBUTES = ("linguist-generated", "linguist-vendored")
_CHUNK = 1 << 16
_FIELDS = 3 * len(_ATTRIBUTES)  # path, attribute and value for each


class Attributes:
    """Answers, one path at a time, through one git process; a context manager.

    ``used`` says whether ``commit`` has such attributes at all, None where nobody asked yet. Who
    knows that it has none may say so, and saves the process that looks for them.
    """

    def __init__(self, git: Git, commit: str = "HEAD") -> None:
        self._git = git
        self._commit = commit
        self.used: bool | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None:
            end_process(self._process)
        if self._scratch is not None:
            self._scratch.cleanup()

    def is_generated(self, path: str) -> bool:
        """Return whether ``path`` is marked as generated or vendored."""
        if self.used is None:
            self.used = self._git.ok(
                "grep", "-q", "-e", "linguist-", self._commit, "--", ":(glob)**/.gitattributes"
            )
            if self.used:
                self._start()
        if self._process is None:
            return False
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None  # noqa: S101 - both are pipes
        assert stdout is not None  # noqa: S101
        stdin.write(path.encode("utf-8", "surrogateescape") + b"\0")
        stdin.flush()
        answer = b""
        while answer.count(b"\0") < _FIELDS:
            part = os.read(stdout.fileno(), _CHUNK)
            if not part:
                return False
            answer += part
        return any(value in (b"set", b"true") for value in answer.split(b"\0")[2::3])

    def _start(self) -> None:
        import tempfile  # a third of a bare interpreter, and few repositories get here

        self._scratch = tempfile.TemporaryDirectory(prefix="buildlog-")
        git = self._git.with_env(GIT_INDEX_FILE=str(Path(self._scratch.name, "index")))
        if not git.ok("read-tree", self._commit):
            return
        self._process = git.popen(
            "check-attr", "-z", "--stdin", "--cached", *_ATTRIBUTES, stdin=subprocess.PIPE
        )
