r"""Rules as the text that agents read: a block between markers, always the same bytes.

A block holds the whole set of rules, by id, and nothing that changes from day to day. Its first
marker has a digest of what stands between, by which a change by hand is noticed; the marker
before each rule has the digest of its text, so that what an agent reads can be told from the file
alone (:func:`read_block`), and another one of the words that say for which files it is. Markers
are HTML comments, of which an agent sees little or nothing.

What in a rule's text could be taken for a marker is escaped, and so is a comment that the text
does not close: it would hide from an agent what follows. ``<!-- buildlog:`` becomes
``<\!-- buildlog:``, which :func:`read_block` takes back. All that is outside of a block is kept
byte by byte; the block takes over the line ends of the file.

Law: ``without_block(with_block(content, …)) == content``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from buildlog_git.core.ids import event_id
from buildlog_git.core.rules import digest_of_text

Kind = Literal["local", "team"]
"""Whose block it is: of the rules on trial here, or of the pinned ones that all have."""

HEADING = "Follow these rules of the team:"
_NOTE = {
    "local": "(git buildlog writes this for each session; it is nobody's to edit)",
    "team": "(git buildlog rules render writes this from .buildlog/rules: edit the rules there)",
}
_BLOCK = (
    rb"^<!-- buildlog:begin %b ([0-9a-f]{16}) \+([012]) [^\r\n]*-->(\r?\n)"
    rb"(.*?)(?:^<!-- buildlog:end %b -->(?:\r?\n|\Z)|\Z)"
)
_RULE = (
    r"^<!-- buildlog:rule ([A-Za-z0-9._/+-]{1,64}) ([0-9a-f]{16})"
    r"(?: in ([0-9]{1,7}) ([0-9a-f]{16}))? -->\n"
)
_COPY = rb"^<!-- buildlog:copy ([0-9]{1,9}) ([0-9a-f]{16}) -->\r?\n"
_STRUCTURE = r"\s*(?:#|[-*+] |\d+[.)] |>|```|~~~|\||<)"
"""How a line begins that words before it would make another thing."""
_COMMENT = r"<(\\*)!--(?=(\s*buildlog:)?)"
_CONTROL = "[\0-\b\v-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"
_MARK = b"\xef\xbb\xbf"
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
"""How files begin in which a character takes two bytes or four."""


class ShownRule(NamedTuple):
    """A rule that is to be read: its id, the digest of its text, and the text.

    ``scope`` are globs of the files that it is about, where its line is to say so.
    """

    id: str
    digest: str
    text: str
    scope: tuple[str, ...] = ()


class ReadRule(NamedTuple):
    """A rule in a file: the digest that its marker has, and that of the text that is there."""

    id: str
    digest: str
    found: str


class Block(NamedTuple):
    """A block in a file: where it is, in bytes, with the line ends that were put before it.

    ``content`` is what stands from marker to marker, with plain line ends. ``intact`` says that
    nobody has changed it, ``ended`` that its last marker is there.
    """

    start: int
    end: int
    content: str
    rules: tuple[ReadRule, ...]
    intact: bool
    ended: bool

    @property
    def digest(self) -> str:
        """16 hex digits that name what stands in the block."""
        return event_id("block", self.content)


def body_of(rules: Iterable[ShownRule], extra: Sequence[str] = ()) -> str:
    """Return what stands between the markers; ``extra`` are lines that come first."""
    parts = [
        f"<!-- buildlog:rule {rule.id} {rule.digest}{_scope_mark(rule)} -->\n"
        f"{escaped(said(rule))}\n"
        for rule in sorted(rules)
    ]
    parts = [f"{HEADING}\n", *parts] if parts else []
    return "\n".join((*(f"{line}\n" for line in extra), *parts))


def said(rule: ShownRule) -> str:
    """Return a rule's text with the files that it is about before it, where it has a scope."""
    return _place_words(rule) + rule.text


def _place_words(rule: ShownRule) -> str:
    names = [f"`{' '.join(glob.replace('`', chr(39)).split())}`" for glob in rule.scope]
    if not names:
        return ""
    listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    first = rule.text.partition("\n")[0]
    return f"In {listed}:" + ("\n\n" if re.match(_STRUCTURE, first) else " ")


def _scope_mark(rule: ShownRule) -> str:
    words = _place_words(rule)
    return f" in {len(words)} {event_id('in', words)}" if words else ""


def escaped(text: str) -> str:
    """Return a rule's text as it stands in a block: no marker, no control character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = re.sub(_CONTROL, lambda found: _visible(found[0]), text)
    closed = text.rfind("-->")

    def escape(found: re.Match[str]) -> str:
        needed = found[1] or found[2] or found.start() > closed
        return f"<\\{found[1]}!--" if needed else found[0]

    return re.sub(_COMMENT, escape, text)


def unescaped(text: str) -> str:
    """Return the text that :func:`escaped` was given, where it had no control character."""
    return re.sub(r"<\\(\\*)!--", r"<\1!--", text)


def inert(text: str) -> str:
    """Return a text in which a skill's loader finds nothing to run or to fill in.

    It runs what stands between backticks behind ``!``, and puts arguments for ``$1``.
    """
    text = re.sub(r"!(?=`)", "&#33;", re.sub(r"(`{3,}|~{3,})!", r"\1 !", text))
    return re.sub(r"\$(?=\d|ARGUMENTS|\{)", r"\\$", text)


def _visible(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def read_block(content: bytes, kind: Kind) -> Block | None:
    """Return the first block of a kind in a file, None where there is none."""
    name = kind.encode()
    found = re.search(_BLOCK % (name, name), content, re.DOTALL | re.MULTILINE)
    if found is None:
        return None
    text = found[4].decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    start = found.start()
    for _ in range(int(found[2])):  # the line ends that we put before it
        if content[:start].endswith(found[3]):
            start -= len(found[3])
    return Block(
        start,
        found.end(),
        text,
        tuple(_rules_in(text)),
        intact=found[1].decode() == event_id("body", text),
        ended=b"<!-- buildlog:end " in found[0],
    )


def why_unread(content: bytes, kind: Kind, head: str | None = None) -> str:
    """Return what keeps an agent from reading the block of a file; empty where nothing does.

    Agents see no comment, and apply a file as its front matter says. ``head`` is the one that it
    is to have, empty for none; None where the agent takes no notice of it.
    """
    block = read_block(content, kind)
    if block is None:
        return "it has no rules in it"
    before = content[: block.start]
    if before.rfind(b"<!--") > before.rfind(b"-->"):
        return "a comment above the rules is not closed: no agent would see them"
    if head is not None and front_matter(content) != head:
        return "its front matter is not ours: it may keep the rules from agents"
    return ""


def front_matter(content: bytes) -> str:
    """Return the front matter of a file with plain line ends, empty where there is none."""
    content = content.removeprefix(_MARK)
    if not content.startswith(b"---"):
        return ""
    text = content.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    found = re.match(r"---[ \t]*\n(?:.*\n)*?---[ \t]*(?:\n|\Z)", text)
    return found[0] if found else ""


def without_front(content: bytes) -> bytes:
    """Return a file's content without its front matter."""
    return re.sub(
        rb"\A(?:\xef\xbb\xbf)?---[ \t]*\r?\n(?:.*\n)*?---[ \t]*(?:\r?\n|\Z)", b"", content
    )


def _rules_in(body: str) -> Iterable[ReadRule]:
    """Yield the rules of a block; each goes up to the next one's marker."""
    marks = list(re.finditer(_RULE, body, re.MULTILINE))
    for number, mark in enumerate(marks):
        last = number + 1 == len(marks)
        text = body[mark.end() : len(body) if last else marks[number + 1].start()]
        # A rule ends with its line; what separates it from the next one is one more.
        text = text.removesuffix("\n") if last else text.removesuffix("\n\n")
        yield ReadRule(mark[1], mark[2], digest_of_text(_without_place(unescaped(text), mark)))


def _without_place(text: str, mark: re.Match[str]) -> str:
    """Return a rule's text without the words that say where it holds, if these are as we wrote."""
    size = int(mark[3] or 0)
    return text[size:] if size and event_id("in", text[:size]) == mark[4] else text


def with_block(content: bytes, kind: Kind, body: str, *, at_start: bool = False) -> bytes:
    """Return a file's content with the block in it, in place of the one that is there.

    ``at_start`` puts a new one first; else it comes last.
    """
    newline = b"\r\n" if _has_crlf(content) else b"\n"
    present = read_block(content, kind)
    before, after = content, b""
    if present is not None:
        before, after = content[: present.start], content[present.end :]
    elif at_start:
        before, after = b"", content
    gap = 0
    if before:
        gap = 1 if before.endswith(b"\n") else 2
    return before + newline * gap + _block(kind, body, gap, newline) + after


def _block(kind: Kind, body: str, gap: int, newline: bytes) -> bytes:
    digest = event_id("body", body)
    first = f"<!-- buildlog:begin {kind} {digest} +{gap} {_NOTE[kind]} -->\n"
    text = f"{first}{body}<!-- buildlog:end {kind} -->\n"
    return text.encode("utf-8", "backslashreplace").replace(b"\n", newline)


def without_block(content: bytes, kind: Kind) -> bytes:
    """Return a file's content without any block of a kind."""
    while (block := read_block(content, kind)) is not None:
        content = content[: block.start] + content[block.end :]
    return content


def _has_crlf(content: bytes) -> bool:
    windows = content.count(b"\r\n")
    return windows > content.count(b"\n") - windows


def with_copy(block: bytes, original: bytes) -> bytes:
    """Return a block and a copy of another file behind it."""
    mark = f"<!-- buildlog:copy {len(original)} {event_id('copy', original.hex())} -->\n"
    return block + mark.encode() + original


def without_copy(content: bytes) -> bytes | None:
    """Return a file's content without the copy in it; None where somebody has changed that."""
    mark = re.search(_COPY, content, re.MULTILINE)
    if mark is None:
        return content
    end = mark.end() + int(mark[1])
    original = content[mark.end() : end]
    if mark[2].decode() != event_id("copy", original.hex()):
        return None
    return content[: mark.start()] + content[end:]


def why_unfit(content: bytes, body: str) -> str:
    """Return why a file cannot hold a block; empty where it can.

    Text that is not UTF-8 is kept byte by byte, as long as the block is plain ASCII beside it.
    """
    if content.startswith(_WIDE) or b"\0" in content:
        return "it is not text in UTF-8, but UTF-16 or binary"
    try:
        content.decode()
    except UnicodeDecodeError:
        if not body.isascii():
            return "it is not UTF-8, and the rules are not plain ASCII: they would be unreadable"
    return ""
