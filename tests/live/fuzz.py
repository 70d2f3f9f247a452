"""Random sequences of what people do with git, held to :mod:`tests.live.model`.

    python -m tests.live.fuzz SEED          replay one sequence, telling each step
    python -m tests.live.fuzz FIRST LAST    run many

Every step runs real git and says to the model what it means.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from buildlog_git.core.distance import distance
from buildlog_git.core.fold import DraftRecord, fold
from buildlog_git.core.ids import Oid
from buildlog_git.flows.report import with_new
from buildlog_git.flows.scan import find_events
from tests.builder import AGENTS, START, Repo, sealed_environment
from tests.flows.play import context
from tests.live.model import (
    Commit,
    Draft,
    Tree,
    ancestors,
    bounds,
    draft_of,
    make,
    merged,
    patch_of,
    single,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from buildlog_git.core.events import Event

FILES, GAPS = 10, 6
STEPS = 20
MODES = ("ticking", "ticking", "stopped", "wip", "backwards")
"""How commits are dated: an hour apart, all at once, all at once and named alike, or backwards."""
ENOUGH = 0.6
"""Share of a draft that must stand for its new home to be known by content alone."""


class Disagreement(AssertionError):  # noqa: N818 - it names what happened
    """The program and the model do not say the same."""


class Fuzz:
    """One sequence, in a repository of its own."""

    def __init__(self, seed: int, template: Path, folder: Path, *, loud: bool = False) -> None:
        self.seed = seed
        self.random = random.Random(seed)
        self.loud = loud
        shutil.copytree(template, folder)
        self.repo = Repo(folder)
        self.mode = self.random.choice(MODES)
        self.now = START + (400 * 3600 if self.mode == "backwards" else 0)
        self.latest = self.now
        self.lines = 0
        self.subjects = 0
        first = Commit({}, (), None, "Begin", self._read("main"))
        self.branches = {"main": first}
        self.at = "main"
        self.drafts: list[Draft] = []
        self.events: tuple[Event, ...] = ()

    # -- git ------------------------------------------------------------------------------------

    @property
    def head(self) -> Commit:
        return self.branches[self.at]

    def _read(self, branch: str) -> str:
        return (self.repo.path / ".git" / "refs" / "heads" / branch).read_text().strip()

    def git(self, *args: str, check: bool = True, editor: str = "true") -> bool:
        """Run git at the next moment; return whether it did all that it was asked to."""
        if self.mode == "ticking":
            self.now += 3600
        elif self.mode == "backwards":
            self.now -= 60
        self.latest = max(self.latest, self.now)
        when = f"{self.now} +0000"
        if self.loud:
            print("   git", *args)
        env = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when, "GIT_EDITOR": "true",
               "GIT_SEQUENCE_EDITOR": editor}  # fmt: skip
        try:
            self.repo.git(*args, stdin=b"", check=True, **env)
        except AssertionError:
            if check:
                raise
            return False
        return True

    def subject(self) -> str:
        self.subjects += 1
        return "wip" if self.mode == "wip" else f"Step {self.subjects}"

    def write(self, tree: Tree, old: Tree) -> None:
        """Make the work tree what the model says."""
        places = old.keys() | tree.keys()
        for number in {place // GAPS for place in places if old.get(place) != tree.get(place)}:
            self.write_file(number, tree)

    def write_file(self, number: int, tree: Tree) -> None:
        (self.repo.path / f"f{number}.txt").write_text(file_content(number, tree))

    def advance(self, commit: Commit) -> None:
        """Take note of the commit that git has made on this branch."""
        commit.oid = self._read(self.at)
        self.branches[self.at] = commit

    def new_commit(self, tree: Tree, agent: str | None = None) -> None:
        subject = self.subject()
        mark = f"\n\n{AGENTS[agent]}" if agent else ""
        self.write(tree, self.head.tree)
        self.git("commit", "--quiet", "--all", "-m", f"{subject}{mark}")
        commit = make(tree, (self.head,), agent, subject)
        if agent:
            draft_of(commit)
            assert commit.draft
            self.drafts.append(commit.draft)
        self.advance(commit)

    # -- what people and agents do: each returns whether it could -------------------------------

    def fresh(self, tree: Tree, count: int) -> Tree:
        """Return ``tree`` with new lines in empty places of one file."""
        number = self.random.randrange(FILES)
        free = [p for p in range(number * GAPS, (number + 1) * GAPS) if p not in tree]
        more = dict(tree)
        for place in free[:count]:
            self.lines += 1
            more[place] = self.lines
        return more

    def agent_writes(self) -> bool:
        tree = self.fresh(self.head.tree, self.random.randint(3, GAPS))
        if len(tree) - len(self.head.tree) < 3:
            return False
        self.new_commit(tree, self.random.choice(("claude", "codex")))
        return True

    def revised(self, tree: Tree, places: list[int], count: int) -> Tree:
        less = dict(tree)
        for place in self.random.sample(places, min(count, len(places))):
            del less[place]
            if self.random.random() < 0.5:
                self.lines += 1
                less[place] = self.lines
        return less

    def person_revises(self) -> bool:
        if not self.head.tree:
            return False
        count = self.random.randint(1, 3)
        self.new_commit(self.revised(self.head.tree, sorted(self.head.tree), count))
        return True

    def person_adds(self) -> bool:
        tree = self.fresh(self.head.tree, 2)
        if len(tree) == len(self.head.tree):
            return False
        self.new_commit(tree)
        return True

    def person_amends(self) -> bool:
        old = self.head
        own = sorted(p for p, (_, new) in old.changes.items() if new is not None)
        if len(old.parents) != 1 or len(own) < 2:
            return False
        tree = self.revised(old.tree, own, self.random.randint(0, len(own) // 2))
        self.write(tree, old.tree)
        words = ("-m", self._message(old)) if tree == old.tree else ("--no-edit",)
        self.git("commit", "--quiet", "--all", "--amend", *words)
        self.advance(make(tree, old.parents, old.agent, old.subject, (old,)))
        return True

    def _message(self, old: Commit) -> str:
        if self.mode != "wip":
            old = Commit(old.tree, old.parents, old.agent, self.subject())
        return f"{old.subject}\n\n{AGENTS[old.agent]}" if old.agent else old.subject

    def soft_reset(self) -> bool:
        """Reset and commit again, with words that name no agent."""
        old = self.head
        if len(old.parents) != 1 or not old.changes or old in ancestors(self.branches["main"]):
            return False  # what main has is not looked for elsewhere
        self.git("reset", "--quiet", "--soft", "HEAD^")
        subject = self.subject()
        self.git("commit", "--quiet", "-m", subject)
        self.advance(make(old.tree, old.parents, None, subject, (old,)))
        return True

    def hard_reset(self) -> bool:
        old = self.head
        if len(old.parents) != 1:
            return False
        self.git("reset", "--quiet", "--hard", "HEAD^")
        self.branches[self.at] = old.parents[0]
        return True

    def switches(self) -> bool:
        others = [name for name in self.branches if name != self.at]
        if others and (len(self.branches) > 3 or self.random.random() < 0.6):
            self.at = self.random.choice(others)
            self.git("switch", "--quiet", self.at)
            return True
        name = f"b{self.subjects}x{len(self.branches)}"
        if name in self.branches:
            return False
        self.git("switch", "--quiet", "--create", name)
        self.branches[name], self.at = self.head, name
        return True

    def deletes(self) -> bool:
        others = [name for name in self.branches if name not in (self.at, "main")]
        if not others:
            return False
        name = self.random.choice(others)
        self.git("branch", "--quiet", "-D", name)
        del self.branches[name]
        return True

    def merges(self) -> bool:
        theirs = self._other()
        if theirs is None:
            return False
        ours = self.head
        mine, other = ancestors(ours), ancestors(theirs)
        if theirs in mine:
            return False
        if ours in other and self.random.random() < 0.5:
            self.git("merge", "--quiet", "--ff-only", theirs.oid)
            self.branches[self.at] = theirs
            return True
        base = self._base(ours, theirs)
        if base is None:
            return False
        tree, conflicts = merged(base.tree, ours.tree, theirs.tree)
        clean = self.git("merge", "--quiet", "--no-ff", "-m", self.subject(), theirs.oid,
                         check=False)  # fmt: skip
        assert clean != bool(conflicts), "the model does not merge as git does"
        if conflicts and self.random.random() < 0.3:
            self.git("merge", "--abort")
            return True
        if conflicts:
            tree = self.resolve(tree, theirs.tree, conflicts)
            self.git("commit", "--quiet", "--all", "--no-edit")
        self.advance(make(tree, (ours, theirs), None, "merge"))
        return True

    def resolve(
        self, tree: Tree, theirs: Tree, conflicts: set[int], *, all_theirs: bool = False
    ) -> Tree:
        """Resolve conflicts, one place at a time, and write that to the work tree."""
        tree = dict(tree)
        for place in sorted(conflicts):
            if all_theirs or self.random.random() < 0.5:
                tree.pop(place, None)
                if place in theirs:
                    tree[place] = theirs[place]
        for number in {place // GAPS for place in conflicts}:
            self.write_file(number, tree)
        return tree

    def _other(self) -> Commit | None:
        others = [name for name in self.branches if name != self.at]
        return self.branches[self.random.choice(others)] if others else None

    def _base(self, ours: Commit, theirs: Commit) -> Commit | None:
        """Return the one best common ancestor; none where there are several."""
        common = [c for c in ancestors(theirs) if c in set(ancestors(ours))]
        best = [c for c in common if not any(c in ancestors(d)[:-1] for d in common)]
        return best[0] if len(best) == 1 else None

    def squash_merges(self) -> bool:
        theirs, ours = self._other(), self.head
        if theirs is None or theirs in ancestors(ours) or ours in ancestors(theirs):
            return False
        base = self._base(ours, theirs)
        if base is None:
            return False
        tree, conflicts = merged(base.tree, ours.tree, theirs.tree)
        if conflicts or tree == ours.tree:
            return False
        series = [c for c in ancestors(theirs) if c not in set(ancestors(ours))]
        self.git("merge", "--quiet", "--squash", theirs.oid)
        carried = {draft for c in series for draft in c.carried} - ours.known.keys()
        plain = all(self.clear(draft, tree) for draft in carried)
        plain = plain and len(single(series)) == len(series)
        subject = self.subject()
        if plain and self.random.random() < 0.5:
            self.git("commit", "--quiet", "-m", subject)
            agent = None
        else:
            self.git("commit", "--quiet", "--no-edit")
            agent = next((c.agent for c in reversed(series) if c.agent), None)
        whole = Commit(theirs.tree, theirs.parents, None, "", forms=carried, known=theirs.known)
        self.advance(make(tree, (ours,), agent, subject, (whole,)))
        return True

    def clear(self, draft: Draft, tree: Tree) -> bool:
        """Return whether enough of a draft stands in ``tree`` to know it by.

        What main has is not looked for elsewhere.
        """
        if draft in self.branches["main"].known:
            return False
        return len(draft.lines & set(tree.values())) >= ENOUGH * len(draft.lines)

    def picks(self) -> bool:
        theirs, ours = self._other(), self.head
        if theirs is None:
            return False
        mine = set(ancestors(ours))
        choice = [c for c in single(ancestors(theirs)) if c not in mine and c.changes]
        if not choice:
            return False
        old = self.random.choice(choice)
        tree, conflicts = merged(old.parents[0].tree, ours.tree, old.tree)
        if tree == ours.tree:
            return False
        how = self.random.choice(("plain", "named", "bare"))
        if how == "bare" and (conflicts or not all(self.clear(d, tree) for d in old.carried)):
            how = "plain"
        flags = {"plain": (), "named": ("-x",), "bare": ("--no-commit",)}[how]
        clean = self.git("cherry-pick", *flags, old.oid, check=False)
        assert clean != bool(conflicts), "the model does not pick as git does"
        agent, subject = old.agent, old.subject
        if conflicts:
            if self.random.random() < 0.4:
                self.git("cherry-pick", "--abort")
                return True
            tree = self.resolve(tree, old.tree, conflicts, all_theirs=True)
            self.git("commit", "--quiet", "--all", "--no-edit")
        if how == "bare":
            agent, subject = None, self.subject()
            self.git("commit", "--quiet", "-m", subject)
        self.advance(make(tree, (ours,), agent, subject, (old,)))
        return True

    def reverts(self) -> bool:
        ours = self.head
        choice = [c for c in single(ancestors(ours)) if c.changes]
        if not choice:
            return False
        old = self.random.choice(choice)
        tree, conflicts = merged(old.tree, ours.tree, old.parents[0].tree)
        if tree == ours.tree:
            return False
        clean = self.git("revert", "--no-edit", old.oid, check=False)
        assert clean != bool(conflicts), "the model does not revert as git does"
        if conflicts:
            self.git("revert", "--abort")
            return True
        self.advance(make(tree, (ours,), None, f'Revert "{old.subject}"'))
        return True

    # -- rebases --------------------------------------------------------------------------------

    def rebases(self) -> bool:
        onto = self._other()
        ours = self.head
        if onto is None or onto in ancestors(ours) or ours in ancestors(onto):
            return False
        upstream = set(ancestors(onto))
        has = {patch_of(c) for c in single(ancestors(onto)) if c not in set(ancestors(ours))}
        series = [c for c in single(ancestors(ours)) if c not in upstream]
        if len([c for c in ancestors(ours) if c not in upstream]) != len(series):
            return False  # a branch with merges: git makes it straight in an order of its own
        picks = [("pick", c) for c in series if patch_of(c) not in has and c.changes]
        backend = self.random.choice(("--merge", "--apply"))
        flags = (backend,) if backend == "--apply" else ("--empty=drop", backend)
        return self.replay(onto, picks, flags, "true")

    def interactive(self) -> bool:
        """Rebase the last commits of this branch with a list of steps of one's own."""
        series: list[Commit] = []
        at = self.head
        fixed = set(ancestors(self.branches["main"])) if self.at != "main" else set()
        while len(at.parents) == 1 and len(series) < 5 and at.changes and at not in fixed:
            series.append(at)
            at = at.parents[0]
        if len(series) < 2:
            return False
        series.reverse()
        steps = [("pick", c) for c in series]
        what = self.random.choice(("drop", "swap", "fixup", "squash", "drop"))
        place = self.random.randrange(1, len(steps))
        if what == "drop":
            del steps[place - 1]
        elif what == "swap":
            steps[place - 1], steps[place] = steps[place], steps[place - 1]
        else:
            steps[place] = (what, steps[place][1])
        if not steps:
            return False
        todo = self.repo.path / ".git" / "todo"
        todo.write_text("".join(f"{verb} {c.oid}\n" for verb, c in steps))
        flags = ("--interactive", "--empty=drop")
        return self.replay(at, steps, flags, f"cp '{todo}'")

    def replay(
        self, onto: Commit, steps: list[tuple[str, Commit]], flags: tuple[str, ...], editor: str
    ) -> bool:
        """Run a rebase and follow it step by step; conflicts are met as they come."""
        before = self.head
        at = onto
        done = self.git("rebase", "--quiet", *flags, onto.oid, check=False, editor=editor)
        for verb, old in steps:
            if verb == "pick" and old.parents[0] is at and "--apply" not in flags:
                at = old  # git leaves it as it is
                continue
            tree, conflicts = merged(old.parents[0].tree, at.tree, old.tree)
            if conflicts:
                assert not done, "git saw no conflict"
                how = self.random.choice(("continue", "continue", "skip", "abort"))
                if verb != "pick":
                    how = "abort"
                if how == "abort":
                    self.git("rebase", "--abort")
                    return True
                if how == "skip":
                    done = self.git("rebase", "--skip", check=False)
                    continue
                tree = self.resolve(tree, old.tree, conflicts, all_theirs=True)
                self.repo.git("add", "--all")
                done = self.git("rebase", "--continue", check=False)
            if verb != "pick" and tree == at.parents[0].tree:
                self.git("rebase", "--abort")  # git stops before it folds two commits to none
                return True
            if tree == at.tree:
                continue  # it became empty, and git drops it
            if verb == "pick":
                at = make(tree, (at,), old.agent, old.subject, (old,))
            else:
                agent = at.agent or (old.agent if verb == "squash" else None)
                at = make(tree, at.parents, agent, at.subject, (old, at))
        assert done, "git did not end the rebase"
        if at is not before:
            self.name(at, onto)
        return True

    def name(self, tip: Commit, onto: Commit) -> None:
        """Learn git's names of the commits that a rebase has made."""
        names = self.repo.git("rev-list", f"{onto.oid}..{self.at}").split()
        at = tip
        for oid in names:
            assert at is not onto, "git kept a commit that the model dropped"
            at.oid = oid
            at = at.parents[0]
        assert at is onto, "git dropped a commit that the model kept"
        self.branches[self.at] = tip

    # -- the comparison -------------------------------------------------------------------------

    def run(self, steps: int = STEPS) -> None:
        """Take ``steps`` steps; compare at the end and at some point before."""
        moves = [
            (self.agent_writes, 6), (self.person_revises, 3), (self.person_adds, 2),
            (self.person_amends, 3), (self.soft_reset, 1), (self.hard_reset, 1),
            (self.switches, 4), (self.deletes, 1), (self.merges, 2), (self.squash_merges, 2),
            (self.picks, 3), (self.reverts, 1), (self.rebases, 3), (self.interactive, 3),
        ]  # fmt: skip
        look = self.random.randrange(steps // 2, steps)
        done = 0
        while done < steps:
            move = self.random.choices([m for m, _ in moves], [w for _, w in moves])[0]
            if self.loud:
                print(f"{done + 1}. {move.__name__} on {self.at} ({self.head.oid[:7]})")
            if move():
                done += 1
                if done in (look, steps):
                    self.compare()

    def compare(self) -> None:
        """Hold what the program finds to the model."""
        here = context(self.repo, now=self.latest + 3600)
        found = find_events(here, self.events)
        self.events = with_new(self.events, found.events)
        again = find_events(here, self.events).events
        more = with_new(self.events, again)[len(self.events) :]
        self.demand(not more, f"a second scan writes {more}")
        records = {str(r.draft.commit): r for r in fold(self.events).drafts}
        want = {draft.commit.oid: draft for draft in self.drafts}
        self.demand(records.keys() == want.keys(), self._difference(set(records), set(want)))
        for name, tip in self.branches.items():
            inside = {Oid(c.oid) for c in ancestors(tip)}
            for oid, draft in want.items():
                self.compare_draft(records[oid], draft, name, tip, inside)

    def compare_draft(
        self, record: DraftRecord, draft: Draft, name: str, tip: Commit, inside: set[Oid]
    ) -> None:
        title = f"draft {draft.commit.oid[:7]} on {name}"
        self.demand(record.draft.agent == draft.agent, f"{title}: {record.draft.agent}")
        here = any(oid in inside for oid in (record.draft.commit, *record.homes))
        self.demand(here == (draft in tip.known), f"{title}: known {here}")
        if not here:
            return
        value, limits = distance(record.owned, record.account(inside)), bounds(draft, tip)
        fits = (value is None) == (limits is None)
        if value is not None and limits is not None:
            fits = limits[0] - 1e-9 <= value <= limits[1] + 1e-9
        self.demand(fits, f"{title}: {value}, not {limits}")

    def _difference(self, found: set[str], want: set[str]) -> str:
        more, less = (sorted(o[:7] for o in those) for those in (found - want, want - found))
        return f"drafts too many: {more}, missing: {less}"

    def demand(self, holds: bool, said: str) -> None:
        if not holds:
            raise Disagreement(f"seed {self.seed}: {said} (python -m tests.live.fuzz {self.seed})")


def file_content(number: int, tree: Tree) -> str:
    """Return a file: a line that stays before each place, and what stands there."""
    rows = []
    for gap in range(GAPS):
        rows.append(f"anchor{number}x{gap}a anchor{number}x{gap}b")
        line = tree.get(number * GAPS + gap)
        if line is not None:
            rows.append(" ".join(f"t{line:05}{word}" for word in "abcdef"))
    rows.append(f"end{number}anchor")
    return "".join(f"{row}\n" for row in rows)


def make_template(folder: Path) -> Path:
    """Make the repository that each sequence begins with."""
    repo = Repo.init(folder)
    for number in range(FILES):
        (folder / f"f{number}.txt").write_text(file_content(number, {}))
    repo.git("config", "core.fsmonitor", "false")
    repo.git("add", "--all")
    repo.git("commit", "--quiet", "-m", "Begin")
    for hook in (folder / ".git" / "hooks").glob("*.sample"):
        hook.unlink()
    return folder


def run_seeds(seeds: Iterable[int], folder: Path, *, loud: bool = False) -> None:
    """Run many sequences."""
    template = make_template(folder / "template")
    for seed in seeds:
        place = folder / f"seed{seed}"
        Fuzz(seed, template, place, loud=loud).run()
        shutil.rmtree(place)


def main(args: list[str]) -> None:
    """Replay from the command line."""
    first, last = int(args[0]), int(args[-1])
    with tempfile.TemporaryDirectory() as name:
        environment = sealed_environment(Path(name) / "home")
        for variable in os.environ.keys() - environment.keys():
            del os.environ[variable]
        os.environ.update(environment)
        template, bad = make_template(Path(name) / "template"), 0
        for seed in range(first, last + 1):
            folder = Path(name) / f"seed{seed}"
            try:
                Fuzz(seed, template, folder, loud=first == last).run()
            except AssertionError as error:
                bad += 1
                print(f"seed {seed}: {error.args[0]}")
                if first == last:
                    print(Repo(folder).git("log", "--graph", "--oneline", "--reflog", "--branches"))
            shutil.rmtree(folder)
    print(f"{bad} of {last - first + 1} disagree")


if __name__ == "__main__":
    main(sys.argv[1:])
