"""Files that are replaced as a whole: whoever reads one sees what it was, or what it is now."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def beside(path: Path) -> Path:
    """Return a new name for a file in the same folder, however long that of ``path`` is."""
    return path.with_name(f".new-{os.urandom(8).hex()}")


def replace_file(path: Path, content: bytes, *, mode: int = 0o666) -> None:
    """Write a file beside ``path``, in a folder that is there, and put it in its place.

    ``mode`` is less what the umask takes, as for git's own files. A file that was cut off stays
    behind under a name of :func:`beside`, which begins with a dot.

    Raises:
        OSError: it cannot be written; what was there is as it was.

    """
    new = beside(path)
    try:
        file = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with open(file, "wb") as stream:  # noqa: PTH123 - it is open already
            stream.write(content)
        new.replace(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
