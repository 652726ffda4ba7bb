"""Deterministic recognition of self-harm and fraud beside the classifier.

A sentence that matches a pattern overrides whatever was predicted. The patterns are in
data/safety/ and read by xieshang/language/safety.py.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from xieshang.language.safety import safety_patterns


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False
)
class SafetyClassifier(GraphComponent, IntentClassifier):
    """Sets self_harm_risk or report_scam when a pattern says so."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyClassifier:
        """Make the component; it needs neither settings nor training."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Override the intent of urgent messages."""
        for message in messages:
            intent = safety_patterns().intent(message.get(TEXT) or "")
            if intent is None:
                continue
            others = [
                ranked
                for ranked in message.get("intent_ranking") or ()
                if ranked["name"] != intent
            ]
            certain = {"name": intent, "confidence": 1.0}
            # An unchanged rest would trip the ambiguity threshold.
            rest = [{**ranked, "confidence": 0.0} for ranked in others]
            message.set("intent", certain, add_to_output=True)
            message.set("intent_ranking", [certain, *rest], add_to_output=True)
        return messages
