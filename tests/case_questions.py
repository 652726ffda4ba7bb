"""The questions of a registration: how one gets to each, and what can be told there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xieshang.knowledge import current_knowledge

CONSENT = "同意登记吗"


@dataclass(frozen=True)
class Place:
    """A question of the registration.

    Attributes:
        name: of the field, consent or summary.
        told: what was said after consent to get there.
        several: a message with the answer and other values.
        values: the slots it sets.
    """

    name: str
    told: tuple[str, ...] = ()
    several: str = ""
    values: tuple[tuple[str, Any], ...] = ()

    @property
    def opening(self) -> tuple[str, ...]:
        """The messages that lead to the question."""
        consent = () if self.name == "consent" else ("同意",)
        return ("开始登记", *consent, *self.told)

    @property
    def question(self) -> str:
        """A piece of the question that is asked there."""
        if self.name == "consent":
            return CONSENT
        if self.name == "summary":
            return "都对吗"
        return self._texts["ask"]

    @property
    def example(self) -> str:
        """How the question may be answered."""
        return self._texts["example"]

    @property
    def _texts(self) -> dict[str, str]:
        fields: dict[str, dict[str, str]]
        fields = current_knowledge().tables["questions"]["fields"]
        return fields[self.name]


_DEBTS = "花呗9800借呗2万"
PLACES = (
    Place("consent"),
    Place(
        "product",
        several="两个都有，花呗9800，逾期45天",
        values=(("product", "both"), ("huabei_balance", 9800), ("days_overdue", 45)),
    ),
    Place(
        "huabei_balance",
        ("两个都有",),
        "9800，借呗2万，失业了",
        (
            ("huabei_balance", 9800),
            ("jiebei_balance", 20000),
            ("hardship", "unemployment"),
        ),
    ),
    Place(
        "jiebei_balance",
        ("两个都有，花呗9800",),
        "20000，工资5500",
        (("jiebei_balance", 20000), ("monthly_income", 5500)),
    ),
    Place(
        "overdue",
        (_DEBTS,),
        "逾期45天，失业了，工资5500",
        (
            ("overdue", "yes"),
            ("days_overdue", 45),
            ("hardship", "unemployment"),
            ("monthly_income", 5500),
        ),
    ),
    Place(
        "days_overdue",
        (f"{_DEBTS}，已经逾期了",),
        "45天，失业了，开支4100",
        (
            ("days_overdue", 45),
            ("hardship", "unemployment"),
            ("essential_expenses", 4100),
        ),
    ),
    Place(
        "due_date",
        (f"{_DEBTS}，还没逾期",),
        "12月9号，降薪了，工资5500",
        (
            ("due_date", "2026-12-09"),
            ("hardship", "pay_cut"),
            ("monthly_income", 5500),
        ),
    ),
    Place(
        "hardship",
        (f"{_DEBTS}，逾期45天",),
        "失业了，工资5500，开支4100",
        (
            ("hardship", "unemployment"),
            ("monthly_income", 5500),
            ("essential_expenses", 4100),
        ),
    ),
    Place(
        "monthly_income",
        (f"{_DEBTS}，逾期45天，失业了",),
        "5500，开支4100，想延期",
        (
            ("monthly_income", 5500),
            ("essential_expenses", 4100),
            ("goal", "extension"),
        ),
    ),
    Place(
        "essential_expenses",
        (f"{_DEBTS}，逾期45天，失业了，工资5500",),
        "4100，想延期，房贷500",
        (
            ("essential_expenses", 4100),
            ("goal", "extension"),
            ("priority_payments", 500),
        ),
    ),
    Place(
        "goal",
        (f"{_DEBTS}，逾期45天，失业了，工资5500，开支4100",),
        "想延期，还有房贷500，信用卡欠6200",
        (("goal", "extension"), ("priority_payments", 500)),
    ),
    Place(
        "summary",
        (f"{_DEBTS}，逾期45天，失业了，工资5500，开支4100，想延期",),
        "收入6000，开支4000",
        (("monthly_income", 6000), ("essential_expenses", 4000)),
    ),
)
