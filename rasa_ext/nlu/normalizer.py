"""Gives the components after it the sentence in one spelling.

The conversation keeps what the person wrote: only the message of this pipeline changes.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from xieshang.language.normalize import normalizer


# As a featurizer it runs before the tokenizer and over the training data as well.
@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False
)
class TextNormalizer(GraphComponent):
    """Normalises the text of messages and of training examples."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextNormalizer:
        """Make the component; it needs neither settings nor training."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Normalise the text of each message; an empty result leaves it as it was."""
        for message in messages:
            text = message.get(TEXT)
            if text:
                message.set(TEXT, normalizer().normalize(text) or text)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Normalise the training examples."""
        self.process(training_data.training_examples)
        return training_data
