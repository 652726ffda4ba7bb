"""The intent classifier: Rasa's side of rasa_ext/nlu/linear_model.py."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.constants import TOKENS_NAMES
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext.nlu.linear_model import LinearModel, Training
from xieshang.language.features import Features, sentence_features


def message_words(message: Message) -> list[str]:
    """The words of a tokenized message."""
    return [token.text for token in message.get(TOKENS_NAMES[TEXT]) or ()]


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
        """kinds: of features; ranking: its length; the rest: see Training."""
        return {
            "kinds": ["word", "char"],
            "min_count": 2,
            "regularization": 8.0,
            "folds": 3,
            "odds": {},
            "ranking": 5,
        }

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

    def _features(self, message: Message) -> Features:
        return sentence_features(message_words(message), self._config["kinds"])

    def train(self, training_data: TrainingData) -> Resource:
        """Train on every example that has an intent."""
        examples = training_data.intent_examples
        self._model = LinearModel.fit(
            [self._features(example) for example in examples],
            [example.get(INTENT) for example in examples],
            Training(
                self._config["min_count"],
                self._config["regularization"],
                self._config["folds"],
                self._config["odds"],
            ),
        )
        with self._storage.write_to(self._resource) as folder:
            self._model.store(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message."""
        if self._model is None:
            raise RuntimeError("the intent classifier was neither trained nor loaded")
        for message in messages:
            confidences = self._model.confidences(self._features(message))
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
