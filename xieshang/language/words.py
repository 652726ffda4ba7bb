"""Products, hardships, ways of contact and goals: entities that are known by words.

spaCy's blank Chinese model cuts into characters, so that no word boundary has to be
guessed; its EntityRuler finds the fixed words, regular expressions the phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import spacy

from xieshang.language.lexicon import Lexicon
from xieshang.language.spans import MARKS, clause_after, clause_before

# Each mention of a product counts: a sum belongs to the nearest. The others are facts.
REPEATED = frozenset({"product"})
# Stands for the find in the expressions for its whole clause; 、 ends none of these.
FIND = "□"
ENDS = MARKS.replace("、", "")


@dataclass(frozen=True)
class Word:
    """A word that was found.

    Attributes:
        entity: product, hardship, contact_channel or goal.
        start: place of its first character.
        end: place after its last character.
        value: which one.
    """

    entity: str
    start: int
    end: int
    value: str


def _one_of(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined) if joined else None


def _context(parts: Mapping[str, list[str]]) -> dict[str, re.Pattern[str] | None]:
    return {
        name: _one_of(parts.get(name, ()))
        for name in ("before", "inside", "after", "around", "unless")
    }


class WordFinder:
    """Finds the words of a lexicon.

    Args:
        lexicon: the words, phrases and contexts.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._pipeline = spacy.blank("zh")
        ruler = self._pipeline.add_pipe("entity_ruler")
        ruler.add_patterns(  # type: ignore[attr-defined]
            [
                {"label": entity, "pattern": word, "id": value}
                for entity, values in lexicon.entities.items()
                for value, words in values.items()
                for word in words
            ]
        )
        self._phrases = [
            (entity, value, pattern)
            for entity, values in lexicon.phrases.items()
            for value, phrases in values.items()
            if (pattern := _one_of(phrases))
        ]
        self._context = {
            entity: _context(parts) for entity, parts in lexicon.context.items()
        }

    def find(self, text: str) -> list[Word]:
        """The words of a sentence, in order.

        Of overlapping ones of an entity the longest is kept; of several with the same
        value the first, products excepted.

        Args:
            text: a folded sentence.
        """
        words = [
            Word(span.label_, span.start_char, span.end_char, span.ent_id_)
            for span in self._pipeline(text).ents
        ]
        words += [
            Word(entity, *match.span(), value)
            for entity, value, pattern in self._phrases
            for match in pattern.finditer(text)
        ]
        kept: list[Word] = []
        for word in sorted(words, key=lambda one: (one.start - one.end, one.start)):
            if not self._is_meant(word, text) or any(
                word.entity == other.entity
                and word.start < other.end
                and other.start < word.end
                for other in kept
            ):
                continue
            kept.append(word)
        return _without_repetition(sorted(kept, key=lambda one: one.start))

    def _is_meant(self, word: Word, text: str) -> bool:
        context = self._context.get(word.entity)
        if not context:
            return True
        before = context["before"]
        inside = context["inside"]
        after = context["after"]
        return not (
            (before and before.search(clause_before(text, word.start)))
            or (inside and inside.search(text, word.start, word.end))
            or (after and after.match(clause_after(text, word.end)))
            or _is_taken_away(context, _clause_around(text, word))
        )


def _is_taken_away(context: Mapping[str, re.Pattern[str] | None], clause: str) -> bool:
    around, unless = context["around"], context["unless"]
    return bool(
        around and around.search(clause) and not (unless and unless.search(clause))
    )


def _clause_around(text: str, word: Word) -> str:
    before = clause_before(text, word.start, ENDS)
    return before + FIND + clause_after(text, word.end, ENDS)


def _without_repetition(words: list[Word]) -> list[Word]:
    seen: set[tuple[str, str]] = set()
    kept = []
    for word in words:
        key = (word.entity, word.value)
        if key not in seen or word.entity in REPEATED:
            kept.append(word)
        seen.add(key)
    return kept
