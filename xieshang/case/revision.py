"""A case with new values, and what these make void."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from xieshang.case.record import PRODUCTS, Case


def revised(case: Case, values: Mapping[str, Any], today: date) -> Case:
    """The case with values taken.

    Days overdue and due date stand for one another, the last one told holds; a total
    voids its former parts; who is not overdue has no days overdue, and
    who is has no day due to come; what is not spoken of any more has no figures.

    Args:
        case: as it was.
        values: what was told, by field.
        today: when it was told.
    """
    new = dict(values)
    if "days_overdue" in new:
        new.setdefault("due_date", None)
        new["recorded_on"] = today
    elif "due_date" in new:
        new.update(days_overdue=None, recorded_on=None)
    if new.get("overdue") == "yes" and case.due_date and case.due_date > today:
        new.setdefault("due_date", None)
    if new.get("overdue") == "no":
        new.update(days_overdue=None, recorded_on=None)
        if case.due_date and case.due_date < today:
            new.setdefault("due_date", None)
    if "product" in new:
        new = {**_without_figures(case.with_values(product=new["product"])), **new}
    if "essential_expenses" in new:
        new.setdefault("expense_items", ())
    if "priority_payments" in new:
        new.setdefault("priority_items", ())
    return case.with_values(**new)


def _without_figures(case: Case) -> dict[str, None]:
    """No figures of the products that the case is not about."""
    return {
        f"{product}_{figure}": None
        for product in PRODUCTS
        if product not in case.products
        for figure in ("balance", "rate", "principal")
    }
