"""How people and tools write the names of tools and models.

``Claude Code``, ``GitHub Copilot (GPT-5)``, ``claude-opus-4-6``, ``Sonnet 4 via Crush``, and the
kernel's ``AGENT:MODEL [TOOL…]`` all say which agent helped. A tool counts by its whole name with
nothing behind it but a version, a model or another tool: ``Claude Dupont`` is no tool.

Models have one form: ``claude-opus-4.1``, ``gpt-5.4``, ``minimax-m2.1``. That is the lower-case
name with its family, a dot in the version, and without provider, date of the snapshot or size of
the context window.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildlog_git.core.agents import MODELS

if TYPE_CHECKING:
    from buildlog_git.core.registry import Registry

_CONTEXT = r"(?i)\s*[(\[]\s*\d+[km](?: tokens?)?(?: context)?\s*[)\]]"
_VENDOR = r"^(?:openai|anthropic|google)[ -](?=\S)"
_CLAUDE_LINE = r"(?:opus|sonnet|haiku)(?=$|-)"
_FAMILY = "|".join(word for word, _ in MODELS)
_MODEL = rf"(?![a-z]+-(?:agent|cli|code)(?:-|$))(?:{_FAMILY})(?=[\d.-]|$)[\w.+-]*"
_LINES = frozenset({"claude-opus", "claude-sonnet", "claude-haiku", "composer"})
_FAMILIES = dict(MODELS)
_PARENTHESES = r"\(([^()]+)\)"
_LINK = r"\[([^\[\]]+)\]\([^()\s]*\)"
_TOOLS = r"\s*\[[^\[\]]*\]$"
_AGENT_MODEL = r"([A-Za-z][\w .-]*):(?!//)(\s*)(\S+).*"
_MODEL_LIKE = r"(?!v\d)[\w./:+-]*[A-Za-z][\w./:+-]*\d[\w./:+-]*"
_AFTER_TOOL = (
    r"(?:\s+(?:agent|ai|assistant|cli|code|ide|chat))?"
    r"(?:[ -]v?\d[\w.-]*)?(?:\s*\([^()]*\))?"
    r"(?:(?:\s*[,/+&]|\s+(?:and|with|using|for|by))\s+(.+))?"
)


def normal_model(text: str) -> str:
    """Return the one form of a model's name."""
    text = re.sub(_CONTEXT, "", text).strip().rsplit("/", 1)[-1]
    name = re.sub(r"[\s_]+", "-", re.sub(_VENDOR, "", text.strip().lower()))
    name = re.sub(r":(?:free|latest|\d+b)$|-latest$|[-@]20\d{6}(?=$|-)", "", name)
    if re.match(_CLAUDE_LINE, name):
        name = f"claude-{name}"
    if name.startswith("claude"):
        name = re.sub(r"-(\d{1,2})-(\d{1,2})(?=$|-)", r"-\1.\2", name)
    return name


def model_of(text: str) -> str | None:
    """Return the model that the whole text names."""
    if "://" in text:
        return None
    name = normal_model(text)
    if re.fullmatch(_MODEL, name) and (name in _LINES or re.search(r"\d", name)):
        return name
    return None


def model_in(name: str, agent: str) -> str | None:
    """Return the model that an agent's name mentions: ``codex (GPT-5.4)``, ``Claude Opus 4.1``."""
    for inner in reversed(re.findall(_PARENTHESES, re.sub(_CONTEXT, "", name))):
        if agent == "aider" or re.fullmatch(_MODEL_LIKE, inner) or model_of(inner):
            return None if inner.lower() == "aider" else normal_model(inner)
    outer = re.sub(_PARENTHESES, "", name).split(" via ")[0].strip()
    if agent == "openhands" and outer.lower().startswith("openhands-"):
        return normal_model(outer[len("openhands-") :])
    return model_of(outer) or model_of(outer.partition(" ")[2])


def tool(text: str, registry: Registry) -> tuple[str, str | None] | None:
    """Read a tool as people write it: name, version, model, ``AGENT:MODEL [TOOL…]``."""
    text = re.sub(_TOOLS, "", re.sub(_LINK, r"\1", re.sub(_CONTEXT, "", text))).strip()
    model, via, name = text.rpartition(" via ")
    if via and (slug := registry.named(name)):
        return slug, model_of(model)
    match = re.fullmatch(_AGENT_MODEL, text)
    if match and (found := _agent_and_model(match, registry)):
        return found
    if whole := model_of(text):
        return _family(whole), whole
    return _tool_with_more(text, registry)


def _agent_and_model(match: re.Match[str], registry: Registry) -> tuple[str, str] | None:
    """Read the kernel's form; an agent that is not known counts if its model is."""
    agent, space, model = match.groups()
    slug = registry.named(agent)
    known = model_of(model)
    if slug and (known or not space):
        return slug, known or normal_model(model)
    if known and " " not in agent + space:
        return agent.lower(), known
    return None


def _tool_with_more(text: str, registry: Registry) -> tuple[str, str | None] | None:
    """Read a tool's name and what may follow it: a version, a model, another tool."""
    words = text.split(" ")
    for count in range(min(len(words), 3), 0, -1):
        head = " ".join(words[:count]).rstrip(",")
        slug = registry.named(head)
        rest = text[len(head) :]
        if slug is None or (match := re.fullmatch(_AFTER_TOOL, rest)) is None:
            continue
        if match[1] and not tool(match[1], registry):
            continue
        return slug, model_in(text, slug) or (model_of(match[1]) if match[1] else None)
    head, _, rest = text.partition(" ")
    if registry.named(head) and (model := model_of(rest)):
        return registry.named(head) or head, model
    return None


def _family(model: str) -> str:
    """Return the agent that a model stands for where nothing else is named."""
    match = re.match(r"[a-z]+", model)
    word = match[0] if match else model
    return _FAMILIES.get(word) or _FAMILIES[model[:2]]
