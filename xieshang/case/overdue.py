"""Days overdue, and an estimate of what they cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from xieshang.case.money import cents

DAYS_OF_YEAR = 365


def days_overdue(due: date, today: date) -> int:
    """Whole days since a payment was due; 0 on the day itself and before.

    Args:
        due: the day it was due.
        today: the day from which it is seen.
    """
    return max(0, (today - due).days)


def penalty_estimate(overdue_sum: Decimal, daily_rate: Decimal, days: int) -> Decimal:
    """Yuan of penalty interest, simple: sum x daily rate x days.

    An estimate: which sum bears it, and whether it is compounded, the contract says.

    Args:
        overdue_sum: yuan overdue.
        daily_rate: the contract's rate a day as a fraction (0.0005 is 0.05 %).
        days: days overdue.
    """
    return cents(overdue_sum * daily_rate * days)


def daily(yearly_rate: Decimal) -> Decimal:
    """The rate a day of a yearly one: divided by 365, not rounded.

    Rates are told by the year, as lenders must show them (People's Bank of China,
    notice 2021 no. 3). Dividing by 365 is a convention: contracts may count 360 days,
    and the contract decides.

    Args:
        yearly_rate: a fraction.
    """
    return yearly_rate / DAYS_OF_YEAR
