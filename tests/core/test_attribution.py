from __future__ import annotations

import string
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buildlog_git.core.agents import AGENTS, BOTS
from buildlog_git.core.attribution import (
    Attribution,
    CommitMeta,
    Evidence,
    _known_marks,
    _marks,
    attribute,
    environment_evidence,
    message_evidence,
)
from buildlog_git.core.ids import parse_oid
from buildlog_git.core.registry import DEFAULT, REGISTRY_VERSION
from buildlog_git.core.tools import normal_model
from buildlog_git.core.trailers import SQUASH
from buildlog_git.errors import UsageError
from tests.patience import cpu_seconds

OID = parse_oid("0" * 40)
PERSON = "Jo Doe <jo@example.org>"
CLAUDE = "Co-authored-by: Claude <noreply@anthropic.com>"
NOREPLY = "users.noreply.github.com"


def commit(message: str = "Fix", author: str = PERSON, committer: str = PERSON) -> CommitMeta:
    name, _, email = author.partition(" <")
    by, _, by_email = committer.partition(" <")
    return CommitMeta(
        oid=OID,
        parents=(),
        tree=OID,
        author_name=name,
        author_email=email[:-1],
        author_time=1,
        committer_name=by,
        committer_email=by_email[:-1],
        commit_time=1,
        message=message,
    )


def ends_with(line: str) -> Attribution:
    return attribute(commit(f"Fix\n\nBody.\n\n{line}\n"))


CO_AUTHORS = [
    ("Claude <noreply@anthropic.com>", "claude", None),
    ("Claude Opus 4.1 <noreply@anthropic.com>", "claude", "claude-opus-4.1"),
    ("Claude Opus 4.6 (1M context) <noreply@anthropic.com>", "claude", "claude-opus-4.6"),
    ("Claude Sonnet 4 <noreply@anthropic.com>", "claude", "claude-sonnet-4"),
    ("Claude Fable 5 <noreply@anthropic.com>", "claude", "claude-fable-5"),
    ("Claude Code <noreply@anthropic.com>", "claude", None),
    ("Claude <claude@anthropic.com>", "claude", None),
    (
        "Claude Code 2.1.133 / Claude Opus 4.7 (1M context) <noreply@anthropic.com>",
        "claude",
        "claude-opus-4.7",
    ),
    ("Claude (MiniMax-M2.1) <noreply@anthropic.com>", "claude", "minimax-m2.1"),
    ("Claude (kimi-k2.5) <noreply@anthropic.com>", "claude", "kimi-k2.5"),
    ("Claude Sonnet 4.5 <made-up@example.org>", "claude", "claude-sonnet-4.5"),
    (f"anthropic-code-agent[bot] <242468646+Claude@{NOREPLY}>", "claude", None),
    (f"claude[bot] <209825114+claude[bot]@{NOREPLY}>", "claude", None),
    (f"claude[bot] <41898282+claude[bot]@{NOREPLY}>", "claude", None),
    (f"Copilot <223556219+Copilot@{NOREPLY}>", "copilot", None),
    (f"Copilot <175728472+Copilot@{NOREPLY}>", "copilot", None),
    (f"copilot-swe-agent[bot] <198982749+Copilot@{NOREPLY}>", "copilot", None),
    (
        f"Copilot Autofix powered by AI <62310815+github-advanced-security[bot]@{NOREPLY}>",
        "copilot",
        None,
    ),
    ("GitHub Copilot <copilot@github.com>", "copilot", None),
    ("Cursor <cursoragent@cursor.com>", "cursor", None),
    ("Cursor Agent <cursoragent@cursor.com>", "cursor", None),
    ("Cursor AI <ai@cursor.sh>", "cursor", None),
    ("Composer <composer@cursor.com>", "cursor", "composer"),
    (f"cursor[bot] <206951365+cursor[bot]@{NOREPLY}>", "cursor", None),
    ("Codex <noreply@openai.com>", "codex", None),
    ("codex (GPT-5.4) <noreply@openai.com>", "codex", "gpt-5.4"),
    ("OpenAI GPT 5.5 <noreply@openai.com>", "codex", "gpt-5.5"),
    ("Codex GPT-5.4 <noreply@openai.com>", "codex", "gpt-5.4"),
    ("Codex <codex@openai.com>", "codex", None),
    ("Amp <amp@ampcode.com>", "amp", None),
    (f"gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@{NOREPLY}>", "gemini", None),
    (f"gemini-cli[bot] <218312386+gemini-cli[bot]@{NOREPLY}>", "gemini", None),
    ("Gemini CLI <noreply@google.com>", "gemini", None),
    (f"google-labs-jules[bot] <161369871+google-labs-jules[bot]@{NOREPLY}>", "jules", None),
    (f"devin-ai-integration[bot] <158243242+devin-ai-integration[bot]@{NOREPLY}>", "devin", None),
    (f"Devin AI <158243242+devin-ai-integration[bot]@{NOREPLY}>", "devin", None),
    ("Devin <noreply@cognition.ai>", "devin", None),
    ("aider (gpt-5.2) <aider@aider.chat>", "aider", "gpt-5.2"),
    (
        "aider (openrouter/deepseek/deepseek-r1:free) <noreply@aider.dev>",
        "aider",
        "deepseek-r1",
    ),
    ("aider (vertex_ai/gemini-2.5-pro) <noreply@aider.chat>", "aider", "gemini-2.5-pro"),
    ("Jo Doe (aider) <jo@example.org>", "aider", None),
    ("openhands <openhands@all-hands.dev>", "openhands", None),
    ("OpenHands-Claude Sonnet 4.5 <openhands@all-hands.dev>", "openhands", "claude-sonnet-4.5"),
    ("openhands openhands@all-hands.dev", "openhands", None),
    ("OpenDevin <opendevin@all-hands.dev>", "openhands", None),
    ("opencode <noreply@opencode.ai>", "opencode", None),
    ("Charm Crush <crush@charm.land>", "crush", None),
    ("Roo Code <roomote@roocode.com>", "roo", None),
    (f"roomote[bot] <219738659+roomote[bot]@{NOREPLY}>", "roo", None),
    (f"roomote-v0[bot] <roomote-v0[bot]@{NOREPLY}>", "roo", None),
    ("Continue Agent <agent@continue.dev>", "continue", None),
    (f"continue[bot] <230936708+continue[bot]@{NOREPLY}>", "continue", None),
    (f"Cline Agent <cline-agent@{NOREPLY}>", "cline", None),
    ("Letta Code <noreply@letta.com>", "letta", None),
    (f"open-swe[bot] <215916821+open-swe[bot]@{NOREPLY}>", "open-swe", None),
    (f"factory-droid[bot] <138933559+factory-droid[bot]@{NOREPLY}>", "factory-droid", None),
    ("Qwen-Coder <qwen-coder@alibabacloud.com>", "qwen", None),
    ("Oz <oz-agent@warp.dev>", "warp", None),
    ("Warp <agent@warp.dev>", "warp", None),
    ("Junie <junie@jetbrains.com>", "junie", None),
    ("Firebender <help@firebender.com>", "firebender", None),
    ("traeagent <whatever@example.org>", "trae", None),
    ("Deep Agents <agent@deepagents.dev>", "deepagents", None),
    ("Cosine <agent@cosine.sh>", "cosine", None),
    (f"kiloconnect[bot] <240665456+kiloconnect[bot]@{NOREPLY}>", "kilo", None),
    (f"kiro-agent <244629292+kiro-agent@{NOREPLY}>", "kiro", None),
    (f"gpt-engineer-app[bot] <159125892+gpt-engineer-app[bot]@{NOREPLY}>", "lovable", None),
]


@pytest.mark.parametrize(("who", "agent", "model"), CO_AUTHORS)
def test_an_agent_as_co_author(who: str, agent: str, model: str | None) -> None:
    found = ends_with(f"Co-Authored-By: {who}")
    assert (found.author, found.agent, found.model) == ("agent", agent, model)
    assert found.channel == "trailer"
    assert found.evidence == (Evidence("trailer", agent, f"Co-Authored-By: {who}", model),)


@pytest.mark.parametrize(("who", "agent", "model"), [row for row in CO_AUTHORS if "<" in row[0]])
def test_an_agent_as_author(who: str, agent: str, model: str | None) -> None:
    found = attribute(commit(author=who))
    assert (found.agent, found.model, found.channel) == (agent, model, "identity")
    assert attribute(commit(author=who.upper().replace("[BOT]", "[bot]"))).agent == agent


TRAILERS = [
    ("Claude-Session: https://claude.ai/code/session_01ABC", "claude", None),
    ("Copilot-Session: 0b9d1f6e-1c1e-4f4c-9d38-1f0c7d1a2b3c", "copilot", None),
    ("Agent-Logs-Url: https://github.com/o/r/sessions/0b9d1f6e-1c1e", "copilot", None),
    ("Made-with: Cursor", "cursor", None),
    ("Amp-Thread-ID: https://ampcode.com/threads/T-0b9d1f6e-1c1e", "amp", None),
    ("Replit-Commit-Author: Agent", "replit", None),
    ("Entire-Checkpoint: a1b2c3", "entire", None),
    ("Assisted-by: Claude Sonnet 4 via Crush <crush@charm.land>", "crush", "claude-sonnet-4"),
    ("Assisted-by: Crush:kimi-k2.5", "crush", "kimi-k2.5"),
    ("Assisted-by: Claude:claude-opus-4-6 coccinelle sparse", "claude", "claude-opus-4.6"),
    ("Assisted-by: Claude:claude-3-opus [coccinelle] [sparse]", "claude", "claude-3-opus"),
    ("Assisted-by: GitHub-Copilot:auto", "copilot", "auto"),
    ("Assisted-by: newtool:gpt-5.4", "newtool", "gpt-5.4"),
    ("Assisted-by: claude-opus-4-6", "claude", "claude-opus-4.6"),
    ("Assisted-by: anthropic/claude-sonnet-4-20250514", "claude", "claude-sonnet-4"),
    ("Assisted-By: Claude Opus 4.6 (1M context) <noreply@anthropic.com>", "claude", None),
    ("Assisted-by: Claude", "claude", None),
    ("Assisted-by: Claude Code", "claude", None),
    ("Assisted-by: Cursor", "cursor", None),
    ("Assisted-by: gemini-2.5-pro", "gemini", "gemini-2.5-pro"),
    ("Assisted-by: Gemini CLI 0.4.1", "gemini", None),
    ("Assisted-by: o3-mini", "codex", "o3-mini"),
    ("Assisted-by: GPT-5", "codex", "gpt-5"),
    ("Assisted-by: Qwen3 Coder", "qwen", "qwen3-coder"),
    ("Generated-by: GitHub Copilot (GPT-5)", "copilot", "gpt-5"),
    ("Generated-by: Claude Code 2.1.3 with Opus 4.6", "claude", "claude-opus-4.6"),
    ("Generated-by: [Claude Code](https://claude.com/claude-code)", "claude", None),
    ("Generated-by: ChatGPT 4o", "chatgpt", None),
    ("Generated-by: Jules", "jules", None),
    ("AI-Assisted: Cursor Composer 1.5", "cursor", "composer-1.5"),
    ("AI-Assisted: Claude Code, GitHub Copilot", "claude", None),
    ("Co-authored-by: Claude", "claude", None),
    ("Co-developed-by: Claude <noreply@anthropic.com>", "claude", None),
]


@pytest.mark.parametrize(("line", "agent", "model"), TRAILERS)
def test_trailers(line: str, agent: str, model: str | None) -> None:
    found = ends_with(line)
    assert (found.agent, found.channel) == (agent, "trailer")
    assert model is None or found.model == model


FOOTERS = [
    ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", "claude"),
    ("Generated with [Claude Code](https://claude.ai/code)", "claude"),
    ("🤝 Generated with [Claude Code](https://claude.ai/claude-code)", "claude"),
    ("🤖 Generated with [Claude Code](https://claude.ai/code) via [H](https://h.ing)", "claude"),
    ("🤖 Generated with Claude Code", "claude"),
    ("Generated with Claude Code (https://claude.ai/code)", "claude"),
    ("Generated with [Devin](https://devin.ai)", "devin"),
    ("Link to Devin run: https://app.devin.ai/sessions/0123abc", "devin"),
    ("🤖 Generated with [opencode](https://opencode.ai)", "opencode"),
    ("Generated with Crush", "crush"),
    ("💘 Generated with Crush", "crush"),
    ("💘 Generated with [Crush](https://github.com/charmbracelet/crush)", "crush"),
    ("Generated with [Continue](https://continue.dev)", "continue"),
    ("Made with [Cursor](https://cursor.com)", "cursor"),
    ("🤖 Generated with [Firebender](https://firebender.com)", "firebender"),
    (
        "*PR created automatically by Jules for task [1](https://jules.google.com/task/1) by @jo*",
        "jules",
    ),
    ("https://chatgpt.com/codex/tasks/task_e_0123", "codex"),
]


@pytest.mark.parametrize(("line", "agent"), FOOTERS)
def test_footers(line: str, agent: str) -> None:
    found = ends_with(line)
    assert (found.agent, found.channel) == (agent, "footer")
    assert attribute(commit(f"Fix\r\n\r\n{line}\r\n")).agent == agent


def test_aider_marks_its_subjects() -> None:
    assert attribute(commit("aider: Add a cache")).channel == "footer"
    assert attribute(commit("Mention aider: it is a tool")).author == "unknown"


NOBODY = [
    "Co-authored-by: Devin Smith <devin@example.org>",
    "Co-authored-by: Jules <jules@example.org>",
    "Co-authored-by: Jules Verne <jules@google.com>",
    "Co-authored-by: Claude <claude@someperson.dev>",
    "Co-authored-by: Claude Dupont <claude.dupont@example.fr>",
    "Co-authored-by: Danny Willetta <danny@example.org>",
    "Co-authored-by: Jo <jo@anthropic.com>",
    "Co-authored-by: Claude Smith <claude.smith@anthropic.com>",
    "Co-authored-by: Sam <sam@openai.com>",
    "Co-authored-by: Saoud <saoud@cline.bot>",
    "Co-authored-by: Paul Gauthier <paul@aider.chat>",
    "Co-authored-by: Paul Gauthier <aider@paulg.org>",
    "Co-authored-by: Google <noreply@google.com>",
    "Co-authored-by: Travis Cline <travis.cline@example.org>",
    f"Co-authored-by: Copy <99999+copilot@{NOREPLY}>",
    f"Co-authored-by: Fake <1223556219+Copilot@{NOREPLY}>",
    "Co-authored-by: X <xnoreply@anthropic.com>",
    "Co-authored-by: X <noreply@anthropic.com.evil.org>",
    "Co-authored-by: Devin",
    "Co-authored-by: Oz",
    f"Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@{NOREPLY}>",
    f"Co-authored-by: renovate[bot] <29139614+renovate[bot]@{NOREPLY}>",
    f"Co-authored-by: coderabbitai[bot] <136622811+coderabbitai[bot]@{NOREPLY}>",
    f"Co-authored-by: greptile-apps[bot] <165735046+greptile-apps[bot]@{NOREPLY}>",
    f"Co-authored-by: cubic-dev-ai[bot] <191113872+cubic-dev-ai[bot]@{NOREPLY}>",
    f"Co-authored-by: ellipsis-dev[bot] <65095814+ellipsis-dev[bot]@{NOREPLY}>",
    "Co-authored-by: gemini-cli-robot <gemini-cli-robot@google.com>",
    "Assisted-by: Claude Dupont <claude@example.fr>",
    "Assisted-by: Jeff King <peff@peff.net>",
    "Assisted-by: Claude Dupont",
    "Assisted-by: Devin",
    "Assisted-by: Claude: thanks for the review",
    "Assisted-by: Bob: many thanks",
    "Assisted-by: https://example.org/gpt-5",
    "Generated-by: protoc-gen-go v1.2",
    "AI-Assisted: no",
    "AI-Assisted: true",
    "Reviewed-by: Claude <noreply@anthropic.com>",
    "Claude-Session: none",
    "Replit-Commit-Author: Jo",
    "Generated with care by the team",
    "Generated with Claude Code's help, but mostly by hand",
    "Generated by goose",
    "Written by Claude",
    "Author: Claude <noreply@anthropic.com>",
]


@pytest.mark.parametrize("line", NOBODY)
def test_people_and_bots_are_no_agents(line: str) -> None:
    assert ends_with(line) == Attribution("unknown")


@pytest.mark.parametrize(
    "body",
    [
        f"Add\n\nAs in\n\n    {CLAUDE}\n\nwe go on.\n",
        f"Add\n\n> {CLAUDE}\n",
        f"Add\n\nWe append\n{CLAUDE}\nto each message.\n",
        f"Add\n\nWe append:\n\n{CLAUDE}\n\nto each message.\n",
        f"Add\n\n```\n{CLAUDE}\n```\n",
        f"Mention {CLAUDE}\n",
        "Add\n\n> 🤖 Generated with [Claude Code](https://claude.com/claude-code)\n",
        "Add\n\n    Generated with Claude Code\n",
        "Add\n\nThe footer is\n```\n🤖 Generated with Claude Code\n```\n",
        f"Revert\n\nThis reverts commit {OID}.\n\n> {CLAUDE}\n",
    ],
)
def test_quoted_marks_do_not_count(body: str) -> None:
    assert attribute(commit(body)) == Attribution("unknown")


def test_squashes_name_their_agents_in_the_order_of_the_message() -> None:
    message = (
        f"Add (#1)\n\n* one\r\n\r\n{CLAUDE}\r\n\r\n* two\n\nbody\n\n"
        f"---------\n\nCo-authored-by: Amp <amp@ampcode.com>\n{CLAUDE}\n"
    )
    found = attribute(commit(message))
    assert [mark.agent for mark in found.evidence] == ["claude", "amp"]


def test_a_squash_merge_tells_its_authors() -> None:
    message = (
        f"Squashed commit of the following:\n\ncommit {OID}\nAuthor: Jo (aider) <jo@x.org>\n"
        f"Date:   today\n\n    Add\n\n    {CLAUDE}\n"
    )
    found = attribute(commit(message))
    assert [mark.agent for mark in found.evidence] == ["aider", "claude"]


def test_the_committer_never_counts() -> None:
    for who in ("Jo (aider) <jo@x.org>", "Claude <noreply@anthropic.com>"):
        assert attribute(commit(committer=who)) == Attribution("unknown")


def test_the_strongest_channel_decides_and_every_mark_is_kept() -> None:
    meta = commit(
        "aider: Add\n\nGenerated with Crush\n\n"
        "Entire-Checkpoint: 1\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\n",
        author="Cursor Agent <cursoragent@cursor.com>",
    )
    assert [(mark.channel, mark.agent) for mark in attribute(meta).evidence] == [
        ("identity", "cursor"),
        ("trailer", "claude"),
        ("trailer", "entire"),
        ("footer", "aider"),
        ("footer", "crush"),
    ]
    seen = attribute(meta, environment={"GEMINI_CLI": "1"}, at_terminal=True)
    assert (seen.agent, seen.channel, len(seen.evidence)) == ("gemini", "environment", 6)
    told = attribute(meta, environment={"GEMINI_CLI": "1"}, told="claude code:Opus 4.6")
    assert (told.agent, told.model, told.channel) == ("claude", "claude-opus-4.6", "explicit")
    assert len(told.evidence) == 7


def test_the_model_comes_from_the_strongest_mark_that_names_one() -> None:
    meta = commit(
        "Fix\n\nCo-authored-by: Amp GPT-5 <amp@ampcode.com>\n"
        "Co-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\n",
        author="Claude <noreply@anthropic.com>",
    )
    found = attribute(meta)
    assert (found.agent, found.model, found.channel) == ("claude", "claude-opus-4.6", "identity")


def test_human_is_only_said_of_what_was_seen_or_told() -> None:
    plain = commit()
    assert attribute(plain).author == "unknown"
    assert attribute(plain, at_terminal=True).author == "unknown"
    assert attribute(plain, environment={}).author == "unknown"
    assert attribute(plain, environment={}, at_terminal=True).author == "human"
    marked = commit(f"Fix\n\n{CLAUDE}\n")
    assert attribute(marked, environment={}, at_terminal=True).author == "agent"
    told = attribute(marked, told="human")
    assert (told.author, told.agent, told.channel) == ("human", None, "explicit")
    assert len(told.evidence) == 1


BOT_AUTHORS = [
    (f"dependabot[bot] <49699333+dependabot[bot]@{NOREPLY}>", "dependabot"),
    (f"renovate[bot] <29139614+renovate[bot]@{NOREPLY}>", "renovate"),
    (f"github-actions[bot] <41898282+github-actions[bot]@{NOREPLY}>", "github-actions"),
    (f"github-actions[bot] <github-actions[bot]@{NOREPLY}>", "github-actions"),
    ("github-actions[bot] <actions@github.com>", "github-actions"),
    ("gemini-cli-robot <gemini-cli-robot@google.com>", "gemini-cli-robot"),
    (f"pre-commit-ci[bot] <66853113+pre-commit-ci[bot]@{NOREPLY}>", "pre-commit-ci"),
    ("semantic-release-bot <release@example.org>", "semantic-release"),
    (f"coderabbitai[bot] <136622811+coderabbitai[bot]@{NOREPLY}>", "coderabbit"),
    (f"new-thing[bot] <1+new-thing[bot]@{NOREPLY}>", "new-thing"),
]


@pytest.mark.parametrize(("author", "bot"), BOT_AUTHORS)
def test_a_bot_as_author(author: str, bot: str) -> None:
    assert attribute(commit(author=author)) == Attribution("unknown", bot=bot)
    assert attribute(commit(author=author), environment={}, at_terminal=True).bot == bot
    helped = attribute(commit(f"Fix\n\n{CLAUDE}", author=author))
    assert (helped.author, helped.agent, helped.bot) == ("agent", "claude", None)


ENVIRONMENTS = [
    ({"AI_AGENT": "claude-code@2.1"}, ["claude"]),
    ({"AI_AGENT": "brand-new@1"}, ["brand-new"]),
    ({"AI_AGENT": "gemini-cli"}, ["gemini"]),
    ({"AGENT": "amp"}, ["amp"]),
    ({"AGENT": "goose"}, ["goose"]),
    ({"AGENT": "crush"}, ["crush"]),
    ({"CLAUDECODE": "1"}, ["claude"]),
    ({"CLAUDE_CODE_ENTRYPOINT": "cli"}, ["claude"]),
    ({"CLAUDE_CODE_REMOTE": "true"}, ["claude"]),
    ({"CLAUDE_CODE_SESSION_ID": "x"}, ["claude"]),
    ({"CURSOR_AGENT": "1"}, ["cursor"]),
    ({"CURSOR_EXTENSION_HOST_ROLE": "agent-exec"}, ["cursor"]),
    ({"CODEX_THREAD_ID": "x"}, ["codex"]),
    ({"CODEX_SANDBOX": "seatbelt"}, ["codex"]),
    ({"CODEX_CI": "1"}, ["codex"]),
    ({"CODEX_INTERNAL_ORIGINATOR_OVERRIDE": "x"}, ["codex"]),
    ({"GEMINI_CLI": "1"}, ["gemini"]),
    ({"OPENCODE": "1"}, ["opencode"]),
    ({"COPILOT_CLI": "1"}, ["copilot"]),
    ({"COPILOT_AGENT_SESSION_ID": "x"}, ["copilot"]),
    ({"TERM_PROGRAM": "vscode", "GIT_PAGER": "cat"}, ["copilot"]),
    ({"AMP_CURRENT_THREAD_ID": "T-1"}, ["amp"]),
    ({"CRUSH": "1"}, ["crush"]),
    ({"AUGMENT_AGENT": "1"}, ["augment"]),
    ({"QWEN_CODE": "1"}, ["qwen"]),
    ({"CLINE_ACTIVE": "true"}, ["cline"]),
    ({"GOOSE_TERMINAL": "1"}, ["goose"]),
    ({"PI_CODING_AGENT": "true"}, ["pi"]),
    ({"REPLIT_MODE": "assistant"}, ["replit"]),
    ({"ANTIGRAVITY_AGENT": "1"}, ["antigravity"]),
    ({"GIT_AUTHOR_NAME": "Jo (aider)"}, ["aider"]),
    # Agents within agents: all are kept, the declared one first.
    (
        {"CODEX_THREAD_ID": "x", "CLAUDECODE": "1", "AGENT": "amp", "AI_AGENT": "goose"},
        ["goose", "amp", "claude", "codex"],
    ),
    ({}, []),
    ({"AGENT": "jenkins-7"}, []),
    ({"AI_AGENT": ""}, []),
    ({"AI_AGENT": "false"}, []),
    ({"CLAUDECODE": "0", "GEMINI_CLI": "false", "CRUSH": ""}, []),
    ({"CURSOR_TRACE_ID": "x"}, []),
    ({"CURSOR_EXTENSION_HOST_ROLE": "user"}, []),
    ({"TERM_PROGRAM": "vscode"}, []),
    ({"REPLIT_MODE": "workspace"}, []),
    ({"GIT_AUTHOR_NAME": "Jo"}, []),
]


@pytest.mark.parametrize(("environment", "agents"), ENVIRONMENTS)
def test_environment(environment: dict[str, str], agents: list[str]) -> None:
    found = environment_evidence(environment)
    assert [mark.agent for mark in found] == agents
    assert {mark.channel for mark in found} <= {"environment"}
    verdict = attribute(commit(), environment=environment, at_terminal=True)
    assert verdict.author == ("agent" if agents else "human")


def test_marks_of_the_environment_hold_no_session_ids() -> None:
    (mark,) = environment_evidence({"CLAUDE_CODE_SESSION_ID": "secret"})
    assert mark.mark == "CLAUDE_CODE_SESSION_ID"


CONFIG = [
    ("buildlog.agent.Acme.Bot.email", r".*@acme\.example"),
    ("buildlog.agent.polecat.name", r"beads/.*"),
    ("buildlog.agent.sign.trailer", r"Agent-Signature: .*"),
    ("buildlog.agent.foot.footer", r"~ made by foot \d+"),
    ("buildlog.agent.var.env", "VAR_ACTIVE"),
    ("buildlog.agent.mode.env", "VAR_MODE=agent|auto"),
    ("buildlog.agent.robot.email", r"robot@example\.org"),
    ("buildlog.agent.robot.bot", "true"),
    ("buildlog.agent.none.email", r"cursor-fan@cursor\.com|noreply@firebender\.com"),
    ("buildlog.agent.none.email", r"help@firebender\.com"),
]


def test_the_user_adds_marks() -> None:
    registry = DEFAULT.extended(CONFIG)

    def agent(message: str = "Fix", author: str = PERSON) -> str | None:
        return attribute(commit(message, author), registry).agent

    assert agent(author="X <X@ACME.example>") == "Acme.Bot"
    assert agent(author="X <x@acme.example.org>") is None
    assert agent(author="Beads/crew/emma <e@x.org>") == "polecat"
    assert agent("Fix\n\nagent-signature: opus for jo\n") == "sign"
    assert agent("Fix\n\nText.\n~ made by foot 12\n\nText.\n") == "foot"
    assert agent("Fix\n\nCo-authored-by: X <x@acme.example>\n") == "Acme.Bot"
    assert attribute(commit(author="R <robot@example.org>"), registry).bot == "robot"
    assert agent("Fix\n\nCo-authored-by: R <robot@example.org>\n") is None
    assert agent(author="Fire <help@firebender.com>") is None
    assert agent("Fix\n\nCo-authored-by: Fire <help@firebender.com>\n") is None
    assert agent(f"Fix\n\n{CLAUDE}\n") == "claude"


def test_the_user_adds_variables() -> None:
    registry = DEFAULT.extended(CONFIG)
    environment = {"VAR_ACTIVE": "1", "VAR_MODE": "AUTO", "CLAUDECODE": "1"}
    found = environment_evidence(environment, registry)
    assert [mark.agent for mark in found] == ["claude", "var", "mode"]
    assert environment_evidence({"VAR_MODE": "manual"}, registry) == ()


def test_extending_twice_adds_up_and_a_bot_can_be_taken_back() -> None:
    registry = DEFAULT.extended(CONFIG[:1]).extended(CONFIG[6:8])
    assert attribute(commit(author="X <x@acme.example>"), registry).agent == "Acme.Bot"
    registry = registry.extended([("buildlog.agent.robot.bot", "no")])
    assert attribute(commit(author="R <robot@example.org>"), registry).agent == "robot"
    assert DEFAULT.custom == ()


@pytest.mark.parametrize(
    ("key", "value", "slug"),
    [
        ("buildlog.agent.x.email", "(", "bad-agent-pattern"),
        ("buildlog.agent.x.trailer", "*", "bad-agent-pattern"),
        ("buildlog.agent.x.footer", "a{99999999999}", "bad-agent-pattern"),
        ("buildlog.agent.x.name", "", "bad-agent-pattern"),
        ("buildlog.agent.x.env", "NAME=[", "bad-agent-pattern"),
        ("buildlog.agent.x.env", "no name", "bad-agent-pattern"),
        ("buildlog.agent.x.bot", "perhaps", "bad-agent-pattern"),
        ("buildlog.agent.x.colour", "red", "bad-agent-key"),
        ("buildlog.agent.email", "x", "bad-agent-key"),
        ("user.email", "x", "bad-agent-key"),
    ],
)
def test_what_cannot_be_read_is_refused(key: str, value: str, slug: str) -> None:
    with pytest.raises(UsageError) as caught:
        DEFAULT.extended([("buildlog.agent.ok.email", "x"), (key, value)])
    assert caught.value.slug == slug
    assert key in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint == f"git config --unset {key}"


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("Claude Opus 4.1", "claude-opus-4.1"),
        ("Opus 4.1", "claude-opus-4.1"),
        ("claude-opus-4-1-20250805", "claude-opus-4.1"),
        ("claude-opus-4-6[1m]", "claude-opus-4.6"),
        ("claude-3-5-sonnet-latest", "claude-3.5-sonnet"),
        ("Claude 3.5 Sonnet", "claude-3.5-sonnet"),
        ("openrouter/anthropic/claude-sonnet-4", "claude-sonnet-4"),
        ("bedrock/claude-sonnet-4@20250514", "claude-sonnet-4"),
        ("GPT-5.4", "gpt-5.4"),
        ("OpenAI GPT 5.5", "gpt-5.5"),
        ("gemini-2.5-pro-exp-03-25", "gemini-2.5-pro-exp-03-25"),
        ("MiniMax-M2.1", "minimax-m2.1"),
        ("deepseek-r1:free", "deepseek-r1"),
    ],
)
def test_models_have_one_form(text: str, model: str) -> None:
    assert normal_model(text) == model
    assert normal_model(model) == model


def test_the_tables_are_consistent() -> None:
    assert REGISTRY_VERSION >= 1
    rows = [*AGENTS, *BOTS]
    assert len({row.slug for row in rows}) == len(rows)
    for what in ("names", "emails", "accounts", "logins"):
        values = [value for row in rows for value in getattr(row, what)]
        assert len(set(values)) == len(values), what
        assert all(value == value.lower() for value in map(str, values)), what


PROSE = st.text(alphabet=string.ascii_letters + " .,\n-*>:`#'\"")
NAMES = st.sampled_from(["Claude", "Devin", "Jules", "Cline", "Jo", "Copilot fan", "Amp", ""])
MARKS = ("-by:", "-with:", "session:", "thread-id:", "-url:", "-checkpoint:", "aider: ", "-author:")


@given(PROSE, NAMES)
def test_prose_makes_no_agent(prose: str, name: str) -> None:
    message = f"{prose} claude cursor generated with co-authored-by claude"
    lower = message.lower()
    if any(mark in lower for mark in MARKS) or "generated with" in prose.lower():
        return
    found = attribute(commit(message, author=f"{name} <{name.lower() or 'x'}@example.org>"))
    assert found == Attribution("unknown")


LINES = st.sampled_from(
    [f"Co-authored-by: {who}" for who, _, _ in CO_AUTHORS]
    + [line for line, _, _ in TRAILERS]
    + [line for line, _ in FOOTERS]
    + [*NOBODY, "", "* part", "---------", "    indented", "prose", "> quote", "```"]
)
MESSAGES = st.one_of(st.text(), st.lists(LINES, max_size=12).map("\n".join))
EVERYBODY = st.sampled_from([who for who, _, _ in CO_AUTHORS if "<" in who] + [PERSON])


@given(MESSAGES, st.one_of(EVERYBODY, st.text()), st.dictionaries(st.text(), st.text()))
def test_attribution_never_fails(message: str, author: str, environment: dict[str, str]) -> None:
    found = attribute(commit(message, author=author, committer=author), environment=environment)
    assert (found.author == "agent") == bool(found.evidence)
    assert found.author != "agent" or found.agent == found.evidence[0].agent


@given(MESSAGES, st.sampled_from([str, str.upper, str.lower, str.title]))
@example("Fix\n\nMade with [Cursor](cursor.com)", str)
@example("Fix\n\nPR created automatically by Jules for task 1: http://jules.google.com/1", str)
@example("Fix\n\nlink to devin run: https://app.devin.ai/sessions/1", str.title)
@example("\x0b\naider: fix", str)
@example("  aider: fix", str)
def test_the_first_look_at_a_message_misses_no_mark(
    message: str, written: Callable[[str], str]
) -> None:
    message = written(message)
    assert attribute(commit(message)).evidence == message_evidence(message)


@given(
    st.sampled_from(
        ["Fix", "aider: fix", "```", "~~~ x", f"{SQUASH}", f"* {SQUASH}", " ", "\t", ""]
    ),
    st.lists(LINES, max_size=8).map("\n".join),
)
@example(SQUASH, "\ncommit 1234567\nAuthor: Claude <noreply@anthropic.com>\n\n    Fix")
@example("```", f"\n```\n\n{CLAUDE}")
@example("aider: fix", "")
def test_what_is_known_of_like_messages_is_what_is_read(subject: str, rest: str) -> None:
    message = f"{subject}\n{rest}"
    _known_marks.cache_clear()
    read_now = message_evidence(message)
    for other in ("Fix", "Another", subject):
        message_evidence(f"{other}\n{rest}")
    assert message_evidence(message) == read_now == _marks(message, DEFAULT)


@given(MESSAGES, EVERYBODY)
def test_the_user_only_adds(message: str, author: str) -> None:
    before = attribute(commit(message, author))
    after = attribute(commit(message, author), DEFAULT.extended(CONFIG[:6]))
    assert set(before.evidence) <= set(after.evidence)


@pytest.mark.parametrize("filler", [" ", "<", "(", "[", "a ", "a,", "> ", "\t", "/", "- ", "```\n"])
def test_long_lines_take_no_time(filler: str) -> None:
    long = filler * 40_000
    with cpu_seconds(6):
        for start in ("Co-authored-by: a", "Generated with [", "Assisted-by: Claude", "Buildlog: "):
            attribute(commit(f"Fix\n\n{start}{long}b\n"))
