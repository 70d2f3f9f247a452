"""Whether a piece of text asks for something, or only describes.

Agents' files hold both: "Use pathlib" and "The CLI is in src/cli". Only the first can be on
trial. What counts as asking: a word that obliges or forbids, an imperative at its beginning
(also behind a bold label or a condition), or a heading above it that says that rules follow.
Texts that are not in English are believed to ask, so that nothing of them is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from buildlog_git.core.polarity import NEGATING, words

_OBLIGING = frozenset({
    "must", "should", "shall", "always", "never", "avoid", "prefer", "mandatory", "forbidden",
    "prohibited", "disallowed", "ensure", "ought", "strictly", "refrain", "unacceptable",
})  # fmt: skip
_HINTING = frozenset({
    "preferred", "required", "require", "requires", "only", "recommended", "expected", "favor",
    "favour", "encouraged", "discouraged", "instead", "exactly", "least",
})  # fmt: skip
"""What asks in the few words of an item, and in prose only tells."""
_DO_NOT = r"\b(?:do not|don['\u2019]t|no longer|must not)\b"
_VERBS = frozenset({
    "abstract", "accept", "account", "add", "adhere", "aim", "align", "allow", "annotate",
    "append", "apply", "ask", "assert", "assume", "attach", "attempt", "audit", "author",
    "await", "base", "batch", "be", "begin", "break", "bring", "build", "bump", "cache", "call",
    "capture", "catch", "centralize", "change", "check", "choose", "cite", "clean", "clear",
    "clone", "close", "code", "collect", "combine", "comment", "commit", "communicate",
    "compare", "compose", "confirm", "consider", "consolidate", "consult", "continue",
    "convert", "copy", "cover", "create", "cross", "debug", "decide", "declare", "default",
    "define", "delegate", "delete", "deploy", "derive", "describe", "design", "detect",
    "determine", "disable", "discuss", "document", "drop", "edit", "embed", "emit", "enable",
    "encapsulate", "encode", "end", "enforce", "escape", "establish", "evaluate", "examine",
    "exclude", "execute", "exercise", "expect", "explain", "explore", "export", "expose",
    "extend", "extract", "fail", "fetch", "fill", "filter", "find", "finish", "fix", "flag",
    "focus", "follow", "force", "format", "gather", "generate", "get", "give", "group", "guard",
    "handle", "have", "hide", "hold", "honor", "identify", "ignore", "implement", "import",
    "include", "index", "infer", "inform", "inherit", "initialize", "inject", "insert",
    "inspect", "install", "integrate", "investigate", "invoke", "isolate", "justify", "keep",
    "label", "leave", "let", "leverage", "limit", "link", "lint", "list", "listen", "load",
    "localize", "lock", "log", "look", "maintain", "make", "map", "mark", "match", "maximize",
    "measure", "memoize", "mention", "merge", "migrate", "minimize", "mirror", "mock", "model",
    "modify", "monitor", "move", "name", "narrow", "nest", "normalize", "note", "notify",
    "obtain", "open", "optimize", "order", "organize", "override", "pair", "pass", "perform",
    "pick", "pin", "place", "plan", "point", "prefix", "preserve", "prevent", "print",
    "prioritize", "process", "produce", "propagate", "propose", "protect", "provide", "publish",
    "pull", "push", "put", "quote", "raise", "re", "read", "rebase", "record", "reduce",
    "refactor", "refer", "reference", "regenerate", "register", "reject", "release", "rely",
    "remember", "remove", "rename", "render", "repeat", "replace", "report", "request",
    "research", "reserve", "resolve", "respect", "respond", "restart", "restrict", "return",
    "reuse", "revert", "review", "rewrite", "round", "route", "run", "sanitize", "save",
    "scope", "search", "select", "send", "separate", "set", "share", "show", "sign", "simplify",
    "skip", "sort", "specify", "split", "stage", "standardize", "start", "state", "stay",
    "stick", "stop", "store", "stream", "strip", "strive", "structure", "submit", "suggest",
    "summarize", "support", "surface", "switch", "tag", "take", "target", "tell", "test",
    "think", "throw", "track", "transform", "treat", "trim", "trust", "try", "turn", "type",
    "understand", "update", "use", "utilize", "validate", "verify", "wait", "walk", "warn",
    "watch", "wire", "work", "wrap", "write",
})  # fmt: skip
_HEADINGS = frozenset({
    "rule", "rules", "guideline", "guidelines", "convention", "conventions", "standard",
    "standards", "style", "requirement", "requirements", "principle", "principles", "practice",
    "practices", "policy", "policies", "constraint", "constraints", "anti-pattern",
    "antipatterns", "anti", "pitfall", "pitfalls", "gotcha", "gotchas", "important", "critical",
    "checklist", "must", "musts", "dos", "instructions", "preferences", "expectations",
})  # fmt: skip
_NOUNS = frozenset({
    "base", "branch", "build", "cache", "change", "code", "comment", "commit", "design",
    "document", "end", "format", "import", "index", "lint", "list", "log", "model", "name",
    "note", "order", "plan", "process", "release", "report", "scope", "stage", "state", "store",
    "stream", "structure", "style", "support", "target", "test", "track", "type", "work",
})  # fmt: skip
"""Verbs that are nouns in a label such as "Build system"."""
_ENGLISH = frozenset({
    "the", "a", "to", "of", "and", "in", "is", "for", "with", "use", "not", "on", "be", "as",
    "all", "or", "if", "when", "no", "run", "add", "from", "by", "this", "that", "are", "new",
})  # fmt: skip
_FOREIGN = 12
"""Words of which none is one of the commonest English ones make a text a foreign one."""

_LINK = re.compile(r"!?\[([^\]]*)\](?:\([^)\s]*(?:\s[^)]*)?\)|\[[^\]]*\])")
_MARKS = re.compile(r"^[ \t]*[#>]+|[*`~|✅❌⚠🚨\ufe0f]+", re.MULTILINE)
_LABEL = re.compile(
    r"\s*(?:(?:\*\*|__)(?P<bold>[^*\n]{1,80}?):?(?:\*\*|__)\s*(?:[:\u2013\u2014-]\s*)?"
    r"|(?P<bare>[A-Z][\w /&-]{0,30}):\s)"
)
_COMMAND = re.compile(r"\s*`[^`\n]+`\s*(?:\([^)\n]*\))?\W*$")
_NAMED = re.compile(
    r"\s*(?:\*\*)?`[^`\n]+`(?:\*\*)?\s*(?:\([^)\n]*\)\s*)?(?::|\u2013|\u2014|-|=|→|->|$)"
)
_CONDITION = re.compile(
    r"(?:if|when|whenever|before|after|while|for|in|on|as|unless|once|by|with|at|where|during)\b"
    r"[^,:\n]{0,200}[,:]\s*",
    re.IGNORECASE,
)


def asks(text: str, headings: Sequence[str] = (), lead: str = "") -> bool:
    """Return whether an item of a list asks for something.

    Args:
        text: the item, as Markdown.
        headings: those above it; the first is taken for the file's title where there are more.
        lead: what introduces the list.

    """
    said = plain(text)
    spoken = set(words(said))
    if not spoken or is_links(text):
        return False
    if spoken & (_OBLIGING | _HINTING | NEGATING) or _commands(text):
        return True
    if _NAMED.match(text):  # a command, a file or a setting, and what it is
        return False
    if lead and asks_below(lead):
        return True
    under = {word for heading in (*headings[1:-1], *headings[-1:]) for word in words(heading)}
    return bool(under & (_HEADINGS | NEGATING)) or is_foreign(said)


def asks_in_prose(text: str) -> bool:
    """Return whether a paragraph asks for something: it obliges, or a sentence of it commands."""
    said = plain(text)
    if is_links(text):
        return False
    if set(words(said)) & _OBLIGING or re.search(_DO_NOT, said, re.IGNORECASE):
        return True
    sentences = re.split(r"(?<=[.!?:])\s+", text)
    return any(_commands(part) for part in sentences) or is_foreign(said)


def asks_below(lead: str) -> bool:
    """Return whether what introduces a list makes each of its items a demand."""
    spoken = set(words(plain(lead)))
    return bool(spoken & (_OBLIGING | NEGATING | _HEADINGS | {"need", "needs"}))


def _commands(text: str) -> bool:
    """Return whether it begins with an imperative, perhaps after a label or a condition."""
    if _NAMED.match(text):
        return False
    label = _LABEL.match(text)
    rest = text[label.end() :] if label else text
    titled = plain(label["bold"] or label["bare"]) if label else ""
    title = words(titled)
    named = len(title) <= 3 and bool(set(title[:1]) & _NOUNS)
    if named and _COMMAND.match(rest):  # what to call, not what to do
        return False
    rest = plain(rest)
    condition = _CONDITION.match(rest)
    behind = rest[condition.end() :] if condition else ""
    parts = (rest, behind) if named else (titled, rest, behind)
    return any(map(_begins_with_verb, parts))


def _begins_with_verb(text: str) -> bool:
    first = words(text)[:2]
    polite = first[:1] in (("please",), ("also",), ("then",), ("and",), ("just",))
    return bool(set(first[1:2] if polite else first[:1]) & _VERBS)


def is_links(text: str) -> bool:
    """Return whether a piece is little more than links to elsewhere."""
    bare = _LINK.sub("", text)
    return (bool(_LINK.search(text)) and len(words(bare)) <= 3) or text.strip().startswith("@")


def is_foreign(text: str) -> bool:
    """Return whether a text is hardly English."""
    if sum(char.isalpha() and ord(char) > 0x24F for char in text) > len(text) / 4:
        return True
    spoken = words(text)
    return len(spoken) >= _FOREIGN and not set(spoken) & _ENGLISH


def plain(text: str) -> str:
    """Return Markdown as it reads: links by their text, without emphasis and code marks."""
    return _MARKS.sub("", _LINK.sub(r"\1", text)).strip()
