"""The wording of the hardship statement."""

from __future__ import annotations

from collections.abc import Iterator

from xieshang.case.affordability import Budget, shares_of
from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block, Statement
from xieshang.documents.words import Words, clean
from xieshang.knowledge import PRODUCT_NAMES


def statement(figures: Figures, words: Words) -> Statement:
    """The statement; who signs, and since when, is left blank."""
    case = figures.case
    products = words.products(figures.products)
    lender = (
        clean(case.lender)
        if case.lender
        else words.text("statement.to_any", product=products)
    )
    proofs = tuple(clean(proof) for proof in case.available_proofs)
    return Statement(
        title=words.text("statement.title"),
        addressee=words.text("statement.to", lender=lender),
        paragraphs=tuple(_paragraphs(figures, words)),
        attachments_title=words.text("statement.attachments_title"),
        attachments=proofs or (words.text("statement.attachments_blank"),),
        blanks=tuple(
            words.text(f"statement.{name}") for name in ("name", "signature", "date")
        ),
        footer=words.text("statement.footer"),
    )


def statement_blocks(written: Statement, words: Words) -> Iterator[Block]:
    """The section that shows the statement."""
    lines = (
        written.addressee,
        *written.paragraphs,
        written.attachments_title,
        *written.attachments,
        *written.blanks,
    )
    yield Block("speech", lines=lines)
    yield Block("list", words.text("statement.how_title"), words.lines("statement.how"))


def _paragraphs(figures: Figures, words: Words) -> Iterator[str]:
    case = figures.case
    yield _debts(figures, words) + _dates(figures, words)
    reason = words.text(f"statement.reason.{case.hardship or 'unknown'}")
    yield words.text("statement.reason_text", reason=reason)
    yield words.text("statement.reason_blank")
    yield _budget(figures, words)
    if case.other_debts:
        others = words.listed(
            words.text(
                "statement.other",
                name=clean(debt.name),
                amount=words.money(debt.balance),
            )
            for debt in case.other_debts
        )
        yield words.text("statement.others", others=others)
    yield _ability(figures, words)
    goal = "zero" if figures.zero_surplus else figures.case.goal or "unsure"
    yield words.text(f"statement.request.{goal}")
    yield words.text("statement.closing")


def _debts(figures: Figures, words: Words) -> str:
    debts = []
    for product in figures.products:
        name, balance = PRODUCT_NAMES[product], figures.case.balance_of(product)
        if balance is None:
            debts.append(words.text("statement.debt_blank", product=name))
        else:
            sum_ = words.money(balance)
            debts.append(words.text("statement.debt", product=name, balance=sum_))
    products = words.products(figures.products)
    blank = words.text("statement.debt_blank", product=products)
    return words.text(
        "statement.debts", product=products, debts=words.listed(debts) or blank
    )


def _dates(figures: Figures, words: Words) -> str:
    due, days = figures.case.due_date, figures.days
    if days and due:
        place = "overdue_longest" if len(figures.products) > 1 else "overdue"
        today = words.day(figures.today)
        return words.text(
            f"statement.{place}", due=words.day(due), today=today, days=days
        )
    if days:
        place = "days_only_longest" if len(figures.products) > 1 else "days_only"
        today = words.day(figures.today)
        return words.text(f"statement.{place}", today=today, days=days)
    if figures.is_overdue:
        return words.text("statement.days_unknown")
    if due:
        return words.text("statement.not_overdue", due=words.day(due))
    return ""


def _budget(figures: Figures, words: Words) -> str:
    case = figures.case
    items = words.listed(
        words.text("statement.item", name=clean(name), amount=words.money(amount))
        for name, amount in case.expense_items
    )
    priority = words.money_or_blank(case.priority_payments)
    return words.text(
        "statement.budget",
        income=words.money_or_blank(case.monthly_income),
        essentials=words.money_or_blank(case.essential_expenses),
        items=words.text("statement.items", items=items) if items else "",
        priority=(
            words.text("statement.priority", priority=priority)
            if case.priority_payments
            else ""
        ),
        result=_result(figures.budget, words),
    )


def _result(budget: Budget | None, words: Words) -> str:
    if budget is None:
        return words.text("statement.left_blank")
    if budget.affordable:
        affordable = words.money(budget.affordable)
        return words.text("statement.affordable", affordable=affordable)
    if budget.shortfall:
        shortfall = words.money(budget.shortfall)
        return words.text("statement.shortfall", shortfall=shortfall)
    return words.text("statement.even")


def _ability(figures: Figures, words: Words) -> str:
    if figures.zero_surplus:
        return words.text("statement.ability_zero")
    if figures.offer is None:
        return words.text("statement.ability_blank")
    offer = words.money(figures.offer)
    if not figures.shares:
        return words.text("statement.ability_several", offer=offer)
    if len(figures.shares) == 1 and not figures.case.other_debts:
        (share,) = figures.shares.values()
        return words.text("statement.ability_single", offer=words.money(share))
    shares = words.listed(
        words.text(
            "statement.share",
            product=PRODUCT_NAMES.get(share.name_key, clean(share.name_key)),
            share=words.money(share.amount),
        )
        for share in shares_of(figures.case)
    )
    return words.text("statement.ability", offer=offer, shares=shares)
