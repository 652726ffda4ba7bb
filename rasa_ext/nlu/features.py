"""The features of a sentence: word and character n-grams."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

Array = NDArray[Any]

MAX_WORDS = 2
MAX_CHARACTERS = 4

_SPACE = re.compile(r"\s+")


def _grams(units: Sequence[str], longest: int, kind: str) -> Iterable[str]:
    for size in range(1, longest + 1):
        for start in range(len(units) - size + 1):
            yield kind + "\t".join(units[start : start + size])


def sentence_features(text: str, words: Sequence[str]) -> dict[str, Counter[str]]:
    """Count the features of a sentence.

    Args:
        text: the sentence.
        words: its words as the tokenizer cut them.

    Returns:
        Per kind of feature the features and how often they occur.
    """
    characters = ["^", *_SPACE.sub("", text.lower()), "$"]
    kept = [word.lower() for word in words if word.strip()]
    return {
        "word": Counter(_grams(["^", *kept, "$"], MAX_WORDS, "w")),
        "character": Counter(_grams(characters, MAX_CHARACTERS, "c")),
    }


class FeatureSpace:
    """A vocabulary with inverse document frequencies.

    A kind of feature is a block of its own: term frequencies are damped (1 + log tf),
    weighed by idf and brought to length 1 per block, as in Manning, Raghavan & Schütze,
    Introduction to Information Retrieval (2008), §6.4.
    """

    def __init__(self, vocabulary: Mapping[str, int], idf: Array) -> None:
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def fit(
        cls, sentences: Sequence[Mapping[str, Counter[str]]], min_count: int
    ) -> FeatureSpace:
        """Learn vocabulary and frequencies.

        Args:
            sentences: features of the training sentences.
            min_count: in how many sentences a feature must occur.
        """
        found: Counter[str] = Counter()
        for sentence in sentences:
            for block in sentence.values():
                found.update(block.keys())
        names = sorted(name for name, count in found.items() if count >= min_count)
        idf = np.array(
            [np.log((1 + len(sentences)) / (1 + found[name])) + 1 for name in names],
            dtype=np.float32,
        )
        return cls({name: index for index, name in enumerate(names)}, idf)

    def vector(self, sentence: Mapping[str, Counter[str]]) -> tuple[Array, Array]:
        """Columns and values of a sentence's vector.

        Args:
            sentence: the features of the sentence.
        """
        columns: list[Array] = []
        values: list[Array] = []
        for block in sentence.values():
            known = [
                (self.vocabulary[name], count)
                for name, count in block.items()
                if name in self.vocabulary
            ]
            if not known:
                continue
            index = np.fromiter((column for column, _ in known), np.int64, len(known))
            counts = np.fromiter((count for _, count in known), np.float32, len(known))
            weights = (1 + np.log(counts)) * self.idf[index]
            columns.append(index)
            values.append(weights / np.sqrt(weights @ weights))
        if not columns:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        return np.concatenate(columns), np.concatenate(values)

    def matrix(self, sentences: Sequence[Mapping[str, Counter[str]]]) -> csr_matrix:
        """The vectors of many sentences as rows.

        Args:
            sentences: the features of the sentences.
        """
        vectors = [self.vector(sentence) for sentence in sentences]
        starts = np.cumsum([0, *(len(columns) for columns, _ in vectors)])
        return csr_matrix(
            (
                np.concatenate([values for _, values in vectors]),
                np.concatenate([columns for columns, _ in vectors]),
                starts,
            ),
            shape=(len(vectors), len(self.vocabulary)),
        )
