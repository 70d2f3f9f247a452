"""What each field of the ledger means, in words for whoever asks what is stored about them.

One definition for ``git buildlog privacy`` and FORMAT.md. A field means the same in every kind,
unless ``kind.field`` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "draft": "An agent's commit, as the agent wrote it.",
    "revision": "What one commit did to one draft: signed changes of the draft's account.",
    "rewrite": "History was rewritten: the commit old lives on as commit.",
    "settle": "From then on nothing more counts for the draft.",
    "seen": "A hook saw a person make the commit, at a terminal with no agent's variable set.",
    "session": "A session began: a stretch of work on a branch, with a draw of rules.",
    "session-end": "A session ended.",
    "exposure": "What the agents of a session could read.",
    "reward": "Somebody judged a draft.",
    "mistake": "A mistake was made, in words from which what is private was removed.",
    "tombstone": "Something that the note said is forgotten on purpose.",
}

FIELDS: Mapping[str, str] = {
    "v": "version of the format",
    "kind": "what the line is about",
    "id": "digest of what the line is about",
    "at": "when, in seconds since 1970 (UTC)",
    "commit": "the commit that it is about",
    "agent": "the agent",
    "model": "the agent's model, where a mark names it",
    "channel": "by which evidence the agent is known",
    "exposure.channel": "how it is known what the agents had",
    "tokens": "tokens that the agent wrote",
    "removed": "tokens of places where the agent only removed text",
    "lines": "lines that hold text of the agent's",
    "tombstone.lines": "digests of forgotten lines that nobody could read",
    "files": "files with text of the agent's",
    "session": "the session, an id without a name in it",
    "engine": "version of the measurement",
    "draft": "the draft's commit",
    "by": "who changed it: a person, the same agent, another, a bot, a neutral commit",
    "way": "how the change reached history",
    "cost": "tokens that people changed or removed",
    "grow": "of those, what only grew",
    "lost": "tokens of the agent's that people took away",
    "restored": "tokens that the agent had removed and people brought back",
    "gone": "tokens that agents, bots or neutral commits replaced",
    "old": "the commit before the rewrite",
    "reason": "why",
    "final": "the commit with which that happened",
    "author": "that it was a person; not who",
    "branch": "digest of the branch's name",
    "clone": "random id of the clone",
    "worktree": "digest of the worktree's name",
    "error_class": "the class of work or of mistake",
    "offered": "rules that might come on",
    "texts": "digests of their texts, in the same order",
    "drawn": "rules that came on by the draw",
    "held": "rules that the draw held out",
    "forced": "rules that a person put on",
    "session.removed": "rules that a person took off",
    "pinned": "rules that are on in every session",
    "seeds": "rules that came from a pack or that a person offered",
    "weights": "the weight of each offered rule in the draw",
    "probability": "the probability with which each offered rule comes on",
    "arm": "how the rules came on",
    "k": "how many rules could be on",
    "holdout": "the share of sessions without rules",
    "policy": "the policy that drew",
    "policy_version": "its version",
    "explore": "how much the policy tries",
    "evidence": "digest of the facts that the policy knew",
    "digest": "digest of the candidates with their texts",
    "exposure": "digest of the texts that are on",
    "state": "what became of it",
    "rules": "rules",
    "targets": "agents for which the rules are there",
    "commits": "commits that hooks saw in it",
    "rules_start": "how many rules there were at its start",
    "rules_end": "how many rules there were at its end",
    "entry": "words of a person, what is private removed",
    "notes": "words of a person, what is private removed",
    "outcome": "what somebody said of it",
    "source": "whose word it is: a person's, a commit message's, CI's",
    "distance": "the revision distance that somebody gave",
    "declared": "the commit whose message says it",
    "nonce": "tells two of one kind apart",
    "description": "words of a person, what is private removed",
    "repeat_of": "the earlier mistake that it repeats",
    "corrected_by": "the rule that would have prevented it",
    "events": "ids of events that are forgotten",
}


def meaning(kind: str, field: str) -> str:
    """Return what a field means; empty for one that this version does not know."""
    return FIELDS.get(f"{kind}.{field}") or FIELDS.get(field, "")
