"""What is urgent, what is known of the case, and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block
from xieshang.documents.words import Words, clean
from xieshang.knowledge import PRODUCT_NAMES

Row = tuple[str, str]


def urgent(figures: Figures, words: Words) -> Iterator[str]:
    """What is said before everything else."""
    court = figures.case.lawsuit_date
    if court:
        days = (court - figures.today).days
        place = "urgent.court_passed" if days < 0 else "urgent.court"
        left = words.text(
            "urgent.court_left" if days else "urgent.court_today", days=days
        )
        yield words.text(place, date=words.day(court), left=left)
    if figures.budget and figures.zero_surplus:
        shortfall = figures.budget.shortfall
        place = "urgent.zero" if shortfall else "urgent.zero_even"
        yield words.text(place, shortfall=words.money(shortfall))
    if figures.over_three_years:
        yield words.text("urgent.three_years")


def missing(figures: Figures, words: Words) -> Iterator[str]:
    """What is not known, and what cannot be told without it."""
    case, place = figures.case, "summary.missing"
    if not figures.products:
        yield words.text(f"{place}.product")
    if figures.budget is None:
        yield words.text(f"{place}.budget", fields=missing_of_budget(figures, words))
    for product in figures.products:
        name = PRODUCT_NAMES[product]
        if case.balance_of(product) is None:
            yield words.text(f"{place}.balance", product=name)
        elif case.rate_of(product) is None and not figures.zero_surplus:
            yield words.text(f"{place}.rate", product=name)
    if figures.days is None and case.overdue != "no":
        yield words.text(f"{place}.due")
    if case.hardship is None:
        yield words.text(f"{place}.hardship")


def missing_of_budget(figures: Figures, words: Words) -> str:
    """The names of the values that the budget needs and does not have."""
    names = ("monthly_income", "essential_expenses")
    return words.listed(
        words.text(f"summary.labels.{name}")
        for name in names
        if getattr(figures.case, name) is None
    )


def summary(figures: Figures, words: Words) -> Iterator[Block]:
    """The case as it is known."""
    rows = (
        *_debts(figures, words),
        *_dates(figures, words),
        *_means(figures, words),
        *_aims(figures, words),
    )
    yield Block("facts", rows=rows)
    gaps = tuple(missing(figures, words))
    if gaps:
        yield Block("list", words.text("summary.missing_title"), gaps)


def _debts(figures: Figures, words: Words) -> Iterator[Row]:
    case = figures.case
    product = words.products(case.products) if case.product else None
    yield _row(words, "product", product)
    if case.lender:
        yield _row(words, "lender", clean(case.lender))
    for each in figures.products:
        name = PRODUCT_NAMES[each]
        yield _row(words, "balance", _sum(words, case.balance_of(each)), product=name)
        principal, rate = case.principal_of(each), case.rate_of(each)
        if principal is not None:
            yield _row(words, "principal", words.money(principal), product=name)
        shown = None if rate is None else words.percent(rate)
        yield _row(words, "rate", shown, product=name)
    for debt in case.other_debts:
        yield _row(
            words, "other_debt", words.money(debt.balance), name=clean(debt.name)
        )


def _dates(figures: Figures, words: Words) -> Iterator[Row]:
    case, days, due = figures.case, figures.days, figures.case.due_date
    overdue = words.text(f"summary.overdue.{case.overdue}") if case.overdue else None
    if case.overdue == "no" and days:
        overdue = words.text("summary.passed_since", days=days)
    yield _row(words, "overdue", overdue)
    # Days that were told make no date to be quoted.
    if due or not days:
        yield _due(figures, words)
    if days and case.overdue != "no":
        yield _row(words, "days_overdue", words.text("days", days=days))


def _due(figures: Figures, words: Words) -> Row:
    due = figures.case.due_date
    several = len(figures.products) > 1 and figures.is_overdue
    label = "longest_due_date" if several else "due_date"
    return _row(words, label, words.day(due) if due else None)


def _means(figures: Figures, words: Words) -> Iterator[Row]:
    case = figures.case
    yield _row(words, "hardship", words.hardship(case))
    yield _row(words, "monthly_income", _sum(words, case.monthly_income))
    yield _row(words, "essential_expenses", _sum(words, case.essential_expenses))
    yield _row(words, "priority_payments", _sum(words, case.priority_payments))


def _aims(figures: Figures, words: Words) -> Iterator[Row]:
    case = figures.case
    goal = words.text(f"summary.goal.{case.goal}") if case.goal else None
    yield _row(words, "goal", goal)
    if case.lawsuit_date:
        yield _row(words, "lawsuit_date", words.day(case.lawsuit_date))
    if case.contacted:
        yield _row(words, "contacted", clean(case.contacted))


def _row(words: Words, label: str, value: str | None, **values: str) -> Row:
    shown = words.text("unknown") if value is None else value
    return words.text(f"summary.labels.{label}", **values), shown


def _sum(words: Words, value: Decimal | None) -> str | None:
    return None if value is None else words.money(value)
