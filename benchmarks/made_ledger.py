"""Makes repositories with a ledger of any size: real commits, and all kinds of facts about them.

A third of the commits are an agent's, with its mark; the others are people's and revise drafts
of the weeks before. Sessions, rewards, mistakes, rewrites and what hooks saw are mixed in as a
team would have them, over three years. Two ``git fast-import`` make the whole.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

from buildlog_git.core.codec import encode
from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Seen, Settle
from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Mistake, Reward, Session, SessionEnd

BEGIN = 1_700_000_000
SPAN = 3 * 365 * 24 * 3600
WINDOW = 14 * 24 * 3600
END = BEGIN + SPAN + 3600
MARK = "\n\nCo-authored-by: Claude Opus 4.5 <noreply@anthropic.com>\n"
RULES = tuple(f"rule-{number}" for number in range(24))
CLASSES = ("general", "tests", "types", "security", "style")
EVENTS_A_COMMIT = 3.5
BATCH = 20_000
"""Events in one notes commit."""


def make_repository(path: Path, events: int) -> Path:
    """Make a repository with a work tree, whose ledger has so many events."""
    rng = random.Random(events)
    subprocess.run(["git", "init", "-q", "-b", "main", str(path)], check=True)
    commits = max(12, int(events / EVENTS_A_COMMIT))
    oids = _history(path, commits, rng)
    _notes(path, _facts(oids, events, rng))
    for rule in RULES[:8]:
        file = path / ".buildlog" / "rules" / f"{rule}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"Follow {rule} wherever it makes sense.\n")
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=path, check=True)
    return path


def time_of(number: int, commits: int) -> int:
    """Return when a commit was made."""
    return BEGIN + SPAN * number // commits


def is_agent(number: int) -> bool:
    """Return whether a commit is an agent's."""
    return number % 3 == 0


def _history(path: Path, commits: int, rng: random.Random) -> list[Oid]:
    marks = path / "marks"
    command = ["git", "fast-import", "--quiet", f"--export-marks={marks}"]
    with subprocess.Popen(command, cwd=path, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for number in range(commits):
            message = f"Change {number}{MARK if is_agent(number) else ''}".encode()
            blob = f"value = call({rng.randrange(10**9)}, other)\n".encode() * 4
            name = f"src{rng.randrange(40)}/module{rng.randrange(40)}.py"
            who = f"A Person <person@example.com> {time_of(number, commits)} +0000"
            process.stdin.write(
                b"commit refs/heads/main\nmark :%d\ncommitter %b\ndata %d\n%b\n"
                b"M 100644 inline %b\ndata %d\n%b\n"
                % (
                    number + 1, who.encode(), len(message), message,
                    name.encode(), len(blob), blob,
                )
            )  # fmt: skip
    if process.returncode:
        raise SystemExit("the history could not be made")
    found = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    return [Oid(found[f":{number + 1}"]) for number in range(commits)]


def _facts(oids: list[Oid], events: int, rng: random.Random) -> Iterator[Event]:
    made = 0
    for round_ in range(1_000):
        for number, oid in enumerate(oids):
            at = time_of(number, len(oids))
            for event in _about(oids, number, oid, at, rng, round_):
                yield event
                made += 1
                if made == events:
                    return


def _about(
    oids: list[Oid], number: int, oid: Oid, at: int, rng: random.Random, round_: int
) -> Iterator[Event]:
    """Yield what the ledger says of one commit; in later rounds what it says besides."""
    session = _digest("session", number // 12)
    error_class = CLASSES[number // 12 % len(CLASSES)]
    if round_:
        yield Reward(
            commit=oid, at=at, outcome="revision", source="person", draft=oid, session=session,
            error_class=error_class, nonce=f"{round_}",
        )  # fmt: skip
        return
    if number % 12 == 0:
        yield _session(oid, at, session, error_class, rng)
        yield SessionEnd(
            commit=oid, at=at + 3600, session=session, reason="merged", commits=12,
            rules_start=24, rules_end=24,
        )  # fmt: skip
    if is_agent(number):
        yield Draft(
            commit=oid, at=at, agent=rng.choice(("claude", "claude", "codex", "cursor")),
            channel="trailer", tokens=rng.randint(20, 900), removed=rng.randint(0, 90),
            lines=rng.randint(4, 120), files=rng.randint(1, 6), session=session,
        )  # fmt: skip
        yield Settle(commit=oid, at=at + WINDOW, reason="landed", final=oid)
    else:
        revised = {max(0, number - back) // 3 * 3 for back in rng.sample(range(1, 60), 4)}
        for of in sorted(revised):
            yield Revision(
                commit=oid, at=at, draft=oids[of], by="person", way="follow-up",
                cost=rng.randint(0, 40), grow=rng.randint(0, 9), lost=rng.randint(0, 30),
            )  # fmt: skip
        if number % 5 == 0:
            yield Seen(commit=oid, at=at)
    if number % 40 == 0:
        yield Reward(
            commit=oid, at=at, outcome="accepted", source="person", draft=oids[number // 3 * 3],
            session=session, error_class=error_class, rules=RULES[:2], nonce=f"{number:016x}",
        )  # fmt: skip
    if number % 60 == 0:
        yield Mistake(
            commit=oid, at=at, error_class=error_class, source="trailer", session=session,
            description=f"forgot to close file {number}",
        )  # fmt: skip
    if number % 50 == 0:
        yield Rewrite(commit=oid, at=at, old=Oid(_digest("old", number, 40)), way="rewrite")


def _session(oid: Oid, at: int, session: str, error_class: str, rng: random.Random) -> Session:
    offered = tuple(sorted(rng.sample(RULES, 8)))
    return Session(
        commit=oid, at=at, session=session, branch=_digest("branch", session),
        clone=_digest("clone", 1), worktree=_digest("worktree", 1), error_class=error_class,
        offered=offered, drawn=offered[:3], held=offered[3:], probability=(0.375,) * 8, k=3,
        digest=_digest("rules", 1), exposure=_digest("exposure", session),
    )  # fmt: skip


def _digest(kind: str, about: object, digits: int = 16) -> str:
    return hashlib.sha256(f"{kind} {about}".encode()).hexdigest()[:digits]


def _notes(path: Path, facts: Iterator[Event]) -> None:
    command = ["git", "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=path, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        notes: dict[Oid, list[bytes]] = {}
        pending: dict[Oid, None] = {}
        for number, event in enumerate(facts):
            notes.setdefault(event.commit, []).append(encode(event))
            pending[event.commit] = None
            if number % BATCH == BATCH - 1:
                process.stdin.write(_notes_commit(notes, pending))
                pending.clear()
        process.stdin.write(_notes_commit(notes, pending))
    if process.returncode:
        raise SystemExit("the notes could not be made")


def _notes_commit(notes: dict[Oid, list[bytes]], changed: dict[Oid, None]) -> bytes:
    stream = [
        b"commit refs/notes/buildlog\n"
        b"committer A Person <person@example.com> %d +0000\ndata 9\nbuildlog\n\n" % END
    ]
    for oid in changed:
        content = b"".join(line + b"\n" for line in notes[oid])
        path = f"{oid[:2]}/{oid[2:]}".encode()
        stream.append(b"M 100644 inline %b\ndata %d\n%b\n" % (path, len(content), content))
    return b"".join(stream)
