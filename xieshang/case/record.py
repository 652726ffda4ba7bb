"""The record of a case: its values, and how they stand in Rasa's slots.

Fields carry the names of the slots. Sums are in yuan, rates are yearly fractions
(0.18 is 18 %), a value that is None is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

PRODUCTS = ("huabei", "jiebei")
MONEY_FIELDS = frozenset(
    {
        "huabei_balance",
        "jiebei_balance",
        "monthly_income",
        "essential_expenses",
        "priority_payments",
        "huabei_rate",
        "jiebei_rate",
        "huabei_principal",
        "jiebei_principal",
    }
)
DATE_FIELDS = frozenset({"due_date", "lawsuit_date", "recorded_on"})


@dataclass(frozen=True)
class OtherDebt:
    """A debt to somebody else.

    Attributes:
        name: the lender as the person called it.
        balance: yuan.
    """

    name: str
    balance: Decimal


@dataclass(frozen=True)
class Case:
    """What a person told about debt, budget and aim.

    Attributes:
        product: huabei, jiebei or both.
        huabei_balance: yuan owed.
        jiebei_balance: yuan owed.
        overdue: yes, no or unknown.
        days_overdue: days on the day it was told, of the debt overdue longest.
        due_date: when that debt is or was due.
        hardship: unemployment, pay_cut, illness, family, disaster, business, other.
        monthly_income: yuan a month.
        essential_expenses: yuan a month.
        expense_items: essential expenses by category, when they were told so.
        goal: extension, lower_payment, waiver or unsure.
        priority_payments: yuan a month for mortgage, car loan, maintenance.
        priority_items: these one by one, when they were told so.
        other_debts: debts to others.
        available_proofs: the proofs at hand, as named in knowledge/proofs.yml.
        huabei_rate: a year.
        jiebei_rate: a year.
        huabei_principal: yuan.
        jiebei_principal: yuan.
        lender: the institution that the app shows.
        lawsuit_date: the day of the hearing or of the summons.
        contacted: what came of the last contact, in the person's words.
        recorded_on: the day on which days_overdue was told.
    """

    product: str | None = None
    huabei_balance: Decimal | None = None
    jiebei_balance: Decimal | None = None
    overdue: str | None = None
    days_overdue: int | None = None
    due_date: date | None = None
    hardship: str | None = None
    monthly_income: Decimal | None = None
    essential_expenses: Decimal | None = None
    expense_items: tuple[tuple[str, Decimal], ...] = ()
    goal: str | None = None
    priority_payments: Decimal | None = None
    priority_items: tuple[tuple[str, Decimal], ...] = ()
    other_debts: tuple[OtherDebt, ...] = ()
    available_proofs: tuple[str, ...] = ()
    huabei_rate: Decimal | None = None
    jiebei_rate: Decimal | None = None
    huabei_principal: Decimal | None = None
    jiebei_principal: Decimal | None = None
    lender: str | None = None
    lawsuit_date: date | None = None
    contacted: str | None = None
    recorded_on: date | None = None

    @property
    def products(self) -> tuple[str, ...]:
        """The products it is about."""
        if self.product == "both":
            return PRODUCTS
        return (self.product,) if self.product else ()

    def balance_of(self, product: str) -> Decimal | None:
        """Yuan owed on a product."""
        balance: Decimal | None = getattr(self, f"{product}_balance")
        return balance

    def rate_of(self, product: str) -> Decimal | None:
        """The yearly rate of a product as a fraction."""
        rate: Decimal | None = getattr(self, f"{product}_rate")
        return rate

    def principal_of(self, product: str) -> Decimal | None:
        """Yuan of principal of a product."""
        principal: Decimal | None = getattr(self, f"{product}_principal")
        return principal

    def due(self) -> date | None:
        """When the debt overdue longest was due, from the date or the days told."""
        if self.due_date:
            return self.due_date
        if self.days_overdue is not None and self.recorded_on:
            return self.recorded_on - timedelta(days=self.days_overdue)
        return None

    def with_values(self, **values: Any) -> Case:
        """A case with other values."""
        return replace(self, **values)

    def to_slots(self) -> dict[str, Any]:
        """Every field as JSON holds it: numbers, ISO dates, lists."""
        return {name: _to_json(value) for name, value in self}

    @classmethod
    def from_slots(cls, slots: Mapping[str, Any]) -> Case:
        """The case that slots, or a stored record, hold.

        Args:
            slots: values as `to_slots` gives them; others are left alone.

        Raises:
            ValueError: a value that no field can have.
        """
        known = {field.name for field in fields(cls)}
        return cls(
            **{
                name: _from_json(name, value)
                for name, value in slots.items()
                if name in known and value is not None
            }
        )

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return ((field.name, getattr(self, field.name)) for field in fields(self))


def as_number(value: Decimal) -> int | float:
    """A sum as JSON holds it: whole yuan as an integer."""
    return int(value) if value == value.to_integral_value() else float(value)


def _to_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return as_number(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, OtherDebt):
        return {"name": value.name, "balance": as_number(value.balance)}
    if isinstance(value, tuple):
        return [_to_json(one) for one in value]
    return value


def _from_json(name: str, value: Any) -> Any:
    if name in MONEY_FIELDS:
        return Decimal(str(value))
    if name in DATE_FIELDS:
        return date.fromisoformat(value)
    if name == "other_debts":
        return tuple(OtherDebt(d["name"], Decimal(str(d["balance"]))) for d in value)
    if name in ("expense_items", "priority_items"):
        return tuple((str(item), Decimal(str(sum_))) for item, sum_ in value)
    if name == "available_proofs":
        return tuple(value)
    return value
