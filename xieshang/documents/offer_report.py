"""What is said about one offer of customer service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from xieshang.case.affordability import product_shares
from xieshang.case.examination import Examination
from xieshang.case.fields import ODD_RATE
from xieshang.case.money import yuan
from xieshang.case.offers import Offer
from xieshang.case.record import Case
from xieshang.knowledge import PRODUCT_NAMES, product_name

# An offer "without interest" that takes more than this above the debt, takes interest;
# less is rounding.
ROUNDING = Decimal(1)
OF_ONE_PAYMENT = {
    "above_all": "settlement_above",
    "above_share": "settlement_above_share",
    "fits_share": "settlement_fits",
}


@dataclass(frozen=True)
class CheckupTexts:
    """The texts of knowledge/checkup.yml, filled in."""

    table: Mapping[str, Any]

    def text(self, key: str, /, **values: object) -> str:
        """A text with its values; sums and dates as they are read.

        Raises:
            KeyError: no such text.
        """
        text = str(self.table[key])
        for placeholder, value in values.items():
            text = text.replace(f"{{{placeholder}}}", self._shown(value))
        return text

    def _shown(self, value: object) -> str:
        if isinstance(value, Decimal):
            return yuan(value)
        if isinstance(value, date):
            return self.text("date", year=value.year, month=value.month, day=value.day)
        return str(value)


@dataclass(frozen=True)
class OfferReport:
    """The words about one offer.

    Attributes:
        offer: as it was told.
        result: what it comes to.
        case: what it is held against.
        texts: of knowledge/checkup.yml.
    """

    offer: Offer
    result: Examination
    case: Case
    texts: CheckupTexts

    @property
    def product(self) -> str | None:
        """The product it is about, None when that is open."""
        only = self.case.products[0] if len(self.case.products) == 1 else None
        return self.offer.product or only

    @property
    def fits(self) -> bool | None:
        """Whether it can be afforded; None when that is not known."""
        if self.result.first_affordable is False:
            return False
        if self.result.affordable_for_share is not None:
            return self.result.affordable_for_share
        # Within the whole is not yet within the share that is not known.
        return False if self.result.affordable_overall is False else None

    def lines(self) -> list[str]:
        """What it comes to, a line each."""
        offer, result, say = self.offer, self.result, self.texts.text
        lines = [self._offered()]
        if offer.first is not None:
            lines.append(say("line_first", first=offer.first))
        if offer.kind == "extension":
            return [*lines, *self._delay(), *self._which()]
        if result.total is not None:
            lines.append(self._total())
        if result.nominal_rate is not None and result.effective_rate is not None:
            lines.append(
                say(
                    "rate",
                    nominal=_percent(result.nominal_rate),
                    effective=_percent(result.effective_rate),
                    base=result.rate_base,
                )
            )
        lines.append(self._verdict_line())
        if offer.first is not None and result.first_affordable is False:
            lines.append(say("first_above", first=offer.first, whole=result.whole))
        lines += self._which()
        if offer.approximate:
            lines.append(say("approximate"))
        return lines

    def next_sentence(self) -> str:
        """What to say to customer service next; never a sum above the share."""
        if self.offer.kind == "extension":
            return self.texts.text("say_extension")
        if self.offer.kind == "settlement":
            return self._about_one_payment()
        return self._about_instalments()

    def verdict(self) -> str:
        """Whether it can be afforded, as the key of a text."""
        result, is_once = self.result, self.offer.kind == "settlement"
        if result.whole is None:
            return "unknown"
        if result.affordable_overall is None:
            return "unknown_amount" if is_once else "unknown_monthly"
        judged = self._judged()
        return OF_ONE_PAYMENT.get(judged, judged) if is_once else judged

    def _judged(self) -> str:
        result = self.result
        if not result.whole:
            return "zero"
        if not result.affordable_overall:
            return "above_all"
        if result.affordable_for_share is None:
            return "fits_all"
        return "fits_share" if result.affordable_for_share else "above_share"

    @property
    def _is_open_which(self) -> bool:
        """Whether it may be about either of two products."""
        return not self.offer.product and len(self.case.products) > 1

    def _offered(self) -> str:
        offer, result, say = self.offer, self.result, self.texts.text
        product = product_name(offer.product) if offer.product else ""
        if offer.kind == "extension":
            key = "line_extension" if result.until else "line_extension_only"
            return say(key, product=product, until=result.until)
        if offer.kind == "settlement":
            known = offer.amount is not None
            key = "line_settlement" if known else "line_settlement_only"
            return say(key, product=product, amount=offer.amount)
        if offer.periods is None:
            key = "line_monthly_only"
        else:
            known = result.monthly is not None
            key = "line_instalments" if known else "line_instalments_only"
        return say(key, product=product, periods=offer.periods, monthly=result.monthly)

    def _total(self) -> str:
        result, say = self.result, self.texts.text
        text = say("total", total=result.total)
        over_balance = result.extra_over_balance
        if over_balance:
            key = "more_than_balance" if over_balance > 0 else "less_than_balance"
            text += say(key, amount=abs(over_balance))
        over_principal = result.extra_over_principal
        if over_principal and over_principal > 0:
            text += say("more_than_principal", amount=over_principal)
        return text

    def _delay(self) -> list[str]:
        """What a delay costs, and what stands at its end."""
        result, say = self.result, self.texts.text
        lines = []
        if result.delay_interest:
            lines.append(say("delay_interest", interest=result.delay_interest))
        if result.owed and result.whole is not None:
            key = "delay_above" if result.owed > result.whole else "delay_fits"
            lines.append(say(key, owed=result.owed, whole=result.whole))
        return lines

    def _verdict_line(self) -> str:
        result, say = self.result, self.texts.text
        verdict = self.verdict()
        if verdict == "fits_all" and self._is_open_which:
            verdict = "fits_all_which"
        text = say(
            verdict,
            due=self.offer.amount if result.monthly is None else result.monthly,
            share=result.share,
            whole=result.whole,
        )
        least = result.least_monthly
        if verdict == "unknown_monthly" and least is not None:
            text += say("least_monthly", least=least)
            limit = result.whole if result.share is None else result.share
            if limit is not None and least > limit:
                text += say("least_above", limit=limit)
        return text

    def _which(self) -> list[str]:
        """That its product was not named, and what each product's share is."""
        if not self._is_open_which:
            return []
        shares = product_shares(self.case)
        if len(shares) < len(self.case.products):
            return [self.texts.text("which")]
        told = self.texts.text("comma").join(
            self.texts.text("which_share", product=PRODUCT_NAMES[name], share=share)
            for name, share in shares.items()
        )
        return [self.texts.text("which_shares", shares=told)]

    def _about_instalments(self) -> str:
        say, verdict = self.texts.text, self.verdict()
        if verdict in ("zero", "unknown", "unknown_monthly"):
            return say(f"say_{verdict}")
        if verdict in ("above_share", "above_all"):
            share = self.result.share
            return say("say_above", limit=share) if share else say("say_too_much")
        if self.result.first_affordable is False:
            return say("say_first_above", first=self.offer.first)
        if verdict == "fits_all":
            return say("say_which" if self._is_open_which else "say_unknown")
        return self._about_what_fits()

    def _about_one_payment(self) -> str:
        say, amount = self.texts.text, self.offer.amount
        if amount is None:
            return say("say_unknown_amount")
        text = say("say_settlement")
        if self.fits is False:
            text += "\n" + say("say_settlement_above", amount=amount)
        return text

    def _about_what_fits(self) -> str:
        result = self.result
        over = result.extra_over_balance
        extra = result.extra_over_principal if over is None else over
        if extra is None:
            return self.texts.text("say_fits")
        costly = bool(result.nominal_rate and result.nominal_rate > ODD_RATE)
        costly = costly or (self.offer.interest_free and extra > ROUNDING)
        return self.texts.text("say_costly" if costly else "say_fits", extra=extra)


def _percent(rate: Decimal) -> str:
    return f"{rate * 100:.2f}%"
