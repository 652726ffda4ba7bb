"""The clauses of a message, and which of them tell what customer service offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from xieshang.case.offer_words import OfferWords
from xieshang.language.durations import find_durations, instalment_counts
from xieshang.language.entities import Entity
from xieshang.language.spans import MARKS, is_taken

_BREAK = re.compile(rf"[{MARKS}]+|\s+|/(?=\d+期)")


class Voice(Enum):
    """Whose words a clause holds."""

    OFFICIAL = "customer service's offer"
    OWN = "the person's own wish or means"
    OTHER = "somebody else's case, a refusal, or a question"
    NOBODY = "not said"


@dataclass(frozen=True)
class Clause:
    """A clause of a message.

    Attributes:
        text: its folded words.
        entities: what was found in it, with places in it.
        begins: whether another offer begins with it.
    """

    text: str
    entities: tuple[Entity, ...] = field(default=())
    begins: bool = False

    @property
    def first_figure(self) -> int:
        """Where its first sum or number of instalments begins."""
        return min((start for start, _ in self._figures), default=len(self.text))

    @property
    def last_figure(self) -> int:
        """Where its last sum, number of instalments or duration ends."""
        return max((end for _, end in self._figures), default=0)

    @property
    def _figures(self) -> list[tuple[int, int]]:
        named = [
            (one.start, one.end)
            for one in self.entities
            if one.entity in ("money", "instalments", "date")
        ]
        spans = [(one.start, one.end) for one in find_durations(self.text)]
        return [
            *named,
            *spans,
            *(one.span() for one, _ in instalment_counts(self.text)),
        ]


def clauses_of(
    text: str, entities: Sequence[Entity], words: OfferWords
) -> list[Clause]:
    """The clauses of a message, cut at marks, spaces and where an alternative begins.

    Args:
        text: the folded message.
        entities: what was found in it.
        words: the words that begin an alternative.
    """
    spans = [(one.start, one.end) for one in entities]
    found = []
    for start, end, begins in _pieces(text, spans, words):
        inside = tuple(
            _moved(one, start) for one in entities if start <= one.start < end
        )
        found.append(Clause(text[start:end], inside, begins))
    return found


def _pieces(
    text: str, spans: Sequence[tuple[int, int]], words: OfferWords
) -> Iterator[tuple[int, int, bool]]:
    """Begin and end of each piece, and whether it begins an alternative."""
    breaks = [one.span() for one in _BREAK.finditer(text)]
    begins = {one.start() for one in words.alternative.finditer(text)}
    cuts = sorted({*breaks, *((place, place) for place in begins)})
    start = 0
    for left, right in [*cuts, (len(text), len(text))]:
        if is_taken(left, max(right, left + 1), spans) and left not in begins:
            continue
        if text[start:left].strip():
            yield start, left, start in begins
        start = max(start, right)


def _moved(entity: Entity, by: int) -> Entity:
    return Entity(
        entity.entity,
        entity.start - by,
        entity.end - by,
        entity.value,
        entity.role,
        entity.approx,
    )


def voices_of(clauses: Sequence[Clause], words: OfferWords, asked: bool) -> list[Voice]:
    """Whose words each clause holds.

    A clause that names nobody goes on in the voice of the one before it; what the
    person asked for becomes an offer when it was assented to.

    Args:
        clauses: the clauses of a message.
        words: the words by which voices are known.
        asked: whether the person was asked for the offer, and may name nobody.
    """
    voice = Voice.OFFICIAL if asked else Voice.NOBODY
    voices: list[Voice] = []
    for clause in clauses:
        taken_over = _taken_over(clause.text, words)
        if taken_over:
            voice = Voice.OFFICIAL
            voices = [voice if one in taken_over else one for one in voices]
        else:
            voice = _voice(clause.text, words) or voice
            if voice is Voice.OFFICIAL and _is_question(clause, words):
                voice = Voice.OTHER
        refused = voice is Voice.OFFICIAL and _is_refusal(clause, words)
        voices.append(Voice.OTHER if refused else voice)
    return voices


def _taken_over(text: str, words: OfferWords) -> frozenset[Voice]:
    """Which earlier words a clause makes an offer of customer service."""
    if words.assent.search(text):
        return frozenset({Voice.OWN})
    if words.attributed.search(text):
        return frozenset({Voice.OWN, Voice.NOBODY})
    return frozenset()


def _voice(text: str, words: OfferWords) -> Voice | None:
    """Whose words a clause says that it holds; None when it names nobody."""
    if words.others.search(text):
        return Voice.OTHER
    named = _first(text, words.official, words.given)
    own = _first(text, words.wish, words.own)
    if own < min(named, len(text)):
        return Voice.OWN
    return Voice.OFFICIAL if named < len(text) else None


def _first(text: str, *patterns: re.Pattern[str]) -> int:
    """Where the first of several expressions is found; the end when none is."""
    found = [match.start() for one in patterns if (match := one.search(text))]
    return min(found, default=len(text))


def _is_refusal(clause: Clause, words: OfferWords) -> bool:
    """Whether the offer of a clause was refused, by either side."""
    begin = clause.first_figure
    refusals = list(words.denied.finditer(clause.text, 0, begin))
    if refusals and not words.instead.search(clause.text, refusals[-1].end(), begin):
        return True
    return bool(words.turned_down.search(clause.text, clause.last_figure))


def _is_question(clause: Clause, words: OfferWords) -> bool:
    """Whether the person asks or guesses, and does not ask what to think of it."""
    text = clause.text
    end = clause.last_figure or len(text)
    asks = words.question_end.search(text)
    return bool(
        words.question.search(text, 0, end)
        or (asks and not words.judged.search(text, end))
    )
