"""The one entity extractor: words of data/lexicon/ found by spaCy's EntityRuler.

Of overlapping words the longest wins. spaCy's blank Chinese model cuts into characters,
so that no word boundary has to be guessed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import spacy
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

Lexicon = dict[str, dict[str, list[str]]]


def read_lexicon(folder: Path) -> Lexicon:
    """Read entity → value → words from the YAML files of a folder."""
    lexicon: Lexicon = {}
    for path in sorted(folder.glob("*.yml")):
        for entity, values in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            lexicon.setdefault(entity, {}).update(values)
    return lexicon


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True
)
class LexiconEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Finds products, hardships, ways of contact and goals."""

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        lexicon: Lexicon | None = None,
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._pipeline = spacy.blank("zh")
        ruler = self._pipeline.add_pipe("entity_ruler")
        ruler.add_patterns(  # type: ignore[attr-defined]
            [
                {"label": entity, "pattern": word, "id": value}
                for entity, values in (lexicon or {}).items()
                for value, words in values.items()
                for word in words
            ]
        )

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """lexicon: folder of the words, relative to the project."""
        return {"lexicon": "data/lexicon"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LexiconEntityExtractor:
        """Make a component from the words of the folder."""
        lexicon = read_lexicon(Path(config["lexicon"]))
        return cls(config, model_storage, resource, lexicon)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LexiconEntityExtractor:
        """Load the words that were stored with the model."""
        with model_storage.read_from(resource) as folder:
            stored = (folder / "lexicon.json").read_text(encoding="utf-8")
        return cls(config, model_storage, resource, json.loads(stored))

    def train(self, training_data: TrainingData) -> Resource:
        """Store the words with the model."""
        lexicon = read_lexicon(Path(self._config["lexicon"]))
        with self._storage.write_to(self._resource) as folder:
            (folder / "lexicon.json").write_text(
                json.dumps(lexicon, ensure_ascii=False), encoding="utf-8"
            )
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the entities of each message, in order of appearance."""
        for message in messages:
            found = [
                {
                    "entity": span.label_,
                    "start": span.start_char,
                    "end": span.end_char,
                    "value": span.ent_id_,
                }
                for span in self._pipeline(message.get(TEXT) or "").ents
            ]
            extracted = self.add_extractor_name(found)
            message.set(
                ENTITIES, [*message.get(ENTITIES, []), *extracted], add_to_output=True
            )
        return messages
