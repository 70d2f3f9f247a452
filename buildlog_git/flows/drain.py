"""The drain: turns what hooks have queued, and what HEAD's reflogs say besides, into facts.

The reflogs are what happened; the signals add what git does not keep. So it does not matter
whether a hook ran, ran twice, or was killed: the next drain, started by whichever hook or
command, reads on where the last one stopped. It writes the ledger first, then remembers how far
it has come, then lets go of the signals: wherever it is cut off, the next one finds the same
facts again, under the same ids.

A commit on a branch whose owners are remembered is followed at the cost of its own patch
(:mod:`buildlog_git.flows.onward`); anything else is looked up in history as a scan does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.distance import distance
from buildlog_git.core.events import Draft, Event, Revision, Rewrite
from buildlog_git.core.graph import NEVER
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import ZERO
from buildlog_git.core.revise import Owned
from buildlog_git.core.session import Place
from buildlog_git.core.signals import MAIN_WORKTREE
from buildlog_git.flows.context import Context
from buildlog_git.flows.credit import branch_of_checkout, credit
from buildlog_git.flows.news import LOCK, News, read_news, witnesses
from buildlog_git.flows.onward import Fresh, follow, remembered
from buildlog_git.flows.session import Sessions
from buildlog_git.flows.told import map_names, told_links
from buildlog_git.gitio.faults import Fault, record_fault
from buildlog_git.gitio.headlog import Move
from buildlog_git.gitio.keep import change_kept, kept_drafts
from buildlog_git.gitio.lock import locked
from buildlog_git.gitio.queue import FOLDER, Queue
from buildlog_git.gitio.repo import head_commit, local_tips
from buildlog_git.gitio.worktrees import worktree_name
from buildlog_git.ledger.local import Local, Manifest, OpenDraft

if TYPE_CHECKING:
    from buildlog_git.flows.scan import Found

LOOK_AGAIN = 24 * 3600
"""Seconds after which all of history is looked at again: for what no reflog of HEAD tells."""
MANY_TIPS = 64
"""Branches whose owners are remembered, besides those that are checked out."""

_PLAIN = frozenset({"commit", "commit (initial)", "am"})
_COMMITS = frozenset({"commit (amend)", "commit (merge)", "commit (cherry-pick)", "cherry-pick",
                      "revert", *_PLAIN})  # fmt: skip
"""Verbs of reflog lines with which somebody commits; a rebase's are none of them."""
_STILL = frozenset({"checkout", "reset", "clone", "Branch", "branch"})
"""Verbs of lines that make no commit."""


class Judged(NamedTuple):
    """A draft and its distance so far on the branch that was committed to."""

    commit: Oid
    agent: str
    lines: int
    tokens: int
    distance: float | None


class Drained(NamedTuple):
    """What a drain did.

    ``signals`` were in the queue, ``moves`` in the reflogs; ``written`` events are new. ``full``
    says that all of history was looked at. ``commit`` is the last new commit here, ``judged``
    the drafts of others that it changed, and ``draft`` itself where it is one; ``rules`` are on
    in the session here; ``draws`` is how many sessions have begun in which rules were
    offered.
    """

    signals: int
    moves: int
    written: int
    full: bool
    commit: Oid | None = None
    draft: Judged | None = None
    judged: tuple[Judged, ...] = ()
    rules: int = 0
    draws: int = 0


def is_live(common_dir: Path) -> bool:
    """Return whether hooks have ever run or been installed here."""
    folder = common_dir / FOLDER
    names = ("installed.json", "queue", "local.sqlite3")
    return any((folder / name).exists() for name in names)


def drain(context: Context, *, patience: float = 10.0) -> Drained:
    """Turn all that is waiting into facts.

    Args:
        context: where.
        patience: seconds to wait for another drain to end.

    Raises:
        Busy: another drain is still at work.
        LedgerError: the ledger cannot be written; what was waiting is still there.
        OSError: the git directory cannot be written.

    """
    common = context.repo.common_dir
    total = Drained(0, 0, 0, full=False)
    with locked(common / LOCK, patience), Local(common) as local:
        queue = Queue(common)
        while True:
            news = read_news(context, queue, local)
            if not (news.signals or news.moves or news.first or _is_stale(context, local)):
                return total
            done = _Step(context, queue, local, news).run()
            total = (done if done.commit else total)._replace(
                signals=total.signals + done.signals,
                moves=total.moves + done.moves,
                written=total.written + done.written,
                full=total.full or done.full,
                draws=total.draws + done.draws,
            )


def _is_stale(context: Context, local: Local) -> bool:
    return int(local.fact("looked") or 0) + LOOK_AGAIN < context.now


def looks_again(common_dir: Path) -> int:
    """Return from when on a drain looks at all of history, whatever waits; 0 is at once."""
    if not is_live(common_dir):
        return NEVER
    try:
        with Local(common_dir) as local:
            return int(local.fact("looked") or 0) + LOOK_AGAIN
    except (OSError, sqlite3.Error):
        return 0


class _Step:
    """One round: from news to facts."""

    def __init__(self, context: Context, queue: Queue, local: Local, news: News) -> None:
        self.context = context
        self.queue = queue
        self.local = local
        self.news = news
        self.branch = local.fact("branch") or ""
        self.witnesses = witnesses(news.signals)
        self.sessions = Sessions(context)
        self.metas: dict[Oid, CommitMeta] = {}
        self.full = False

    def run(self) -> Drained:
        events = list(self._facts())
        written = self._write(events) if events else 0
        worktrees = self.news.heads.keys() | self.sessions.worktrees
        self.sessions.save()
        if (tip := self.sessions.show(worktrees)) is not None:
            self.local.remember("tip", tip)
        for worktree, head in self.news.heads.items():
            self.local.set_head(worktree, head)
        commit, draft, judged = self._verdict(events)
        self.local.commit()
        self.sessions.close()
        self.queue.done()
        self.queue.drop_maps(map_names(self.news.signals), self.context.now)
        self._complain()
        return Drained(
            len(self.news.signals), len(self.news.moves), written, self.full, commit, draft, judged,
            self._rules_on(),
            sum(bool(getattr(event, "offered", ())) for event in self.sessions.events),
        )  # fmt: skip

    def _write(self, events: Sequence[Event]) -> int:
        """Write the events; where the ledger has lost what it had, look at all of history again.

        The notes may have been deleted, or overwritten by a fetch that forces them.
        """
        done, known = self.context.ledger.append(events), self.local.fact("tip")
        if done.before != known and not self.full:
            git, old, new = self.context.repo.git, known or "", done.before or ""
            if not (old and new and git.ok("merge-base", "--is-ancestor", old, new)):
                self.local.remember("looked", "0")
        self.local.remember("tip", done.tip or "")
        return done.written

    def _complain(self) -> None:
        """Write down what was wrong with sessions and rules, for the doctor to tell."""
        for problem in self.sessions.problems:
            fault = Fault(self.context.now, "session-problem", problem)
            record_fault(self.context.repo.common_dir, fault)

    def _rules_on(self) -> int:
        """Return how many rules are on in the session of this worktree."""
        head = self.news.heads.get(self._here)
        if head is None or head.ref is None:
            return 0
        session = self.sessions.active(Place(self._here, head.ref))
        return len(session.rules) if session else 0

    @property
    def _here(self) -> str:
        return worktree_name(self.context.repo)

    def _verdict(
        self, events: Sequence[Event]
    ) -> tuple[Oid | None, Judged | None, tuple[Judged, ...]]:
        """Return the last commit of this worktree, itself as a draft, and what it judged."""
        here = self._here
        made = [m.new for m in self.news.moves if m.worktree == here and m.verb in _COMMITS]
        manifest = self.local.manifest(made[-1]) if made else None
        if manifest is None:
            return None, None, ()
        revised = {e.draft for e in events if isinstance(e, Revision) and e.commit == made[-1]}
        own, judged = None, []
        for draft in self.local.drafts():
            if draft.number not in manifest.trails:
                continue
            if draft.oid == made[-1]:
                own = _judged(draft, manifest)
            elif draft.oid in revised:
                judged.append(_judged(draft, manifest))
        return made[-1], own, tuple(judged)

    def _facts(self) -> Iterable[Event]:
        fresh = self._fresh()
        events: Sequence[Event] | None = None
        if fresh is not None:
            events = ()
            if fresh:
                events = follow(self.context, self.local, fresh, self.branch, self.witnesses)
        if events is None:
            events = self._look_at_all()
        made_in = self._made_in()
        for event in events:
            if isinstance(event, Draft) and event.session is None and event.commit in made_in:
                yield event._replace(session=made_in[event.commit])
            else:
                yield event
        yield from self.sessions.events

    def _made_in(self) -> dict[Oid, str]:
        """Return the session of each new commit; sessions begin and end on the way."""
        git, signals = self.context.repo.git, self.news.signals
        before = self.local.heads()
        for worktree, head in self.news.heads.items():
            # `worktree add` checks out without saying so.
            if worktree not in before and worktree != MAIN_WORKTREE and before:
                first = next((m for m in self.news.moves if m.worktree == worktree), None)
                if first is not None:
                    self.sessions.for_checkout(worktree, head.ref, first.new, at=first.at)
        found = credit(
            self.sessions,
            self.news.moves,
            commits=_COMMITS,
            branch_at=self._branch_at,
            branch_after=lambda move: branch_of_checkout(git, move, signals),
            metas=self.metas,
            had=self.sessions.had,
        )
        if self.full:
            self.sessions.end_finished()
        return found

    def _fresh(self) -> list[Fresh] | None:
        """Return the new commits, or None where they alone do not tell what happened."""
        if self.news.first or _is_stale(self.context, self.local):
            return None
        if self._commits_squash():
            return None
        for signal in self.news.signals:
            if signal.hook in ("post-merge", "post-rewrite"):
                return None
            if signal.hook == "post-commit" and signal.worktree not in self.news.logged:
                return None
        fresh: dict[Oid, Fresh] = {}
        on_default = f"refs/heads/{self.branch}"
        for move in self.news.moves:
            if move.verb in _PLAIN:
                if self.local.manifest(move.new) is None:
                    ref = self._branch_at(move)
                    fresh[move.new] = Fresh(move.new, landed=ref == on_default)
            elif move.verb not in _STILL or self._may_change_landed(move):
                return None
        return list(fresh.values())

    def _commits_squash(self) -> bool:
        """Return whether a commit is what a ``merge --squash`` before it has prepared."""
        squashed, found = self.local.fact("squashed") == "1", False
        for signal in self.news.signals:
            if signal.hook == "post-merge":
                squashed = signal.words.get("squash") == "1"
            elif signal.hook == "post-commit" and squashed:
                squashed, found = False, True
        self.local.remember("squashed", "1" if squashed else "0")
        return found

    def _may_change_landed(self, move: Move) -> bool:
        """Return whether a reset may have changed which drafts the default branch has."""
        if move.verb != "reset" or self._branch_at(move) != f"refs/heads/{self.branch}":
            return False
        old, new = self.local.manifest(move.old), self.local.manifest(move.new)
        return old is None or new is None or new.trails.keys() != old.trails.keys()

    def _branch_at(self, move: Move) -> str | None:
        """Return the branch on which a commit was made."""
        for signal in self.news.signals:
            if signal.head == move.new and signal.hook == "post-commit":
                return signal.ref
        later = self.news.moves[self.news.moves.index(move) + 1 :]
        for other in later:
            if other.worktree == move.worktree and other.verb == "checkout":
                source = other.rest.removeprefix("moving from ").partition(" to ")[0]
                return f"refs/heads/{source}"
        head = self.news.heads.get(move.worktree)
        return head.ref if head else None

    def _look_at_all(self) -> tuple[Event, ...]:
        """Look at all of history, and remember the owners at the tips."""
        # Most drains follow single commits: they need not import the half of it that looks around.
        from buildlog_git.flows.scan import find_events

        self.full = True
        git = self.context.repo.git
        known = self.context.ledger.read().events
        checked_out = {h.tip for h in {**self.local.heads(), **self.news.heads}.values()}
        head = head_commit(git)
        tips = {*map(Oid, checked_out), *([head] if head else []), *local_tips(git)}
        registry = self.context.settings.registry
        exact = told_links(
            self.queue, self.news.signals, self.news.moves, known, self.witnesses, registry
        )
        found = find_events(self.context, known, witnesses=self.witnesses, keep=tips, exact=exact)
        history, walked = found.history, found.walked
        self.metas = history.metas
        newest = sorted(walked.kept, key=lambda o: (o not in checked_out, -history.times[o], o))[
            :MANY_TIPS
        ]
        self.local.replace(
            (
                remembered(number, node, history.metas[node.oid], walked.facts.sizes[node.oid])
                for number, node in enumerate(walked.drafts)
            ),
            {oid: walked.kept[oid] for oid in newest},
            history.times,
        )
        self._keep_readable(found)
        self.local.remember("branch", history.branch.name if history.branch else "")
        self.local.remember("looked", str(self.context.now))
        return found.events

    def _keep_readable(self, found: Found) -> None:
        """Hold on to rewritten drafts that no branch has, for as long as they are followed."""
        git = self.context.repo.git
        rewritten = {event.old for event in found.events if isinstance(event, Rewrite)}
        followed = {node.oid for node in found.walked.drafts}
        wanted = (rewritten & followed) - found.history.line
        kept = kept_drafts(git)
        if wanted != kept:
            change_kept(git, wanted - kept, kept - wanted)


def _judged(draft: OpenDraft, manifest: Manifest) -> Judged:
    account = ZERO
    for _, part in manifest.trails[draft.number]:
        account = account.plus(part)
    value = distance(Owned(draft.tokens, draft.removed, draft.lines), account)
    return Judged(draft.oid, draft.agent or "", draft.lines, draft.tokens, value)
