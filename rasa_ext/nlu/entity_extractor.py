"""The one entity extractor: hands what xieshang.language reads over to Rasa.

Places of entities count the characters of the message's text as this pipeline sees it.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from xieshang.clock import today
from xieshang.language.entities import Entity, EntityReader
from xieshang.language.lexicon import Lexicon


def _as_rasa_entity(entity: Entity) -> dict[str, Any]:
    """The entity as Rasa keeps it: without a role where it has none."""
    found = dataclasses.asdict(entity)
    if entity.role is None:
        del found["role"]
    return found


# A day that hangs on today.
A_DAY = "下周三还"


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class CaseEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds what a case is made of: products, sums, days, durations and the like."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        lexicon: Lexicon,
    ) -> None:
        self._storage = model_storage
        self._resource = resource
        self._lexicon = lexicon
        self._reader = EntityReader(lexicon)

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """lexicon: folder of the words, relative to the project."""
        return {"lexicon": "data/lexicon"}

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """The words are part of what the component is: changed ones train it anew."""
        folder = {**cls.get_default_config(), **config}["lexicon"]
        return json.dumps(Lexicon.read(Path(folder)).to_dict())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> CaseEntityExtractor:
        """Make a component from the words of the folder."""
        lexicon = Lexicon.read(Path(config["lexicon"]))
        return cls(config, model_storage, resource, lexicon)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CaseEntityExtractor:
        """Load the words that were stored with the model."""
        with model_storage.read_from(resource) as folder:
            stored = (folder / "lexicon.json").read_text(encoding="utf-8")
        lexicon = Lexicon.from_dict(json.loads(stored))
        loaded = cls(config, model_storage, resource, lexicon)
        # The library of dates is imported at the first one: not in somebody's turn.
        loaded._reader.read(A_DAY, today())
        return loaded

    def train(self, training_data: TrainingData) -> Resource:
        """Store the words with the model."""
        with self._storage.write_to(self._resource) as folder:
            (folder / "lexicon.json").write_text(
                json.dumps(self._lexicon.to_dict(), ensure_ascii=False),
                encoding="utf-8",
            )
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message, in order of appearance."""
        for message in messages:
            found = [
                _as_rasa_entity(entity)
                for entity in self._reader.read(message.get(TEXT) or "", today())
            ]
            extracted = self.add_extractor_name(found)
            message.set(
                ENTITIES, [*message.get(ENTITIES, []), *extracted], add_to_output=True
            )
        return messages
