"""Which lines of a file are an agent's, under which rules, and kept since when.

The same walk that measures distances knows who owns each line. Here it goes on beyond the window
of a draft, and what it finds is shown and not written down. Nothing is said about people: a line
that is no agent's is nobody's.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buildlog_git.core.events import Settle
from buildlog_git.core.fold import DraftRecord, Experiment, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Node
from buildlog_git.core.ownership import token_owners
from buildlog_git.core.state import EMPTY, Entry
from buildlog_git.core.tokens import tokenize
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import with_new
from buildlog_git.flows.scan import find_events
from buildlog_git.gitio.repo import head_commit


@dataclass(frozen=True, slots=True)
class BlameDraft:
    """A draft of which something stands in the file: ``lines`` of it do.

    ``at`` is since when: the draft's own time. ``rules`` are those on trial that were on.
    """

    commit: Oid
    agent: str
    model: str | None
    at: int
    session: str | None
    rules: tuple[str, ...]
    lines: int


@dataclass(frozen=True, slots=True)
class BlameLine:
    """One line; ``own`` of its ``tokens`` are the draft's. Without a draft it is no agent's."""

    number: int
    draft: Oid | None
    own: int
    tokens: int
    text: str


@dataclass(frozen=True, slots=True)
class Blame:
    """A file as it stands in ``commit``; ``drafts`` with the most lines come first."""

    path: str
    commit: Oid
    agent_lines: int
    drafts: tuple[BlameDraft, ...]
    lines: tuple[BlameLine, ...]


def blame(context: Context, file: str) -> Blame:
    """Return whose text stands in a file of HEAD.

    Args:
        context: where.
        file: its path, from the directory that the context was opened in.

    Raises:
        UsageError: HEAD has no such file.

    """
    path = _below_top(context, file)
    head, content = _read(context, path)
    stored = context.ledger.read().events
    # A draft that has settled is looked for too: its text may stand for years.
    known = tuple(event for event in stored if not isinstance(event, Settle))
    found = find_events(context, known, keep={head}, endless=True)
    experiment = fold(with_new(stored, found.events))
    state = found.walked.kept.get(head)
    file_state = state.files.get(path, EMPTY) if state else EMPTY
    entries = [file_state.entry(number) for number in range(len(content))]
    owners = found.walked.drafts
    lines = tuple(
        _line(number, text, entry, owners)
        for number, (text, entry) in enumerate(zip(content, entries, strict=True), 1)
    )
    return Blame(
        path=path,
        commit=head,
        agent_lines=sum(line.draft is not None for line in lines),
        drafts=_drafts(Counter(line.draft for line in lines if line.draft), experiment),
        lines=lines,
    )


def _below_top(context: Context, file: str) -> str:
    prefix = "" if context.repo.bare else context.repo.git.text("rev-parse", "--show-prefix")
    return posixpath.normpath(posixpath.join(prefix, file))


def _read(context: Context, path: str) -> tuple[Oid, list[str]]:
    git = context.repo.git
    head = head_commit(git)
    done = git.run("cat-file", "blob", f"{head}:{path}", check=False) if head else None
    if head is None or done is None or done.returncode != 0:
        raise UsageError(
            f"no such file in HEAD: {path}",
            slug="no-such-file",
            hint="git ls-tree -r --name-only HEAD lists what is there",
        )
    lines = done.stdout.decode("utf-8", "surrogateescape").split("\n")
    return head, lines[:-1] if lines[-1] == "" else lines


def _line(number: int, text: str, entry: Entry, drafts: Sequence[Node]) -> BlameLine:
    tokens = tokenize(text)
    counts = Counter(owner for owner in token_owners(entry, len(tokens)) if owner >= 0)
    if not counts:
        return BlameLine(number, None, 0, len(tokens), text)
    owner, own = max(counts.items(), key=lambda item: (item[1], -item[0]))
    return BlameLine(number, drafts[owner].oid, own, len(tokens), text)


def _drafts(lines: Mapping[Oid, int], experiment: Experiment) -> tuple[BlameDraft, ...]:
    records: dict[Oid, DraftRecord] = {}
    for record in experiment.drafts:
        records.update(dict.fromkeys((record.draft.commit, *record.homes), record))
    sessions = {each.session.session: each.session for each in experiment.sessions}
    found = []
    for oid, number in lines.items():
        draft = records[oid].draft
        session = sessions.get(draft.session or "")
        found.append(
            BlameDraft(
                oid, draft.agent, draft.model, draft.at, draft.session,
                session.rules if session else (), number,
            )
        )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.lines, each.at, each.commit)))
