"""A random id of this clone, which tells its sessions from those of other clones."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.replacing import beside

if TYPE_CHECKING:
    from pathlib import Path

CLONE = f"{FOLDER}/clone"


def clone_id(common_dir: Path) -> str:
    """Return the clone's id, made when it is first asked for.

    Of two who make one at the same time the first counts.

    Raises:
        OSError: the git directory cannot be written.

    """
    path = common_dir / CLONE
    with suppress(OSError):
        name = path.read_text("ascii", "replace").strip()
        if re.fullmatch("[0-9a-f]{16}", name):
            return name
        path.unlink()  # damaged: nothing can be made of it
    path.parent.mkdir(exist_ok=True)
    new = beside(path)
    new.write_text(f"{os.urandom(8).hex()}\n", "ascii")
    try:
        path.hardlink_to(new)
    except FileExistsError:
        new.unlink()
    except OSError:  # a file system without links
        new.replace(path)
    else:
        new.unlink()
    return path.read_text("ascii").strip()
