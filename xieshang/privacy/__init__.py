"""Masking of what must never be stored: identity, card and phone numbers, secrets.

It runs before anything is kept, understood or logged. What a person needs for the case
is left alone: sums, dates, days, instalments, public hotlines. Numbers of orders, work
orders and complaints stay too: people are told to note them for the next call, and they
name a matter, not a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from xieshang.privacy.contacts import find_contacts
from xieshang.privacy.folding import fold
from xieshang.privacy.numbers import find_numbers
from xieshang.privacy.persons import find_persons
from xieshang.privacy.secrets import find_secrets
from xieshang.privacy.spans import Span

__all__ = ["MASK", "Masked", "mask_sensitive"]

MASK = "***"


@dataclass(frozen=True)
class Masked:
    """A text without its sensitive parts.

    Attributes:
        text: the text, each sensitive part replaced by MASK.
        kinds: what was found: id_card, bank_card, phone, email, verification_code,
            password, name, address.
    """

    text: str
    kinds: tuple[str, ...]


def mask_sensitive(text: str) -> Masked:
    """Replace sensitive numbers and secrets, however their digits are written.

    Args:
        text: what a person wrote, of any length.
    """
    folded = fold(text)
    spans = [
        *find_numbers(folded),
        *find_contacts(folded),
        *find_secrets(folded),
    ]
    if any(span.kind == "id_card" for span in spans):
        spans += find_persons(text, spans)
    return Masked(_without(text, spans), tuple(dict.fromkeys(s.kind for s in spans)))


def _without(text: str, spans: list[Span]) -> str:
    parts: list[str] = []
    done = 0
    for span in sorted(spans, key=lambda span: span.start):
        if span.start >= done:
            parts += [text[done : span.start], MASK]
        done = max(done, span.end)
    return "".join([*parts, text[done:]])
