"""The law of exposure: the rules that are credited are the rules that the agent could read.

Each step is followed by a drain, as hooks would start it, or by none, as where it is slow. What an
agent reads is told from the files alone. Nothing ever shows in ``git status``.
"""

from __future__ import annotations

import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.choice import exposure_of
from buildlog_git.core.confidence import usages
from buildlog_git.core.events import Draft
from buildlog_git.core.fold import SessionRecord, fold
from buildlog_git.core.observe import is_confirmed
from buildlog_git.core.rendering import read_block
from buildlog_git.core.session import Asked
from buildlog_git.core.targets import TARGETS
from buildlog_git.core.thompson import Beliefs
from buildlog_git.flows import exposure as exposure_module
from buildlog_git.flows.beliefs import keep_beliefs
from buildlog_git.flows.drain import drain
from buildlog_git.flows.localrules import is_used
from buildlog_git.flows.localwriting import Writing
from buildlog_git.flows.observations import read_table
from buildlog_git.flows.pinned import render_rules
from buildlog_git.flows.privacy import look
from buildlog_git.flows.rulefiles import set_state
from buildlog_git.flows.scan import scan
from buildlog_git.flows.session import Sessions
from buildlog_git.flows.session_by_hand import end_session, show_session, start_session
from buildlog_git.flows.withdrawal import withdraw
from buildlog_git.gitio.queue import Queue
from buildlog_git.gitio.shown import read_on_disk
from buildlog_git.ledger.local import Local
from buildlog_git.ledger.store import Ledger
from tests.builder import PERSON, Clock, Repo
from tests.flows.play import context

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = {f".buildlog/rules/{name}.md": f"Do what {name} says.\n" for name in "abcdef"}
CLAUDE = ".claude/rules/buildlog.local.md"
CODEX = "AGENTS.override.md"


def run(repo: Repo) -> None:
    drain(context(repo))
    assert repo.git("status", "--porcelain") == ""


def read(repo: Repo, name: str = CLAUDE) -> dict[str, str]:
    """Return what an agent reads: the digest of the text of each rule."""
    path = repo.path / name
    block = read_block(path.read_bytes(), "local") if path.exists() else None
    return {rule.id: rule.found for rule in block.rules} if block else {}


def records(repo: Repo) -> dict[str, SessionRecord]:
    found = fold(context(repo).ledger.read().events).sessions
    return {record.session.session: record for record in found}


def drafts(repo: Repo) -> dict[str, str | None]:
    events = context(repo).ledger.read().events
    return {event.commit: event.session for event in events if isinstance(event, Draft)}


def here(repo: Repo) -> SessionRecord:
    """Return the session that is open where the repository is."""
    shown = read_on_disk(repo.path / repo.git("rev-parse", "--git-common-dir"), name_of(repo))
    assert shown is not None
    return records(repo)[shown.session]


def name_of(repo: Repo) -> str:
    path = Path(repo.git("rev-parse", "--absolute-git-dir"))
    return path.name if path.parent.name == "worktrees" else "-"


def check(repo: Repo, *names: str) -> SessionRecord:
    """Hold what agents read to what is credited."""
    record = here(repo)
    for name in names or (CLAUDE,):
        found = read(repo, name)
        assert sorted(found) == sorted(record.session.rules)
        assert exposure_of(found.values()) == record.session.exposure
    assert is_confirmed(record)
    assert record.exposures[-1].rules == tuple(sorted(record.session.rules))
    return record


def states(record: SessionRecord) -> list[str]:
    return [event.state for event in record.exposures]


@pytest.fixture
def ruled(repo: Repo) -> Repo:
    """Give a repository with six rules on trial, Claude's files, and a drain behind it."""
    repo.git("config", "buildlog.holdout", "0")
    repo.commit({**RULES, "CLAUDE.md": "# Mine\n", "a.py": "a = 1\n"})
    run(repo)
    return repo


def test_a_checkout_puts_the_session_where_agents_read(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    one = check(ruled)
    assert len(one.session.rules) == 3
    assert one.exposures[-1].targets == ("claude",)
    texts = (ruled.path / CLAUDE).read_text()
    assert all(f"Do what {rule} says.\n" in texts for rule in one.session.rules)
    for number in range(4):
        ruled.switch(f"more{number}", create=True)
        run(ruled)
        check(ruled)
    ruled.switch("one")
    run(ruled)
    assert check(ruled).session == one.session
    assert len(here(ruled).exposures) == 1, "it is shown again, and that is nothing new"


def test_a_commit_is_credited_when_its_agent_could_read_the_rules(ruled: Repo) -> None:
    ruled.switch("one", create=True).agent_commit({"b.py": "b = 1\n"})
    early = ruled.head
    run(ruled)
    check(ruled)
    ruled.agent_commit({"c.py": "c = 1\n"})
    run(ruled)
    assert drafts(ruled) == {early: None, ruled.head: here(ruled).session.session}
    ruled.switch("two", create=True).agent_commit({"d.py": "d = 1\n"})
    run(ruled)
    assert drafts(ruled)[ruled.head] is None, "it had the rules of another branch"


def test_an_idle_session_has_the_commit_that_was_made_with_its_rules(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    old = check(ruled).session
    ruled.wait(hours=20).agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert drafts(ruled) == {ruled.head: old.session}
    new = check(ruled)
    assert (new.session.session != old.session, new.session.commit) == (True, ruled.head)
    ended = records(ruled)[old.session].end
    assert ended is not None
    assert (ended.reason, ended.commits) == ("idle", 1)
    ruled.agent_commit({"c.py": "c = 1\n"})
    run(ruled)
    assert drafts(ruled)[ruled.head] == new.session.session


def test_a_control_session_really_has_none(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    assert read(ruled)
    ruled.git("config", "buildlog.holdout", "1")
    ruled.switch("two", create=True)
    run(ruled)
    record = check(ruled)
    assert (record.session.arm, read(ruled), states(record)) == ("control", {}, ["shown"])
    block = read_block((ruled.path / CLAUDE).read_bytes(), "local")
    assert block is not None  # an empty one: a control differs by the rules alone
    assert (block.content, block.intact) == ("", True)
    assert not ruled.git("status", "--porcelain")
    ruled.agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert drafts(ruled)[ruled.head] == record.session.session
    ruled.switch("one")
    run(ruled)
    assert len(check(ruled).session.rules) == 3


@pytest.mark.parametrize("harm", ["text", "gone", "cut", "added", "twice", "switched off"])
def test_who_changes_a_file_is_noticed(ruled: Repo, harm: str) -> None:
    where = ".cursor/rules/buildlog.local.mdc" if harm == "switched off" else CLAUDE
    if harm == "switched off":
        ruled.git("config", "buildlog.target", "cursor")
    ruled.switch("one", create=True)
    run(ruled)
    session = here(ruled).session
    path = ruled.path / where
    content = path.read_text()
    if harm == "gone":
        path.unlink()
    else:
        path.write_text({
            "text": content.replace(f"Do what {session.rules[0]} says.", "Do what you like."),
            "cut": content[: content.index("says.")],
            "added": f"{content}\nWords of my own.\n",
            "twice": content + content.replace("Do what", "Never do what"),
            "switched off": content.replace("alwaysApply: true", "alwaysApply: false"),
        }[harm])  # fmt: skip
    ruled.agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    record = here(ruled)
    if harm == "added":
        assert states(record) == ["shown"]
        assert path.read_text().endswith("\nWords of my own.\n")
        assert drafts(ruled)[ruled.head] == session.session
        return
    assert states(record) == ["shown", "lost"]
    assert not is_confirmed(record)
    lost = record.exposures[-1]
    assert len(lost.rules) == {"text": 2}.get(harm, 0)
    assert drafts(ruled)[ruled.head] is None
    assert path.read_text() == content, "it is put right"
    ruled.agent_commit({"c.py": "c = 1\n"})
    run(ruled)
    assert drafts(ruled)[ruled.head] == session.session


def test_a_session_keeps_the_texts_that_were_drawn(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    before = (ruled.path / CLAUDE).read_bytes()
    ruled.commit(dict.fromkeys(RULES, "Something else.\n"))
    run(ruled)
    check(ruled)
    ruled.switch("two", create=True)
    run(ruled)
    check(ruled)
    assert b"Something else." in (ruled.path / CLAUDE).read_bytes()
    ruled.switch("one")
    run(ruled)
    assert (ruled.path / CLAUDE).read_bytes() == before
    check(ruled)


SCOPED = {
    ".buildlog/rules/a.md": "---\nscope: tests/**\n---\nDo what a says.\n",
    ".buildlog/rules/b.md": "---\nscope: ['*.py', docs/**]\n---\n- b\n- and more\n",
    ".buildlog/rules/c.md": "Do what c says.\n",
}


def read_all(repo: Repo) -> dict[str, dict[str, str]]:
    """Return what the agents find in each file that git ignores."""
    names = repo.git("ls-files", "--others", "--ignored", "--exclude-standard").splitlines()
    return {name: read(repo, name) for name in sorted(names)}


def test_a_rule_for_some_paths_is_put_for_those(repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    for name in ("claude", "codex", "cursor"):
        repo.git("config", "--add", "buildlog.target", name)
    repo.commit({**SCOPED, "CLAUDE.md": "# Mine\n"})
    repo.switch("one", create=True)
    run(repo)
    found = read_all(repo)
    override = (repo.path / CODEX).read_text()
    assert "\nIn `tests/**`: Do what a says.\n" in override
    assert "\nIn `*.py` and `docs/**`:\n\n- b\n- and more\n" in override
    claude = sorted(name for name in found if name.startswith(".claude/"))
    assert claude.pop() == CLAUDE
    assert sorted(rule for name in claude for rule in found[name]) == ["a", "b"]
    texts = [(repo.path / name).read_text() for name in claude]
    assert any(text.startswith('---\npaths:\n  - "tests/**"\n---\n') for text in texts)
    record = here(repo)
    agents: dict[str, dict[str, str]] = {}
    for name, rules in found.items():
        agents.setdefault(name.split("/")[0], {}).update(rules)
    for rules in agents.values():
        assert exposure_of(rules.values()) == record.session.exposure
    assert record.exposures[-1].rules == record.session.rules == ("a", "b", "c")
    assert record.exposures[-1].targets == ("claude", "codex", "cursor")
    # The session has them so to its end, whatever becomes of the rule.
    repo.commit({".buildlog/rules/a.md": "---\nscope: other/**\n---\nDo what a says.\n"})
    run(repo)
    assert read_all(repo) == found
    assert states(here(repo)) == ["shown"]
    repo.git("config", "buildlog.holdout", "1")
    repo.switch("control", create=True)
    run(repo)
    assert not any(read_all(repo).values()), "a control session has none of them"
    assert not list((repo.path / ".claude/rules").glob("buildlog-*"))
    repo.switch("one")
    run(repo)
    assert read_all(repo) == found


@pytest.mark.parametrize("harm", ["paths", "words", "gone"])
def test_who_changes_where_a_rule_holds_is_noticed(repo: Repo, harm: str) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.git("config", "buildlog.target", "codex" if harm == "words" else "claude")
    repo.commit(SCOPED)
    repo.switch("one", create=True)
    run(repo)
    (path,) = (
        p for name in read_all(repo)
        if "tests/**" in (p := repo.path / name).read_text()
    )  # fmt: skip
    content = path.read_text()
    if harm == "gone":
        path.unlink()
    else:
        path.write_text(content.replace("tests/**", "docs/**"))
    repo.agent_commit({"b.py": "b = 1\n"})
    run(repo)
    record = here(repo)
    assert states(record) == ["shown", "lost"]
    assert record.exposures[-1].rules == ("b", "c"), "the others could be read as they were"
    assert drafts(repo)[repo.head] is None
    assert path.read_text() == content


def test_files_for_some_paths_go_with_the_rest(repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.git("config", "buildlog.target", "all")
    repo.commit(SCOPED)
    repo.switch("one", create=True)
    run(repo)
    assert len(list(repo.path.glob(".*/*/buildlog-*"))) == 6
    assert is_used(repo.path, TARGETS[2]) is False, "our own files are no sign of an agent"
    withdraw(context(repo).repo)
    assert repo.git("ls-files", "--others") == ""
    assert not (repo.path / ".cursor").exists()


@pytest.mark.parametrize("target", ["claude", "claude-settings", "claude-skill"])
def test_a_rule_that_is_pinned_meanwhile_is_not_off(ruled: Repo, target: str) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    session = here(ruled).session
    pinned = session.held[0]
    ruled.agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert states(here(ruled)) == ["shown"]
    set_state(context(ruled), [pinned], "pinned")
    ruled.commit()
    ruled.git("add", "--all")
    ruled.commit()
    run(ruled)
    assert states(here(ruled)) == ["shown"], "no agent can read it yet"
    render_rules(context(ruled), (target,))
    ruled.git("add", "--all")
    ruled.agent_commit({"c.py": "c = 1\n"})
    run(ruled)
    run(ruled)
    record = here(ruled)
    assert states(record) == ["shown", "lost"]
    assert record.exposures[-1].rules == tuple(sorted((*session.rules, pinned)))
    texts = dict(zip(session.offered, session.texts, strict=True))
    on = (*session.rules, pinned)
    assert record.exposures[-1].exposure == exposure_of(texts[rule] for rule in on)
    assert record.besides == {pinned}
    assert not is_confirmed(record)
    (seen,) = (o for o in read_table(context(ruled)).observations if o.session == session.session)
    assert pinned in {rule.rule for rule in seen.forced}
    assert not seen.randomised
    item = show_session(context(ruled), session.session)
    assert pinned not in item.held
    assert item.besides == (pinned,)
    others = [r for name, r in records(ruled).items() if name != session.session]
    usage = usages(fold(context(ruled).ledger.read().events))[pinned]
    assert usage.off == sum(pinned in other.session.held for other in others)
    assert usage.on == sum(pinned in other.session.rules for other in others) + 1
    ruled.agent_commit({"d.py": "d = 1\n"})
    run(ruled)
    assert states(here(ruled)) == ["shown", "lost"], "it is said once"


def test_a_text_that_is_gone_is_said(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    for path in (ruled.path / ".git/buildlog/texts").iterdir():
        path.unlink()
    ruled.commit(dict.fromkeys(RULES, "Something else.\n"))
    run(ruled)
    assert states(here(ruled)) == ["shown", "failed"]
    assert read(ruled) == {}


def test_head_on_no_branch_has_no_rules(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    ruled.git("switch", "--quiet", "--detach")
    run(ruled)
    assert read(ruled) == {}
    ruled.agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert drafts(ruled)[ruled.head] is None
    ruled.switch("one")
    run(ruled)
    assert read(ruled)
    check(ruled)


def test_by_hand(ruled: Repo) -> None:
    started = start_session(context(ruled), Asked(forced=("f",), k=2))
    assert "f" in read(ruled)
    record = check(ruled)
    assert record.session.session == started.id
    end_session(context(ruled))
    assert read(ruled) == {}
    assert ruled.git("status", "--porcelain") == ""
    ruled.agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert drafts(ruled)[ruled.head] is None, "nothing was on when it was made"
    check(ruled)


def test_rules_without_a_file_have_no_text_to_show(ruled: Repo) -> None:
    start_session(context(ruled), Asked(rules=("x", "y")))
    run(ruled)
    assert read(ruled) == {}
    assert all(not record.exposures for record in records(ruled).values() if record.end is None)
    forced = start_session(context(ruled), Asked(forced=("typo",)))
    assert forced.problems == ("agents cannot read typo: no file in .buildlog/rules has the text",)


@pytest.mark.parametrize("way", ["--no-ff", "--ff-only"])
def test_sessions_that_write_alike_keep_their_own_drafts(ruled: Repo, way: str) -> None:
    common = "".join(f"row {n} that every page of this kind begins with\n" for n in range(6))
    for name in ("one", "two"):
        ruled.switch("main").switch(name, create=True)
        run(ruled)
        ruled.agent_commit({f"{name}.txt": f"{common}{name} is\nwhat {name} says\n"}, name)
        run(ruled)
    ruled.switch("main").merge("two", PERSON, way)
    run(ruled)
    scan(context(ruled))
    kept = fold(context(ruled).ledger.read().events).drafts
    assert sorted(record.draft.commit for record in kept) == sorted(
        ruled.id_of(name) for name in ("one", "two")
    )
    assert [record.homes for record in kept] == [(), ()]


def test_privacy_says_what_each_file_is(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    keep_beliefs(context(ruled), [Beliefs()], "0123456789abcdef")
    kept = look(context(ruled), "HEAD").local
    assert {"shown", "texts", "beliefs"} <= {file.path.split("/")[1] for file in kept}
    assert [file.path for file in kept if not file.what] == []


def test_each_worktree_has_its_own(ruled: Repo, tmp_path: Path) -> None:
    other = ruled.worktree(tmp_path / "a tree", "side")
    run(other)
    check(other)
    ruled.switch("one", create=True)
    run(ruled)
    check(ruled)
    check(other)
    assert here(ruled).session.session != here(other).session.session
    other.agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert drafts(ruled)[other.head] == here(other).session.session
    ruled.git("worktree", "remove", str(other.path))
    ruled.switch("two", create=True)
    run(ruled)
    assert read_on_disk(ruled.path / ".git", "a tree") is None


def test_where_nothing_is_on_trial_nothing_is_written(repo: Repo) -> None:
    repo.commit({"CLAUDE.md": "# Mine\n", ".buildlog/rules/p.md": "---\nstate: pinned\n---\nDo.\n"})
    before = (repo.path / ".git/info/exclude").read_bytes()
    run(repo)
    repo.switch("one", create=True).agent_commit({"b.py": "b = 1\n"})
    run(repo)
    assert (repo.path / ".git/info/exclude").read_bytes() == before
    assert not (repo.path / ".git/buildlog/shown").exists()
    assert not (repo.path / ".claude").exists()
    (record,) = (r for r in records(repo).values() if r.session.session == drafts(repo)[repo.head])
    assert record.exposures == ()


def test_when_the_last_trial_is_over_nothing_is_remembered(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    ruled.git("rm", "--quiet", "-r", ".buildlog")
    ruled.commit({})
    run(ruled)
    assert read(ruled), "a session has the rules that it was drawn with, until its end"
    end_session(context(ruled))
    ruled.switch("main")
    end_session(context(ruled))
    ruled.merge("one").switch("two", create=True)
    run(ruled)
    assert read_on_disk(ruled.path / ".git", "-") is not None
    ruled.commit({"b.py": "b = 1\n"})
    run(ruled)
    assert read_on_disk(ruled.path / ".git", "-") is None
    assert not (ruled.path / ".claude").exists()


def test_where_it_is_turned_off_sessions_are_credited_as_before(ruled: Repo) -> None:
    ruled.git("config", "buildlog.target", "none")
    ruled.switch("one", create=True).agent_commit({"b.py": "b = 1\n"})
    run(ruled)
    assert read(ruled) == {}
    session = drafts(ruled)[ruled.head]
    assert session is not None
    assert records(ruled)[session].exposures == ()


def test_a_rebase_leaves_them_alone(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    ruled.agent_commit({"a.py": "a = 2\n"}).switch("main").commit({"a.py": "a = 3\n"})
    run(ruled)
    ruled.switch("one")
    run(ruled)
    before = (ruled.path / CLAUDE).read_bytes()
    ruled.git("rebase", "--quiet", "main", check=False)
    assert (ruled.path / ".git/rebase-merge").is_dir()
    drain(context(ruled))
    assert (ruled.path / CLAUDE).read_bytes() == before
    ruled.git("rebase", "--abort")
    run(ruled)
    check(ruled)


# -- who is served ----------------------------------------------------------------------------


def test_all_targets(repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.git("config", "buildlog.target", "all")
    repo.commit({**RULES, "AGENTS.md": "# Agents\r\n\r\nBe brief.\r\n",
                 "GEMINI.md": "# G\n@./GEMINI.local.md\n"})  # fmt: skip
    run(repo)
    repo.switch("one", create=True)
    run(repo)
    names = repo.git("ls-files", "--others", "--ignored", "--exclude-standard").splitlines()
    assert len(names) == 8
    record = check(repo, *names)
    assert len(record.exposures[-1].targets) == 8
    assert (repo.path / ".cursor/rules/buildlog.local.mdc").read_text().startswith("---\n")
    override = (repo.path / CODEX).read_bytes()
    assert override.endswith(b"# Agents\r\n\r\nBe brief.\r\n")
    repo.commit({"AGENTS.md": "# Changed\n"})
    run(repo)
    assert (repo.path / CODEX).read_bytes().endswith(b"-->\n# Changed\n")
    check(repo, *names)


def test_gemini_is_served_where_it_would_read(repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.commit({**RULES, "GEMINI.md": "# G\n", "CLAUDE.md": "x\n"})
    repo.switch("one", create=True)
    run(repo)
    assert here(repo).exposures[-1].targets == ("claude",)
    repo.commit({".gemini/settings.json": '{"context":{"fileName":["GEMINI.local.md"]}}\n'})
    run(repo)
    assert here(repo).exposures[-1].targets == ("claude", "gemini")
    check(repo, CLAUDE, "GEMINI.local.md")


def test_our_own_files_are_no_sign_of_an_agent(repo: Repo) -> None:
    repo.git("config", "buildlog.holdout", "0")
    repo.commit(RULES)
    for branch in ("one", "two", "three"):
        repo.switch(branch, create=True)
        run(repo)
        assert here(repo).exposures[-1].targets == ("claude", "codex")
        check(repo, CLAUDE, CODEX)


# -- cut off ----------------------------------------------------------------------------------


class Killed(BaseException):
    """Nobody catches it, as nobody catches a kill."""


def kill_at(patch: pytest.MonkeyPatch, owner: object, name: str, after: int, *, done: bool) -> None:
    """Kill at the call number ``after`` of a function, before or after it has worked."""
    real: Callable[..., object] = getattr(owner, name)
    calls = [0]

    def cut(*args: object, **more: object) -> object:
        calls[0] += 1
        if calls[0] <= after:
            return real(*args, **more)
        if done:
            real(*args, **more)
        raise Killed

    patch.setattr(owner, name, cut)


POINTS = [
    (Sessions, "save", 0), (exposure_module, "keep_text", 1), (Writing, "write", 0),
    (exposure_module, "write_on_disk", 0), (Ledger, "append", 0), (Ledger, "append", 1),
    (Local, "commit", 0), (Sessions, "close", 0), (Queue, "done", 0),
]  # fmt: skip


def life(repo: Repo, kill: Callable[[pytest.MonkeyPatch], None] | None) -> None:
    """Live through a switch, a commit, a rollover, a change by somebody, and a return."""

    def step() -> None:
        if kill is not None:
            with pytest.MonkeyPatch.context() as patch, suppress(Killed):
                kill(patch)
                drain(context(repo))
        run(repo)

    repo.switch("one", create=True)
    step()
    repo.agent_commit({"b.py": "b = 1\n"})
    step()
    repo.wait(hours=20).agent_commit({"c.py": "c = 1\n"})
    step()
    (repo.path / CLAUDE).unlink()
    repo.agent_commit({"d.py": "d = 1\n"})
    step()
    repo.switch("two", create=True).agent_commit({"e.py": "e = 1\n"})
    step()
    repo.switch("one").agent_commit({"f.py": "f = 1\n"})
    step()


def told(repo: Repo) -> dict[str, object]:
    text = "".join(
        repo.git("cat-file", "blob", line.split()[0]) + "\n"
        for line in repo.git("notes", "--ref=buildlog", "list").splitlines()
    )
    found = sorted(line for line in text.splitlines() if '"kind":"revision"' not in line)
    assert len(found) == len(set(found))
    return {"facts": found, "read": read(repo)}


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize(("owner", "name", "after"), POINTS, ids=[str(n) for n in range(9)])
def test_a_kill_at_any_point_changes_nothing(
    ruled: Repo, tmp_path: Path, owner: object, name: str, after: int, *, done: bool
) -> None:
    twin = copy(ruled, tmp_path / "twin")
    life(ruled, None)
    life(twin, lambda patch: kill_at(patch, owner, name, after, done=done))
    assert told(twin) == told(ruled)
    check_or_lost(twin)


def check_or_lost(repo: Repo) -> None:
    record = here(repo)
    if "lost" not in states(record):
        check(repo)


def copy(repo: Repo, path: Path) -> Repo:
    shutil.copytree(repo.path, path, symlinks=True)
    return Repo(path, repo.env, Clock(repo.clock.now))


def test_a_marker_that_is_damaged_or_gone_is_made_again(ruled: Repo) -> None:
    ruled.switch("one", create=True)
    run(ruled)
    marker = ruled.path / ".git/buildlog/shown/-"
    for number, harm in enumerate((b"\xff\xfe\n{", None)):
        if harm is None:
            marker.unlink()
        else:
            marker.write_bytes(harm)
        ruled.agent_commit({"b.py": f"b = {number}\n"})
        run(ruled)
        assert drafts(ruled)[ruled.head] is None, "nobody knows what it had"
        check(ruled)
        assert re.match(r"refs/heads/one\n\{", marker.read_text())
