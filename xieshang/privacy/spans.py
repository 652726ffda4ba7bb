"""A part of a text that is sensitive."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """Where something sensitive stands, and what it is.

    Attributes:
        start: place of its first character.
        end: place behind its last character.
        kind: as in `xieshang.privacy.Masked.kinds`.
    """

    start: int
    end: int
    kind: str
