"""The words of the documents: the table of knowledge/documents.yml, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from xieshang.case.money import yuan
from xieshang.case.record import Case
from xieshang.knowledge import (
    BOTH_PRODUCTS,
    PRODUCT_NAMES,
    Knowledge,
    KnowledgeError,
)

LONGEST_NAME = 40
# A daily rate as a percentage: 0.0493 tells enough.
PERCENT_PLACES = Decimal("0.0001")
# XML cannot hold control characters; others reverse or hide the text after them.
UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
    r"\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """What a person typed, fit to stand in a line of a document.

    Args:
        text: a lender's name, a word for an expense; shortened to 40 characters.
    """
    line = shown(text)
    return line if len(line) <= LONGEST_NAME else f"{line[: LONGEST_NAME - 1]}…"


def shown(text: str) -> str:
    """What a person typed in one line, without what cannot be seen."""
    return " ".join(UNSEEN.sub(" ", text).split())


@dataclass(frozen=True)
class Words:
    """Texts by their place in the table, as "budget.labels.income".

    Attributes:
        table: of knowledge/documents.yml.
        tables: all tables of the knowledge.
    """

    table: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(cls, knowledge: Knowledge) -> Words:
        """The words of a knowledge.

        Raises:
            KnowledgeError: it has no table `documents`.
        """
        if "documents" not in knowledge.tables:
            raise KnowledgeError("documents.yml is missing or is no table")
        return cls(knowledge.tables["documents"], knowledge.tables)

    def text(self, place: str, **values: object) -> str:
        """A text with its placeholders filled.

        Raises:
            KnowledgeError: no such text, or a placeholder without value.
        """
        return self._fill(place, str(self._find(place)), values)

    def lines(self, place: str, **values: object) -> tuple[str, ...]:
        """The texts of a list.

        Raises:
            KnowledgeError: as of `text`.
        """
        return tuple(self._fill(place, str(line), values) for line in self._find(place))

    def day(self, day: date) -> str:
        """A date as it is read: 2026年11月23日."""
        return self.text("date", year=day.year, month=day.month, day=day.day)

    def money(self, value: Decimal) -> str:
        """A sum in yuan with its unit."""
        return self.text("money", amount=yuan(value))

    def money_or_blank(self, value: Decimal | None) -> str:
        """A sum in yuan, or a blank to be filled in by hand."""
        return self.text("blank_money") if value is None else self.money(value)

    def percent(self, fraction: Decimal) -> str:
        """A rate: 0.18 as 18%."""
        number = (fraction * 100).quantize(PERCENT_PLACES, ROUND_HALF_UP).normalize()
        return self.text("percent", number=f"{number:f}")

    def hardship(self, case: Case) -> str | None:
        """The name of a case's hardship."""
        proof = self.tables["proofs"].get(case.hardship or "")
        return str(proof["title"]) if proof else None

    def products(self, products: Sequence[str]) -> str:
        """The names of products in one line; of both when none is known."""
        names = [PRODUCT_NAMES[product] for product in products]
        return self.listed(names) or BOTH_PRODUCTS

    def listed(self, items: Iterable[str]) -> str:
        """Items in one line."""
        return self.text("comma").join(items)

    def _find(self, place: str) -> Any:
        found: Any = self.table
        for name in place.split("."):
            if not isinstance(found, Mapping) or name not in found:
                raise KnowledgeError(f"documents.yml: {place} is missing")
            found = found[name]
        return found

    @staticmethod
    def _fill(place: str, text: str, values: Mapping[str, object]) -> str:
        try:
            return text.format_map(values)
        except (KeyError, ValueError) as error:
            raise KnowledgeError(f"documents.yml: {place}: {error!r}") from error
