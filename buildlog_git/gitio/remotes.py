"""Talks to remotes: fetches their notes beside ours, pushes ours, and says how that went.

Each option is pinned against what people configure for their branches: a mirror's refspecs would
overwrite our notes on the way (``--refmap=``), a partial clone would leave the notes' content
out (``--no-filter``), tags and submodules would come along. No hook of ours runs inside: there is
``--no-verify``, and a variable that our pre-push hook looks for, so that no push starts a push.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from select import select
from typing import TYPE_CHECKING, Literal, NamedTuple

from buildlog_git.core.digests import sha256
from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.core.refspecs import BESIDE, NOTES, beside, safe_refspec
from buildlog_git.errors import GitError
from buildlog_git.gitio.detached import GUARD
from buildlog_git.gitio.hooksdir import git_version
from buildlog_git.gitio.run import first_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildlog_git.gitio.run import Git

    Progress = Callable[[str, int, int], None]

Push = Literal["done", "rejected", "refused"]
"""It is there; somebody was faster, so try again; we may not, or cannot."""

_QUIET = (
    "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.writeCommitGraph=false",
    "-c", "fetch.pruneTags=false", "-c", "push.gpgSign=false",
)  # fmt: skip
_FETCH = (
    "fetch", "--no-tags", "--no-recurse-submodules", "--no-filter", "--refmap=", "--prune",
    "--progress",
)  # fmt: skip
_PUSH = (
    "push", "--no-verify", "--porcelain", "--no-follow-tags", "--recurse-submodules=no",
    "--progress",
)  # fmt: skip
_MODERN = (2, 29)
"""The first git whose fetch can leave FETCH_HEAD, which is the user's, alone, and which has
refspecs that leave refs out."""
_ALONE = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never", "GCM_INTERACTIVE": "never",
}  # fmt: skip
"""Where nobody is there to be asked for a password."""

SILENCE = 300.0
"""Seconds without a word, its progress among them, after which a remote counts as dead where
nobody waits for it: it would keep all later exchanges from it."""

_PROGRESS = re.compile(rb"([A-Z][a-z]+(?: [a-z]+)*): +\d+% \((\d+)/(\d+)\)")
# What a server says where somebody else's push was faster, or held a lock: try again.
_FASTER = re.compile(
    r"fetch first|non-fast-forward|stale info|needs force|already exists"
    r"|(cannot|failed to|unable to) lock|failed to update ref|incorrect old value|but expected"
    r"|transaction",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"hung up unexpectedly|early EOF|connection reset|broken pipe", re.IGNORECASE)
_DENIED = re.compile(
    # In words of its own: the ids of a race hold any digits, and so does progress.
    r"denied|access rights|authentication|not allowed|read-only file system|(error:|HTTP) 403\b",
    re.IGNORECASE,
)
_BARRED = re.compile(r"' exists; cannot create '")
"""There is a ref below or above the notes' name; that is no race."""
_LOCAL_RACE = re.compile(r"cannot lock ref|unable to update local ref|\.lock|but expected")


# The password may hold @ and /, which it must not; then git itself prints a part of it.
_USER = re.compile(
    r"(?<=://)(?:[^/?#\s'\"]*@|(?!\[)[^/?#\s'\"]*:(?!\d*(?:[/?#'\"\s]|$))[^\s'\"]*@)"
)
_QUERY = re.compile(r"(?<=://)([^?\s'\"]*)\?[^\s'\"]*")


def without_secrets(text: str) -> str:
    """Return ``text`` without the users, passwords and queries of the addresses in it."""
    return _QUERY.sub(r"\1", _USER.sub("", text))


class Remote(NamedTuple):
    """A remote: what git calls it, and below which place its notes are kept beside ours."""

    name: str
    place: str

    @property
    def shown(self) -> str:
        """What people may see of it: an address without the password in it."""
        return without_secrets(self.name)

    @property
    def ref(self) -> str:
        """The ref that its notes are fetched to."""
        return beside(self.place)


class Pushed(NamedTuple):
    """How a push ended; ``reason`` is git's or the server's, one line."""

    how: Push
    reason: str = ""


class Door:
    """The way to the remotes of one repository."""

    def __init__(self, git: Git, progress: Progress, *, alone: bool = False) -> None:
        self.git = git
        self.progress = progress
        self._is_alone = alone
        guard = {GUARD: "1", **(_ALONE if alone else {})}
        self.online = git.with_env(**guard)._replace(online=True)
        self._old = git_version(git) < _MODERN
        self._fetch = _FETCH if self._old else (*_FETCH, "--no-write-fetch-head")

    def fetched(self, remote: Remote) -> Oid | None:
        """Return the tip of a remote's notes when they were last fetched.

        Raises:
            GitError: ``foreign-notes``: what it has there is no commit.

        """
        form = "--format=%(objecttype) %(objectname) %(refname)"
        for line in self.git.lines("for-each-ref", form, remote.ref):
            kind, oid, ref = line.split(" ", 2)
            if ref == remote.ref:
                return _a_commit(remote, kind, oid)
        return None

    def fetch(self, remote: Remote, *, address: str = "", again: bool = False) -> Oid | None:
        """Fetch a remote's notes and return their tip, None where it has none.

        ``address`` is where to fetch from instead; ``again`` fetches what a partial clone has
        left out.

        Raises:
            GitError: ``remote-unreachable``: git could not read from there; ``foreign-notes``: what
                is there is no commit.

        """
        options = ("--refetch",) if again else ()
        for _ in range(10):
            code, _, err = self._talk(
                *_QUIET, *self._fetch, *options, "--", address or remote.name,
                safe_refspec(remote.place),
            )  # fmt: skip
            if code == 0:
                return self.fetched(remote)
            if not _LOCAL_RACE.search(err):  # another sync of this clone writes the same ref
                break
        raise _unreachable(remote, err)

    def look(self, remote: Remote) -> Oid | None:
        """Return the tip of a remote's notes and get what it holds, without writing any ref.

        Raises:
            GitError: as for :meth:`fetch`.

        """
        for arguments in (
            ("ls-remote", "--", remote.name, NOTES),
            (*self._fetch, "--dry-run", "--", remote.name, safe_refspec(remote.place)),
        ):
            code, out, err = self._talk(*_QUIET, *arguments)
            if code != 0:
                raise _unreachable(remote, err)
            if arguments[0] == "ls-remote":
                # What is asked for is also the end of other refs' names.
                rows = (line.split("\t") for line in out.splitlines())
                found = [oid for oid, ref in rows if ref == NOTES]
                if not found:
                    return None
        return _a_commit(remote, self.git.text("cat-file", "-t", found[0]), found[0])

    def push(self, remote: Remote, tip: Oid) -> Pushed:
        """Push ``tip`` as the remote's notes, never by force, and say how it went."""
        code, out, err = self._talk(
            *_QUIET, *self._alone(remote), *_PUSH, "--", self._to(remote), f"{tip}:{NOTES}"
        )
        if code == 0:
            with suppress(GitError):  # what we know of the remote now
                self.git.run("update-ref", remote.ref, tip)
            return Pushed("done")
        return _outcome(out, err)

    def _alone(self, remote: Remote) -> tuple[str, ...]:
        """Return what keeps a push from touching anything but the remote's notes.

        After a push git also moves what a fetch of the same ref would: for a mirror, and with
        refspecs that overwrite, our own notes. A mirror forbids to name what is pushed, too.
        """
        if not self._is_settable(remote):
            return ()
        settings = (f"remote.{remote.name}.fetch=^{NOTES}", f"remote.{remote.name}.mirror=false")
        return tuple(word for setting in settings for word in ("-c", setting))

    def _to(self, remote: Remote) -> str:
        """Return where to push: to the bare address where settings cannot be overruled."""
        if remote.name != remote.place or self._is_settable(remote):
            return remote.name
        return self.push_address(remote, always=True) or remote.name

    def _is_settable(self, remote: Remote) -> bool:
        return remote.name == remote.place and "=" not in remote.name and not self._old

    def push_address(self, remote: Remote, *, always: bool = False) -> str:
        """Return where pushes go, where that is another address than where fetches come from.

        With ``always`` also where it is the same one.
        """
        done = self.git.run("remote", "get-url", "--push", remote.name, check=False)
        there = done.stdout.decode("utf-8", "surrogateescape").strip().split("\n")[0]
        done = self.git.run("remote", "get-url", remote.name, check=False)
        here = done.stdout.decode("utf-8", "surrogateescape").strip()
        return there if always or there != here else ""

    def _talk(self, *arguments: str) -> tuple[int, str, str]:
        """Run git, tell its progress as it goes, and return how it ended and what it said."""
        process = self.online.popen(*arguments, stderr=subprocess.PIPE)
        assert process.stdout is not None  # noqa: S101 - popen promises a pipe
        assert process.stderr is not None  # noqa: S101 - it was asked for
        with process:
            said = b""
            while self._speaks(process.stderr.fileno()):
                chunk = os.read(process.stderr.fileno(), 65536)
                if not chunk:
                    break
                said += chunk
                for what, done, total in _PROGRESS.findall(chunk):
                    self.progress(what.decode("ascii"), int(done), int(total))
            else:
                process.kill()
                return 1, "", f"fatal: not a word from there for {SILENCE:g} s"
            out = process.stdout.read()
        return process.returncode, out.decode("utf-8", "replace"), said.decode("utf-8", "replace")

    def _speaks(self, stream: int) -> bool:
        """Return whether git says something; who sits there decides how long to wait for it."""
        return not self._is_alone or bool(select([stream], [], [], SILENCE)[0])


def _unreachable(remote: Remote, err: str) -> GitError:
    return GitError(
        f"cannot read from {remote.shown}: {without_secrets(first_line(err.encode()))}",
        slug="remote-unreachable",
        hint=f"see whether this works, and who you are there: git ls-remote {remote.shown}",
    )


def _a_commit(remote: Remote, kind: str, oid: str) -> Oid:
    """Return the tip of a remote's notes, which git itself never makes of another kind.

    No push without force could ever move such a ref, however often it is tried.
    """
    if kind != "commit":
        raise GitError(
            f"{NOTES} of {remote.shown} is a {kind}, and no notes",
            slug="foreign-notes",
            hint=f"nothing was changed; whoever put it there knows: git ls-remote {remote.shown}",
        )
    return parse_oid(oid)


def lacks_objects(git: Git, tip: Oid) -> bool:
    """Return whether a partial clone lacks something of the notes commit ``tip``."""
    if not is_partial(git):
        return False
    listed = git.out("rev-list", "--objects", "--no-object-names", "--missing=print", tip)
    return b"?" in listed


def is_partial(git: Git) -> bool:
    """Return whether this is a partial clone, which gets some objects only when they are needed."""
    partial = git.run("config", "--get-regexp", r"^remote\..*\.(promisor|partialclonefilter)$",
                      check=False)  # fmt: skip
    return partial.returncode == 0


def known_remotes(git: Git) -> list[str]:
    """Return the names of the remotes that are configured."""
    return git.lines("remote")


def remote_of(git: Git, name: str) -> Remote:
    """Return the remote called ``name``, or the one at that path or address."""
    if name in known_remotes(git) and git.ok("check-ref-format", beside(name)):
        return Remote(name, name)
    if is_there(git, name):
        name = str((git.cwd / name).resolve())
    digest = sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return Remote(name, f"at/{digest}")


def is_there(git: Git, name: str) -> bool:
    """Return whether ``name`` is a path to something; one that is too long is none."""
    try:
        return (git.cwd / name).exists()
    except (OSError, ValueError):
        return False


def tip_at(git: Git, ref: str) -> Oid | None:
    """Return the commit that a ref is at, None where there is none."""
    done = git.run("rev-parse", "--quiet", "--verify", f"{ref}^{{commit}}", check=False)
    return parse_oid(done.stdout.decode("ascii").strip()) if done.returncode == 0 else None


def fetched_tips(git: Git) -> tuple[Oid | None, list[Oid]]:
    """Return the tip of our notes, and those that were fetched beside them; one process."""
    form = "--format=%(objecttype) %(objectname) %(refname)"
    rows = [line.split(" ", 2) for line in git.lines("for-each-ref", form, NOTES, BESIDE)]
    tips = [(name, parse_oid(oid)) for kind, oid, name in rows if kind == "commit"]
    ours = next((tip for name, tip in tips if name == NOTES), None)
    return ours, [
        tip for name, tip in tips if name.startswith(f"{BESIDE}/") and name.endswith("/buildlog")
    ]


def _outcome(out: str, err: str) -> Pushed:
    """Return how a push that failed ended, by the line that git prints for the ref."""
    for line in out.splitlines():
        flag, _, rest = line.partition("\t")
        if flag == "!":
            summary = rest.partition("\t")[2]
            reason = summary.partition(" (")[2].removesuffix(")") or summary
            faster = _FASTER.search(reason) and not _DENIED.search(err)
            faster = (summary.startswith("[rejected]") or faster) and not _BARRED.search(err)
            how: Push = "rejected" if faster else "refused"
            return Pushed(how, without_secrets(_telling(err, reason)))
    reason = without_secrets(first_line(err.encode()))
    cut_off = _CUT_OFF.search(err) and not _DENIED.search(err)
    return Pushed("rejected" if cut_off else "refused", reason)


def _telling(err: str, reason: str) -> str:
    """Return the server's reason, with the first line of what its hook said."""
    said = [line.removeprefix("remote:").strip() for line in err.splitlines()
            if line.startswith("remote:")]  # fmt: skip
    first = next((line for line in said if line and not _PROGRESS.match(line.encode())), "")
    return f"{reason}: {first}" if first and first != reason else reason
