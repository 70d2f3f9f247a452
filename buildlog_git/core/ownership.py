"""Whose each token of a line is, before and after a hunk."""

from __future__ import annotations

from collections.abc import Container, Sequence

from buildlog_git.core.align import align
from buildlog_git.core.state import BLANK, Entry, owner_at
from buildlog_git.core.tokens import Flat

Tokens = list[list[str]]
"""Lines as lists of tokens."""


def token_owners(entry: Entry, size: int) -> list[int]:
    """Return the owner of each of a line's ``size`` tokens."""
    if not isinstance(entry, tuple):
        return [-1 if entry is None or entry == BLANK else entry] * size
    if len(entry) == size:
        return list(entry)
    return [owner_at(entry, index) for index in range(size)]


def new_owners(
    mine: int, before: Flat, old: list[int], after: Flat, new: Tokens, arrived: Container[int]
) -> list[list[int]]:
    """Return the owner of each new token: its old owner where it stood before, else ``mine``.

    ``old`` has the owner of each token of ``before``.
    """
    flat = [mine] * len(after.tokens)
    for block in align(before.tokens, after.tokens).blocks:
        flat[block.new : block.new + block.size] = old[block.old : block.old + block.size]
    total = sum(len(tokens) for index, tokens in enumerate(new) if index not in arrived)
    whole = flat
    if after.places is not None:
        whole = [mine] * total
        for place, owner in zip(after.places, flat, strict=True):
            whole[place] = owner
    owners, at = [], 0
    for index, tokens in enumerate(new):
        size = 0 if index in arrived else len(tokens)
        owners.append(whole[at : at + size] if size else [mine] * len(tokens))
        at += size
    return owners


def paint(owners: list[int], own: Sequence[int], draft: int, tokens: Sequence[str]) -> None:
    """Make ``draft`` the owner of the tokens marked in ``own`` and of no other."""
    for index, mark in enumerate(own):
        if mark:
            owners[index] = draft
        elif owners[index] == draft:
            owners[index] = -1
    # A comma at the end may not count; it goes with the token before it.
    if len(owners) > 1 and tokens[-1] == ",":
        owners[-1] = owners[-2]
