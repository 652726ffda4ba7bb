"""The fields of a case: which are asked, in what order, and what they may hold.

Order and bounds: the case record of the design (reference/domain.md, C and D there).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from xieshang.case.record import Case

MOST_MONEY = Decimal(1_000_000)
MOST_DAYS = 1826
ODD_DAYS = 365
ODD_BALANCE = Decimal(200_000)
# Nobody lives on less a month: "5.500" may be meant in thousands.
ODD_SMALL = Decimal(100)
# Essentials above this many times the income are asked about once more.
ODD_RATIO = 3
MOST_RATE = Decimal("0.36")
ODD_RATE = Decimal("0.24")

BALANCES = {"huabei": "huabei_balance", "jiebei": "jiebei_balance"}
MONEY = frozenset(
    {
        "huabei_balance",
        "jiebei_balance",
        "monthly_income",
        "essential_expenses",
        "priority_payments",
        "huabei_principal",
        "jiebei_principal",
    }
)
MAY_BE_ZERO = frozenset({"monthly_income", "essential_expenses", "priority_payments"})
LIVING = frozenset({"monthly_income", "essential_expenses"})
RATES = frozenset({"huabei_rate", "jiebei_rate"})
CHOICES = frozenset({"product", "overdue", "hardship", "goal"})
OPTIONAL = (
    "priority_payments",
    "other_debts",
    "available_proofs",
    "huabei_rate",
    "jiebei_rate",
    "huabei_principal",
    "jiebei_principal",
    "lender",
    "lawsuit_date",
    "contacted",
)


@dataclass(frozen=True)
class Bounds:
    """The least and the most a field may hold, both allowed."""

    least: Any
    most: Any


def bounds_of(name: str, today: date) -> Bounds | None:
    """The bounds of a field, None when it has none.

    Args:
        name: of the field; sums in yuan, rates as yearly fractions.
        today: dates lie within five years of it.
    """
    if name in MONEY:
        least = Decimal(0) if name in MAY_BE_ZERO else Decimal("0.01")
        return Bounds(least, MOST_MONEY)
    if name in RATES:
        return Bounds(Decimal(0), MOST_RATE)
    if name == "days_overdue":
        return Bounds(0, MOST_DAYS)
    if name in ("due_date", "lawsuit_date"):
        reach = timedelta(days=MOST_DAYS)
        return Bounds(today - reach, today + reach)
    return None


def questions_of(case: Case, quick: bool = False) -> tuple[str, ...]:
    """The fields that are asked in this case, in order.

    Args:
        case: what is known; the product decides about the balances, being overdue
            about days or date.
        quick: the three answers that a first offer needs.
    """
    products = case.products or tuple(BALANCES)
    balances = tuple(BALANCES[product] for product in products)
    if quick:
        which = () if case.product else ("product",)
        return ("monthly_income", "essential_expenses", *which, *balances)
    when = "days_overdue" if case.overdue == "yes" else "due_date"
    return (
        "product",
        *balances,
        "overdue",
        when,
        "hardship",
        "monthly_income",
        "essential_expenses",
        "goal",
    )


def is_answered(case: Case, name: str) -> bool:
    """Whether a question needs no asking any more.

    Days overdue and due date stand for one another.
    """
    if name in ("days_overdue", "due_date"):
        return case.days_overdue is not None or case.due_date is not None
    return getattr(case, name) not in (None, ())


def odd_values(values: Mapping[str, Any], case: Case) -> dict[str, Any]:
    """The values that are possible but unlikely, to be asked about once more.

    Args:
        values: what was just told, by field.
        case: what is known besides.
    """
    odd = {
        name: value
        for name, value in values.items()
        if (name in BALANCES.values() and value > ODD_BALANCE)
        or (name == "days_overdue" and value > ODD_DAYS)
        or (name in RATES and value > ODD_RATE)
        or (name in LIVING and value < ODD_SMALL)
    }
    if values.get("monthly_income") == 0:
        # No income is a misfortune, no slip.
        del odd["monthly_income"]
    income = values.get("monthly_income", case.monthly_income)
    essentials = values.get("essential_expenses", case.essential_expenses)
    told_now = "essential_expenses" in values or "monthly_income" in values
    if told_now and income and essentials and essentials > income * ODD_RATIO:
        last = (
            "essential_expenses" if "essential_expenses" in values else "monthly_income"
        )
        odd[last] = values[last]
    if "essential_expenses" in odd and "expense_items" in values:
        odd["expense_items"] = values["expense_items"]
    return odd
