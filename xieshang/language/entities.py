"""All entities of a sentence: words, sums of money, days and durations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from xieshang.language.amounts import Amount, find_amounts
from xieshang.language.corrections import (
    DATE,
    PRODUCT,
    Piece,
    may_correct,
    without_rejected,
)
from xieshang.language.dates import find_dates
from xieshang.language.durations import (
    find_durations,
    find_instalments,
    find_overdue,
    instalment_counts,
)
from xieshang.language.lexicon import Lexicon
from xieshang.language.role_rules import BALANCES, INCOME
from xieshang.language.roles import RoleReader
from xieshang.language.spans import Found, fold, is_taken
from xieshang.language.words import Word, WordFinder

# Smaller numbers without a unit are sums in an answer of their own only.
LEAST = 10


@dataclass(frozen=True)
class Entity:
    """Something a sentence says.

    Attributes:
        entity: product, money, date, overdue_days, instalments, hardship,
            contact_channel or goal.
        start: place of its first character.
        end: place after its last character.
        value: yuan, an ISO date, days, months, or which one of the words.
        role: what a sum of money is for, if it is known.
        approx: whether the value is approximate.
    """

    entity: str
    start: int
    end: int
    value: str | int | float
    role: str | None = None
    approx: bool = False


def _spans(found: Iterable[Found]) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in found]


def _money(amount: Amount, role: str | None) -> Entity:
    whole = amount.value == amount.value.to_integral_value()
    value = int(amount.value) if whole else float(amount.value)
    return Entity("money", amount.start, amount.end, value, role, amount.approx)


class EntityReader:
    """Reads the entities of sentences; building it takes a while, reading does not.

    Args:
        lexicon: the words by which entities and roles are known.
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self._words = WordFinder(lexicon)
        self._roles = RoleReader(lexicon.roles)

    def read(self, text: str, today: date) -> list[Entity]:
        """The entities of a sentence, in order of appearance.

        Args:
            text: what a person wrote; places count its characters.
            today: the day from which 明天 and the like are counted.
        """
        folded = fold(text)
        if not may_correct(folded):
            return self._read(folded, today)
        kept = without_rejected(folded, self._correctable(folded, today))
        return [
            replace(one, start=start, end=end)
            for one in self._read(kept.text, today)
            for start, end in [kept.span(one.start, one.end)]
        ]

    def _correctable(self, text: str, today: date) -> list[Piece]:
        """The values that a sentence may take back."""
        products = [one for one in self._words.find(text) if one.entity == PRODUCT]
        durations = find_durations(text)
        dates, no_dates = find_dates(text, today)
        counts = [match.span() for match, _ in instalment_counts(text)]
        measures = [(one.start, one.end) for one in durations]
        taken = [*_spans(dates), *no_dates, *measures, *counts]
        amounts = find_amounts(text, taken)
        return [
            *(Piece(PRODUCT, one.start, one.end, one.value) for one in products),
            *(Piece(DATE, *span) for span in _spans(dates)),
            *(Piece("duration", *span) for span in measures),
            *(Piece("count", *span) for span in counts),
            *(Piece("money", one.start, one.end) for one in amounts),
        ]

    def _read(self, folded: str, today: date) -> list[Entity]:
        words = self._words.find(folded)
        durations = find_durations(folded)
        overdue = find_overdue(folded, durations)
        instalments = find_instalments(folded, durations)
        dates, no_dates = find_dates(folded, today)
        dates = [
            one for one in dates if not is_taken(one.start, one.end, _spans(overdue))
        ]
        taken = [
            *_spans(dates),
            *no_dates,
            *_spans(overdue),
            *((one.start, one.end) for one in durations),
            *(match.span() for match, _ in instalment_counts(folded)),
        ]
        plans = bool(instalments) or any(
            word.value == "lower_payment" for word in words
        )
        found = [
            *(Entity(word.entity, word.start, word.end, word.value) for word in words),
            *_as_entities("date", dates),
            *_as_entities("overdue_days", overdue),
            *_as_entities("instalments", instalments),
            *self._sums(folded, taken, words, plans),
        ]
        return sorted(found, key=lambda one: (one.start, one.end))

    def _sums(
        self,
        text: str,
        taken: list[tuple[int, int]],
        words: list[Word],
        plans: bool,
    ) -> list[Entity]:
        amounts = find_amounts(text, taken)
        roles = self._roles.read(text, amounts, words, plans)
        fragment = text.strip(" 。，,.!！~吧啊的了呢")
        return [
            _money(amount, role)
            for amount, role in zip(amounts, roles, strict=True)
            if amount.sure
            or (role and role not in BALANCES and amount.value >= LEAST)
            or (role == INCOME and not amount.value)
            or fragment == text[amount.start : amount.end]
        ]


def _as_entities(name: str, found: Iterable[Found]) -> list[Entity]:
    return [
        Entity(name, one.start, one.end, one.value, None, one.approx) for one in found
    ]


@lru_cache(maxsize=2)
def _reader(lexicon: Lexicon) -> EntityReader:
    return EntityReader(lexicon)


def extract(text: str, today: date, lexicon: Lexicon) -> list[Entity]:
    """The entities of a sentence, in order of appearance.

    Args:
        text: what a person wrote.
        today: the day from which 明天 and the like are counted.
        lexicon: the words; the reader that is built from it is kept.
    """
    return _reader(lexicon).read(text, today)
