"""What is said about the offers that customer service made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from xieshang.case.affordability import NOTHING
from xieshang.case.examination import examine
from xieshang.case.offers import Offer
from xieshang.case.record import Case
from xieshang.documents.offer_report import CheckupTexts, OfferReport
from xieshang.knowledge import PRODUCT_NAMES, Knowledge, product_name

TABLE = "checkup"


class Checkup:
    """Words the examination of offers.

    Args:
        knowledge: with the table checkup.
        case: what the offers are held against.
        today: the day from which payments are counted.
    """

    def __init__(self, knowledge: Knowledge, case: Case, today: date) -> None:
        self._texts = CheckupTexts(knowledge.tables[TABLE])
        self._case = case
        self._today = today

    def messages(self, offers: Sequence[Offer]) -> list[str]:
        """What is said about one offer, or about two side by side.

        Args:
            offers: in the order they were told.
        """
        reports = [
            OfferReport(
                offer, examine(offer, self._case, self._today), self._case, self._texts
            )
            for offer in offers
        ]
        if len(reports) == 1:
            head = self._texts.text("head")
            said = ["\n".join([head, *reports[0].lines()])]
            return [*said, *self._questions(reports), *self._sentences(reports)]
        said = [
            "\n".join(
                [self._texts.text("head_numbered", number=number), *report.lines()]
            )
            for number, report in enumerate(reports, start=1)
        ]
        said += (
            self._together(reports)
            if _are_of_two_debts(reports)
            else [self._comparison(reports)]
        )
        return [*said, *self._questions(reports), *self._sentences(reports)]

    def _questions(self, reports: Sequence[OfferReport]) -> list[str]:
        """What the offers leave open, each point once."""
        points = {
            point: None for report in reports for point in report.result.open_points
        }
        if not points:
            return []
        lines = [self._texts.text("open_head")]
        lines += [f"- {self._texts.table['open'][point]}" for point in points]
        return ["\n".join(lines)]

    def _sentences(self, reports: Sequence[OfferReport]) -> list[str]:
        """What to say next about each offer."""
        say, heads = self._texts.text, [self._texts.text("say_head")]
        if _are_of_two_debts(reports):
            heads = [
                say("say_head_product", product=product_name(report.product))
                for report in reports
            ]
        elif len(reports) > 1:
            heads = [
                say("say_head_numbered", number=number)
                for number, _ in enumerate(reports, start=1)
            ]
        return [
            f"{head}\n{report.next_sentence()}"
            for head, report in zip(heads, reports, strict=True)
        ]

    def _together(self, reports: Sequence[OfferReport]) -> list[str]:
        """What two offers of two debts come to in a month."""
        monthlies = [report.result.monthly for report in reports]
        known = [monthly for monthly in monthlies if monthly is not None]
        whole = reports[0].result.whole
        if len(known) < len(monthlies) or not whole:
            return []
        total = sum(known, NOTHING)
        key = "together_above" if total > whole else "together_fits"
        return [self._texts.text(key, total=total, whole=whole)]

    def _comparison(self, reports: Sequence[OfferReport]) -> str:
        lines = [self._texts.text("compare_head")]
        lines += [
            self._row(number, report) for number, report in enumerate(reports, start=1)
        ]
        totals = [report.result.total for report in reports]
        monthlies = [report.result.monthly for report in reports]
        if None not in totals and None not in monthlies:
            least = _place_of_least([one for one in monthlies if one is not None])
            lower = _place_of_least([one for one in totals if one is not None])
            key = "compare_lower" if len(set(totals)) > 1 else "compare_same_total"
            lines.append(self._texts.text(key, total=lower, monthly=least))
        return "\n".join(lines)

    def _row(self, number: int, report: OfferReport) -> str:
        say, result = self._texts.text, report.result
        if report.offer.kind == "extension":
            key = "compare_extension" if result.until else "compare_extension_only"
            return say(key, number=number, until=result.until)
        if report.offer.kind == "settlement":
            monthly = say("compare_once")
        elif result.monthly is None:
            monthly = say("compare_no_monthly")
        else:
            monthly = say("compare_monthly", monthly=result.monthly)
        total = (
            say("compare_no_total")
            if result.total is None
            else say("compare_total", total=result.total)
        )
        fits = report.fits
        fit = self._texts.table["compare_fit"][
            "unknown" if fits is None else "yes" if fits else "no"
        ]
        return say("compare_row", number=number, monthly=monthly, total=total, fit=fit)


def _are_of_two_debts(reports: Sequence[OfferReport]) -> bool:
    """Whether the offers are about different products and both may be agreed to."""
    products = {report.product for report in reports}
    return len(products) > 1 and products <= PRODUCT_NAMES.keys()


def _place_of_least(values: Sequence[Decimal]) -> int:
    return values.index(min(values)) + 1
