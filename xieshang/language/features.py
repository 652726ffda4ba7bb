"""What a sentence is described by for the classifier.

Words and characters of the normalised sentence in which products are one symbol and
numbers another, so that what is learnt about 花呗 holds for 借呗; and the sounds of the
characters.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from pypinyin import lazy_pinyin

PRODUCTS = frozenset({"花呗", "借呗", "蚂蚁花呗", "蚂蚁借呗", "信用购", "信用贷"})
PRODUCT_SYMBOL = "P"
NUMBER_SYMBOL = "#"
# Numbers that are names: people ask what these lines are for.
HOTLINES = frozenset(
    {"95188", "12378", "12363", "12348", "96110", "12356", "110", "120"}
)
MAX_WORDS = 2
MAX_CHARACTERS = 4
MAX_SOUNDS = 3

_NUMBER = re.compile(r"[\d*.,]+")
_MARK = re.compile(r"[^\w*]+")

Features = Mapping[str, Counter[str]]


def abstract_words(words: Iterable[str]) -> list[str]:
    """The words with products and numbers as symbols, without marks.

    Args:
        words: the words of a normalised sentence, in order.
    """
    abstract: list[str] = []
    for word in words:
        if not word.strip() or _MARK.fullmatch(word):
            continue
        symbol = word.lower()
        if word in PRODUCTS:
            symbol = PRODUCT_SYMBOL
            if abstract and abstract[-1] == "支付宝":
                abstract.pop()
        elif _NUMBER.fullmatch(word) and word not in HOTLINES:
            symbol = NUMBER_SYMBOL
        is_symbol = symbol in (PRODUCT_SYMBOL, NUMBER_SYMBOL)
        if is_symbol and abstract and abstract[-1] == symbol:
            continue
        abstract.append(symbol)
    return abstract


def _grams(units: Sequence[str], longest: int, kind: str) -> Counter[str]:
    return Counter(
        kind + "\t".join(units[start : start + size])
        for size in range(1, longest + 1)
        for start in range(len(units) - size + 1)
    )


def word_features(words: Sequence[str]) -> Counter[str]:
    """Words and pairs of neighbouring words."""
    return _grams(["^", *words, "$"], MAX_WORDS, "w")


def character_features(words: Sequence[str]) -> Counter[str]:
    """Character n-grams across word boundaries (scikit-learn's `char`)."""
    return _grams(["^", *"".join(words), "$"], MAX_CHARACTERS, "c")


def inner_character_features(words: Sequence[str]) -> Counter[str]:
    """Character n-grams that stay inside a word (scikit-learn's `char_wb`)."""
    found: Counter[str] = Counter()
    for word in words:
        found.update(_grams([" ", *word, " "], MAX_CHARACTERS, "b"))
    return found


def sound_features(words: Sequence[str]) -> Counter[str]:
    """Pinyin n-grams: misspellings that sound the same fall together."""
    return _grams(lazy_pinyin("".join(words)), MAX_SOUNDS, "p")


KINDS: Mapping[str, Callable[[Sequence[str]], Counter[str]]] = {
    "word": word_features,
    "char": character_features,
    "char_wb": inner_character_features,
    "sound": sound_features,
}


def sentence_features(words: Iterable[str], kinds: Sequence[str]) -> Features:
    """Count the features of a sentence.

    Args:
        words: the words of the normalised sentence.
        kinds: names of KINDS.

    Returns:
        Per kind the features and how often they occur.

    Raises:
        KeyError: an unknown kind.
    """
    abstract = abstract_words(words)
    return {kind: KINDS[kind](abstract) for kind in kinds}
