"""Where git looks for hooks, whose that directory is, and the file that we ship for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from buildlog_git.gitio.repo import Repo
from buildlog_git.gitio.run import Git

Owner = Literal["git", "own", "husky", "committed", "shared"]

_PACKAGE = Path(__file__).resolve().parents[1]
_BODY = "hooks/buildlog-hook.sh"


@dataclass(frozen=True, slots=True)
class HooksDir:
    """The directory from which git runs hooks.

    ``owner`` says whose it is: ``git`` (below the git directory), ``own`` (in the work tree, and
    not committed), ``husky`` (which writes it anew at each install), ``committed`` (the whole
    team's) or ``shared`` (other repositories use it too). ``setting`` is core.hooksPath, empty
    where it is not set.
    """

    path: Path
    owner: Owner
    setting: str = ""

    @property
    def ours_to_write(self) -> bool:
        """Whether a file that we put there is nobody else's business."""
        return self.owner in ("git", "own")


def hook_template() -> str:
    """Return the body of all hooks as it is shipped.

    In a wheel it lies in the package, in a clone (an editable install) in the folder above.
    """
    for folder in (_PACKAGE, _PACKAGE.parent):
        path = folder / _BODY
        if path.is_file():
            return path.read_text(encoding="utf-8")
    raise FileNotFoundError(_BODY)


def hooks_dir(repo: Repo) -> HooksDir:
    """Return the hooks directory in force for the worktree."""
    git = Git(repo.top)
    path = (repo.top / git.text("rev-parse", "--git-path", "hooks")).resolve()
    setting = git.run("config", "--get", "core.hooksPath", check=False).stdout
    text = setting.decode("utf-8", "surrogateescape").rstrip("\n")
    return HooksDir(path, _owner(git, repo, path), text)


def _owner(git: Git, repo: Repo, path: Path) -> Owner:
    if _is_below(path, repo.common_dir) or _is_below(path, repo.git_dir):
        return "git"
    if ".husky" in path.parts[-2:] or (path / "husky.sh").exists():
        return "husky"
    if not _is_below(path, repo.top):
        return "shared"
    tracked = git.out("ls-files", "-z", "--", str(path))
    return "committed" if tracked else "own"


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder.resolve())


def git_version(git: Git) -> tuple[int, ...]:
    """Return git's version as numbers; development versions count as the release before."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", git.text("version"))
    return tuple(int(part) for part in found.groups() if part) if found else ()
