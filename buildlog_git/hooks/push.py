"""``pre-push``: a push also starts a sync, where a team wants that.

Off unless ``git config buildlog.push true``. The sync runs detached, so that the push neither
waits for it nor fails with it; what goes wrong is for ``git buildlog status`` to tell. Inside a
sync nothing is started, or a push would start a push.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from buildlog_git.core.hooks import PUSH
from buildlog_git.errors import BuildlogError
from buildlog_git.gitio.detached import GUARD, outside_hook, start_detached
from buildlog_git.gitio.repo import open_repo
from buildlog_git.gitio.settings import is_on, read_config


def start_sync(given: Sequence[str]) -> None:
    """Start a sync with the remote that is pushed to, if it has a name.

    Raises:
        GitError: git cannot read the repository.
        OSError: nothing can be started.

    """
    variables = (os.environ.get(f"PRE_COMMIT_REMOTE_{what}", "") for what in ("NAME", "URL"))
    name, address = [*given, "", ""][:2] if given else variables
    if os.environ.get(GUARD) or not name or name == address:
        return
    if not is_on(read_config(open_repo(Path()).git), PUSH.setting):
        return
    # -P: the user's repository is no place to import from.
    argv = [sys.executable, "-P", "-m", "buildlog_git", "hook", "sync", name]
    start_detached(argv, outside_hook(os.environ))


def run_sync(given: Sequence[str]) -> None:
    """Sync with a remote where nobody listens: read what waits, exchange, write failures down.

    Raises:
        BuildlogError: it failed.

    """
    with suppress(OSError):  # without a terminal nobody can be asked for a password at it
        os.setsid()
    if not given or not is_on(read_config(open_repo(Path()).git), PUSH.setting):
        return
    from buildlog_git.flows.context import open_context
    from buildlog_git.flows.drain import drain, is_live
    from buildlog_git.flows.sync import sync_unasked
    from buildlog_git.gitio.faults import Fault, record_fault
    from buildlog_git.gitio.lock import Busy

    context = open_context(Path())
    if is_live(context.repo.common_dir):
        with suppress(Busy, BuildlogError, OSError, sqlite3.Error):
            drain(context)
    with suppress(Busy):  # whoever holds the lock takes what is there
        for one in sync_unasked(context, given[0]).remotes:
            if one.push in ("refused", "busy", "needs-force"):
                message = f"nothing could be pushed to {one.remote}: {one.reason or one.push}"
                fault = Fault(int(time.time()), f"push-{one.push}", message)
                record_fault(context.repo.common_dir, fault)
