"""One spelling for digits and marks: full-width, circled and Chinese ones become ASCII.

The folded text is as long as the text, so that places in one are places in the other.
"""

from __future__ import annotations

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


def _folded(char: str) -> str:
    if char.isascii():
        return char
    if char in _DIGITS:
        return _DIGITS[char]
    if unicodedata.category(char) in {"Cf", "Mn", "Me"}:
        return NOTHING
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def fold(text: str) -> str:
    """The text with its digits and marks in ASCII, character for character."""
    return "".join(map(_folded, text))
