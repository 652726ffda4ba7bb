"""What is found in a sentence: a piece of it with a value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import opencc

MARKS = "，,、。！？!?；;\n"
_TO_SIMPLIFIED = opencc.OpenCC("t2s")
_COMMA = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))")
_MARKS_TO_CHINESE = str.maketrans("!?;", "！？；")
_FULL_WIDTH_COMMA = re.compile(r"(?<![０-９])，|，(?![０-９])")


@dataclass(frozen=True)
class Found:
    """A value in a sentence.

    Attributes:
        start: place of its first character.
        end: place after its last character.
        value: what it says: an ISO date, days or months.
        approx: whether it was said as an approximate value.
    """

    start: int
    end: int
    value: str | int
    approx: bool = False


@lru_cache(maxsize=8192)
def _fold_character(char: str) -> str:
    wide = unicodedata.normalize("NFKC", char)
    folded = wide if len(wide) == 1 else char
    lower = folded.lower() if len(folded.lower()) == 1 else folded
    if "\u3400" <= lower <= "\u9fff":
        simple = str(_TO_SIMPLIFIED.convert(lower))
        return simple if len(simple) == 1 else lower
    return "零" if lower == "〇" else lower


def fold(text: str) -> str:
    """The sentence in half width, lower case and simplified characters.

    Character by character, so that places stay the same. Marks become Chinese ones; a
    comma stays a half-width one only where it groups digits.

    Args:
        text: what a person wrote.
    """
    kept = {match.start() for match in _FULL_WIDTH_COMMA.finditer(text)}
    folded = "".join(
        char if place in kept else _fold_character(char)
        for place, char in enumerate(text)
    )
    return _COMMA.sub("，", folded).translate(_MARKS_TO_CHINESE)


def clause_before(text: str, place: int, marks: str = MARKS) -> str:
    """The words of the clause before a place.

    Args:
        text: a folded sentence.
        place: where the clause is cut.
        marks: the characters that end a clause.
    """
    begin = max(text.rfind(mark, 0, place) for mark in marks) + 1
    return text[begin:place]


def clause_after(text: str, place: int, marks: str = MARKS) -> str:
    """The words of the clause after a place.

    Args:
        text: a folded sentence.
        place: where the clause is cut.
        marks: the characters that end a clause.
    """
    ends = [end for mark in marks if (end := text.find(mark, place)) >= 0]
    return text[place : min(ends, default=len(text))]


def is_taken(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether a piece overlaps one of others.

    Args:
        start: place of the first character.
        end: place after the last character.
        spans: the other pieces.
    """
    return any(
        start < other_end and other_start < end for other_start, other_end in spans
    )
