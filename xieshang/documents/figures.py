"""The figures of a case that the documents share, calculated once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xieshang.case.affordability import (
    Budget,
    budget_of,
    product_shares,
    spoken_of,
)
from xieshang.case.overdue import days_overdue
from xieshang.case.record import Case

THREE_YEARS = 3 * 365


@dataclass(frozen=True)
class Figures:
    """A case on a day, and what follows from it.

    Attributes:
        case: what the person told.
        today: the day of the calculation.
        products: those it is about; those with a balance when none is named.
        budget: None when income or essential expenses are unknown.
        shares: yuan a month at most for a product; without those that are unknown.
        days: days since the oldest payment was due, None when that is unknown.
    """

    case: Case
    today: date
    products: tuple[str, ...]
    budget: Budget | None
    shares: Mapping[str, Decimal]
    days: int | None

    @property
    def zero_surplus(self) -> bool:
        """Whether the income leaves nothing to pay with."""
        return self.budget is not None and not self.budget.offer

    @property
    def offer(self) -> Decimal | None:
        """Yuan a month at most for all creditors; None when unknown or nothing."""
        return None if self.budget is None or self.zero_surplus else self.budget.offer

    @property
    def is_overdue(self) -> bool:
        """Whether a payment was missed: as told, or as the dates say."""
        return self.case.overdue == "yes" or bool(self.days)

    @property
    def over_three_years(self) -> bool:
        """Whether limitation (Civil Code, article 188) may have come into question."""
        return self.days is not None and self.days > THREE_YEARS

    def rate_or_zero(self, product: str) -> Decimal:
        """The yearly rate of a product, zero when it is unknown."""
        return self.case.rate_of(product) or Decimal(0)


def figures_of(case: Case, today: date) -> Figures:
    """The figures of a case.

    Args:
        case: what the person told.
        today: the day from which it is seen.
    """
    return Figures(
        case,
        today,
        spoken_of(case),
        budget_of(case),
        product_shares(case),
        _days(case, today),
    )


def _days(case: Case, today: date) -> int | None:
    due = case.due()
    return case.days_overdue if due is None else days_overdue(due, today)
