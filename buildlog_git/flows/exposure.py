"""Puts the rules of a session where agents read them, and says what agents could read.

What is credited is what agents really had. So each worktree has the rules of the session of the
branch that is checked out there, as they were worded when the session began; a control session,
a HEAD on no branch and a branch without a session have none. They lie in files that git ignores:
a file that it tracks, or that a ``.gitignore`` un-ignores, is not written.

The order is: the ledger has the session, its file is saved, the files for agents, the fact about
them, then what this clone remembers (:mod:`buildlog_git.gitio.shown`). Cut off between any two,
the next drain finds the same again. Who has changed a file of ours within a session is noticed by
the next drain: it says so, for that session is no fair one any more, and puts it right.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from buildlog_git.core.choice import exposure_of
from buildlog_git.core.exposure import NOBODY, OnDisk
from buildlog_git.core.ids import Oid
from buildlog_git.core.rendering import ShownRule
from buildlog_git.core.rules import FOLDER
from buildlog_git.core.session import OpenSession, Place
from buildlog_git.core.session_events import Exposure, Shown
from buildlog_git.core.signals import MAIN_WORKTREE
from buildlog_git.core.targets import Target, choose
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.localrules import is_intact, is_reached, is_used, still_there
from buildlog_git.flows.localwriting import Writing, Written
from buildlog_git.flows.session import Sessions
from buildlog_git.gitio.headlog import Move, head_ref
from buildlog_git.gitio.shown import (
    drop_texts,
    forget_worktree,
    keep_text,
    kept_text,
    read_on_disk,
    shown_worktrees,
    write_on_disk,
)
from buildlog_git.gitio.worktrees import Worktree, find_worktree

_UNDER_WAY = ("rebase-merge", "rebase-apply", "BISECT_LOG")
"""What git keeps while HEAD is only for a moment where it is."""


class Exposures:
    """The files for agents in the worktrees of a clone; what is wrong goes to the sessions'."""

    def __init__(self, context: Context, sessions: Sessions) -> None:
        self.context = context
        self.sessions = sessions
        self.tip: Oid | None = None
        """The ledger's, where something was written to it."""
        self._common = context.repo.common_dir

    # -- what agents had --------------------------------------------------------------------

    def had(self, move: Move) -> str:
        """Return the session whose rules agents could read when a commit was made.

        It is empty where they could read none, or where somebody had changed them.
        """
        found = read_on_disk(self._common, move.worktree)
        tree = find_worktree(self.context.repo, move.worktree)
        if found is None or tree is None:
            return ""
        session = found.at(move.start, _log_size(tree))
        return "" if session == found.session and not is_intact(tree, found) else session

    # -- what they are to have --------------------------------------------------------------

    def show(self, worktrees: Iterable[str]) -> None:
        """Bring the files of worktrees up to date.

        Raises:
            LedgerError: the fact about it cannot be written; the next call does the same again.

        """
        for name in shown_worktrees(self._common):
            if name != MAIN_WORKTREE and not (self._common / "worktrees" / name).is_dir():
                forget_worktree(self._common, name)
        for name in sorted(worktrees):
            tree = find_worktree(self.context.repo, name)
            if tree is None or any((tree.git_dir / part).exists() for part in _UNDER_WAY):
                continue
            try:
                self._show(tree)
            except OSError as error:
                why = error.strerror or type(error).__name__
                self.sessions.problems.append(f"what agents can read cannot be kept: {why}")

    def _show(self, tree: Worktree) -> None:
        ref = head_ref(tree.git_dir)
        session = self.sessions.active(Place(tree.name, ref)) if ref else None
        on_trial = session if session is not None and session.trial else None
        known = read_on_disk(self._common, tree.name)
        if known is None and on_trial is None:
            return
        before = known or OnDisk("")
        name = session.id if session else ""
        stays = (before.ref, before.session) == (ref, name)
        if on_trial is None and stays and self._is_over(tree):
            forget_worktree(self._common, tree.name)
        elif {*self.context.settings.targets} == {"none"}:
            if known is not None:
                Writing(self._common, tree).write((), None)
                forget_worktree(self._common, tree.name)
        else:
            spoilt = name != "" and before.session == name and not is_intact(tree, before)
            done, said = self._write(tree, on_trial, before, spoilt=spoilt)
            turns = before.turned(_log_size(tree), name, spoilt=spoilt)
            after = OnDisk(ref or NOBODY, turns, done.files, said)
            if after != before:
                write_on_disk(self._common, tree.name, after)
            if name != before.session:
                self._drop_texts()

    def _write(
        self, tree: Worktree, session: OpenSession | None, before: OnDisk, *, spoilt: bool
    ) -> tuple[Written, str]:
        """Write the files for a session with rules on trial, or for none; return what was said.

        That is the id of the fact about it, empty where there is none.
        """
        targets = self._targets(tree)
        if session is None:
            return Writing(self._common, tree).write(targets, None), ""
        rules = self._rules(tree, session)
        if spoilt:
            self.sessions.problems.append("somebody changed the rules that were put for agents")
            left = still_there(tree, rules, before)
            self._append(_fact(self.context, session, "lost", left, _names(targets)))
        done = Writing(self._common, tree).write(targets, rules)
        whole = done.targets and not done.wrong and len(rules) == len(session.rules)
        besides = self._besides(tree, session, targets)
        event = _fact(
            self.context, session, "lost" if besides else "shown" if whole else "failed",
            tuple(sorted((*(rules if done.targets else ()), *besides))), _names(done.targets),
        )  # fmt: skip
        if event.id != before.said:
            self.sessions.problems += done.problems
            self.sessions.problems += [
                f"agents read {rule.id} though it is off in this session: it stands among the "
                "pinned rules of a committed file" for rule in besides
            ]  # fmt: skip
            missing = sorted({*session.rules} - {rule.id for rule in rules})
            if missing:
                self.sessions.problems.append(
                    f"agents cannot read {', '.join(missing)}: no file in {FOLDER} has the text"
                )
            self._append(event)
        return done, event.id

    def _append(self, event: Exposure) -> None:
        self.tip = self.context.ledger.append([event]).tip

    def _targets(self, tree: Worktree) -> tuple[Target, ...]:
        try:
            chosen = choose(self.context.settings.targets, lambda target: is_used(tree.top, target))
        except UsageError as error:
            self.sessions.problems.append(error.message)
            return ()
        return tuple(target for target in chosen if is_reached(tree.top, target))

    def _rules(self, tree: Worktree, session: OpenSession) -> tuple[ShownRule, ...]:
        """Return the rules of a session with the texts and scopes that they had when it began."""
        found, fresh = [], None
        scopes = dict(zip(session.rules, session.scopes, strict=False))
        for rule, digest in zip(session.rules, session.texts, strict=False):
            text = kept_text(self._common, digest) if digest else None
            if digest and text is None:
                if fresh is None:
                    fresh = _texts_in(tree.top)
                text = fresh.get(digest)
                if text is not None:
                    keep_text(self._common, digest, text)
            if text is not None:
                globs = tuple(filter(None, scopes.get(rule, "").split("\n")))
                found.append(ShownRule(rule, digest, text, globs))
        return tuple(sorted(found))

    def _besides(
        self, tree: Worktree, session: OpenSession, targets: tuple[Target, ...]
    ) -> list[ShownRule]:
        """Return the rules that are off in a session, and that the team's files have now."""
        if not session.held:
            return []
        from buildlog_git.flows.teamfiles import pinned_in_files

        found = pinned_in_files(tree.top.resolve(), targets, session.held)
        return [ShownRule(name, rule.digest, "") for name, rule in found.items()]

    def _is_over(self, tree: Worktree) -> bool:
        """Return whether no open session of a worktree has rules on trial any more."""
        places = (place for place in self.sessions.places() if place.worktree == tree.name)
        open_here = filter(None, map(self.sessions.active, places))
        return not any(session.trial for session in open_here)

    def _drop_texts(self) -> None:
        open_now = filter(None, map(self.sessions.active, self.sessions.places()))
        drop_texts(self._common, {text for session in open_now for text in session.texts})


def _texts_in(top: Path) -> dict[str, str]:
    from buildlog_git.flows.rules import read_rules

    return {rule.digest: rule.text for rule in read_rules(top).rules}


def _fact(
    context: Context,
    session: OpenSession,
    state: Shown,
    rules: tuple[ShownRule, ...],
    targets: tuple[str, ...],
) -> Exposure:
    return Exposure(
        commit=session.base, at=context.now, session=session.id, channel="file", state=state,
        rules=tuple(rule.id for rule in rules),
        exposure=exposure_of(rule.digest for rule in rules), targets=targets,
    )  # fmt: skip


def _names(targets: Iterable[Target]) -> tuple[str, ...]:
    return tuple(target.name for target in targets)


def _log_size(tree: Worktree) -> int:
    try:
        return (tree.git_dir / "logs" / "HEAD").stat().st_size
    except OSError:
        return 0
