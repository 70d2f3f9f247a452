"""The command ``mcp``: serves the other commands to agents as tools."""

from __future__ import annotations

import typer

from buildlog_git.cli.surroundings import surroundings
from buildlog_git.cli.teach import teach

MCP_HELP = teach(
    "Serve the other commands to agents as tools (Model Context Protocol).",
    "Speaks over standard input and output until the input ends; agents start it by themselves. "
    "Each tool is called as its command, buildlog_session_start for instance, and returns what "
    "the command prints with --json. It reaches only the repository that it is started in. "
    "It needs an extra: pip install 'buildlog-git[mcp]'.",
    {
        "mcp": "what an agent is told to run in a repository",
        "-C ../api mcp": "for another repository",
    },
    "Claude Code, for instance: claude mcp add buildlog -- git buildlog mcp",
)


def mcp(context: typer.Context) -> None:
    """Serve until standard input ends."""
    here = surroundings(context)
    here.serve(here.directory)
