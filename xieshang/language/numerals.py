"""Reads numerals as people write them: 12,500.50, 两千零八, 3万5, 2w3, 七八百."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import cn2an  # type: ignore[import-untyped]

ARABIC = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
DIGITS = "一二两三四五六七八九壹贰叁肆伍陆柒捌玖"
CHINESE = rf"[{DIGITS}十拾廿][零{DIGITS}十百千万亿拾佰仟]*"
UNITS = {
    **dict.fromkeys("十拾", Decimal(10)),
    **dict.fromkeys("百佰", Decimal(100)),
    **dict.fromkeys("千仟k", Decimal(1000)),
    **dict.fromkeys("万w", Decimal(10000)),
    "亿": Decimal(100_000_000),
}
_FORMAL = str.maketrans("拾佰仟", "十百千")
_NEIGHBOURS = re.compile(rf"([{DIGITS}])(?![{DIGITS}]{{2}})[{DIGITS}](?![{DIGITS}])")
_PART = re.compile(rf"(零?)({ARABIC}|[零{DIGITS}十拾廿]+)([百千万亿佰仟wk]?)")


@dataclass(frozen=True)
class Number:
    """A number that was read.

    Attributes:
        value: the number; of a span like 七八百 the lower end.
        approx: whether it was such a span.
    """

    value: Decimal
    approx: bool = False


def _chinese(text: str) -> Decimal:
    return Decimal(str(cn2an.cn2an(text, "smart")))


def _mixed(text: str) -> Decimal:
    """3万5, 2w3, 1万2千3百, 3万零500: digits and units in turn."""
    total, section, unit = Decimal(0), Decimal(0), Decimal(1)
    place = 0
    for part in _PART.finditer(text):
        if part.start() != place:
            break
        place = part.end()
        zero, digits, written = part.groups()
        arabic = digits[0].isdigit() and digits.isascii()
        number = Decimal(digits.replace(",", "")) if arabic else _chinese(digits)
        if written:
            unit = UNITS[written]
            if unit >= UNITS["万"]:
                total, section = total + (section + number) * unit, Decimal(0)
            else:
                section += number * unit
        elif unit > 1 and not zero and len(digits) == 1:
            section += number * unit / 10
        else:
            section += number
    if place != len(text):
        raise ValueError(f"{text!r} is no number")
    return total + section


def read_number(text: str) -> Number:
    """Read a numeral.

    Args:
        text: a folded numeral without its unit of measure.

    Raises:
        ValueError: the text is none.
    """
    try:
        if re.fullmatch(ARABIC, text):
            return Number(Decimal(text.replace(",", "")))
        if re.search(r"[0-9wk]", text):
            return Number(_mixed(text))
        plain = text.translate(_FORMAL)
        approx = bool(_NEIGHBOURS.search(plain))
        return Number(_chinese(_NEIGHBOURS.sub(r"\1", plain)), approx)
    except (InvalidOperation, KeyError, TypeError, IndexError) as error:
        raise ValueError(f"{text!r} is no number") from error
