"""Changes the message of a commit that is being made."""

from __future__ import annotations

from buildlog_git.gitio.run import Git


def add_trailer(git: Git, file: str, key: str, value: str) -> None:
    """Add a trailer to the message in ``file``, unless it has one of that key.

    Raises:
        GitError: git cannot read or write the file.

    """
    git.run(
        "interpret-trailers", "--in-place", "--no-divider", "--if-exists=doNothing",
        f"--trailer={key}: {value}", file,
    )  # fmt: skip
