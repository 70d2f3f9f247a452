"""What hooks know exactly, and what the ledger remembers, is stronger than what can be guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Rewrite
from buildlog_git.core.fold import DraftRecord, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.rewrites import Link, read_rewrite_map
from buildlog_git.flows.context import Witness
from buildlog_git.flows.scan import find_events
from tests.builder import PERSON, Clock, Repo
from tests.flows.play import context, draft, lines, only, report, scanned
from tests.live.stage import (
    FRESH,
    MINE,
    OURS,
    THEIRS,
    Stage,
    begin,
    branched,
    conflict,
    edited,
    main_moves,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

OTHER = lines(40, 10)
SPOOL = """#!/bin/sh
dir=$(git rev-parse --git-dir)
{
  cat
  test "$1" = rebase && sed -n 's/^\\([a-z]*\\) \\([0-9a-f]\\{40\\}\\).*/done \\1 \\2/p' \\
    "$dir/rebase-merge/done"
} >"$dir/spool"
"""


@pytest.fixture
def stage(repo: Repo) -> Stage:
    """Give a repository whose post-rewrite hook keeps what it is told."""
    hook = repo.path / ".git" / "hooks" / "post-rewrite"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(SPOOL)
    hook.chmod(0o755)
    return Stage(repo.path, repo.env, repo.clock)


def told(repo: Stage, onto: str | None = None) -> list[Link]:
    """Return what the last rewrite's hook was told."""
    words = [row.split() for row in (repo.path / ".git" / "spool").read_text().splitlines()]
    pairs = [(row[0], row[1]) for row in words if len(row) == 2]
    done = [(row[1], row[2]) for row in words if len(row) == 3]
    return read_rewrite_map(pairs, done, onto=onto)


def recorded(
    repo: Stage,
    exact: Sequence[Link] = (),
    witnesses: Mapping[Oid, Witness] | None = None,
) -> dict[str, DraftRecord]:
    """Write down what is known now; return the drafts of the ledger."""
    here = context(repo)
    known = here.ledger.read().events
    found = find_events(here, known, exact=exact, witnesses=witnesses or {})
    here.ledger.append(found.events)
    return {str(r.draft.commit): r for r in fold(here.ledger.read().events).drafts}


def forget(repo: Stage) -> None:
    """Let all reflogs expire."""
    repo.git("reflog", "expire", "--expire=now", "--all")


# -- git's map ------------------------------------------------------------------------------


def test_the_map_of_a_plain_rebase(stage: Stage) -> None:
    made = branched(stage)
    main_moves(stage).rebase("main")
    assert told(stage) == [Link(Oid(made), Oid(stage.head), "rewrite")]


def test_the_map_of_an_amend(stage: Stage) -> None:
    made = branched(stage)
    stage.amend({"a.py": edited(5)})
    assert told(stage) == [Link(Oid(made), Oid(stage.head), "amend")]


def test_the_map_of_folds(stage: Stage) -> None:
    olds = [branched(stage)]
    olds.append(stage.agent_commit({"b.py": text(OTHER)}, "Second").head)
    olds.append(stage.commit({"c.py": text(FRESH)}, "Third").head)
    stage.todo("2s/^pick/squash/;3s/^pick/fixup/")
    assert told(stage) == [Link(Oid(old), Oid(stage.head), "rewrite") for old in olds]


def skipped(stage: Stage) -> list[str]:
    """Rebase three drafts, of which the second is skipped at a conflict."""
    begin(stage).switch("topic", create=True)
    made = [stage.agent_commit({"b.py": text(OTHER)}, "First").head]
    made.append(stage.agent_commit({"s.py": THEIRS}, "Second").head)
    made.append(stage.agent_commit({"c.py": text(FRESH)}, "Third").head)
    stage.switch("main").commit({"s.py": OURS}, "Change s").switch("topic")
    stage.run("rebase", "main", fails=True).run("rebase", "--skip")
    return made


def test_a_skipped_commit_is_not_the_one_before_it(stage: Stage) -> None:
    """Git 2.39 maps it so; 2.56 does not map it."""
    first, _, third = skipped(stage)
    found = {link.old: link.new for link in told(stage)}
    assert found == {first: stage.id_of("HEAD^"), third: stage.head}


def test_a_commit_skipped_first_is_not_the_new_base(stage: Stage) -> None:
    made = conflict(stage)
    later = stage.agent_commit({"b.py": text(OTHER)}, "Second").head
    stage.run("rebase", "main", fails=True).run("rebase", "--skip")
    base = stage.id_of("main")
    links = told(stage, onto=base)
    assert [(link.old, link.new) for link in links] == [(later, stage.head)]
    drafts = recorded(stage, told(stage))
    assert drafts[made].homes == ()
    assert drafts[later].homes == (stage.head,)


def test_a_commit_skipped_after_one_that_stayed_as_it_was() -> None:
    a, b, c, d = (Oid(letter * 40) for letter in "abcd")
    done = [("pick", a), ("pick", b), ("pick", c)]
    assert read_rewrite_map([(b, a), (c, d)], done) == [Link(c, d, "rewrite")]


def test_a_fixup_after_a_skip_is_a_fold() -> None:
    a, b, c, n = (Oid(letter * 40) for letter in "abc9")
    done = [("pick", a), ("fixup", b), ("pick", c)]
    links = read_rewrite_map([(a, n), (b, n), (c, n)], done)
    assert [link.old for link in links] == [a, b]


# -- exact links ----------------------------------------------------------------------------


def test_an_exact_link_needs_no_likeness(stage: Stage) -> None:
    """Nothing that could be recognised is left: author, date, subject and text are new."""
    made = branched(stage)
    stage.run("reset", "--hard", "HEAD^").commit({"a.py": text(FRESH)}, "New")
    exact = [Link(Oid(made), Oid(stage.head), "amend")]
    drafts = recorded(stage, exact)
    assert drafts[made].homes == (stage.head,)


def test_what_was_exact_once_stays_known(stage: Stage) -> None:
    made = branched(stage)
    stage.run("reset", "--hard", "HEAD^").commit({"a.py": edited(15)}, "New")
    first = recorded(stage, [Link(Oid(made), Oid(stage.head), "amend")])
    forget(stage)
    stage.commit({"a.py": edited(20)})
    second = recorded(stage)
    assert second.keys() == first.keys() == {made}
    assert draft(report(stage), made).distance == 1


def test_a_rewrite_is_known_when_reflogs_are_gone(stage: Stage) -> None:
    made = branched(stage)
    stage.amend({"a.py": edited(5)})
    scanned(stage)
    forget(stage)
    events = scanned(stage)
    stage.commit({"a.py": edited(10)})
    assert only(stage).commit == made
    assert only(stage).distance == 0.5
    assert scanned(stage)[: len(events)]


def test_a_clone_that_has_the_notes_alone_goes_on(stage: Stage, tmp_path: Path) -> None:
    made = branched(stage)
    main_moves(stage).rebase("main").switch("main").merge("topic", PERSON, "--ff-only")
    scanned(stage)
    other = stage.clone(tmp_path / "other")
    assert only(other).commit == stage.head
    other.git("fetch", "--quiet", "origin", "refs/notes/buildlog:refs/notes/buildlog")
    other.commit({"a.py": edited(5)})
    item = only(other)
    assert (item.commit, item.distance) == (made, 0.25)
    scanned(other)
    assert (only(other).commit, only(other).distance) == (made, 0.25)
    notes = ("fetch", "--quiet", str(other.path), "+refs/notes/buildlog:refs/notes/buildlog")
    stage.git(*notes)
    stage.git("pull", "--quiet", "--ff-only", str(other.path), "main")
    assert (only(stage).commit, only(stage).distance) == (made, 0.25)


def test_a_link_to_a_commit_that_is_gone_gives_way(stage: Stage) -> None:
    made = branched(stage)
    stage.amend({"a.py": edited(10)})
    scanned(stage)
    stage.run("reset", "--hard", made).amend({"a.py": edited(5)})
    scanned(stage)
    assert (only(stage).commit, only(stage).distance) == (made, 0.25)


# -- who was seen to commit -----------------------------------------------------------------


def seen(commit: str) -> dict[Oid, Witness]:
    return {Oid(commit): Witness({"CLAUDECODE": "1"}, terminal=False)}


def test_an_agent_that_was_seen_needs_no_mark(stage: Stage) -> None:
    made = begin(stage).switch("topic", create=True).commit({"a.py": text(MINE)}, "Write a").head
    assert recorded(stage, witnesses=seen(made))[made].draft.channel == "environment"
    main_moves(stage).rebase("main")
    stage.commit({"a.py": edited(5)})
    drafts = recorded(stage)
    assert drafts.keys() == {made}
    item = draft(report(stage), made)
    assert (item.agent, item.distance, len(item.homes)) == ("claude", 0.25, 1)


def test_what_a_seen_agent_replaces_is_no_persons_loss_after_a_rebase(stage: Stage) -> None:
    first = begin(stage).agent_commit({"a.py": text(MINE)}, agent="codex").head
    stage.switch("topic", create=True)
    second = stage.commit({"a.py": edited(5)}, "By an agent that was seen").head
    recorded(stage, witnesses=seen(second))
    stage.switch("main").commit({"m.py": text(OTHER)}).switch("topic").rebase("main")
    drafts = recorded(stage)
    assert drafts.keys() == {first, second}
    item = draft(report(stage), first)
    assert (item.distance, item.self_revision) == (0, 0.25)


# -- an agent that amends its own draft -----------------------------------------------------


def test_a_redraft_is_measured_whole(stage: Stage) -> None:
    old = branched(stage)
    recorded(stage)
    new = stage.amend({"a.py": edited(10)}).head
    drafts = recorded(stage, [Link(Oid(old), Oid(new), "redraft")])
    assert drafts.keys() == {new}
    assert drafts[new].draft.tokens == 120
    stage.commit({"a.py": edited(15)})
    assert recorded(stage).keys() == {new}
    item = draft(report(stage), new)
    assert (item.distance, item.homes) == (0.25, ())
    forget(stage)
    assert recorded(stage).keys() == {new}


def test_redrafts_one_after_another(stage: Stage) -> None:
    first = branched(stage)
    second = stage.amend({"a.py": edited(5)}).head
    third = stage.amend({"a.py": edited(10)}).head
    exact = [
        Link(Oid(first), Oid(second), "redraft"),
        Link(Oid(second), Oid(third), "redraft"),
    ]
    assert recorded(stage, exact).keys() == {third}
    main_moves(stage).rebase("main").commit({"a.py": edited(15)})
    assert recorded(stage).keys() == {third}
    assert draft(report(stage), third).distance == 0.25


def test_a_redraft_by_an_agent_without_a_mark(stage: Stage) -> None:
    old = begin(stage).switch("topic", create=True).commit({"a.py": text(MINE)}, "Write a").head
    recorded(stage, witnesses=seen(old))
    new = stage.amend({"a.py": edited(10)}).head
    exact = [Link(Oid(old), Oid(new), "redraft")]
    assert recorded(stage, exact, seen(new)).keys() == {new}
    stage.commit({"a.py": edited(15)})
    assert recorded(stage).keys() == {new}
    assert draft(report(stage), new).distance == 0.25


def test_a_redraft_of_what_a_person_had_changed_is_the_agents_own_loss(stage: Stage) -> None:
    old = branched(stage)
    changed = stage.amend({"a.py": edited(5)}).head
    new = stage.amend({"a.py": text(FRESH[:5], OTHER[:5], MINE[10:])}).head
    drafts = recorded(stage, [Link(Oid(changed), Oid(new), "redraft")])
    assert drafts.keys() == {old}
    item = draft(report(stage, now=None), old)
    # Of 20 lines a person replaced five, and the agent itself five of the others.
    assert item.distance == pytest.approx(5 / 15)
    assert item.self_revision == 0.25
    assert recorded(stage).keys() == {old}
    assert not [e for e in scanned(stage) if isinstance(e, Rewrite) and e.way == "redraft"]


def test_one_moment_for_all(stage: Stage) -> None:
    """A redraft with stopped clocks, so that nothing but the link tells which came first."""
    old = branched(stage)
    stage.clock = Clock(stage.clock.now)
    new = stage.amend({"a.py": edited(10)}).head
    forget(stage)
    assert recorded(stage, [Link(Oid(old), Oid(new), "redraft")]).keys() == {new}
