"""What a person can pay a month, and how it is shared among the creditors.

Source of the formulas: affordability, buffer and shares as in the budgets of British
debt advice (StepChange, National Debtline, pro-rata offers); the buffer's size is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from xieshang.case.money import CENT, cents
from xieshang.case.record import PRODUCTS, Case

BUFFER = Decimal("0.10")
NOTHING = Decimal("0.00")


@dataclass(frozen=True)
class Budget:
    """A month's budget.

    Attributes:
        income: yuan a month.
        essentials: yuan a month for living.
        priority: yuan a month for mortgage, car loan, maintenance.
    """

    income: Decimal
    essentials: Decimal
    priority: Decimal

    @property
    def affordable(self) -> Decimal:
        """Yuan a month that remain for all debts: max(0, what is left over)."""
        return max(NOTHING, cents(self._left))

    @property
    def shortfall(self) -> Decimal:
        """Yuan a month that are missing for living and priority payments."""
        return max(NOTHING, cents(-self._left))

    @property
    def offer(self) -> Decimal:
        """Yuan a month to offer all creditors together: the affordable sum less
        BUFFER, so that one bad week does not break the agreement."""
        return cents(self.affordable * (1 - BUFFER))

    @property
    def _left(self) -> Decimal:
        return self.income - self.essentials - self.priority


@dataclass(frozen=True)
class Share:
    """What one creditor can be offered.

    Attributes:
        name_key: huabei, jiebei, or the name of another lender.
        balance: yuan owed.
        amount: yuan a month, never above the balance.
    """

    name_key: str
    balance: Decimal
    amount: Decimal


def pro_rata(offer: Decimal, balances: Sequence[Decimal]) -> list[Decimal]:
    """Divide a sum in proportion to balances.

    Every part is offer x balance / sum of balances, floored to cents; the cents that
    are left go to the largest remainders, so that the parts sum to the offer.

    Args:
        offer: yuan, rounded to cents.
        balances: yuan owed to each creditor; zero is allowed.

    Raises:
        ValueError: something is negative, or no balance is above zero.
    """
    if offer < 0 or any(balance < 0 for balance in balances):
        raise ValueError("neither the offer nor a balance can be negative")
    total = sum(balances, Decimal(0))
    if not total:
        raise ValueError("at least one balance must be above zero")
    exact = [cents(offer) * balance / total for balance in balances]
    parts = [part.quantize(CENT, ROUND_FLOOR) for part in exact]
    left = int((cents(offer) - sum(parts, NOTHING)) / CENT)
    by_remainder = sorted(
        range(len(parts)), key=lambda place: parts[place] - exact[place]
    )
    for place in by_remainder[:left]:
        parts[place] += CENT
    return parts


def budget_of(case: Case) -> Budget | None:
    """The month's budget of a case.

    Args:
        case: priority payments that are not known count as none.

    Returns:
        None when income or essential expenses are unknown.
    """
    if case.monthly_income is None or case.essential_expenses is None:
        return None
    return Budget(
        case.monthly_income,
        case.essential_expenses,
        case.priority_payments or Decimal(0),
    )


def spoken_of(case: Case) -> tuple[str, ...]:
    """The products a case is about; those with a balance when none is named."""
    return case.products or tuple(
        product for product in PRODUCTS if case.balance_of(product) is not None
    )


def shares_of(case: Case) -> list[Share]:
    """What each creditor of a case can be offered, by pro rata of the balances.

    Priority payments come off before and have no share.

    Args:
        case: its products, or those with a balance when none is named; and the other
            debts.

    Returns:
        Nothing when there is nothing to offer or a balance is unknown.
    """
    budget, products = budget_of(case), spoken_of(case)
    debts = [(product, case.balance_of(product)) for product in products]
    debts += [(debt.name, debt.balance) for debt in case.other_debts]
    known = [(name, balance) for name, balance in debts if balance is not None]
    total = sum((balance for _, balance in known), Decimal(0))
    if not (products and budget and budget.offer and total) or len(known) < len(debts):
        return []
    amounts = pro_rata(min(budget.offer, total), [balance for _, balance in known])
    return [
        Share(name, balance, amount)
        for (name, balance), amount in zip(known, amounts, strict=True)
    ]


def product_shares(case: Case) -> dict[str, Decimal]:
    """Yuan a month at most for each product whose share is known.

    The only debt there is gets the whole offer, its balance known or not.

    Args:
        case: as for `shares_of`.
    """
    products, budget = spoken_of(case), budget_of(case)
    # The products come first: a lender of the same name does not replace them.
    shares = {
        share.name_key: share.amount for share in shares_of(case)[: len(products)]
    }
    is_only_debt = len(products) == 1 and not case.other_debts
    if not shares and is_only_debt and budget and budget.offer:
        shares[products[0]] = budget.offer
    return shares
