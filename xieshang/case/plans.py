"""Repayment in equal instalments: schedules, and the comparison of their lengths.

The instalment is that of an annuity, P r (1+r)^n / ((1+r)^n - 1) with r = yearly rate
/ 12, or P / n without interest. Everything is rounded half-up to cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xieshang.case.money import cents

MONTHS = 12
MOST_PERIODS = 1200
USUAL_PERIODS = (12, 24, 36, 48, 60)


@dataclass(frozen=True)
class Schedule:
    """Equal monthly instalments that clear a debt.

    Attributes:
        periods: number of instalments, one a month.
        monthly: yuan of every instalment but the last.
        last: yuan of the last one, which clears the balance.
        total: yuan of all instalments.
    """

    periods: int
    monthly: Decimal
    last: Decimal
    total: Decimal


@dataclass(frozen=True)
class PlanRow:
    """A line of the comparison.

    Attributes:
        periods: number of instalments.
        schedule: what they come to.
        affordable: whether no instalment is above the share; None when the share is
            unknown.
    """

    periods: int
    schedule: Schedule
    affordable: bool | None


def schedule(principal: Decimal, yearly_rate: Decimal, periods: int) -> Schedule:
    """The schedule that repays a principal.

    Each period's interest is rounded; the last payment clears the balance; the total
    is the sum of the payments. No payment is above what is still owed, which matters
    for debts of a few yuan only.

    Args:
        principal: yuan, above zero.
        yearly_rate: a fraction (0.18 is 18 %), not negative.
        periods: number of monthly payments, at least 1.

    Raises:
        ValueError: an argument outside these bounds.
    """
    _check(principal, yearly_rate)
    if periods < 1:
        raise ValueError(f"{periods} periods")
    monthly = _annuity(principal, yearly_rate / MONTHS, periods)
    balance, total = cents(principal), Decimal("0.00")
    for _ in range(periods - 1):
        owed = balance + _interest(balance, yearly_rate)
        payment = min(monthly, owed)
        balance, total = owed - payment, total + payment
    last = balance + _interest(balance, yearly_rate)
    return Schedule(periods, monthly if periods > 1 else last, last, total + last)


def least_periods(
    principal: Decimal, yearly_rate: Decimal, payment: Decimal
) -> int | None:
    """The least number of monthly payments that clears a principal.

    Found by rolling the schedule with its rounded interest.

    Args:
        principal: yuan, above zero.
        yearly_rate: a fraction, not negative.
        payment: yuan a month at most.

    Returns:
        None when the payment never clears it, or not within 1200 months.

    Raises:
        ValueError: principal or rate outside these bounds.
    """
    _check(principal, yearly_rate)
    balance = cents(principal)
    for period in range(1, MOST_PERIODS + 1):
        owed = balance + _interest(balance, yearly_rate)
        if owed <= payment:
            return period
        if owed - payment >= balance:
            return None
        balance = owed - payment
    return None


def compare(
    principal: Decimal,
    yearly_rate: Decimal,
    share: Decimal | None,
    periods: Sequence[int] = USUAL_PERIODS,
) -> list[PlanRow]:
    """The schedules of several lengths beside each other.

    Args:
        principal: yuan, above zero.
        yearly_rate: a fraction, not negative.
        share: yuan a month that this creditor can be offered; None when unknown.
        periods: the lengths, in months.

    Raises:
        ValueError: as of `schedule`.
    """
    plans = [schedule(principal, yearly_rate, length) for length in periods]
    return [
        PlanRow(
            plan.periods,
            plan,
            None if share is None else max(plan.monthly, plan.last) <= share,
        )
        for plan in plans
    ]


def _check(principal: Decimal, yearly_rate: Decimal) -> None:
    if principal <= 0 or yearly_rate < 0:
        raise ValueError(f"principal {principal}, yearly rate {yearly_rate}")


def _annuity(principal: Decimal, rate: Decimal, periods: int) -> Decimal:
    if not rate:
        return cents(principal / periods)
    growth = (1 + rate) ** periods
    return cents(principal * rate * growth / (growth - 1))


def _interest(balance: Decimal, yearly_rate: Decimal) -> Decimal:
    return cents(balance * yearly_rate / MONTHS)
