"""What commit messages declare: ``Buildlog-…`` lines, wherever the commit came from.

A declaration is about a draft. On an agent's commit it is about that commit; on another one
about the drafts that it changes, else about the nearest draft before it. The fact belongs to
the draft and its id does not name the commit that says it: carried on by a rebase, a
cherry-pick or a squash, it stays one fact. Only what a branch still says counts.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, cast

from buildlog_git.core.codec import NUMBER_LIMIT
from buildlog_git.core.events import Draft, Event, Revision, Rewrite
from buildlog_git.core.ids import Oid
from buildlog_git.core.session import GENERAL, word_in
from buildlog_git.core.trailers import NOTHING_TOLD, Directives, directives, may_tell
from buildlog_git.core.trailers import Mistake as Told

if TYPE_CHECKING:
    from buildlog_git.core.attribution import CommitMeta
    from buildlog_git.core.session_events import Mistake, Reward, Session
    from buildlog_git.flows.facts import History


def says_skip(message: str) -> bool:
    """Return whether a message says ``Buildlog: skip``."""
    return directives(message).skip


def declares(message: str) -> bool:
    """Return whether a message says more than which session and class the commit is of.

    Those two concern nothing but the commit itself.
    """
    found = directives(message)
    return found.rejected or found.skip or bool(found.mistakes)


def all_told(metas: Iterable[CommitMeta]) -> dict[Oid, Directives]:
    """Return what messages tell, of the commits whose message tells anything; few do."""
    found = {meta.oid: directives(meta.message) for meta in metas if may_tell(meta.message)}
    return {oid: told for oid, told in found.items() if told != NOTHING_TOLD}


def skipped(told: Mapping[Oid, Directives]) -> frozenset[Oid]:
    """Return the commits whose message says that they do not count."""
    return frozenset(oid for oid, found in told.items() if found.skip)


def classes_told(told: Mapping[Oid, Directives]) -> dict[Oid, str]:
    """Return the error class of each commit whose message names one that is one word."""
    named = ((oid, word_in(found.error_class)) for oid, found in told.items())
    return {oid: word for oid, word in named if word}


def declared(
    history: History,
    own: AbstractSet[Oid],
    events: Iterable[Event],
    *,
    whole: bool,
) -> Iterator[Event]:
    """Yield the rewards and mistakes that messages of commits on a branch declare.

    Args:
        history: all commits.
        own: the drafts among them.
        events: what is known and what was found in history.
        whole: whether all drafts were followed; else what a commit changes may be unknown, and
            the nearest draft before it could be the wrong one.

    """
    told = {
        oid: found
        for oid, found in history.told.items()
        if oid in history.line and (found.rejected or found.mistakes)
    }
    if told:
        yield from _Declared(history, own, events, whole=whole).facts(told)


class _Declared:
    def __init__(
        self, history: History, own: AbstractSet[Oid], events: Iterable[Event], *, whole: bool
    ) -> None:
        self.history = history
        self.own = own
        self.whole = whole
        self.drafts: dict[Oid, Draft] = {}
        self.forms: defaultdict[Oid, set[Oid]] = defaultdict(set)
        self.revised: defaultdict[Oid, dict[Oid, int]] = defaultdict(dict)
        self.sessions: dict[str, Session] = {}
        self.said: set[str] = set()
        for event in events:
            self._know(event)

    def _know(self, event: Event) -> None:
        if isinstance(event, Draft):
            known = self.drafts.get(event.commit)
            if known is None or event.session:
                self.drafts[event.commit] = event
        elif isinstance(event, Rewrite):
            if event.way != "redraft":
                self.forms[event.commit].add(event.old)
        elif isinstance(event, Revision):
            if event.by == "person" and (event.cost or event.restored):
                self.revised[event.commit][event.draft] = event.cost + event.restored
        elif event.kind == "session":  # not by its class, which most drains never import
            begun = cast("Session", event)
            self.sessions[begun.session] = begun
        elif event.kind == "mistake":
            self.said.add(event.id)

    def facts(self, told: Mapping[Oid, Directives]) -> Iterator[Event]:
        """Yield the facts, each once."""
        rewarded: set[Oid] = set()
        for oid, found in told.items():
            drafts = self._about(oid)
            if found.rejected:
                for draft in drafts:
                    if draft not in rewarded:
                        rewarded.add(draft)
                        yield self._reward(oid, found, draft)
            if drafts and found.mistakes:
                yield from self._mistakes(oid, found, drafts)

    def _about(self, oid: Oid) -> list[Oid]:
        """Return the drafts that a commit speaks of."""
        if oid in self.own:
            return [oid]
        carried = sorted(self.forms.get(oid, ()))
        if carried:
            # Of several drafts squashed into one commit, those whose own message said it.
            metas = self.history.metas
            mine = [old for old in carried if old in metas and _speaks(metas[old].message)]
            return mine or carried
        revised = self.revised.get(oid)
        if revised:
            return sorted(revised, key=lambda draft: (-revised[draft], draft))
        return self._nearest(oid) if self.whole else []

    def _nearest(self, oid: Oid) -> list[Oid]:
        """Return the draft that was made last before a commit."""
        history = self.history
        seen = {oid}
        pending = [(0, oid)]
        while pending:
            _, at = heapq.heappop(pending)
            if at != oid and at in self.own:
                return [at]
            if at != oid and self.forms.get(at):
                return [min(self.forms[at])]
            for parent in history.parents.get(at, ()):
                if parent in history.times and parent not in seen:
                    seen.add(parent)
                    heapq.heappush(pending, (-history.times[parent], parent))
        return []

    def _reward(self, oid: Oid, found: Directives, draft: Oid) -> Reward:
        from buildlog_git.core.session_events import Reward

        session = self._session(found, draft)
        begun = self.sessions.get(session or "")
        return Reward(
            commit=draft, at=self._at(oid), outcome="rejected", source="trailer",
            draft=draft, session=session, error_class=self._class(found, begun),
            rules=begun.rules if begun else (), declared=oid,
        )  # fmt: skip

    def _mistakes(self, oid: Oid, found: Directives, drafts: list[Oid]) -> Iterator[Event]:
        for told in found.mistakes:
            facts = [self._mistake(oid, found, told, draft) for draft in drafts]
            if facts[0].description and not any(fact.id in self.said for fact in facts):
                self.said.add(facts[0].id)
                yield facts[0]

    def _mistake(self, oid: Oid, found: Directives, told: Told, draft: Oid) -> Mistake:
        from buildlog_git.core.redact import redact
        from buildlog_git.core.session_events import Mistake

        # The class is a part of the id: it must not hang on a session that one scan knows of
        # and another does not.
        default = word_in(found.error_class) or GENERAL
        return Mistake(
            commit=draft, at=self._at(oid), description=redact(told.text),
            error_class=word_in(told.error_class) or default,
            session=self._session(found, draft), source="trailer", declared=oid,
        )  # fmt: skip

    def _at(self, oid: Oid) -> int:
        return max(-NUMBER_LIMIT, min(NUMBER_LIMIT, self.history.times[oid]))

    def _session(self, found: Directives, draft: Oid) -> str | None:
        known = self.drafts.get(draft)
        return word_in(found.session) or (known.session if known else None)

    def _class(self, found: Directives, begun: Session | None) -> str:
        return word_in(found.error_class) or (begun.error_class if begun else GENERAL)


def _speaks(message: str) -> bool:
    found = directives(message)
    return found.rejected or bool(found.mistakes)
