"""The engine as a library: what the commands do, without the command line.

    from buildlog_git.api import open_repository

    repository = open_repository(".")
    repository.start_session(error_class="tests")
    repository.log_mistake("tests", "forgot the empty list")
    print(repository.report().distance.mean)

Each method is one flow and returns the value that the command prints with ``--json``, as
a frozen dataclass. Each call sees the repository as it is then. Nothing prints; errors are
``BuildlogError`` with ``message``, ``slug`` and ``hint``.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

from buildlog_git.core.attribution import Tier
from buildlog_git.core.experiment import ExperimentReport
from buildlog_git.core.lesson import Lesson
from buildlog_git.core.metrics import Metrics
from buildlog_git.core.report import Report
from buildlog_git.core.review import By
from buildlog_git.core.reward import Rewards
from buildlog_git.core.rules import State
from buildlog_git.core.session import GENERAL, Asked
from buildlog_git.core.session_events import Given
from buildlog_git.errors import BuildlogError, CheckFailed, GitError, LedgerError, UsageError
from buildlog_git.flows.adding import Told, add_rule
from buildlog_git.flows.check import Health, check
from buildlog_git.flows.context import Context, open_context
from buildlog_git.flows.distance import DistanceResult, measure_distance
from buildlog_git.flows.experiment import make_experiment, session_metrics
from buildlog_git.flows.fresh import refresh
from buildlog_git.flows.importing import AddedRules, import_rules
from buildlog_git.flows.lesson import read_lesson
from buildlog_git.flows.log import Log, make_log
from buildlog_git.flows.mistakes import LoggedMistake, MistakeList, list_mistakes, log_mistake
from buildlog_git.flows.overview import Overview, make_overview
from buildlog_git.flows.pinned import Rendering, render_rules
from buildlog_git.flows.proposing import Proposals, propose
from buildlog_git.flows.review import make_review
from buildlog_git.flows.rewards import GivenReward, give_reward, make_rewards
from buildlog_git.flows.rulebook import (
    RuleCheck,
    RuleList,
    ShownRule,
    check_rules,
    list_rules,
    show_rule,
)
from buildlog_git.flows.rulefiles import ChangedRules, set_state
from buildlog_git.flows.scan import ScanResult, scan
from buildlog_git.flows.session_by_hand import (
    SessionList,
    StartedSession,
    end_session,
    list_sessions,
    show_session,
    start_session,
)
from buildlog_git.flows.session_view import SessionItem
from buildlog_git.flows.sync import Synced, sync
from buildlog_git.flows.why import Why, why

__all__ = [
    "BuildlogError", "CheckFailed", "GitError", "LedgerError", "Repository", "StaleFacts",
    "UsageError", "open_repository",
]  # fmt: skip


class StaleFacts(UserWarning):
    """The last commits are not in yet; what the ledger has is sound all the same."""


def open_repository(
    directory: str | Path = ".", *, environment: Mapping[str, str] | None = None
) -> Repository:
    """Return the repository that ``directory`` is in.

    Args:
        directory: any folder of a work tree, or a bare repository.
        environment: variables to go by instead of the process's own.

    Raises:
        GitError: there is no usable repository.
        UsageError: a setting cannot be used.

    """
    repository = Repository(Path(directory), environment)
    open_context(repository.directory, environment=environment)
    return repository


class Repository:
    """A repository and its ledger.

    Every method may raise ``GitError`` and ``LedgerError``, and ``UsageError`` where an argument
    names nothing. Before it asks, what hooks have queued is read; where that fails it warns
    with :class:`StaleFacts`.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str] | None = None) -> None:
        self.directory = directory
        self.environment = environment

    def __repr__(self) -> str:
        return f"Repository({str(self.directory)!r})"

    def context(self) -> Context:
        """Return what a flow works with, as it is now."""
        context = open_context(self.directory, environment=self.environment)
        behind = refresh(context)
        if behind is not None:
            warnings.warn(behind.message, StaleFacts, stacklevel=3)
        return context

    # -- what history tells -----------------------------------------------------------------

    def scan(self, *revisions: str, since: str | None = None, full: bool = False) -> ScanResult:
        """Look through history and store what became of the agents' commits."""
        return scan(self.context(), revisions, since=since, full=full)

    def report(
        self,
        *revisions: str,
        stored: bool = False,
        base: str | None = None,
        by: By | None = None,
        evidence: Tier | None = None,
    ) -> Report:
        """Return how much people had to revise in a range, HEAD's history by default."""
        return make_review(
            self.context(), revisions, stored=stored, base=base, by=by, evidence=evidence
        )

    def log(self, *revisions: str, agents_only: bool = False) -> Log:
        """Return commits with their agent and what became of its text."""
        return make_log(self.context(), revisions, agents_only=agents_only)

    def distance(self, draft: str, final: str | None = None) -> DistanceResult:
        """Return how much of an agent's commit is undone in another one."""
        return measure_distance(self.context(), draft, final)

    def why(self, commit: str) -> Why:
        """Return who made a commit, and by which evidence."""
        return why(self.context(), commit)

    def sync(
        self,
        remote: str | None = None,
        *,
        everywhere: bool = False,
        push: bool = True,
        dry_run: bool = False,
    ) -> Synced:
        """Exchange facts with a remote: fetch, unite, push; nobody is asked for a password."""
        return sync(
            self.context(), remote,
            everywhere=everywhere, push=push, dry_run=dry_run, alone=True,
        )  # fmt: skip

    def check(self) -> Health:
        """Return whether the stored facts are sound."""
        return check(self.context().ledger)

    # -- rewards ----------------------------------------------------------------------------

    def rewards(self, *revisions: str, stored: bool = False, limit: int | None = None) -> Rewards:
        """Return what each draft is worth so far, the newest first."""
        return make_rewards(self.context(), revisions, stored=stored, limit=limit)

    def reward(
        self,
        outcome: Given,
        *,
        distance: float | None = None,
        commit: str | None = None,
        error_class: str | None = None,
        rules: Sequence[str] = (),
        note: str = "",
    ) -> GivenReward:
        """Say what a draft is worth, above what is measured."""
        return give_reward(
            self.context(), outcome, distance=distance, commit=commit, error_class=error_class,
            rules=rules, note=note,
        )  # fmt: skip

    # -- sessions ---------------------------------------------------------------------------

    def start_session(
        self,
        *,
        error_class: str | None = None,
        k: int | None = None,
        rules: Sequence[str] = (),
        seeds: Sequence[str] = (),
        forced: Sequence[str] = (),
        removed: Sequence[str] = (),
        note: str = "",
    ) -> StartedSession:
        """Start a session on the branch that is checked out; the open one there ends."""
        asked = Asked(
            error_class=error_class, k=k, rules=tuple(rules), seeds=tuple(seeds),
            forced=tuple(forced), note=note, removed=tuple(removed),
        )  # fmt: skip
        return start_session(self.context(), asked)

    def end_session(self, *, note: str = "", entry: Path | None = None) -> SessionItem:
        """End the open session and return what came of it."""
        return end_session(self.context(), note=note, entry=entry)

    def sessions(self) -> SessionList:
        """Return all sessions, the newest first."""
        return list_sessions(self.context())

    def session(self, name: str | None = None) -> SessionItem:
        """Return one session, the open one by default."""
        return show_session(self.context(), name)

    def metrics(self, name: str | None = None, *, stored: bool = False) -> Metrics:
        """Return mistakes, repeats and rules of one session, or of all."""
        return session_metrics(self.context(), name, stored=stored)

    def experiment(self, *, stored: bool = False) -> ExperimentReport:
        """Return what all sessions together have shown."""
        return make_experiment(self.context(), stored=stored)

    def stats(self, *, stored: bool = False) -> Overview:
        """Return totals, coverage, streaks and warnings."""
        return make_overview(self.context(), stored=stored)

    # -- rules ------------------------------------------------------------------------------

    def rules(self) -> RuleList:
        """Return the rules of the work tree, by state and id."""
        return list_rules(self.context())

    def check_rules(self) -> RuleCheck:
        """Return all that is wrong with the rules of the work tree."""
        return check_rules(self.context())

    def import_rules(self, *, state: State = "pinned", dry_run: bool = False) -> AddedRules:
        """Cut the agents' files that the work tree has into rules; import twice is import once."""
        return import_rules(self.context(), state=state, dry_run=dry_run)

    def set_rule_state(self, rules: Sequence[str], state: State) -> ChangedRules:
        """Set the state of rules, in their own files."""
        return set_state(self.context(), rules, state)

    def propose_rules(self, *, add: Sequence[str] = (), reject: Sequence[str] = ()) -> Proposals:
        """Return what history suggests; write only what ``add`` and ``reject`` name."""
        return propose(self.context(), add=add, reject=reject)

    def add_rule(
        self,
        text: str,
        *,
        name: str = "",
        title: str = "",
        error_class: str = GENERAL,
        scope: Sequence[str] = (),
        state: State = "trial",
    ) -> AddedRules:
        """Write a new rule; its id and title are by default made of its text."""
        told = Told(text, name, title, error_class, tuple(scope))
        return add_rule(self.context(), told, state)

    def render_rules(self, *targets: str, write: bool = True, force: bool = False) -> Rendering:
        """Put the pinned rules into the files that agents read, or say what would change."""
        return render_rules(self.context(), targets, write=write, force=force)

    def rule(self, name: str) -> ShownRule:
        """Return one rule with its text and what it does."""
        return show_rule(self.context(), name)

    def effects(self, *, stored: bool = False) -> Lesson:
        """Return what all sessions tell of the rules."""
        return read_lesson(self.context(), stored=stored)

    # -- mistakes ---------------------------------------------------------------------------

    def log_mistake(
        self,
        error_class: str,
        description: str,
        *,
        corrected_by: str | None = None,
        repeat_of: str | None = None,
        session: str | None = None,
        commit: str = "HEAD",
    ) -> LoggedMistake:
        """Log a mistake of the open session, and return whether it was made before."""
        return log_mistake(
            self.context(), error_class, description, corrected_by=corrected_by,
            repeat_of=repeat_of, session=session, commit=commit,
        )  # fmt: skip

    def mistakes(
        self,
        *,
        error_class: str | None = None,
        only_repeats: bool = False,
        limit: int | None = None,
        stored: bool = False,
    ) -> MistakeList:
        """Return the mistakes, the newest first."""
        return list_mistakes(
            self.context(), error_class=error_class, only_repeats=only_repeats, limit=limit,
            stored=stored,
        )  # fmt: skip
