"""E-mail addresses, and telephones that are told by a word or a plus before them."""

from __future__ import annotations

import re

import phonenumbers

from xieshang.privacy.spans import Span

# Without its area code a telephone is one only beside the word for it.
_LOCAL = re.compile(
    r"(?:座机|固话|固定电话|电话|tel)(?:号码?|是|为|:|\s)*"
    r"([2-8]\d{6,7}|[2-8]\d{2,3}-\d{4})(?![\d.])(?!\s*(?:元|块|万|次|个))",
    re.IGNORECASE,
)
_DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_EMAIL = re.compile(
    r"[A-Za-z0-9][\w.+-]{0,63}\s?@\s?[A-Za-z0-9-]{1,63}(?:\s?\.\s?[A-Za-z]{2,24})+",
    re.ASCII,
)


def find_contacts(text: str) -> list[Span]:
    """E-mail addresses, local telephones beside their word, foreign ones with a plus.

    Args:
        text: from `fold`.
    """
    spans = [Span(*found.span(), "email") for found in _EMAIL.finditer(text)]
    spans += [
        Span(*found.span(1), "phone")
        for found in _LOCAL.finditer(text)
        if not _DAY.fullmatch(found[1])
    ]
    if "+" in text:
        spans += [
            Span(found.start, found.end, "phone")
            for found in phonenumbers.PhoneNumberMatcher(text, None)
        ]
    return spans
