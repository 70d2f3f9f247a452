"""Writes what is made from the command tree: ``python -m buildlog_git.cli.pages <folder>``.

The manual page and the completions are installed below ``share``, where ``git help buildlog``
and the shells look; the reference of all commands is a page of the documentation. They are
committed, because a build has no program yet to make them with; a test compares them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from buildlog_git.cli import completion
from buildlog_git.cli.manpage import manual_page
from buildlog_git.cli.reference import reference


def pages() -> Mapping[str, str]:
    """Return the content of each file, by its place in the project."""
    return {
        "share/man/man1/git-buildlog.1": manual_page(),
        "share/bash-completion/completions/git-buildlog": completion.bash(),
        "share/zsh/site-functions/_git-buildlog": completion.zsh(),
        "share/fish/vendor_completions.d/git-buildlog.fish": completion.fish(),
        "docs/commands.md": reference(),
    }


def main() -> None:
    """Write all files below the folder that the command line names."""
    folder = Path(sys.argv[1])
    for name, content in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
