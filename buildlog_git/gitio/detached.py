"""Starts a process of our own that outlives the hook which started it.

A hook's environment describes one command of git: its index, its author, the folder in which it
was given. Our own process works on the repository after that command has ended, so that only
what names the repository and its configuration comes along.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence

GUARD = "BUILDLOG_SYNCING"
"""Set for all that runs inside a sync: our pre-push hook then does nothing."""

_REPOSITORY = frozenset({
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CEILING_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY",
    "GIT_WORK_TREE", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL",
})  # fmt: skip
"""What names the repository, and who the user is where no configuration says so."""


def outside_hook(environment: Mapping[str, str]) -> dict[str, str]:
    """Return ``environment`` without what git has set for the one command that runs a hook."""
    return {
        name: value
        for name, value in environment.items()
        if not name.startswith("GIT_")
        or name in _REPOSITORY
        or name.startswith(("GIT_CONFIG", "GIT_TRACE"))
    }


def start_detached(argv: Sequence[str], environment: Mapping[str, str]) -> None:
    """Start ``argv`` in a session of its own, with no pipe or terminal that anybody waits for.

    Raises:
        OSError: it cannot be started.

    """
    # Nobody waits for it: we end first, and whoever adopts orphans waits instead.
    subprocess.Popen(
        argv,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
