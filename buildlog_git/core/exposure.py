"""What agents could read at which time, as this clone remembers it for a worktree.

Only a drain changes the files that agents read, so what was there when a commit was made follows
from where its line stands in the worktree's reflog of HEAD: each :class:`Turn` begins at a length
of that log. No clock is asked, and a drain that is cut off and done again finds the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

NOBODY = "-"
"""What stands for a branch where HEAD is on none."""
_TURNS = 8
"""How many turns are remembered; a drain and its repetition need two."""


class Turn(NamedTuple):
    """From the byte ``since`` of the reflog on the rules of ``session`` were there.

    It is empty where none were, or where somebody had changed them.
    """

    since: int
    session: str


class OnDisk(NamedTuple):
    """What is on disk in a worktree: for which branch, since when, and in which files.

    ``files`` are paths below the worktree with the digest of our block in each, empty where there
    is to be none. ``said`` is the id of the last fact about it that was written down.
    """

    ref: str
    turns: tuple[Turn, ...] = ()
    files: Mapping[str, str] = {}
    said: str = ""

    @property
    def session(self) -> str:
        """The session whose rules are there now."""
        return self.turns[-1].session if self.turns else ""

    def at(self, position: int, length: int) -> str:
        """Return the session whose rules were there when a line of the log was written.

        Args:
            position: where the line begins, in bytes.
            length: of the log now; it is shorter than it was where lines have expired.

        """
        if self.turns and length < self.turns[-1].since:
            return self.session
        return next((t.session for t in reversed(self.turns) if t.since <= position), "")

    def turned(self, since: int, session: str, *, spoilt: bool = False) -> tuple[Turn, ...]:
        """Return the turns after another session's rules were put there.

        ``spoilt`` says that somebody had changed what was there: nobody knows since when.
        """
        turns = self.turns
        if spoilt and turns:
            turns = (*turns[:-1], turns[-1]._replace(session=""))
        if turns and turns[-1].session == session:
            return turns
        return (*turns, Turn(since, session))[-_TURNS:]


def encode_on_disk(found: OnDisk) -> str:
    """Return the content of the file that keeps it; its first line is for the hooks."""
    told = {"turns": found.turns, "files": dict(sorted(found.files.items())), "said": found.said}
    return f"{found.ref}\n{json.dumps(told)}\n"


def decode_on_disk(content: str) -> OnDisk | None:
    """Return what the file says, None where it is damaged."""
    ref, _, rest = content.partition("\n")
    try:
        told = json.loads(rest)
        turns = tuple(Turn(int(since), str(session)) for since, session in told["turns"])
        files = {str(path): str(digest) for path, digest in told["files"].items()}
        said = str(told["said"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not all(re.fullmatch(r"[0-9a-f]{16}|", turn.session) for turn in turns):
        return None
    return OnDisk(ref, turns, files, said)
