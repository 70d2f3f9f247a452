"""The marks that coding agents leave in commits, as data.

One row an agent: what people call it, the addresses and accounts that it commits with, the
names that give it away whatever the address. Addresses and account ids match whole and exact:
people are called Claude, Devin and Jules too, and they work at the vendors. Bots that update
dependencies, release or review are no agents; as authors they are named, else they are nothing.

A change of the data raises ``REGISTRY_VERSION``, so that a report can say what it knew.
"""

from __future__ import annotations

from typing import NamedTuple

REGISTRY_VERSION = 1
"""Raised by every change of the tables below."""


class Agent(NamedTuple):
    """One agent: the marks that name it.

    ``names`` are those of the tool in lower case, ``accounts`` the numeric ids of its GitHub
    accounts, ``logins`` its GitHub apps without ``[bot]``; ``author`` is a regular expression
    for names that need no address.
    """

    slug: str
    names: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    accounts: tuple[int, ...] = ()
    logins: tuple[str, ...] = ()
    author: str = ""


class Mark(NamedTuple):
    """A trailer key with a pattern for its value, or a pattern for a line (no key)."""

    slug: str
    pattern: str
    key: str = ""


class Variable(NamedTuple):
    """An environment variable, its value if it must have one, and what must be set beside it."""

    slug: str
    name: str
    pattern: str = ""
    beside: tuple[str, str] | None = None


AGENTS: tuple[Agent, ...] = (
    Agent(
        "claude",
        names=("claude", "claude code"),
        emails=("noreply@anthropic.com", "claude@anthropic.com", "claude-code@anthropic.com"),
        accounts=(209825114, 242468646),
        logins=("claude", "anthropic-code-agent"),
        author=r"claude (?:code|opus|sonnet|haiku)(?: .*)?",
    ),
    Agent(
        "copilot",
        names=("copilot", "github copilot", "copilot autofix", "copilot swe agent"),
        emails=("copilot@github.com",),
        accounts=(223556219, 175728472, 198982749, 62310815),
        logins=("copilot-swe-agent", "copilot", "github-advanced-security"),
        author=r"(?:github )?copilot(?: (?:agent|autofix|chat|cli)(?: .*)?)?",
    ),
    Agent(
        "cursor",
        names=("cursor", "cursor agent", "cursor ai"),
        emails=("cursoragent@cursor.com", "composer@cursor.com", "ai@cursor.sh"),
        accounts=(206951365,),
        logins=("cursor",),
        author=r"cursor (?:agent|ai)",
    ),
    Agent(
        "codex",
        names=("codex", "openai codex"),
        emails=("noreply@openai.com", "codex@openai.com"),
        author=r"openai codex(?: .*)?|codex (?:agent|cli)|codex \(gpt.*\)",
    ),
    Agent("amp", names=("amp", "amp code", "ampcode"), emails=("amp@ampcode.com",)),
    Agent(
        "gemini",
        names=("gemini", "gemini cli", "gemini code assist", "google gemini"),
        accounts=(176961590, 218312386),
        logins=("gemini-code-assist", "gemini-cli"),
        author=r"gemini (?:cli|code assist)",
    ),
    Agent(
        "jules",
        names=("jules", "google jules"),
        accounts=(161369871,),
        logins=("google-labs-jules",),
    ),
    Agent(
        "devin",
        names=("devin", "devin ai"),
        emails=("noreply@cognition.ai",),
        accounts=(158243242,),
        logins=("devin-ai-integration",),
        author=r"devin ai",
    ),
    Agent(
        "aider",
        names=("aider",),
        emails=("aider@aider.chat", "noreply@aider.chat", "noreply@aider.dev"),
        author=r".+ \(aider\)|aider \(.+\)",
    ),
    Agent(
        "openhands",
        names=("openhands", "opendevin"),
        emails=("openhands@all-hands.dev", "opendevin@all-hands.dev"),
    ),
    Agent(
        "opencode",
        names=("opencode",),
        emails=("noreply@opencode.ai",),
        logins=("opencode-agent",),
    ),
    Agent("crush", names=("crush", "charm crush"), emails=("crush@charm.land",)),
    Agent(
        "roo",
        names=("roo", "roo code", "roomote"),
        emails=("roomote@roocode.com",),
        accounts=(219738659,),
        logins=("roomote", "roomote-v0"),
    ),
    Agent(
        "continue",
        names=("continue", "continue agent"),
        emails=("agent@continue.dev",),
        accounts=(230936708,),
        logins=("continue",),
    ),
    Agent(
        "cline",
        names=("cline", "cline agent"),
        emails=("cline-agent@users.noreply.github.com",),
    ),
    Agent("letta", names=("letta", "letta code"), emails=("noreply@letta.com",)),
    Agent("open-swe", names=("open swe",), accounts=(215916821,), logins=("open-swe",)),
    Agent(
        "factory-droid",
        names=("droid", "factory droid"),
        accounts=(138933559,),
        logins=("factory-droid",),
    ),
    Agent(
        "qwen",
        names=("qwen", "qwen code", "qwen coder"),
        emails=("qwen-coder@alibabacloud.com",),
    ),
    Agent(
        "warp",
        names=("warp", "warp agent", "oz"),
        emails=("oz-agent@warp.dev", "agent@warp.dev"),
    ),
    Agent("junie", names=("junie", "jetbrains junie"), emails=("junie@jetbrains.com",)),
    Agent("firebender", names=("firebender",), emails=("help@firebender.com",)),
    Agent("trae", names=("trae", "traeagent", "trae agent"), author=r"trae ?agent"),
    Agent("deepagents", names=("deepagents",), emails=("agent@deepagents.dev",)),
    Agent("cosine", names=("cosine",), emails=("agent@cosine.sh",)),
    Agent(
        "kilo",
        names=("kilo", "kilo code"),
        accounts=(240665456,),
        logins=("kiloconnect",),
    ),
    Agent("kiro", names=("kiro", "kiro agent"), accounts=(244629292,)),
    Agent(
        "lovable",
        names=("lovable", "gpt engineer"),
        accounts=(159125892,),
        logins=("gpt-engineer-app",),
    ),
    Agent("replit", names=("replit", "replit agent")),
    Agent("augment", names=("augment", "augment code", "auggie")),
    Agent("goose", names=("goose",)),
    Agent("pi", names=("pi",)),
    Agent("antigravity", names=("antigravity", "google antigravity")),
    Agent("windsurf", names=("windsurf", "cascade")),
    Agent("chatgpt", names=("chatgpt", "openai chatgpt")),
)

GIVEN_NAMES = frozenset({"devin", "goose", "jules", "junie", "kiro", "oz", "pi", "roo"})
"""Tools whose bare name may well be a person's or another program's."""

NAMED_EMAILS: tuple[tuple[str, str, str], ...] = (("noreply@google.com", "gemini", "gemini"),)
"""Addresses that many tools share: address, word that the name must hold, slug."""

MODELS: tuple[tuple[str, str], ...] = (
    ("claude", "claude"),
    ("gpt", "codex"),
    ("o1", "codex"),
    ("o3", "codex"),
    ("o4", "codex"),
    ("gemini", "gemini"),
    ("qwen", "qwen"),
    ("composer", "cursor"),
    ("deepseek", "deepseek"),
    ("glm", "glm"),
    ("grok", "grok"),
    ("kimi", "kimi"),
    ("llama", "llama"),
    ("minimax", "minimax"),
    ("devstral", "mistral"),
    ("codestral", "mistral"),
    ("mistral", "mistral"),
)
"""Families of models, by the first word, and the agent that a bare model name stands for."""


def _mark(slug: str, pattern: str, key: str = "") -> Mark:
    return Mark(slug, f"(?i){pattern}", key)


TRAILERS: tuple[Mark, ...] = (
    _mark("claude", r"https://claude\.ai/code/\S+", "claude-session"),
    _mark("copilot", r"[0-9a-f-]{32,36}", "copilot-session"),
    _mark("copilot", r"https://github\.com/\S+/sessions/\S+", "agent-logs-url"),
    _mark("amp", r"(?:https://ampcode\.com/threads/)?T-[0-9a-f-]+", "amp-thread-id"),
    _mark("replit", r"(?:replit )?agent", "replit-commit-author"),
    _mark("entire", r"\S+", "entire-checkpoint"),
)
"""Trailers of one tool; its session recorders last, because they do not say which agent."""

FOOTERS: tuple[Mark, ...] = (
    _mark("devin", r"(?:[-*] )?link to devin (?:run|session): https://app\.devin\.ai/sessions/\S+"),
    _mark("jules", r"[\W_]*PR created automatically by Jules for task .*jules\.google\.com/.*"),
    _mark("codex", r"(?:\[[^\]]*\]\()?https://chatgpt\.com/codex/tasks/task_\w+\)?"),
)
"""Lines of one tool; ``Generated with [<tool>](<url>)`` is read by its grammar."""

VARIABLES: tuple[Variable, ...] = (
    Variable("amp", "AGENT", "amp"),
    Variable("goose", "AGENT", "goose"),
    Variable("crush", "AGENT", "crush"),
    Variable("claude", "CLAUDECODE"),
    Variable("claude", "CLAUDE_CODE_ENTRYPOINT"),
    Variable("claude", "CLAUDE_CODE_REMOTE"),
    Variable("claude", "CLAUDE_CODE_SESSION_ID"),
    Variable("cursor", "CURSOR_AGENT"),
    Variable("cursor", "CURSOR_EXTENSION_HOST_ROLE", "agent-exec"),
    Variable("codex", "CODEX_THREAD_ID"),
    Variable("codex", "CODEX_SANDBOX"),
    Variable("codex", "CODEX_CI"),
    Variable("codex", "CODEX_INTERNAL_ORIGINATOR_OVERRIDE"),
    Variable("gemini", "GEMINI_CLI"),
    Variable("opencode", "OPENCODE"),
    Variable("copilot", "COPILOT_CLI"),
    Variable("copilot", "COPILOT_AGENT_SESSION_ID"),
    Variable("amp", "AMP_CURRENT_THREAD_ID"),
    Variable("crush", "CRUSH"),
    Variable("augment", "AUGMENT_AGENT"),
    Variable("qwen", "QWEN_CODE"),
    Variable("cline", "CLINE_ACTIVE"),
    Variable("goose", "GOOSE_TERMINAL"),
    Variable("pi", "PI_CODING_AGENT"),
    Variable("replit", "REPLIT_MODE", "assistant"),
    Variable("antigravity", "ANTIGRAVITY_AGENT"),
    Variable("aider", "GIT_AUTHOR_NAME", r".+ \(aider\)"),
    Variable("copilot", "TERM_PROGRAM", "vscode", beside=("GIT_PAGER", "cat")),
)
"""Variables of the committing process, strongest first; ``AI_AGENT`` comes before them all."""

BOTS: tuple[Agent, ...] = (
    Agent("dependabot", accounts=(49699333, 27856297), logins=("dependabot", "dependabot-preview")),
    Agent("renovate", emails=("bot@renovateapp.com",), accounts=(29139614,), logins=("renovate",)),
    Agent("github-actions", accounts=(41898282,), logins=("github-actions",)),
    Agent("gemini-cli-robot", emails=("gemini-cli-robot@google.com",), author="gemini-cli-robot"),
    Agent("pre-commit-ci", logins=("pre-commit-ci",)),
    Agent("release-please", logins=("release-please",)),
    Agent("semantic-release", author="semantic-release-bot"),
    Agent("snyk", emails=("snyk-bot@snyk.io",), author="snyk-bot"),
    Agent("coderabbit", accounts=(136622811,), logins=("coderabbitai",)),
    Agent("greptile", accounts=(165735046,), logins=("greptile-apps",)),
    Agent("cubic", accounts=(191113872,), logins=("cubic-dev-ai",)),
    Agent("ellipsis", accounts=(65095814,), logins=("ellipsis-dev",)),
)
"""Bots that are no agents. Any other name that ends in ``[bot]`` is a bot of that name."""
