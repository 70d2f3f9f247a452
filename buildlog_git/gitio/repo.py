"""What kind of repository this is, and where its parts are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.errors import GitError, UsageError
from buildlog_git.gitio.run import Git, first_line


class Repo(NamedTuple):
    """A repository as seen from one directory.

    ``git_dir`` holds what belongs to the worktree (HEAD, index), ``common_dir`` what all
    worktrees share (refs, configuration, notes).
    """

    git: Git
    git_dir: Path
    common_dir: Path
    top: Path
    bare: bool
    shallow: bool

    @property
    def name(self) -> str:
        """A short name for headings: that of the folder."""
        return self.top.name.removesuffix(".git") or "repository"


_PLACES = ("--absolute-git-dir", "--git-common-dir", "--show-toplevel")


def open_repo(directory: Path) -> Repo:
    """Return the repository that ``directory`` is in.

    Raises:
        GitError: there is none, or git refuses to use it.

    """
    git = Git(directory)
    done = git.run(
        "rev-parse", "--is-bare-repository", "--is-shallow-repository", "--is-inside-work-tree",
        *_PLACES,
        check=False,
    )  # fmt: skip
    is_bare, is_shallow, is_inside, *paths = _answers(done.stdout)
    inside = is_inside == "true"
    # Without a work tree git fails at the last question, when it has answered the others.
    if done.returncode != 0 and (inside or len(paths) < 2):
        reason = first_line(done.stderr)
        if "not a git repository" in reason:
            raise GitError(
                f"not a git repository: {directory}",
                slug="not-a-repository",
                hint="go to a repository, or name one with -C <path>",
            )
        raise GitError(
            f"git refuses this repository: {reason}",
            slug="repository-refused",
            hint="run git status there to see all that git says",
        )
    places = _PLACES if inside else _PLACES[:2]
    if len(paths) != len(places):  # a path with a line break in it
        paths = [git.text("rev-parse", name) for name in places]
    git_dir = Path(paths[0])
    return Repo(
        git,
        git_dir,
        common_dir=(directory / paths[1]).resolve(),
        top=Path(paths[2]) if inside else git_dir,
        bare=is_bare == "true",
        shallow=is_shallow == "true",
    )


def _answers(out: bytes) -> list[str]:
    """Return the lines that git printed, and empty ones for the flags that it did not come to."""
    lines = out.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")
    return lines + [""] * (3 - len(lines))


def resolve(git: Git, revision: str) -> Oid:
    """Return the commit that ``revision`` names.

    Raises:
        UsageError: it names no commit.

    """
    done = git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}",
        check=False,
    )  # fmt: skip
    # What begins with ^ is left out of a range, and is none by itself.
    if done.returncode != 0 or done.stdout.startswith(b"^"):
        raise UsageError(
            f"no such commit: {revision}",
            slug="unknown-revision",
            hint="git log --oneline shows the commits that are here",
        )
    return parse_oid(done.stdout.decode().strip())


def head_commit(git: Git) -> Oid | None:
    """Return the commit that HEAD is at, or None before the first commit."""
    done = git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", check=False)
    return parse_oid(done.stdout.decode().strip()) if done.returncode == 0 else None


def checked_out(git: Git) -> str | None:
    """Return the branch that HEAD is on (``refs/heads/…``), None where it is detached."""
    done = git.run("symbolic-ref", "--quiet", "HEAD", check=False)
    return done.stdout.decode("utf-8", "surrogateescape").strip() or None


def local_tips(git: Git) -> list[Oid]:
    """Return the tips of the local branches."""
    lines = git.lines("for-each-ref", "--format=%(objectname)", "refs/heads")
    return [parse_oid(line) for line in lines]


def shallow_commits(repo: Repo) -> frozenset[Oid]:
    """Return the commits at which a shallow history ends: their parents are not here."""
    if not repo.shallow:
        return frozenset()
    try:
        text = (repo.common_dir / "shallow").read_text()
    except OSError:
        return frozenset()
    return frozenset(parse_oid(line) for line in text.split())


class DefaultBranch(NamedTuple):
    """The branch on which work lands: its short name and its tip."""

    name: str
    tip: Oid


Tips = Mapping[str, tuple[str, str]]
"""By the full name of a branch, of a remote's too: its tip, and what it is another name of."""

LOCAL = "refs/heads/"
"""Begins the full name of a branch that is no remote's."""
_ORIGIN_HEAD = "refs/remotes/origin/HEAD"


def branch_tips(git: Git) -> Tips:
    """Return the branches and where they are."""
    lines = git.lines(
        "for-each-ref", "--format=%(refname) %(objectname) %(symref)", "refs/heads", "refs/remotes"
    )
    return {name: (oid, symref) for name, oid, symref in (line.split(" ", 2) for line in lines)}


def default_branch(git: Git, tips: Tips | None = None) -> DefaultBranch | None:
    """Return the branch on which work lands, or None in an empty repository.

    It is the one that ``buildlog.defaultBranch`` names, else the one that the remote
    ``origin`` calls its HEAD, else the one that git starts repositories with, ``main``,
    ``master`` or ``trunk``, whichever is first here, else what is checked out. ``tips`` are
    :func:`branch_tips`, where they are known.
    """
    refs = branch_tips(git) if tips is None else tips
    chosen = _configured(git)
    origin = refs.get(_ORIGIN_HEAD, ("", ""))[1]
    wanted = [
        chosen.get("buildlog.defaultbranch", ""),
        origin.removeprefix("refs/remotes/origin/"),
        chosen.get("init.defaultbranch", ""),
        "main", "master", "trunk",
    ]  # fmt: skip
    for name in filter(None, wanted):
        for full in (f"refs/heads/{name}", f"refs/remotes/origin/{name}"):
            if full in refs and full != _ORIGIN_HEAD:
                return DefaultBranch(name, parse_oid(refs[full][0]))
    tip = head_commit(git)
    if tip is None:
        return None
    return DefaultBranch((checked_out(git) or "").removeprefix("refs/heads/") or "HEAD", tip)


def _configured(git: Git) -> dict[str, str]:
    """Return the names that settings give to default branches, of each setting the last one."""
    done = git.run("config", "-z", "--get-regexp", r"^(buildlog|init)\.defaultbranch$", check=False)
    pairs = (
        entry.partition("\n")
        for entry in done.stdout.decode("utf-8", "surrogateescape").split("\0")
    )
    return {key: value.strip() for key, _, value in pairs}
