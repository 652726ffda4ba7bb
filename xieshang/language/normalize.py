"""Brings what people type to one spelling before it is understood.

Width, spaces inside words, traditional characters, repeated marks, emoji,
abbreviations and misspellings of domain words that sound the same (花被 → 花呗). The
conversation keeps what a person wrote; only the understanding sees this form.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import jieba
import opencc
from pypinyin import lazy_pinyin

from xieshang.settings import ROOT
from xieshang.yaml_files import read_yaml

WORDS = ROOT / "data/normalization/words.yml"
# A spelling that jieba's dictionary counts this often is a word of its own.
COMMON_WORD = 40
MAX_READINGS = 16
NUMERALS = frozenset("一二三四五六七八九十百千万两零半几")

_HAN = r"\u4e00-\u9fff"
_SPACE_IN_CHINESE = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_REPEATED_MARK = re.compile(r"([^\w\s*])\1+")
_REPEATED_CHARACTER = re.compile(rf"([{_HAN}])\1{{2,}}")
# 24其每其980: instalments, but 24其中, 其他.
_INSTALMENT = re.compile(r"(?<=[\d每])其(?![中他它余实次])")
_SPACES = re.compile(r"\s+")
_TO_SIMPLIFIED = opencc.OpenCC("t2s")


@dataclass(frozen=True)
class ContextWord:
    """A word that is a misspelling of another one near certain words."""

    word: str
    near: tuple[str, ...]


class Normalizer:
    """Normalises sentences with the words of a file.

    Args:
        words: domain, always, in_context and abbreviations, as in words.yml.
    """

    def __init__(self, words: Mapping[str, Any]) -> None:
        self._always: Mapping[str, str] = words["always"]
        self._in_context = {
            wrong: ContextWord(right["word"], tuple(right["with"]))
            for wrong, right in words["in_context"].items()
        }
        self._abbreviations: Mapping[str, str] = words["abbreviations"]
        letters = "|".join(sorted(self._abbreviations, key=len, reverse=True))
        self._latin = re.compile(rf"(?<![a-z])(?:{letters})(?![a-z])", re.IGNORECASE)
        self._always_pattern = re.compile(
            "|".join(sorted(map(re.escape, self._always), key=len, reverse=True))
        )
        self._by_sound: dict[tuple[str, ...], str] = {}
        for word in words["domain"]:
            for sound in _readings(_sounds(word)):
                self._by_sound.setdefault(sound, word)
        self._known = frozenset(words["domain"])
        self._lengths = sorted({len(word) for word in self._known}, reverse=True)

    def normalize(self, text: str) -> str:
        """The sentence in one spelling.

        Args:
            text: what a person wrote.
        """
        text = unicodedata.normalize("NFKC", text)
        text = "".join(
            char if unicodedata.category(char) not in ("So", "Sk", "Cs", "Cf") else " "
            for char in text
        )
        text = _TO_SIMPLIFIED.convert(text)
        text = _SPACE_IN_CHINESE.sub("", text)
        text = _REPEATED_MARK.sub(r"\1", text)
        text = _REPEATED_CHARACTER.sub(r"\1\1", text)
        text = self._latin.sub(
            lambda match: self._abbreviations[match.group().lower()], text
        )
        text = self._always_pattern.sub(self._unless_inside_a_word, text)
        text = _INSTALMENT.sub("期", text)
        text = self._same_sound(text)
        for wrong, right in self._in_context.items():
            if wrong in text and any(near in text for near in right.near):
                text = text.replace(wrong, right.word)
        return _SPACES.sub(" ", text).strip()

    def _unless_inside_a_word(self, match: re.Match[str]) -> str:
        word = self._always[match.group()]
        if _crosses_a_word(match.string, match.start(), match.end(), word):
            return match.group()
        return word

    def _same_sound(self, text: str) -> str:
        """Replace misspelt domain words, longest first."""
        sounds = _sounds(text)
        result = list(text)
        taken = [False] * len(text)
        for length in self._lengths:
            for start in range(len(text) - length + 1):
                end = start + length
                written = text[start:end]
                if any(taken[start:end]) or not all(sounds[start:end]):
                    continue
                if written in self._known:
                    taken[start:end] = [True] * length
                    continue
                word = self._meant(written, sounds[start:end])
                if word and not _crosses_a_word(text, start, end, word):
                    result[start:end] = list(word)
                    taken[start:end] = [True] * length
        return "".join(result)

    def _meant(self, written: str, sounds: Sequence[tuple[str, ...]]) -> str | None:
        for sound in _readings(sounds):
            word = self._by_sound.get(sound)
            if word and not _is_common(written, word):
                return word
        return None


def _is_common(written: str, word: str) -> bool:
    """Whether a spelling is a word of its own, or shares nothing with the other."""
    # One shared character at least: 花贝 is 花呗, 画杯 may be anything. A numeral is
    # meant as one: 分七百 is a sum.
    return (
        _is_word(written)
        or not set(written) & set(word)
        or any(char in NUMERALS for char in set(written) - set(word))
    )


def _crosses_a_word(text: str, start: int, end: int, word: str) -> bool:
    """Whether a character to be changed makes a common word with its neighbour.

    计划呗 is 计划 and a particle, not 花呗; 碎花被子 holds 被子. 逾 stands in no other
    everyday word: 逾其三天 is 逾期三天.
    """
    if "逾" in text[start:end]:
        return False
    first_changes = text[start] != word[0]
    last_changes = text[end - 1] != word[-1]
    return (start > 0 and first_changes and _is_word(text[start - 1 : start + 1])) or (
        end < len(text) and last_changes and _is_word(text[end - 1 : end + 1])
    )


def _is_word(written: str) -> bool:
    return (jieba.dt.FREQ.get(written) or 0) > COMMON_WORD


def _sounds(text: str) -> list[tuple[str, ...]]:
    """The possible sounds of each character; empty for what is no Chinese character."""
    sounds: list[tuple[str, ...]] = []
    for char in text:
        if "\u4e00" <= char <= "\u9fff":
            sounds.append(_character_sounds(char))
        else:
            sounds.append(())
    return sounds


@lru_cache(maxsize=8192)
def _character_sounds(char: str) -> tuple[str, ...]:
    # pypinyin's list of all readings holds rare ones (完 as kuan): the usual one, and
    # the second one of the domain's only ambiguous character.
    usual = lazy_pinyin(char)[0]
    return ("huan", "hai") if char == "还" else (usual,)


def _readings(sounds: Sequence[tuple[str, ...]]) -> Sequence[tuple[str, ...]]:
    return list(itertools.islice(itertools.product(*sounds), MAX_READINGS))


@lru_cache(maxsize=1)
def normalizer(path: Path = WORDS) -> Normalizer:
    """The normaliser with the words of a file.

    Args:
        path: a YAML file.
    """
    jieba.initialize()
    return Normalizer(read_yaml(path))
