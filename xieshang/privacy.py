"""Masking of what must never be stored: identity, card and phone numbers, secrets.

Checks that keep ordinary numbers alone: the check digit of GB 11643-1999 for identity
numbers (python-stdnum) and Luhn for bank cards (ISO/IEC 7812, python-stdnum).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum import luhn
from stdnum.cn import ric

MASK = "***"
# GB 11643-1999, the number before it, and the lengths of ISO/IEC 7812 cards.
ID_LENGTH = 18
OLD_ID_LENGTH = 15
CARD_LENGTHS = range(13, 20)

# Digits as people paste them: with blanks or hyphens between the groups.
_DIGIT_RUN = re.compile(
    r"(?<![\dA-Za-z])\d(?:[ \-]?\d){10,22}(?:[ \-]?[Xx])?(?![\dA-Za-z])"
)
_SECRET = {
    "verification_code": re.compile(
        r"((?:验证码|校验码|动态码|短信码)[^\d]{0,6}?)(\d{4,8})(?!\d)"
    ),
    "password": re.compile(
        r"((?:密码|口令|password|pwd)\s*(?:是|为|:|：|=)?\s*)([A-Za-z0-9!@#$%^&*._\-]{4,32})",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True)
class Masked:
    """A text without its sensitive parts.

    Attributes:
        text: the text, each sensitive part replaced by MASK.
        kinds: what was found: id_card, bank_card, phone, verification_code, password.
    """

    text: str
    kinds: tuple[str, ...]


def _is_id_card(digits: str) -> bool:
    if len(digits) == ID_LENGTH:
        return bool(ric.is_valid(digits))
    # The fifteen-digit number of before 1999 has no check digit: its date must be one.
    return len(digits) == OLD_ID_LENGTH and bool(
        re.fullmatch(r"[1-8]\d{5}\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}", digits)
    )


_NUMBER_KINDS: dict[str, Callable[[str], bool]] = {
    "id_card": _is_id_card,
    "bank_card": lambda digits: (
        len(digits) in CARD_LENGTHS and bool(luhn.is_valid(digits))
    ),
    "phone": lambda digits: bool(re.fullmatch(r"(?:86)?1[3-9]\d{9}", digits)),
}


def mask_sensitive(text: str) -> Masked:
    """Replace sensitive numbers and secrets.

    Args:
        text: what a person wrote, of any length.
    """
    kinds: list[str] = []

    def replace_number(match: re.Match[str]) -> str:
        digits = re.sub(r"[ \-]", "", match.group()).upper()
        for kind, matches in _NUMBER_KINDS.items():
            if matches(digits):
                kinds.append(kind)
                return MASK
        return match.group()

    text = _DIGIT_RUN.sub(replace_number, text)
    for kind, pattern in _SECRET.items():

        def replace_secret(match: re.Match[str], kind: str = kind) -> str:
            kinds.append(kind)
            return match.group(1) + MASK

        text = pattern.sub(replace_secret, text)
    return Masked(text, tuple(dict.fromkeys(kinds)))
