"""What is read rules out of, and what somebody else's reader may answer.

A reader is given plain values and returns plain values: a list of dicts with a ``text`` each, and
if it likes ``title``, ``class`` and ``from``, the ids of the notes that say so. Whatever it
returns is looked at before anything is made of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from buildlog_git.core.cutting import summary
from buildlog_git.core.rules import has_control
from buildlog_git.core.session import GENERAL, is_word

LONGEST = 4000
"""Characters of a rule's text that a reader may return."""
MOST = 256


class Note(NamedTuple):
    """A text that may hold rules, without what is private.

    ``id`` is that of the mistake or session, or the path of the file.
    """

    kind: Literal["mistake", "note", "file"]
    text: str
    error_class: str
    id: str

    def plain(self) -> dict[str, str]:
        """Return the note as a reader gets it."""
        return {"kind": self.kind, "text": self.text, "class": self.error_class, "id": self.id}


class Extracted(NamedTuple):
    """A rule that was read out of notes; ``evidence`` are ids of these."""

    text: str
    title: str
    error_class: str
    evidence: tuple[str, ...]


Extraction = Callable[[Sequence[Note]], list[Extracted]]


def checked(answer: object, notes: Sequence[Note]) -> list[Extracted]:
    """Return what a reader has found, each text once.

    Raises:
        ValueError: its answer is no list of rules.

    """
    if not isinstance(answer, list | tuple) or len(answer) > MOST:
        raise ValueError(f"it returned no list of at most {MOST} rules")
    found: dict[str, Extracted] = {}
    for number, one in enumerate(answer, 1):
        if not isinstance(one, dict):
            raise ValueError(f"its rule {number} is no dict")
        rule = _rule(one, number, {note.id: note for note in notes})
        found.setdefault(rule.text, rule)
    return list(found.values())


def _rule(told: dict[object, object], number: int, notes: dict[str, Note]) -> Extracted:
    text, title = told.get("text"), told.get("title") or ""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise ValueError(f"its rule {number} has no text of at most {LONGEST:,} characters")
    text = text.replace("\r\n", "\n").strip()
    if not isinstance(title, str) or has_control(text) or has_control(title):
        raise ValueError(f"its rule {number} has control characters, or a title that is no text")
    ids = told.get("from") or ()
    if not isinstance(ids, list | tuple) or not all(name in notes for name in ids):
        raise ValueError(f"its rule {number} is from notes that it was not given")
    evidence = tuple(dict.fromkeys(ids)) or tuple(notes)
    classes = {notes[name].error_class for name in evidence}
    error_class = told.get("class") or (classes.pop() if len(classes) == 1 else GENERAL)
    if not isinstance(error_class, str) or not is_word(error_class):
        raise ValueError(f"the class of its rule {number} is not one word")
    return Extracted(text, " ".join(title.split()) or summary(text), error_class, evidence)
