"""What is said about the offers that customer service made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from xieshang.case.examination import Examination, examine
from xieshang.case.fields import ODD_RATE
from xieshang.case.money import yuan
from xieshang.case.offers import Offer
from xieshang.case.record import Case
from xieshang.knowledge import Knowledge, product_name

TABLE = "checkup"


class Checkup:
    """Words the examination of offers.

    Args:
        knowledge: with the table checkup.
        case: what the offers are held against.
        today: the day from which payments are counted.
    """

    def __init__(self, knowledge: Knowledge, case: Case, today: date) -> None:
        self._texts = knowledge.tables[TABLE]
        self._case = case
        self._today = today

    def messages(self, offers: Sequence[Offer]) -> list[str]:
        """What is said about one offer, or about two side by side.

        Args:
            offers: in the order they were told.
        """
        results = [(offer, examine(offer, self._case, self._today)) for offer in offers]
        said = []
        for number, (offer, result) in enumerate(results, start=1):
            head = (
                self._text("head_numbered", number=number)
                if len(results) > 1
                else self._text("head")
            )
            said.append("\n".join([head, *self._figures(offer, result)]))
        if len(results) > 1:
            said.append(self._comparison([result for _, result in results]))
        offer, result = results[-1]
        points = [self._texts["open"][point] for point in result.open_points]
        if points:
            questions = "\n".join(f"- {point}" for point in points)
            said.append(f"{self._text('open_head')}\n{questions}")
        said.append(f"{self._text('say_head')}\n{self._next_sentence(offer, result)}")
        return said

    def _text(self, key: str, /, **values: object) -> str:
        text = str(self._texts[key])
        for placeholder, value in values.items():
            shown = yuan(value) if isinstance(value, Decimal) else str(value)
            text = text.replace(f"{{{placeholder}}}", shown)
        return text

    def _figures(self, offer: Offer, result: Examination) -> list[str]:
        lines = [self._offer(offer, result)]
        if offer.first is not None:
            lines.append(self._text("line_first", first=offer.first))
        if result.total is not None and offer.kind != "extension":
            lines.append(self._total(result))
        if result.nominal_rate is not None and result.effective_rate is not None:
            lines.append(
                self._text(
                    "rate",
                    nominal=_percent(result.nominal_rate),
                    effective=_percent(result.effective_rate),
                    base=result.rate_base,
                )
            )
        if offer.kind != "extension":
            lines.append(self._affordable(offer, result))
        if offer.first is not None and result.first_affordable is False:
            lines.append(
                self._text("first_above", first=offer.first, whole=result.whole)
            )
        return lines

    def _offer(self, offer: Offer, result: Examination) -> str:
        product = product_name(offer.product) if offer.product else ""
        if offer.kind == "extension":
            key = "line_extension" if result.until else "line_extension_only"
            return self._text(key, product=product, until=result.until)
        if offer.kind == "settlement":
            known = offer.amount is not None
            key = "line_settlement" if known else "line_settlement_only"
            return self._text(key, product=product, amount=offer.amount)
        if offer.periods is None:
            return self._text(
                "line_monthly_only", product=product, monthly=result.monthly
            )
        key = "line_instalments_only" if result.monthly is None else "line_instalments"
        return self._text(
            key, product=product, periods=offer.periods, monthly=result.monthly
        )

    def _total(self, result: Examination) -> str:
        text = self._text("total", total=result.total)
        over_balance = result.extra_over_balance
        if over_balance:
            key = "more_than_balance" if over_balance > 0 else "less_than_balance"
            text += self._text(key, amount=abs(over_balance))
        if result.extra_over_principal and result.extra_over_principal > 0:
            text += self._text(
                "more_than_principal", amount=result.extra_over_principal
            )
        return text

    def _affordable(self, offer: Offer, result: Examination) -> str:
        values: dict[str, Any] = {
            "due": result.monthly,
            "share": result.share,
            "whole": result.whole,
        }
        verdict = _verdict(offer, result)
        if verdict == "fits_all" and not offer.product and len(self._case.products) > 1:
            verdict = "fits_all_which"
        return self._text(verdict, **values)

    def _next_sentence(self, offer: Offer, result: Examination) -> str:
        if offer.kind in ("extension", "settlement"):
            return self._text(f"say_{offer.kind}")
        verdict = _verdict(offer, result)
        if verdict in ("zero", "unknown"):
            return self._text(f"say_{verdict}")
        if verdict in ("fits_share", "fits_all"):
            is_costly = result.nominal_rate and result.nominal_rate > ODD_RATE
            return self._text(
                "say_costly" if is_costly else "say_fits",
                extra=result.extra_over_balance,
            )
        limit = result.whole if result.share is None else result.share
        return self._text("say_above", limit=limit)

    def _comparison(self, results: Sequence[Examination]) -> str:
        lines = [self._text("compare_head")]
        for number, result in enumerate(results, start=1):
            monthly = (
                self._text("compare_no_monthly")
                if result.monthly is None
                else self._text("compare_monthly", monthly=result.monthly)
            )
            total = (
                self._text("compare_no_total")
                if result.total is None
                else self._text("compare_total", total=result.total)
            )
            fit = self._texts["compare_fit"][_fit(result)]
            lines.append(
                self._text(
                    "compare_row", number=number, monthly=monthly, total=total, fit=fit
                )
            )
        totals = [result.total for result in results]
        monthlies = [result.monthly for result in results]
        if None not in totals and None not in monthlies:
            lines.append(
                self._text(
                    "compare_lower",
                    total=_place_of_least(totals),
                    monthly=_place_of_least(monthlies),
                )
            )
        return "\n".join(lines)


def _verdict(offer: Offer, result: Examination) -> str:
    if result.whole is None or result.affordable_overall is None:
        return "unknown"
    if not result.whole:
        return "zero"
    if not result.affordable_overall:
        return "settlement_above" if offer.kind == "settlement" else "above_all"
    if result.affordable_for_share is None or offer.kind == "settlement":
        return "fits_all"
    return "fits_share" if result.affordable_for_share else "above_share"


def _fit(result: Examination) -> str:
    fits = result.affordable_for_share
    if fits is None:
        fits = result.affordable_overall
    return "unknown" if fits is None else "yes" if fits else "no"


def _place_of_least(values: Sequence[Any]) -> int:
    return values.index(min(values)) + 1


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f}%"
