"""An offer of a creditor, held against the case.

The yearly rate is that at which the payments are worth the debt of today: the internal
rate of return of the monthly flows (numpy-financial), times 12 as the nominal rate,
(1 + i)^12 - 1 as the effective one, which is how lenders must compute a yearly rate
with compound interest (People's Bank of China, notice 2021 no. 3).
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import numpy_financial

from xieshang.case.affordability import NOTHING, budget_of, product_shares
from xieshang.case.money import cents
from xieshang.case.offers import Offer
from xieshang.case.overdue import daily, penalty_estimate
from xieshang.case.plans import schedule
from xieshang.case.record import PRODUCTS, Case

RATE_STEP = Decimal("0.0001")
MONTHS = 12
# What the person must still ask, by the kind of offer.
ALWAYS_OPEN = ("fees", "credit_record", "missed_date", "written")


@dataclass(frozen=True)
class Examination:
    """What an offer comes to; a number that needs an unknown value is None.

    Attributes:
        monthly: yuan of each instalment.
        total: yuan of all payments of the offer.
        share: yuan a month that this creditor can be offered.
        whole: yuan a month that all creditors together can be offered.
        affordable_for_share: whether the instalment, or the one payment of a
            settlement, is within the share. Savings and help of others are not known.
        affordable_overall: whether it is within the whole.
        first_affordable: whether the first payment is within the whole.
        owed: yuan owed today.
        least_monthly: when instalments were told without their sum, yuan of each if
            what is said to be divided, or what is owed after the first payment, is
            divided without interest.
        delay_interest: yuan of interest that a delay costs at the rates of the case,
            simple; an estimate.
        extra_over_principal: total less principal, in yuan; negative for a waiver.
        extra_over_balance: total less what is owed today, in yuan.
        nominal_rate: a year, as a fraction rounded to 0.0001: monthly rate x 12.
        effective_rate: a year, with compound interest.
        rate_base: yuan on which the rates are reckoned: the balance, or the principal
            when the balance is unknown.
        until: when the last payment falls if the first one falls a month from today
            (after a delay, if one was offered), or the day to which an extension puts
            the payment off.
        open_points: what the offer leaves open: fees, credit_record, missed_date,
            written, interest_during_extension, after_extension, first_payment.
    """

    monthly: Decimal | None
    total: Decimal | None
    share: Decimal | None
    whole: Decimal | None
    affordable_for_share: bool | None
    affordable_overall: bool | None
    first_affordable: bool | None
    owed: Decimal | None
    least_monthly: Decimal | None
    delay_interest: Decimal | None
    extra_over_principal: Decimal | None
    extra_over_balance: Decimal | None
    nominal_rate: Decimal | None
    effective_rate: Decimal | None
    rate_base: Decimal | None
    until: date | None
    open_points: tuple[str, ...]


def examine(offer: Offer, case: Case, today: date) -> Examination:
    """Hold an offer against a case.

    Args:
        offer: what customer service offered; without a product it is about the only
            product of the case, if there is one only.
        case: the case as known.
        today: the day from which payments and delays are counted.
    """
    products = _products(offer, case)
    balance = _sum_of([case.balance_of(one) for one in products])
    principal = _sum_of([case.principal_of(one) for one in products])
    payments = _payments(offer, balance)
    total = sum(payments, NOTHING) if payments else offer.amount
    monthly = _monthly(offer, balance)
    due_each_month = offer.amount if offer.kind == "settlement" else monthly
    budget = budget_of(case)
    whole = budget.offer if budget else None
    share = _share(case, products, whole)
    base = balance if balance is not None else principal
    nominal, effective = _rates(base, payments)
    return Examination(
        monthly=monthly,
        total=total,
        share=share,
        whole=whole,
        affordable_for_share=_within(due_each_month, share),
        affordable_overall=_within(due_each_month, whole),
        first_affordable=_within(offer.first, whole),
        owed=balance,
        least_monthly=None if monthly else _least_monthly(offer, balance),
        delay_interest=_delay_interest(offer, products, case, today),
        extra_over_principal=_less(total, principal),
        extra_over_balance=_less(total, balance),
        nominal_rate=nominal,
        effective_rate=effective,
        rate_base=None if nominal is None else base,
        until=_until(offer, case, today),
        open_points=_open_points(offer),
    )


def _products(offer: Offer, case: Case) -> tuple[str, ...]:
    if offer.product == "both":
        return PRODUCTS
    if offer.product:
        return (offer.product,)
    return case.products if len(case.products) == 1 else ()


def _sum_of(sums: Sequence[Decimal | None]) -> Decimal | None:
    """The sum, or None when a part is unknown or there is none."""
    known = [one for one in sums if one is not None]
    return sum(known, NOTHING) if known and len(known) == len(sums) else None


def _share(
    case: Case, products: Sequence[str], whole: Decimal | None
) -> Decimal | None:
    if whole is None or not products:
        return None
    if not whole:
        return NOTHING
    amounts = product_shares(case)
    return _sum_of([amounts.get(product) for product in products])


def _instalments(offer: Offer, balance: Decimal | None) -> list[Decimal] | None:
    """The monthly payments; without interest they follow from what is divided."""
    if not offer.periods:
        return None
    if offer.monthly is not None:
        return [offer.monthly] * offer.periods
    divided = offer.amount
    if divided is None and offer.interest_free and balance is not None:
        divided = balance - (offer.first or NOTHING)
    if divided is None or divided <= 0:
        return None
    plan = schedule(divided, Decimal(0), offer.periods)
    return [plan.monthly] * (offer.periods - 1) + [plan.last]


def _least_monthly(offer: Offer, balance: Decimal | None) -> Decimal | None:
    left = offer.divided
    if left is None and balance is not None:
        left = balance - (offer.first or NOTHING)
    if not offer.periods or left is None or left <= 0:
        return None
    plan = schedule(left, Decimal(0), offer.periods)
    return max(plan.monthly, plan.last)


def _monthly(offer: Offer, balance: Decimal | None) -> Decimal | None:
    instalments = _instalments(offer, balance)
    return max(instalments) if instalments else offer.monthly


def _payments(offer: Offer, balance: Decimal | None) -> list[Decimal] | None:
    """Every month's payment from today on, zero in the months of a delay."""
    instalments = _instalments(offer, balance)
    if not instalments:
        return None
    return [offer.first or NOTHING, *[NOTHING] * (offer.months or 0), *instalments]


def _rates(
    base: Decimal | None, payments: Sequence[Decimal] | None
) -> tuple[Decimal | None, Decimal | None]:
    """Nominal and effective yearly rate; None when less than the debt is paid."""
    if not base or not payments or sum(payments, NOTHING) < base or payments[0] >= base:
        return None, None
    flows = [float(base - payments[0]), *(-float(payment) for payment in payments[1:])]
    monthly = float(numpy_financial.irr(flows))
    if not math.isfinite(monthly):
        return None, None
    return _rounded(monthly * MONTHS), _rounded((1 + monthly) ** MONTHS - 1)


def _rounded(rate: float) -> Decimal:
    # Adding zero takes the sign off a rate of -0.0000.
    return Decimal(str(rate)).quantize(RATE_STEP, ROUND_HALF_UP) + 0


def _within(payment: Decimal | None, limit: Decimal | None) -> bool | None:
    return None if payment is None or limit is None else payment <= limit


def _less(total: Decimal | None, owed: Decimal | None) -> Decimal | None:
    return None if total is None or owed is None else cents(total - owed)


def _begin(case: Case, today: date) -> date:
    """From when a delay counts: what is not yet due, from the day it will be."""
    return max(case.due() or today, today)


def _delay_interest(
    offer: Offer, products: Sequence[str], case: Case, today: date
) -> Decimal | None:
    until = _until(offer, case, today)
    if offer.kind != "extension" or offer.interest_free or until is None:
        return None
    days = max(0, (until - _begin(case, today)).days)
    estimates = []
    for product in products:
        balance, rate = case.balance_of(product), case.rate_of(product)
        if balance is None or rate is None:
            return None
        estimates.append(penalty_estimate(balance, daily(rate), days))
    return sum(estimates, NOTHING) if estimates else None


def _until(offer: Offer, case: Case, today: date) -> date | None:
    if offer.kind == "extension":
        if offer.until or not (offer.months or offer.days):
            return offer.until
        begin = _begin(case, today)
        return _months_later(begin, offer.months or 0) + timedelta(offer.days or 0)
    if offer.kind == "instalments" and offer.periods:
        return _months_later(today, (offer.months or 0) + offer.periods)
    return offer.until


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 + months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _open_points(offer: Offer) -> tuple[str, ...]:
    points = list(ALWAYS_OPEN)
    if offer.kind == "extension" or offer.months:
        points.append("interest_during_extension")
    if offer.kind == "extension":
        points.append("after_extension")
    if offer.kind == "instalments" and offer.first is None:
        points.append("first_payment")
    return tuple(point for point in points if point not in offer.named)
