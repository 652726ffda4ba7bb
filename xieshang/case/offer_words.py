"""The words by which an offer is known, read from data/lexicon/offers.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from xieshang.settings import ROOT
from xieshang.yaml_files import read_yaml

WORDS = ROOT / "data/lexicon/offers.yml"
POINTS = (
    "fees",
    "credit_record",
    "missed_date",
    "written",
    "interest_during_extension",
    "first_payment",
)


@dataclass(frozen=True)
class OfferWords:
    """One compiled expression for each list of the file, which explains them."""

    official: re.Pattern[str]
    given: re.Pattern[str]
    wish: re.Pattern[str]
    own: re.Pattern[str]
    others: re.Pattern[str]
    denied: re.Pattern[str]
    instead: re.Pattern[str]
    question: re.Pattern[str]
    question_end: re.Pattern[str]
    turned_down: re.Pattern[str]
    judged: re.Pattern[str]
    assent: re.Pattern[str]
    attributed: re.Pattern[str]
    stepped: re.Pattern[str]
    alternative: re.Pattern[str]
    waived_before: re.Pattern[str]
    fee_before: re.Pattern[str]
    fee_added_before: re.Pattern[str]
    first_before: re.Pattern[str]
    soon_before: re.Pattern[str]
    monthly_before: re.Pattern[str]
    monthly_after: re.Pattern[str]
    total_before: re.Pattern[str]
    whole_before: re.Pattern[str]
    lump: re.Pattern[str]
    once: re.Pattern[str]
    only_principal: re.Pattern[str]
    waiver: re.Pattern[str]
    interest_free: re.Pattern[str]
    extension: re.Pattern[str]
    extension_before: re.Pattern[str]
    extension_after: re.Pattern[str]
    no_plan_before: re.Pattern[str]
    months_before: re.Pattern[str]
    until_before: re.Pattern[str]
    extension_instalments_before: re.Pattern[str]
    agreed: re.Pattern[str]
    fees: re.Pattern[str]
    credit_record: re.Pattern[str]
    missed_date: re.Pattern[str]
    written: re.Pattern[str]
    interest_during_extension: re.Pattern[str]
    first_payment: re.Pattern[str]
    unsaid: re.Pattern[str]

    def points_of(self, clause: str) -> frozenset[str]:
        """Which open points a clause settles.

        Args:
            clause: a folded clause.
        """
        if self.unsaid.search(clause):
            return frozenset()
        return frozenset(
            point for point in POINTS if getattr(self, point).search(clause)
        )


@lru_cache(maxsize=1)
def offer_words(path: Path = WORDS) -> OfferWords:
    """Read the expressions.

    Args:
        path: a YAML file of lists of regular expressions.

    Raises:
        KeyError: a list is missing.
        re.error: an expression is wrong.
    """
    lists = read_yaml(path)
    return OfferWords(
        **{
            field.name: re.compile("|".join(lists[field.name]))
            for field in fields(OfferWords)
        }
    )
