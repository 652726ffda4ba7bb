"""The written answers: read from knowledge/, chosen by topic and by what is known.

Every file of knowledge/ that holds a list is a topic file; each of its entries answers
one intent. Files that hold a mapping are tables (hotlines, proofs, phrases).
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from xieshang.settings import ROOT
from xieshang.yaml_files import read_yaml

logger = logging.getLogger(__name__)

KNOWLEDGE_DIR = ROOT / "knowledge"
PRODUCT_NAMES = {"huabei": "花呗", "jiebei": "借呗"}
BOTH_PRODUCTS = "花呗/借呗"


class KnowledgeError(ValueError):
    """A knowledge file that cannot be used; the text names file, entry and fault."""


@dataclass(frozen=True)
class Circumstances:
    """What is known about the person when an answer is chosen.

    Attributes:
        said: the person's sentence.
        product: huabei, jiebei, both or None.
        hardship: the named hardship or None.
        contact_channel: the way of contact that was asked about or None.
    """

    said: str = ""
    product: str | None = None
    hardship: str | None = None
    contact_channel: str | None = None


@dataclass(frozen=True)
class Variant:
    """Messages that replace an entry's own when all its conditions hold."""

    conditions: Mapping[str, str]
    messages: tuple[str, ...]

    def applies(self, known: Circumstances) -> bool:
        """Whether every condition holds."""
        for name, wanted in self.conditions.items():
            if name == "said":
                if not re.search(wanted, known.said):
                    return False
            elif getattr(known, name) != wanted:
                return False
        return True


@dataclass(frozen=True)
class Source:
    """Where a statement comes from."""

    issuer: str
    title: str
    number: str = ""
    date: str = ""


@dataclass(frozen=True)
class Entry:
    """One written answer.

    Attributes:
        intent: the question it answers.
        topic: name of its file.
        title: the question in a few Chinese characters, as a button shows it.
        messages: what is said, in order; the first one answers the question.
        variants: replacements, the first that applies is taken.
        next: intents offered as buttons.
        offer: whether the fallback may offer it as a topic.
        sources: where the statements come from.
        review_by: when the entry must be read again.
    """

    intent: str
    topic: str
    title: str
    messages: tuple[str, ...]
    variants: tuple[Variant, ...] = ()
    next: tuple[str, ...] = ()
    offer: bool = True
    sources: tuple[Source, ...] = ()
    review_by: date | None = None

    @property
    def depends_on_product(self) -> bool:
        """Whether another product gives another answer."""
        return any("product" in variant.conditions for variant in self.variants)

    def messages_for(self, known: Circumstances) -> tuple[str, ...]:
        """The messages for these circumstances, placeholders not yet filled."""
        for variant in self.variants:
            if variant.applies(known):
                return variant.messages
        return self.messages


@dataclass(frozen=True)
class Knowledge:
    """All entries and tables of the knowledge folder."""

    entries: Mapping[str, Entry]
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def button_titles(self) -> list[str]:
        """Every title that a button can have."""
        titles = [entry.title for entry in self.entries.values()]
        return [*titles, self.phrase("delete_yes"), self.phrase("delete_no")]

    def answer(self, intent: str, known: Circumstances) -> list[str]:
        """The messages that answer an intent.

        Args:
            intent: name of the intent.
            known: what is known about the person.

        Raises:
            KeyError: no entry answers the intent.
        """
        messages = self.entries[intent].messages_for(known)
        return [self._fill(message, known) for message in messages]

    def phrase(self, name: str, **values: object) -> str:
        """One of the short texts of phrases.yml, its placeholders filled with values.

        Raises:
            KeyError: no such phrase.
        """
        text = str(self.tables["phrases"][name])
        for placeholder, value in values.items():
            text = text.replace(f"{{{placeholder}}}", str(value))
        return text

    def _fill(self, message: str, known: Circumstances) -> str:
        return message.replace("{product}", product_name(known.product)).replace(
            "{proofs}", self._proofs(known.hardship)
        )

    def _proofs(self, hardship: str | None) -> str:
        proofs = self.tables["proofs"]
        kinds = [kind for kind in (hardship or "", "general") if kind in proofs]
        return "\n".join(
            f"- {proofs[kind]['title']}：{'、'.join(proofs[kind]['items'])}"
            for kind in kinds
        )


def product_name(product: str | None) -> str:
    """The Chinese name of a product value; both when it is unknown."""
    return PRODUCT_NAMES.get(product or "", BOTH_PRODUCTS)


def _entry(raw: Mapping[str, Any], topic: str) -> Entry:
    name = raw.get("intent", "?")
    try:
        variants = tuple(
            Variant(dict(variant["when"]), tuple(variant["messages"]))
            for variant in raw.get("variants", ())
        )
        for variant in variants:
            unknown = variant.conditions.keys() - Circumstances.__annotations__.keys()
            if unknown:
                raise KnowledgeError(
                    f"{topic}.yml, {name}: unknown condition {unknown}"
                )
            re.compile(variant.conditions.get("said", ""))
        return Entry(
            intent=raw["intent"],
            topic=topic,
            title=raw["title"],
            messages=tuple(raw["messages"]),
            variants=variants,
            next=tuple(raw.get("next", ())),
            offer=raw.get("offer", True),
            sources=tuple(
                Source(**{key: str(value) for key, value in source.items()})
                for source in raw.get("sources", ())
            ),
            review_by=raw.get("review_by"),
        )
    except (KeyError, TypeError, re.error) as error:
        raise KnowledgeError(f"{topic}.yml, {name}: {error!r}") from error


def load_knowledge(folder: Path = KNOWLEDGE_DIR) -> Knowledge:
    """Read every file of the knowledge folder.

    Args:
        folder: where the YAML files are.

    Raises:
        KnowledgeError: a file that cannot be used, or an intent answered twice.
    """
    entries: dict[str, Entry] = {}
    tables: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.yml")):
        try:
            content = read_yaml(path)
        except yaml.YAMLError as error:
            raise KnowledgeError(f"{path.name}: {error}") from error
        if isinstance(content, dict):
            tables[path.stem] = content
            continue
        for raw in content or ():
            entry = _entry(raw, path.stem)
            if entry.intent in entries:
                raise KnowledgeError(f"{path.name}: {entry.intent} is answered twice")
            entries[entry.intent] = entry
    return Knowledge(entries, tables)


# What was read last without a fault.
_readable: list[Knowledge] = []


@lru_cache(maxsize=1)
def _load_version(version: tuple[tuple[str, int], ...]) -> Knowledge:
    try:
        knowledge = load_knowledge(KNOWLEDGE_DIR)
    except KnowledgeError as error:
        if not _readable:
            raise
        logger.error("an edit of knowledge/ cannot be used: %s", error)
        return _readable[0]
    _readable[:] = [knowledge]
    return knowledge


def current_knowledge() -> Knowledge:
    """The knowledge as the files are now: an edit shows at the next answer.

    One that cannot be used is logged, and what was known before is said.

    Raises:
        KnowledgeError: the files cannot be used at the start.
    """
    # It is asked for several times a turn: paths as objects would cost more than all
    # of the rest.
    with os.scandir(KNOWLEDGE_DIR) as files:
        version = sorted(
            (file.name, file.stat().st_mtime_ns)
            for file in files
            if file.name.endswith(".yml")
        )
    return _load_version(tuple(version))
