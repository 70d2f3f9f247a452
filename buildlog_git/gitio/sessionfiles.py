"""The files of open sessions, one for each branch in each worktree, below git's common directory.

They are of this clone alone. That a session began and ended is a fact of the ledger; what lies
here says which are open, and what is known of them so far.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from buildlog_git.core.session import OpenSession, Place, decode_session, encode_session
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.replacing import replace_file

if TYPE_CHECKING:
    from pathlib import Path

SESSIONS = f"{FOLDER}/sessions"
_BRANCHES = "refs/heads/"


def session_file(common_dir: Path, place: Place) -> Path:
    """Return where the open session of a branch in a worktree has its file."""
    branch = place.branch.removeprefix(_BRANCHES)
    return common_dir / SESSIONS / place.worktree / f"{branch}.json"


def open_places(common_dir: Path) -> list[Place]:
    """Return where sessions are open, as the names of the files say."""
    folder = common_dir / SESSIONS
    found = []
    for path in sorted(folder.glob("*/**/*.json")):
        worktree, *above = path.relative_to(folder).parent.parts
        branch = "/".join((*above, path.name.removesuffix(".json")))
        found.append(Place(worktree, f"{_BRANCHES}{branch}"))
    return found


def read_session(common_dir: Path, place: Place) -> OpenSession | None:
    """Return the open session of a branch in a worktree, None where there is none.

    Raises:
        ValueError: its file is damaged, or is of another place.

    """
    try:
        content = session_file(common_dir, place).read_bytes()
    except OSError:
        return None
    found = decode_session(content)
    if found is None or found[1] != place:
        raise ValueError("the file of an open session is damaged")
    return found[0]


def write_session(common_dir: Path, place: Place, session: OpenSession) -> None:
    """Keep an open session.

    Raises:
        OSError: the git directory cannot be written.

    """
    path = session_file(common_dir, place)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, encode_session(session, place).encode("utf-8", "surrogateescape"))


def drop_session(common_dir: Path, place: Place) -> None:
    """Remove the file of a session that has ended."""
    with suppress(OSError):
        session_file(common_dir, place).unlink()
