"""The commands that people and agents call most, as they call them: without an argument parser.

To load typer, and what it loads, takes ten bare interpreters: more than these commands take by
themselves. What is written here is what the parser's own commands do, which call the same
functions; a command line with any option but ``--json`` is for the parser.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildlog_git.cli.failure import explain
from buildlog_git.cli.formats import Output, write_report_to
from buildlog_git.cli.here import Surroundings, say_problems

if TYPE_CHECKING:
    from buildlog_git.core.attribution import Tier
    from buildlog_git.core.report import Report
    from buildlog_git.core.review import By
    from buildlog_git.core.session import Asked


def run(arguments: Sequence[str]) -> int | None:
    """Run a plain command and return its exit code; None where the parser must read it."""
    words = [word for word in arguments if word != "--json"]
    as_json = len(words) < len(arguments)
    command = words[:2] if words[:1] == ["session"] else words[:1]
    if list(arguments[: len(command)]) != command or any(w.startswith("-") for w in words):
        return None
    here = Surroundings()
    try:
        if words == ["status"]:
            show_status(here, as_json=as_json)
        elif words == ["session", "start"]:
            begin_session(here, None, as_json=as_json)
        elif command == ["report"]:
            print_report(here, words[1:], [Output("json" if as_json else "terminal")])
        else:
            return None
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last door
        return explain(error)
    return 0


def show_status(here: Surroundings, *, as_json: bool) -> None:
    """Say what is installed and what waits."""
    from buildlog_git.cli.words.status import write_status
    from buildlog_git.flows.status import look

    with here.context(drain=False) as repository:
        found = look(repository)
    here.show(found, write_status, as_json=as_json)


def begin_session(here: Surroundings, asked: Asked | None, *, as_json: bool) -> None:
    """Start a session as it is asked for, by default as the branch and the repository say."""
    from buildlog_git.cli.words.session import write_started
    from buildlog_git.core.session import NOTHING_ASKED
    from buildlog_git.flows.session_by_hand import start_session

    with here.context() as repository:
        result = start_session(repository, asked or NOTHING_ASKED)
    say_problems(result.problems, "session-problem")
    here.show(result, write_started, as_json=as_json)


def print_report(
    here: Surroundings,
    named: Sequence[str],
    asked: list[Output],
    *,
    stored: bool = False,
    base: str | None = None,
    by: By | None = None,
    evidence: Tier | None = None,
) -> Report:
    """Make the report on what is ``named`` and write it wherever it was asked for.

    A plain one is kept, for who asks again while nothing has changed.
    """
    from buildlog_git.cli.quick import kept
    from buildlog_git.flows.drain import looks_again
    from buildlog_git.flows.review import make_lasting_review

    plain = asked in ([Output("terminal")], [Output("json")]) and not (base or by or evidence)
    with here.context() as repository:
        repo, now = repository.repo, repository.now
        answer = kept(repo, now, named, as_json=asked[0].format == "json") if plain else None
        result, span = make_lasting_review(
            repository, named, stored=stored, base=base, by=by, evidence=evidence
        )
    text = write_report_to(here, result, repo.name, asked)
    if answer is not None and not stored:
        answer.keep(text, span.cut(looks_again(repo.common_dir)))
    return result
