"""The words by which entities and the roles of sums are known, read from YAML files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xieshang.yaml_files import read_yaml

Words = Mapping[str, Mapping[str, list[str]]]


class LexiconError(ValueError):
    """A lexicon that cannot be used; the text says what is missing."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The words of a folder, one attribute for each file.

    Attributes:
        entities: entity → value → words.
        phrases: entity → value → regular expressions.
        context: entity → before, inside, after or around → regular expressions that
            take a find away; unless → ones that keep it.
        roles: role, or kind of word around a sum → words.
    """

    entities: Words
    phrases: Words
    context: Words
    roles: Mapping[str, list[str]]

    def to_dict(self) -> dict[str, Any]:
        """The lexicon as plain data, for storing it with a model."""
        return {
            "entities": self.entities,
            "phrases": self.phrases,
            "context": self.context,
            "roles": self.roles,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Lexicon:
        """Take plain data back.

        Args:
            stored: what to_dict gave.

        Raises:
            LexiconError: one of the four parts is missing.
        """
        try:
            return cls(**{name: stored[name] for name in cls.__dataclass_fields__})
        except KeyError as error:
            raise LexiconError(f"the lexicon lacks {error}") from error

    @classmethod
    def read(cls, folder: Path) -> Lexicon:
        """Read entities.yml, phrases.yml, context.yml and roles.yml.

        Args:
            folder: where the files are.

        Raises:
            LexiconError: a file is missing.
        """
        files = {path.stem: path for path in folder.glob("*.yml")}
        missing = set(cls.__dataclass_fields__) - set(files)
        if missing:
            raise LexiconError(f"{folder} lacks {', '.join(sorted(missing))}")
        return cls(
            **{name: read_yaml(files[name]) for name in cls.__dataclass_fields__}
        )
