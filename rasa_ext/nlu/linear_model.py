"""Multinomial logistic regression on n-grams, calibrated, stored as plain arrays.

Trained with scikit-learn, predicted with a sparse product. Confidences are the softmax
of the margins at a temperature that fits held-out folds best (Guo et al. 2017, On
Calibration of Modern Neural Networks).
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from rasa_ext.nlu.feature_space import Array, FeatureSpace
from xieshang.language.features import Features

MAX_ITERATIONS = 30
TOLERANCE = 2e-3


@dataclass(frozen=True)
class Training:
    """How a model is trained.

    Attributes:
        min_count: in how many sentences a feature must occur.
        regularization: C of the regression.
        folds: how many held-out folds the temperature is fitted on.
        odds: factors on the odds of classes that real messages hold more often than
            the training data does.
    """

    min_count: int
    regularization: float
    folds: int
    odds: Mapping[str, float]


@dataclass(frozen=True)
class HeldOut:
    """What each training sentence got from a model that had not seen it.

    Attributes:
        true: index of the labelled class.
        predicted: index of the best class.
        confidence: its confidence.
        lead: by how much it led the second.
    """

    true: Array
    predicted: Array
    confidence: Array
    lead: Array

    @classmethod
    def of(cls, confidences: Array, true: Array) -> HeldOut:
        """From the confidences of all classes, a row a sentence."""
        ordered = np.sort(confidences, axis=1)
        return cls(
            true,
            confidences.argmax(axis=1),
            ordered[:, -1].astype(np.float32),
            (ordered[:, -1] - ordered[:, -2]).astype(np.float32),
        )


def _softmax(scores: Array) -> Array:
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


@dataclass(frozen=True)
class LinearModel:
    """Feature space, weights and temperature of a trained classifier."""

    space: FeatureSpace
    classes: Sequence[str]
    weights: Array
    intercept: Array
    temperature: float
    held_out: HeldOut

    @classmethod
    def fit(
        cls, sentences: Sequence[Features], labels: Sequence[str], training: Training
    ) -> LinearModel:
        """Train on labelled sentences.

        Args:
            sentences: features of each sentence.
            labels: intent of each sentence.
            training: how.
        """
        from scipy.optimize import minimize_scalar
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import StratifiedKFold

        def regression() -> LogisticRegression:
            return LogisticRegression(
                C=training.regularization,
                solver="saga",
                max_iter=MAX_ITERATIONS,
                tol=TOLERANCE,
                multi_class="multinomial",
                n_jobs=-1,
                random_state=0,
            )

        # Stopped before full convergence on purpose: it keeps the training short.
        warnings.simplefilter("ignore", ConvergenceWarning)
        space = FeatureSpace.fit(sentences, training.min_count)
        matrix = space.matrix(sentences)
        classes, target = np.unique(np.asarray(labels), return_inverse=True)
        margins = np.zeros((len(labels), len(classes)))
        splitter = StratifiedKFold(training.folds, shuffle=True, random_state=0)
        for kept, held_out in tqdm(
            splitter.split(matrix, target), total=training.folds, desc="held-out folds"
        ):
            fitted = regression().fit(matrix[kept], target[kept])
            margins[held_out] = fitted.decision_function(matrix[held_out])

        def loss(temperature: float) -> float:
            held = _softmax(margins / temperature)[np.arange(len(target)), target]
            return float(-np.log(held + 1e-12).mean())

        temperature = float(
            minimize_scalar(loss, bounds=(0.05, 5.0), method="bounded").x
        )
        final = regression().fit(matrix, target)
        shift = temperature * np.log(
            [training.odds.get(str(name), 1.0) for name in classes]
        )
        return cls(
            space,
            [str(name) for name in classes],
            np.ascontiguousarray(final.coef_.T, dtype=np.float32),
            (final.intercept_ + shift).astype(np.float32),
            temperature,
            HeldOut.of(_softmax((margins + shift) / temperature), target),
        )

    def confidences(self, sentence: Features) -> Array:
        """Confidence of each class, in the order of `classes`."""
        columns, values = self.space.vector(sentence)
        margins = values @ self.weights[columns] + self.intercept
        return _softmax(margins / self.temperature)

    def store(self, folder: Path) -> None:
        """Write the model into a folder."""
        np.savez(
            folder / "weights.npz",
            idf=self.space.idf,
            weights=self.weights,
            intercept=self.intercept,
            temperature=np.float64(self.temperature),
            **{
                f"held_out_{name}": array for name, array in vars(self.held_out).items()
            },
        )
        names = {"vocabulary": list(self.space.vocabulary), "classes": self.classes}
        (folder / "names.json").write_text(
            json.dumps(names, ensure_ascii=False), encoding="utf-8"
        )

    @classmethod
    def read(cls, folder: Path) -> LinearModel:
        """Read a model from a folder."""
        names = json.loads((folder / "names.json").read_text(encoding="utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
            vocabulary = {name: i for i, name in enumerate(names["vocabulary"])}
            return cls(
                FeatureSpace(vocabulary, arrays["idf"]),
                names["classes"],
                arrays["weights"],
                arrays["intercept"],
                float(arrays["temperature"]),
                HeldOut(
                    *(arrays[f"held_out_{name}"] for name in HeldOut.__annotations__)
                ),
            )
