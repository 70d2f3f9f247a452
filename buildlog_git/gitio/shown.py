"""What this clone remembers of what agents can read: a small file a worktree, and rules' texts.

``buildlog/shown/<worktree>`` says for which branch the files on disk are; its first line is read
by the hooks. A checkout of that branch, whose session is open, has nothing to do. Where there is
no such file nothing was ever shown.

``buildlog/texts/<digest>`` holds the text of a rule as it was when it was drawn, so that a session
keeps it until its end however the rule is reworded. None of it leaves the clone.
"""

from __future__ import annotations

import re
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

from buildlog_git.core.exposure import OnDisk, decode_on_disk, encode_on_disk
from buildlog_git.core.rules import digest_of_text
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.replacing import replace_file

SHOWN = f"{FOLDER}/shown"
TEXTS = f"{FOLDER}/texts"


def read_on_disk(common_dir: Path, worktree: str) -> OnDisk | None:
    """Return what is on disk in a worktree, None where nothing was ever shown there."""
    try:
        content = (common_dir / SHOWN / worktree).read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    # Damaged: whatever is there is nobody's, until it is written anew.
    return decode_on_disk(content) or OnDisk("?")


def write_on_disk(common_dir: Path, worktree: str, found: OnDisk) -> None:
    """Remember what is on disk in a worktree.

    Raises:
        OSError: the git directory cannot be written.

    """
    _put(common_dir / SHOWN / worktree, encode_on_disk(found))


def shown_worktrees(common_dir: Path) -> list[str]:
    """Return the worktrees in which something was shown."""
    with suppress(OSError):
        return sorted(p.name for p in (common_dir / SHOWN).iterdir() if p.name[0] != ".")
    return []


def forget_worktree(common_dir: Path, worktree: str) -> None:
    """Remember nothing of a worktree any more."""
    with suppress(OSError):
        (common_dir / SHOWN / worktree).unlink()


def keep_text(common_dir: Path, digest: str, text: str) -> None:
    """Keep the text of a rule.

    Raises:
        OSError: the git directory cannot be written.

    """
    path = common_dir / TEXTS / digest
    if not path.is_file():
        _put(path, text)


def kept_text(common_dir: Path, digest: str) -> str | None:
    """Return the text that has this digest, None where it is not kept."""
    if not re.fullmatch("[0-9a-f]{16}", digest):
        return None
    try:
        text = (common_dir / TEXTS / digest).read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None
    return text if digest_of_text(text) == digest else None


def drop_texts(common_dir: Path, needed: Container[str]) -> None:
    """Delete the texts that no open session needs."""
    with suppress(OSError):
        for path in (common_dir / TEXTS).iterdir():
            if path.name not in needed:
                path.unlink()


def _put(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, content.encode("utf-8", "surrogateescape"))
