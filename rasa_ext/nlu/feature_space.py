"""From counted features to a vector: vocabulary and inverse document frequencies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from xieshang.language.features import Features

Array = NDArray[Any]


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
    def fit(cls, sentences: Sequence[Features], min_count: int) -> FeatureSpace:
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

    def vector(self, sentence: Features) -> tuple[Array, Array]:
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

    def matrix(self, sentences: Sequence[Features]) -> csr_matrix:
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
