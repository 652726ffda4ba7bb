"""Plans of several lengths beside each other, in a table and for the picture."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xieshang.case.overdue import daily, penalty_estimate
from xieshang.case.plans import USUAL_PERIODS, PlanRow, compare, least_periods
from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block, Panel, Picture, Point
from xieshang.documents.words import Words
from xieshang.knowledge import PRODUCT_NAMES

MOST_USUAL = USUAL_PERIODS[-1]
VERDICTS = {True: "yes", False: "no", None: "unknown"}


def comparison(figures: Figures, words: Words) -> Iterator[Block]:
    """The section of the comparison; without surplus no plan is made up."""
    balances = _balances(figures)
    if figures.zero_surplus:
        yield Block("text", lines=(words.text("comparison.zero"),))
    elif not balances:
        yield Block("text", lines=(words.text("comparison.nothing"),))
    else:
        yield Block("text", lines=(words.text("comparison.intro"),))
        for product, balance in balances.items():
            yield _table(product, balance, figures, words)
            yield Block("list", lines=tuple(_advice(product, balance, figures, words)))
        yield Block("text", lines=(words.text("comparison.extension"),))
    estimates = tuple(_penalties(figures, words))
    if estimates:
        lines = (*estimates, words.text("comparison.penalty_note"))
        yield Block("list", words.text("comparison.overdue_title"), lines)


def picture(figures: Figures, words: Words) -> Picture:
    """What the picture of the comparison shows."""
    panels: tuple[Panel, ...] = ()
    note = ""
    if figures.zero_surplus:
        note = words.text("picture.zero")
    else:
        balances = _balances(figures).items()
        panels = tuple(_panel(name, sum_, figures, words) for name, sum_ in balances)
        note = "" if panels else words.text("picture.nothing")
    return Picture(
        title=words.text("picture.title"),
        x_label=words.text("picture.periods"),
        mark=words.text("picture.mark"),
        note=note,
        alternative=words.text("picture.alternative"),
        panels=panels,
    )


def _balances(figures: Figures) -> dict[str, Decimal]:
    balances = {name: figures.case.balance_of(name) for name in figures.products}
    return {name: balance for name, balance in balances.items() if balance}


def _rows(product: str, balance: Decimal, figures: Figures) -> list[PlanRow]:
    rate = figures.rate_or_zero(product)
    return compare(balance, rate, figures.shares.get(product))


def _table(product: str, balance: Decimal, figures: Figures, words: Words) -> Block:
    rate = figures.case.rate_of(product)
    values = {"product": PRODUCT_NAMES[product], "balance": words.money(balance)}
    if rate is None:
        title = words.text("comparison.without_rate", **values)
    else:
        title = words.text("comparison.with_rate", rate=words.percent(rate), **values)
    rows = tuple(
        (
            words.text("periods", periods=row.periods),
            words.money(row.schedule.monthly),
            words.money(row.schedule.last),
            words.money(row.schedule.total),
            words.text(f"comparison.affordable.{VERDICTS[row.affordable]}"),
        )
        for row in _rows(product, balance, figures)
    )
    return Block("table", title, head=words.lines("comparison.head"), rows=rows)


def _advice(
    product: str, balance: Decimal, figures: Figures, words: Words
) -> Iterator[str]:
    share, rate = figures.shares.get(product), figures.case.rate_of(product)
    if share is None:
        yield words.text("comparison.share_unknown")
        return
    values = {"product": PRODUCT_NAMES[product], "share": words.money(share)}
    yield words.text("comparison.share", **values)
    free = least_periods(balance, Decimal(0), share)
    periods = free if rate is None else least_periods(balance, rate, share)
    if rate is None:
        place = "never_without_rate" if free is None else "least_without_rate"
        yield words.text(f"comparison.{place}", periods=periods, **values)
    else:
        place = "never" if periods is None else "least"
        values["rate"] = words.percent(rate)
        yield words.text(f"comparison.{place}", periods=periods, **values)
    if rate and free is not None:
        total = words.money(balance)
        yield words.text("comparison.waived", periods=free, total=total, **values)
    if (periods or free or 0) > MOST_USUAL:
        yield words.text("comparison.long")


def _penalties(figures: Figures, words: Words) -> Iterator[str]:
    """An estimate for each product whose rate is known; which one is overdue longest
    is not told, so with several each is an if."""
    place = "penalty" if len(figures.products) == 1 else "penalty_if"
    for product, balance in _balances(figures).items():
        rate = figures.case.rate_of(product)
        if rate and figures.days:
            estimate = penalty_estimate(balance, daily(rate), figures.days)
            yield words.text(
                f"comparison.{place}",
                product=PRODUCT_NAMES[product],
                penalty=words.money(estimate),
                balance=words.money(balance),
                daily=words.percent(daily(rate)),
                days=figures.days,
            )


def _panel(product: str, balance: Decimal, figures: Figures, words: Words) -> Panel:
    rate, share = figures.case.rate_of(product), figures.shares.get(product)
    name = words.text(
        "picture.panel", product=PRODUCT_NAMES[product], balance=words.money(balance)
    )
    interest = (
        words.text("picture.no_rate")
        if rate is None
        else words.text("picture.rate", rate=words.percent(rate))
    )
    rows = _rows(product, balance, figures)
    if share is None:
        label = words.text("picture.share_unknown")
    else:
        fits = any(row.affordable for row in rows)
        place = "picture.share" if fits else "picture.share_none"
        label = words.text(place, share=words.money(share))
    return Panel(
        title=words.text("picture.heading", name=name, interest=interest),
        points=tuple(
            Point(row.periods, row.schedule.monthly, bool(row.affordable))
            for row in rows
        ),
        share=share,
        share_label=label,
    )
