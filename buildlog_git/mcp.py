"""The flows as tools of the Model Context Protocol, over standard input and output.

A tool is a row of ``TOOLS``: its arguments are read off the flow's signature, its description
off the docstring, and its result is the value that the command prints with ``--json``, by the
same schema. A failure is a result with the error's slug and hint, so that an agent can act on
it. The server is bound to one directory and opens no other.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from buildlog_git import __version__
from buildlog_git.errors import BuildlogError, UsageError
from buildlog_git.flows.adding import add_rule
from buildlog_git.flows.check import Health
from buildlog_git.flows.check import check as check_ledger
from buildlog_git.flows.context import Context, open_context
from buildlog_git.flows.distance import measure_distance
from buildlog_git.flows.experiment import make_experiment, session_metrics
from buildlog_git.flows.fresh import refresh
from buildlog_git.flows.lesson import read_lesson
from buildlog_git.flows.log import make_log
from buildlog_git.flows.mistakes import list_mistakes, log_mistake
from buildlog_git.flows.overview import make_overview
from buildlog_git.flows.pinned import render_rules
from buildlog_git.flows.proposing import propose
from buildlog_git.flows.review import make_review
from buildlog_git.flows.rewards import give_reward, make_rewards
from buildlog_git.flows.rulebook import list_rules, show_rule
from buildlog_git.flows.rulefiles import ChangedRules, set_state
from buildlog_git.flows.scan import scan
from buildlog_git.flows.schema import schema_of
from buildlog_git.flows.session_by_hand import (
    end_session,
    list_sessions,
    show_session,
    start_session,
)
from buildlog_git.flows.why import why
from buildlog_git.render.jsonout import to_plain

if TYPE_CHECKING:
    from mcp import types

INSTRUCTIONS = (
    "git-buildlog measures how much of what agents commit people have to revise, and which of "
    "the team's rules change that. Start a session before a piece of work, log mistakes as they "
    "are made, end the session when it is done; the rest is read from git."
)


def check(context: Context) -> Health:
    """Say whether the stored facts are sound."""
    return check_ledger(context.ledger)


def pin(context: Context, names: tuple[str, ...]) -> ChangedRules:
    """Let rules be on in every session, in their own files; nothing is committed."""
    return set_state(context, names, "pinned")


def trial(context: Context, names: tuple[str, ...]) -> ChangedRules:
    """Put rules on trial, in their own files; nothing is committed."""
    return set_state(context, names, "trial")


def retire(context: Context, names: tuple[str, ...]) -> ChangedRules:
    """Let rules never be on, in their own files; nothing is committed."""
    return set_state(context, names, "retired")


class Tool(NamedTuple):
    """A flow that agents may call; ``schema`` names its result, ``writes`` says what it does."""

    flow: Callable[..., Any]
    schema: str
    writes: bool = False

    @property
    def name(self) -> str:
        """What agents call it: as the command."""
        return f"buildlog_{self.schema.replace('-', '_')}"

    @property
    def description(self) -> str:
        """What the flow's docstring says, without its sections."""
        text = inspect.cleandoc(self.flow.__doc__ or "")
        for section in ("Args:", "Raises:", "Returns:"):
            text = text.partition(f"\n\n{section}")[0]
        return text

    @property
    def arguments(self) -> type[BaseModel]:
        """What it takes, without the context."""
        fields: dict[str, Any] = {
            name: (hint, Field(default, description=PARAMETERS.get(name)))
            for name, hint, default in _parameters(self.flow)
        }
        return create_model(self.name, __config__=ConfigDict(extra="forbid"), **fields)

    def call(self, context: Context, given: BaseModel) -> Any:
        """Call the flow and return its result."""
        values = {name: getattr(given, name) for name in type(given).model_fields}
        return self.flow(context, **dict(_bound(self.flow, context, values)))


TOOLS = (
    Tool(make_review, "report"),
    Tool(make_log, "log"),
    Tool(measure_distance, "distance"),
    Tool(why, "why"),
    Tool(make_rewards, "rewards"),
    Tool(give_reward, "reward", writes=True),
    Tool(start_session, "session-start", writes=True),
    Tool(end_session, "session-end", writes=True),
    Tool(list_sessions, "session-list"),
    Tool(show_session, "session-show"),
    Tool(session_metrics, "session-metrics"),
    Tool(log_mistake, "mistake", writes=True),
    Tool(list_mistakes, "mistakes"),
    Tool(make_experiment, "experiment"),
    Tool(make_overview, "stats"),
    Tool(list_rules, "rules-list"),
    Tool(show_rule, "rules-show"),
    Tool(read_lesson, "rules-effects"),
    Tool(propose, "rules-propose", writes=True),
    Tool(add_rule, "rules-add", writes=True),
    Tool(pin, "rules-pin", writes=True),
    Tool(trial, "rules-trial", writes=True),
    Tool(retire, "rules-retire", writes=True),
    Tool(render_rules, "rules-render", writes=True),
    Tool(scan, "scan", writes=True),
    Tool(check, "check"),
)

PARAMETERS = {
    "add": "ids of proposals to put on trial",
    "base": "report on what one commit (HEAD, or the one in revisions) adds to this one",
    "by": "also in groups: agent, class, rule, dir or month",
    "evidence": "which marks of agents count, strict or loose; says what the other gives",
    "agents_only": "leave out commits without an agent's mark",
    "commit": "which commit; HEAD by default",
    "corrected_by": "the rule that would have prevented it",
    "description": "what went wrong, in a few words",
    "distance": "how much was revised, from 0 to 1",
    "draft": "a commit, or a series A..B that counts as one draft",
    "entry": "a file that tells about the session",
    "error_class": "the kind of work or of mistake, one word",
    "final": "the commit to compare with; HEAD by default",
    "forced": "rules to put on for sure",
    "force": "also overwrite what was changed by hand within our block",
    "full": "look again at drafts whose window has closed",
    "id": "the rule's id; by default made of its first words",
    "k": "at most so many rules come on",
    "limit": "list only so many, the newest",
    "name": "the id of a rule, or of a session (its beginning is enough)",
    "names": "ids of rules",
    "note": "a few words to keep with it",
    "only_repeats": "only those that were made before",
    "outcome": "accepted, revision or rejected",
    "reject": "ids of proposals to turn down for good",
    "removed": "rules to take off",
    "repeat_of": "the mistake that it repeats; the beginning of its id",
    "revision": "any name of a commit",
    "revisions": "commits, as for git log: main, v1.0..HEAD; by default HEAD's history",
    "rules": "ids of rules",
    "scope": "globs of the files that the rule is about; none: all files",
    "seeds": "ids of rules to offer besides",
    "session": "another session than the open one; the beginning of its id",
    "since": "only drafts after this date, as for git log",
    "state": "pinned, trial or retired",
    "stored": "ask the ledger alone; look nothing up in history",
    "targets": "agents, or all; by default those that the repository has files of",
    "text": "what the rule asks for",
    "title": "a few words for lists; by default the text's first sentence",
    "write": "write the files; else only say what would change",
}
"""What the arguments of flows mean."""


def _parameters(flow: Callable[..., Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, type and default of each argument; one that is a named tuple is taken apart."""
    hints = get_type_hints(flow)
    for parameter in list(inspect.signature(flow).parameters.values())[1:]:
        hint = hints[parameter.name]
        if hasattr(hint, "_fields"):
            inner = get_type_hints(hint)
            for name in hint._fields:
                yield name, inner[name], hint._field_defaults.get(name, ...)
        else:
            required = parameter.default is parameter.empty
            yield parameter.name, hint, ... if required else parameter.default


def _bound(
    flow: Callable[..., Any], context: Context, values: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the arguments that the flow itself takes; paths are below the server's directory."""
    hints = get_type_hints(flow)
    for name in list(inspect.signature(flow).parameters)[1:]:
        hint = hints[name]
        if hasattr(hint, "_fields"):
            yield name, hint(**{field: values[field] for field in hint._fields})
        elif isinstance(values[name], Path):
            yield name, context.repo.top / values[name]
        else:
            yield name, values[name]


class Answer(NamedTuple):
    """What a call came to: a plain value, or an error; ``note`` says what stood in the way."""

    value: dict[str, Any]
    failed: bool = False
    note: str = ""


def answer(directory: Path, name: str, arguments: dict[str, Any]) -> Answer:
    """Call a tool in the repository that ``directory`` is in; nothing raises."""
    try:
        tool, given = _wanted(name, arguments)
        context = open_context(directory)
        behind = refresh(context)
        note = f"{behind.message} [{behind.slug}]" if behind else ""
        return Answer(to_plain(tool.call(context, given)), note=note)
    except BuildlogError as error:
        return _failure(error.message, error.slug, error.hint)
    except Exception as error:  # noqa: BLE001 - the last door: an agent gets an answer
        return _failure(f"unexpected {type(error).__name__}: {error}", "unexpected", "")


def _failure(message: str, slug: str, hint: str) -> Answer:
    message = message.encode("utf-8", "backslashreplace").decode()  # it may quote half a character
    return Answer({"error": {"message": message, "slug": slug, "hint": hint}}, failed=True)


def _wanted(name: str, arguments: dict[str, Any]) -> tuple[Tool, BaseModel]:
    tool = next((tool for tool in TOOLS if tool.name == name), None)
    if tool is None:
        names = ", ".join(tool.name for tool in TOOLS)
        raise UsageError(
            f"there is no tool of that name: {name}",
            slug="unknown-tool",
            hint=f"the tools are {names}",
        )
    model = tool.arguments
    try:
        return tool, model.model_validate(arguments)
    except ValidationError as error:
        told = (f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors())
        raise UsageError(
            f"not what {name} takes: {'; '.join(told)}",
            slug="bad-argument",
            hint=f"it takes {', '.join(model.model_fields) or 'nothing'}",
        ) from error


def serve(directory: Path) -> None:
    """Serve until standard input ends.

    Raises:
        UsageError: the library is missing, or too old (``no-mcp``).

    """
    _require_library()
    import anyio
    from mcp.server.lowlevel import Server
    from mcp.server.stdio import stdio_server

    one_at_a_time = anyio.Lock()

    async def list_tools(_context: object, _params: object) -> types.ListToolsResult:
        return _listed()

    async def call_tool(
        _context: object, params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        async with one_at_a_time:
            found = await anyio.to_thread.run_sync(
                answer, directory, params.name, params.arguments or {}
            )
        return _result(found)

    async def main() -> None:
        server = Server[Any](
            "buildlog-git", version=__version__, instructions=INSTRUCTIONS,
            on_list_tools=list_tools, on_call_tool=call_tool,
        )  # fmt: skip
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())

    anyio.run(main)


def _listed() -> types.ListToolsResult:
    from mcp import types

    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=tool.name,
                description=tool.description,
                input_schema=tool.arguments.model_json_schema(),
                output_schema=schema_of(tool.schema),
                annotations=types.ToolAnnotations(
                    read_only_hint=not tool.writes, destructive_hint=False, open_world_hint=False
                ),
            )
            for tool in TOOLS
        ]
    )


def _result(found: Answer) -> types.CallToolResult:
    from mcp import types

    texts = [json.dumps(found.value, indent=2), *([found.note] if found.note else [])]
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=text) for text in texts],
        structured_content=found.value,
        is_error=found.failed,
    )


def _require_library() -> None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version("mcp")
    except PackageNotFoundError:
        found = ""
    if not found.partition(".")[0].isdigit() or int(found.partition(".")[0]) < 2:
        why_not = f"mcp {found} is too old" if found else "the package mcp is not installed"
        raise UsageError(
            f"the server needs mcp 2 or newer: {why_not}",
            slug="no-mcp",
            hint="pip install 'buildlog-git[mcp]'",
        )
