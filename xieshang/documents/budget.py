"""Income and expenses, the most that can be paid, and each creditor's share."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xieshang.case.affordability import Budget, shares_of
from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block
from xieshang.documents.situation import missing_of_budget
from xieshang.documents.words import Words, clean
from xieshang.knowledge import PRODUCT_NAMES


def budget(figures: Figures, words: Words) -> Iterator[Block]:
    """The section of the budget; without surplus it says what to do instead."""
    if figures.budget is None:
        fields = missing_of_budget(figures, words)
        yield Block("text", lines=(words.text("budget.unknown", fields=fields),))
        return
    rows = tuple(_rows(figures.budget, figures, words))
    yield Block("facts", words.text("budget.table_title"), rows=rows)
    notes = tuple(_notes(figures, words))
    if notes:
        yield Block("list", lines=notes)
    if figures.zero_surplus:
        yield from _zero_advice(figures, words)
    else:
        yield from _shares(figures.budget.offer, figures, words)


def _rows(budget: Budget, figures: Figures, words: Words) -> Iterator[tuple[str, str]]:
    def row(label: str, value: Decimal) -> tuple[str, str]:
        return words.text(f"budget.labels.{label}"), words.money(value)

    yield row("income", budget.income)
    yield row("essentials", budget.essentials)
    for name, amount in figures.case.expense_items:
        yield words.text("budget.labels.item", name=clean(name)), words.money(amount)
    if figures.case.priority_payments is None:
        label = words.text("budget.labels.priority")
        yield label, words.text("budget.priority_unknown")
    else:
        yield row("priority", budget.priority)
    if figures.zero_surplus:
        yield row("shortfall", budget.shortfall)
    else:
        yield row("affordable", budget.affordable)
        yield row("reserve", budget.affordable - budget.offer)
    yield row("offer", budget.offer)


def _notes(figures: Figures, words: Words) -> Iterator[str]:
    case = figures.case
    if figures.offer is not None:
        several = len(figures.products) > 1 or case.other_debts
        place = "budget.limit_several" if several else "budget.limit"
        yield words.text(place, offer=words.money(figures.offer))
        if case.priority_payments is None:
            yield words.text("budget.ask_priority")
    items = sum((amount for _, amount in case.expense_items), Decimal(0))
    if case.essential_expenses is not None and items not in (
        0,
        case.essential_expenses,
    ):
        total = words.money(case.essential_expenses)
        yield words.text("budget.items_differ", sum=words.money(items), total=total)


def _shares(offer: Decimal, figures: Figures, words: Words) -> Iterator[Block]:
    rows = tuple(
        (
            PRODUCT_NAMES.get(share.name_key, clean(share.name_key)),
            words.text(
                "budget.share",
                share=words.money(share.amount),
                balance=words.money(share.balance),
            ),
        )
        for share in shares_of(figures.case)
    )
    if rows:
        yield Block("facts", words.text("budget.shares_title"), rows=rows)
    notes = [words.text("budget.shares_rule")] if len(rows) > 1 else []
    if len(figures.shares) < max(1, len(figures.products)):
        notes.append(words.text("budget.shares_unknown", offer=words.money(offer)))
    if not figures.case.other_debts:
        notes.append(words.text("budget.ask_other_debts"))
    if notes:
        yield Block("list", lines=tuple(notes))


def _zero_advice(figures: Figures, words: Words) -> Iterator[Block]:
    yield Block("list", words.text("zero.ask_title"), words.lines("zero.ask"))
    names = (PRODUCT_NAMES[product] for product in figures.products)
    others = (clean(debt.name) for debt in figures.case.other_debts)
    debts = words.listed((*names, *others)) or words.products(())
    first = words.lines("zero.first", debts=debts)
    yield Block("steps", words.text("zero.first_title"), first)
    yield Block("text", lines=(words.text("zero.first_note"),))
    helpers = [
        words.text("zero.hotline", **words.tables["hotlines"][name])
        for name in words.lines("zero.hotlines")
    ]
    helpers.append(words.text("zero.community"))
    if figures.case.hardship == "unemployment":
        helpers.append(words.text("zero.unemployment"))
    yield Block("list", words.text("zero.help_title"), tuple(helpers))
