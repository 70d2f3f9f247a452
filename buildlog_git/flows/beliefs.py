"""What draws believe: the posterior as it was last computed, kept for the next checkouts.

A draw must cost the same whatever the ledger holds, and nobody waits for it. So the posterior is
computed behind everybody's back after a session has begun or ended, and what a draw needs of it
is kept as a small file for each error class below git's common directory. Without such a file
(a fresh clone, a damaged one) the draw knows nothing and is uniform; an old file is no harm: the
session's event says by which evidence it was drawn.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildlog_git.core.choice import UNIFORM, Policy, digest_of
from buildlog_git.gitio.replacing import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildlog_git.core.thompson import Beliefs
    from buildlog_git.flows.context import Context

FOLDER = "buildlog/beliefs"
ANY = ""
"""The class of what no file is about."""
STALE = 15 * 60
"""Seconds after which beliefs are made anew where something has happened."""
_FORMAT = 1
_DIGEST = "[0-9a-f]{16}"


def policy_of(context: Context, error_class: str) -> Policy:
    """Return the policy that draws in a class: what is believed, else uniform."""
    folder = context.repo.common_dir / FOLDER
    told = _read(folder / _name(error_class)) or _read(folder / _name(ANY))
    if told is None:
        return UNIFORM
    from buildlog_git.core.thompson import Thompson, beliefs_from

    try:
        beliefs = beliefs_from(told["beliefs"])
    except (ValueError, TypeError, KeyError):
        return UNIFORM
    # The ledger has the digest too, and refuses what is none: then no session could begin.
    evidence = re.fullmatch(_DIGEST, str(told.get("evidence")))
    explore = context.settings.sessions.explore
    return Thompson(beliefs, explore, evidence[0]) if evidence else UNIFORM


def keep_beliefs(context: Context, beliefs: Iterable[Beliefs], evidence: str) -> None:
    """Keep what draws are to believe, a file for each class; classes without are forgotten.

    Raises:
        OSError: the git directory cannot be written.

    """
    folder = context.repo.common_dir / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    kept = set()
    for each in beliefs:
        name = _name(each.error_class)
        told = {"v": _FORMAT, "at": context.now, "evidence": evidence, "beliefs": each.plain()}
        replace_file(folder / name, json.dumps(told, separators=(",", ":")).encode())
        kept.add(name)
    for path in folder.glob("*.json"):
        if path.name not in kept:
            with suppress(OSError):
                path.unlink()


def are_stale(context: Context) -> bool:
    """Return whether it is time to make the beliefs anew."""
    told = _read(context.repo.common_dir / FOLDER / _name(ANY))
    at = told.get("at") if told else None
    return not isinstance(at, int) or not 0 <= context.now - at < STALE


def _name(error_class: str) -> str:
    return f"{digest_of('class', [error_class])}.json"


def _read(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("v") == _FORMAT else None
