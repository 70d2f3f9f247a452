"""Identifiers: git object ids and the deterministic ids of events.

An event's id is a digest of what the event is about, without a clock: a hook that runs twice,
a scan of old history and both sides of a merge produce the same id, and the fold counts the
event once.
"""

from __future__ import annotations

import re
from typing import NewType, TypeGuard

from buildlog_git.core.digests import sha256

Oid = NewType("Oid", str)
"""A full git object id in lower-case hex: 40 digits (SHA-1) or 64 (SHA-256)."""

_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def is_oid(value: object) -> TypeGuard[Oid]:
    """Return whether ``value`` is a full object id."""
    return isinstance(value, str) and _OID.fullmatch(value) is not None


def parse_oid(text: str) -> Oid:
    """Return ``text`` as an object id.

    Raises:
        ValueError: ``text`` is not 40 or 64 lower-case hex digits.

    """
    if not is_oid(text):
        raise ValueError(f"not a full object id: {text[:80]!r}")
    return text


def event_id(kind: str, *about: str) -> str:
    """Return 16 hex digits that name the event of ``kind`` about ``about``.

    The parts are joined by NUL, which none of them can contain, so that different parts
    never give the same text.
    """
    digest = sha256("\0".join((kind, *about)).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:16]


def digest_bytes(content: bytes) -> bytes:
    """Return the SHA-256 digest of ``content``."""
    return sha256(content).digest()
