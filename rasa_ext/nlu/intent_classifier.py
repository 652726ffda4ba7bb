"""The intent classifier: a linear support vector machine on n-grams, calibrated.

Trained with scikit-learn, stored as plain arrays (no pickle, no skops), predicted with
a sparse product. Confidences are the softmax of the margins at a temperature that fits
held-out folds best (Guo et al. 2017, On Calibration of Modern Neural Networks).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from tqdm import tqdm

from rasa_ext.nlu.features import Array, FeatureSpace, sentence_features

Features = Mapping[str, Counter[str]]


def _softmax(scores: Array) -> Array:
    shifted = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def message_features(message: Message) -> Features:
    """The features of a tokenized message."""
    words = [token.text for token in message.get("text_tokens") or ()]
    return sentence_features(message.get(TEXT) or "", words)


class LinearModel:
    """Feature space, weights and temperature of a trained classifier."""

    def __init__(
        self,
        space: FeatureSpace,
        classes: Sequence[str],
        weights: Array,
        intercept: Array,
        temperature: float,
    ) -> None:
        self.space = space
        self.classes = classes
        self.weights = weights
        self.intercept = intercept
        self.temperature = temperature

    @classmethod
    def fit(
        cls,
        sentences: Sequence[Features],
        labels: Sequence[str],
        min_count: int,
        regularization: float,
        folds: int,
    ) -> LinearModel:
        """Train on labelled sentences.

        Args:
            sentences: features of each sentence.
            labels: intent of each sentence.
            min_count: in how many sentences a feature must occur.
            regularization: C of the support vector machine.
            folds: how many held-out folds the temperature is fitted on.
        """
        from scipy.optimize import minimize_scalar
        from sklearn.model_selection import StratifiedKFold
        from sklearn.svm import LinearSVC

        def machine() -> LinearSVC:
            return LinearSVC(C=regularization, random_state=0)

        space = FeatureSpace.fit(sentences, min_count)
        matrix = space.matrix(sentences)
        classes, target = np.unique(np.asarray(labels), return_inverse=True)
        margins = np.zeros((len(labels), len(classes)))
        splitter = StratifiedKFold(folds, shuffle=True, random_state=0)
        for kept, held_out in tqdm(
            splitter.split(matrix, target), total=folds, desc="calibration folds"
        ):
            fitted = machine().fit(matrix[kept], target[kept])
            margins[held_out] = fitted.decision_function(matrix[held_out])

        def loss(temperature: float) -> float:
            held = _softmax(margins / temperature)[np.arange(len(target)), target]
            return float(-np.log(held + 1e-12).mean())

        best = minimize_scalar(loss, bounds=(0.05, 5.0), method="bounded")
        final = machine().fit(matrix, target)
        return cls(
            space,
            [str(name) for name in classes],
            np.ascontiguousarray(final.coef_.T, dtype=np.float32),
            final.intercept_.astype(np.float32),
            float(best.x),
        )

    def confidences(self, sentence: Features) -> Array:
        """Confidence of each class, in the order of `classes`."""
        columns, values = self.space.vector(sentence)
        margins = values @ self.weights[columns] + self.intercept
        return _softmax(margins / self.temperature)

    def store(self, folder: Any) -> None:
        """Write the model into a folder."""
        np.savez(
            folder / "weights.npz",
            idf=self.space.idf,
            weights=self.weights,
            intercept=self.intercept,
            temperature=np.float64(self.temperature),
        )
        names = {"vocabulary": list(self.space.vocabulary), "classes": self.classes}
        (folder / "names.json").write_text(
            json.dumps(names, ensure_ascii=False), encoding="utf-8"
        )

    @classmethod
    def read(cls, folder: Any) -> LinearModel:
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
            )


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True
)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """Rasa's side of the classifier."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LinearModel | None = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._model = model

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """ranking is the length of the ranking; for the rest see LinearModel.fit."""
        return {"min_count": 2, "regularization": 0.5, "folds": 5, "ranking": 5}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Make an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Load the trained component."""
        with model_storage.read_from(resource) as folder:
            return cls(config, model_storage, resource, LinearModel.read(folder))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example that has an intent."""
        examples = training_data.intent_examples
        self._model = LinearModel.fit(
            [message_features(example) for example in examples],
            [example.get(INTENT) for example in examples],
            self._config["min_count"],
            self._config["regularization"],
            self._config["folds"],
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.store(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message."""
        if self._model is None:
            raise RuntimeError("the intent classifier was neither trained nor loaded")
        for message in messages:
            confidences = self._model.confidences(message_features(message))
            best = np.argsort(-confidences)[: self._config["ranking"]]
            ranking = [
                {
                    "name": self._model.classes[index],
                    "confidence": float(confidences[index]),
                }
                for index in best
            ]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages
