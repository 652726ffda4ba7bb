"""What to say on the phone."""

from __future__ import annotations

from collections.abc import Iterator

from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block
from xieshang.documents.words import Words, clean
from xieshang.knowledge import PRODUCT_NAMES


def script(figures: Figures, words: Words) -> Iterator[Block]:
    """The section of the phone call, in the order of the call."""
    case = figures.case
    before = list(words.lines("script.before"))
    if case.lender:
        before.append(words.text("script.before_lender", lender=clean(case.lender)))
    else:
        before.append(words.text("script.before_any_lender"))
    yield Block("list", words.text("script.before_title"), tuple(before))
    opening = words.text("script.opening", product=words.products(figures.products))
    yield Block("speech", words.text("script.opening_title"), (opening,))
    facts = tuple(_facts(figures, words))
    yield Block("speech", words.text("script.facts_title"), facts)
    request = tuple(_request(figures, words))
    yield Block("speech", words.text("script.request_title"), request)
    tips = tuple(_tips(figures, words))
    if tips:
        yield Block("list", lines=tips)
    higher = (words.text("script.higher"), words.text("script.not_yet"))
    yield Block("speech", words.text("script.higher_title"), higher)
    questions = tuple(_questions(figures, words))
    yield Block("list", words.text("script.questions_title"), questions)
    yield Block("list", words.text("script.notes_title"), words.lines("script.notes"))


def _facts(figures: Figures, words: Words) -> Iterator[str]:
    case = figures.case
    yield words.text("script.facts.debts", debts=_debts(figures, words))
    yield from _dates(figures, words)
    yield words.text(f"script.reason.{case.hardship or 'unknown'}")
    yield _income(figures, words)
    if case.other_debts:
        others = words.listed(
            f"{clean(debt.name)} {words.money(debt.balance)}"
            for debt in case.other_debts
        )
        yield words.text("script.facts.others", others=others)


def _dates(figures: Figures, words: Words) -> Iterator[str]:
    due, days = figures.case.due_date, figures.days
    if days and due:
        place = "overdue_longest" if len(figures.products) > 1 else "overdue"
        yield words.text(f"script.facts.{place}", due=words.day(due), days=days)
    elif days:
        place = "days_only_longest" if len(figures.products) > 1 else "days_only"
        yield words.text(f"script.facts.{place}", days=days)
    elif figures.is_overdue:
        yield words.text("script.facts.days_unknown")
    elif due:
        yield words.text("script.facts.not_overdue", due=words.day(due))


def _debts(figures: Figures, words: Words) -> str:
    debts = []
    for product in figures.products:
        name, balance = PRODUCT_NAMES[product], figures.case.balance_of(product)
        if balance is None:
            debts.append(words.text("script.facts.debt_blank", product=name))
        else:
            debts.append(
                words.text(
                    "script.facts.debt", product=name, balance=words.money(balance)
                )
            )
    blank = words.text("script.facts.debt_blank", product=words.products(()))
    return words.listed(debts) or blank


def _income(figures: Figures, words: Words) -> str:
    case = figures.case
    return words.text(
        f"script.facts.{'income_priority' if case.priority_payments else 'income'}",
        income=words.money_or_blank(case.monthly_income),
        essentials=words.money_or_blank(case.essential_expenses),
        priority=words.money_or_blank(case.priority_payments),
    )


def _request(figures: Figures, words: Words) -> Iterator[str]:
    if figures.budget and figures.zero_surplus:
        shortfall = figures.budget.shortfall
        place = "script.zero" if shortfall else "script.zero_even"
        yield from words.lines(place, shortfall=words.money(shortfall))
        return
    shares = words.text("script.share_blank")
    if figures.products and len(figures.shares) == len(figures.products):
        shares = _shares(figures, words)
    yield words.text("script.offer", shares=shares)
    goal = figures.case.goal or "unsure"
    if goal == "extension" and not figures.is_overdue:
        goal = "extension_before_due"
    yield words.text(f"script.request.{goal}")


def _shares(figures: Figures, words: Words) -> str:
    sums = {name: words.money(share) for name, share in figures.shares.items()}
    if len(sums) == 1:
        return " " + next(iter(sums.values()))
    return words.text(
        "script.shares",
        shares=words.listed(
            words.text("script.share", product=PRODUCT_NAMES[name], share=share)
            for name, share in sums.items()
        ),
    )


def _tips(figures: Figures, words: Words) -> Iterator[str]:
    if figures.budget is None:
        yield words.text("script.amount_tip")
    elif figures.offer and len(figures.shares) < max(1, len(figures.products)):
        yield words.text("script.share_tip", offer=words.money(figures.offer))


def _questions(figures: Figures, words: Words) -> Iterator[str]:
    yield from words.lines("script.questions")
    if figures.zero_surplus or figures.case.goal == "extension":
        yield words.text("script.questions_extension")
    if figures.zero_surplus or figures.case.goal == "waiver":
        yield words.text("script.questions_waiver")
    if figures.is_overdue and not figures.zero_surplus:
        yield words.text("script.questions_overdue")
    if figures.case.lawsuit_date:
        yield words.text("script.questions_court")
