"""Reads and writes the notes under ``refs/notes/buildlog``: bytes by commit, nothing more.

Writing never uses ``git notes``, whose commands read, change and replace the ref without
comparing: two of them at once lose one another's lines. One ``git fast-import`` makes one
notes commit of the whole batch on top of the tip that was read, and refuses to move the ref
where the tip has moved since; then we read again and try again. A few notes, which is what a
commit changes, are written by :mod:`buildlog_git.gitio.objects` in the same way at less cost. A
lock file of our own, freed by the kernel when its holder dies, only keeps our writers from
racing in vain.

A kill at any moment leaves the old or the new ledger: the whole input of fast-import lies in
an unnamed file before it starts, so it can be orphaned but never cut short; and the ref moves
after all objects are stored.
"""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack, contextmanager, suppress
from subprocess import PIPE
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.gitio.lock import Busy, locked
from buildlog_git.gitio.lookup import Found, look_up
from buildlog_git.gitio.notefaults import busy, failed, read_only
from buildlog_git.gitio.noteplan import Change, Small, commands_of, data, plan, small_of
from buildlog_git.gitio.notetree import (
    REF,
    Note,
    Tree,
    list_notes,
    read_notes,
    read_tip,
)
from buildlog_git.gitio.run import feed, unnamed_file

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from buildlog_git.gitio.run import Git

Done = TypeVar("Done")

LOCK = "buildlog/ledger.lock"
"""The writers' lock, below git's common directory."""

ATTEMPTS = 20
"""Lost races after which a writer gives up, if its patience is over too."""

STALE = 30.0
"""Seconds after which git's own lock on the ref is taken for a dead process's. Git holds it
for milliseconds, and for as long as a ``reference-transaction`` hook runs."""

DEAD = 12 * 3600.0
"""Seconds after which git itself takes the lock of a collection for a dead process's."""

_HELD = ("-c", "fastimport.unpackLimit=0")
"""Leaves what was imported in its pack, which fast-import holds until the ref has moved: as single
objects a collection (``git gc --prune=now``) could delete it before."""

_COLLECTED = re.compile(rb"keep file|No such file or directory|missing commits|nonexistent object")
"""What git says where a collection has taken a folder or an object from under its hands."""

FEW = 64
"""Commits up to which looking up single notes beats listing the whole tree."""


class Written(NamedTuple):
    """How many lines a write added, and the tip of the notes after it and ``before``."""

    lines: int
    tip: Oid | None
    before: Oid | None


def keep_all(_existing: bytes, lines: Sequence[bytes]) -> Sequence[bytes]:
    """Add every line, whatever the note holds: the default of :meth:`Notes.append`."""
    return lines


class Notes:
    """The notes ref of one repository.

    ``common_dir`` is git's common directory (absolute, or relative to ``git.cwd``), where the
    lock lies. ``patience`` is how many seconds a writer waits for another.
    """

    __slots__ = ("common_dir", "git", "patience")

    def __init__(self, git: Git, common_dir: Path, patience: float = 10.0) -> None:
        self.git = git
        self.common_dir = common_dir
        self.patience = patience

    def tip(self) -> Oid | None:
        """Return the newest notes commit; see :func:`read_tip`."""
        return read_tip(self.git)

    def tree(self, tip: Oid | None = None) -> Tree:
        """Return where all notes lie, at ``tip`` or at the newest.

        Raises:
            LedgerError: the tree cannot be read.

        """
        tip = tip or self.tip()
        return Tree() if tip is None else list_notes(self.git, tip)

    def contents(self, tree: Tree) -> Iterator[Note]:
        """Yield what the notes of ``tree`` hold; see :func:`read_notes`."""
        return read_notes(self.git, tree)

    def of(self, commit: Oid) -> bytes:
        """Return what the note of one commit holds; empty where it has none.

        Raises:
            LedgerError: the tree cannot be read.

        """
        notes = self._look_up([commit]).notes
        return b"".join(note.content or b"" for note in notes if note.commit == commit)

    def absent(self, commits: Collection[Oid]) -> frozenset[Oid]:
        """Return those of ``commits`` that the repository does not have as commits."""
        asked = sorted(commits)
        if not asked:
            return frozenset()
        answers = self.git.lines(
            "cat-file", "--batch-check=%(objecttype)", "--buffer", stdin=feed(asked)
        )
        pairs = zip(asked, answers, strict=True)
        return frozenset(commit for commit, answer in pairs if answer != "commit")

    def append(
        self,
        lines: Mapping[Oid, Sequence[bytes]],
        *,
        keep: Callable[[bytes, Sequence[bytes]], Sequence[bytes]] = keep_all,
    ) -> Written:
        """Add ``lines`` (without newlines) to the notes of their commits, in one notes commit.

        What a note holds is kept byte for byte. ``keep(existing, lines)`` is asked under the
        lock, for each commit and again after each lost race, which lines are still to be added.
        The annotated commits need not exist. Where nothing is to be added, nothing is written.

        Raises:
            ValueError: a line is empty or holds a newline.
            LedgerError: ``ledger-busy``, ``ledger-read-only``, ``ledger-unreadable`` or
                ``ledger-write-failed``; the ledger is as it was.

        """
        wanted = {commit: batch for commit, batch in lines.items() if batch}
        if any(not line or b"\n" in line for batch in wanted.values() for line in batch):
            raise ValueError("a line of a note must be one line, and not empty")
        if not wanted:
            tip = self.tip()
            return Written(0, tip, tip)
        return self.change(lambda: self._append(wanted, keep))

    def change(self, attempt: Callable[[], Done | None]) -> Done:
        """Run ``attempt`` under the writers' lock until it returns something; None: a lost race.

        Raises:
            LedgerError: ``ledger-busy`` or ``ledger-read-only``, or what ``attempt`` raises.

        """
        with self._locked():
            deadline = time.monotonic() + self.patience
            number = 0
            while number < ATTEMPTS or time.monotonic() < deadline:
                done = attempt()
                if done is not None:
                    return done
                number += 1
                wait_after(number)
        raise busy("another program kept changing or locking the notes")

    def _append(
        self,
        wanted: Mapping[Oid, Sequence[bytes]],
        keep: Callable[[bytes, Sequence[bytes]], Sequence[bytes]],
    ) -> Written | None:
        found = self._look_up(wanted)
        tip = found.tree.tip
        changes = plan(found, wanted, keep)
        added = sum(change.added for change in changes)
        if not added:
            return Written(0, tip, tip)
        notes = sum(1 for change in changes if change.added)
        message = f"buildlog: {_count(added, 'event')} about {_count(notes, 'commit')}\n"
        # A collection deletes what nothing refers to yet, unless it lies in a pack that is held.
        small = None if self._collected() else small_of(found, changes)
        new = (
            self._import(tip, changes, message)
            if small is None
            else self._store(small, tip, message)
        )
        return None if new is None else Written(added, new, tip)

    def _store(self, small: Small, tip: Oid | None, message: str) -> Oid | None:
        """Make one notes commit of a small change on ``tip``; None where the race was lost."""
        who = self._committer()
        lines = [b"tree %b" % small.root.encode(), *([b"parent %b" % tip.encode()] if tip else [])]
        lines += [b"author %b" % who, b"committer %b" % who, b"", message.encode("ascii")]
        commit = small.objects.add(b"commit", b"\n".join(lines))
        done = small.objects.store(self.git)
        if done.returncode == 0:
            new = self.move(tip, commit)
            if new is not None and self._collected():
                self._outlive(small)
            return new
        if self._collected() or _COLLECTED.search(done.stderr):
            return None
        raise failed(done.stderr)

    def _collected(self) -> bool:
        """Return whether ``git gc`` is at work; its own lock says so."""
        try:
            age = time.time() - (self.common / "gc.pid").stat().st_mtime
        except OSError:
            return False
        return age < DEAD

    def _outlive(self, small: Small) -> None:
        """Store again what a collection may delete that began before the ref had moved."""
        deadline = time.monotonic() + self.patience
        while self._collected() and time.monotonic() < deadline:
            time.sleep(0.02)
        small.objects.store(self.git)

    def _look_up(self, commits: Collection[Oid]) -> Found:
        """Return the notes of ``commits``, and all that lie at the top of the tree.

        Those move into folders with the next write, so that the fan-out becomes one again.
        """
        found = look_up(self.git, commits) if len(commits) <= FEW else None
        if found is not None:
            return found
        tree = self.tree()
        read = {commit: tree.entries.get(commit, ()) for commit in commits} | {
            commit: entries
            for commit, entries in tree.entries.items()
            if any("/" not in entry.path for entry in entries)
        }
        wanted = tree._replace(entries=read)
        return Found(wanted, self.contents(wanted))

    def _import(
        self, tip: Oid | None, changes: Iterable[Change], message: str, ref: str = REF
    ) -> Oid | None:
        """Make one notes commit of ``changes`` on ``tip``; None where the race was lost."""
        return self.commit(tip, [tip] if tip else [], map(commands_of, changes), message, ref=ref)

    def commit(
        self,
        tip: Oid | None,
        parents: Sequence[Oid],
        commands: Iterable[bytes],
        message: str,
        *,
        ref: str = REF,
    ) -> Oid | None:
        """Make one notes commit and move ``ref`` to it; None where the race was lost.

        ``tip`` is what was read of the notes, ``commands`` are fast-import's and change the tree
        of the first parent. The notes' ref moves only to what descends from it, any other in
        any case.

        Raises:
            LedgerError: as for :meth:`append`.

        """
        with unnamed_file() as stream:
            stream.write(b"commit %b\nmark :1\ncommitter %b\n" % (ref.encode(), self._committer()))
            stream.write(data(message.encode("ascii")))
            for word, parent in zip((b"from", b"merge"), parents, strict=False):
                stream.write(b"%b %b\n" % (word, parent.encode()))
            stream.writelines(commands)
            stream.write(b"\nget-mark :1\n")
            stream.seek(0)
            force = ["--force"] if ref != REF else []
            held = _HELD if self._collected() else ()
            process = self.git.popen(
                *held, "fast-import", "--quiet", *force, stdin=stream.fileno(), stderr=PIPE
            )
            out, err = process.communicate()
        if process.returncode == 0:
            return parse_oid(out.decode("ascii").strip())
        self._drop_left(err)
        now = self.tip()
        if now is not None and now == out.decode("ascii").strip():
            return now
        collected = _COLLECTED.search(err) or self._collected()
        if now == tip and not (collected or self._ref_locked(err)):
            raise failed(err)
        return None

    def move(self, old: Oid | None, new: Oid) -> Oid | None:
        """Move the ref from ``old`` (None: there was none) to ``new``; None where a race was lost.

        Raises:
            LedgerError: as for :meth:`append`.

        """
        done = self.git.run("update-ref", REF, new, old or "0" * len(new), check=False)
        if done.returncode == 0:
            return new
        collected = _COLLECTED.search(done.stderr) or self._collected()
        if self.tip() == old and not (collected or self._ref_locked(done.stderr)):
            raise failed(done.stderr)
        return None

    def _committer(self) -> bytes:
        """Return who commits, and when, as git would write it."""
        ident = self.git.run("var", "GIT_COMMITTER_IDENT", check=False)
        if ident.returncode != 0:  # nobody has told git who they are
            nobody = {"GIT_COMMITTER_NAME": "buildlog", "GIT_COMMITTER_EMAIL": "buildlog@localhost"}
            ident = self.git.with_env(**nobody).run("var", "GIT_COMMITTER_IDENT")
        return ident.stdout.strip()

    def _ref_locked(self, err: bytes) -> bool:
        """Return whether git could not lock the ref; a dead process's lock is removed."""
        if b"cannot lock ref" not in err:
            return False
        lock = self.common / f"{REF}.lock"
        ours = self.common / LOCK
        with suppress(OSError):
            os.utime(ours)  # the file server's clock, where there is one, for both
            if ours.stat().st_mtime - lock.stat().st_mtime > STALE:
                lock.unlink()
        held = (b"File exists", b"cannot lock references")  # the second is reftable's
        return any(word in err for word in held) or lock.exists()

    def _drop_left(self, err: bytes) -> None:
        """Remove what fast-import leaves in the git directory when it dies: we report it."""
        report = re.search(rb"fast_import_crash_\d+", err)
        if report is not None:
            self._path(report[0].decode("ascii")).unlink(missing_ok=True)
        if _COLLECTED.search(err):  # its pack was taken away, and what held that is left
            for held in self._path("objects/pack").glob("pack-*.keep"):
                with suppress(OSError):
                    old = time.time() - held.stat().st_mtime > STALE
                    if old and not held.with_suffix(".pack").exists():
                        held.unlink()

    def _path(self, name: str) -> Path:
        return self.git.cwd / self.git.text("rev-parse", "--git-path", name)

    @property
    def common(self) -> Path:
        """Git's common directory, as a process finds it."""
        return self.git.cwd / self.common_dir

    @contextmanager
    def _locked(self) -> Iterator[None]:
        path = self.common / LOCK
        with ExitStack() as held:
            try:
                held.enter_context(locked(path, self.patience))
            except Busy as error:
                raise busy(f"another writer held the ledger for {self.patience:g} s") from error
            except OSError as error:
                raise read_only(f"{path}: {error.strerror}") from error
            yield


def wait_after(attempt: int) -> None:
    """Wait for a while that no two writers share, longer each time."""
    import random  # a fifth of a bare interpreter, for a race that is rare

    time.sleep(random.uniform(0, min(0.25, 0.005 * 2**attempt)))  # noqa: S311 - no secret


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
