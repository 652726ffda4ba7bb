"""One spelling for digits and marks: those of any script become ASCII.

The folded text is as long as the text, so that places in one are places in the other.
"""

from __future__ import annotations

import re
import unicodedata

# Stands for what is drawn on top of another character or not at all.
NOTHING = "\u200b"
_DIGITS = {
    char: str(value)
    for value, chars in enumerate(
        (
            "零〇",
            "一壹幺",
            "二贰貳",
            "三叁參",
            "四肆",
            "五伍",
            "六陆陸",
            "七柒",
            "八捌",
            "九玖",
        )
    )
    for char in chars
}
# What people type for the X of an identity number.
_CROSSES = dict.fromkeys("×✕✖╳ХхΧχ", "X")
_ZERO = re.compile(r"(?<=\d)[Oo]+(?=[\dXx])")


def _folded(char: str) -> str:
    if char.isascii():
        return char
    known = _DIGITS.get(char) or _CROSSES.get(char)
    if known:
        return known
    if unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return NOTHING
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def fold(text: str) -> str:
    """The text with its digits and marks in ASCII, character for character."""
    folded = "".join(map(_folded, text))
    return _ZERO.sub(lambda found: "0" * len(found[0]), folded)
