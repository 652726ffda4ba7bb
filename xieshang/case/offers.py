"""Offers that customer service made, read from the words they are told in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from xieshang.case.offer_clauses import Clause, Voice, clauses_of, voices_of
from xieshang.case.offer_draft import Draft, draft_of, product_of
from xieshang.case.offer_words import OfferWords, offer_words
from xieshang.language.entities import Entity
from xieshang.language.spans import fold

Kind = Literal["instalments", "settlement", "extension"]
BOTH = "both"


@dataclass(frozen=True)
class Offer:
    """What customer service offered; what was not said is None.

    Attributes:
        kind: instalments, settlement (one payment that closes the debt) or extension.
        periods: number of monthly instalments after the first payment.
        monthly: yuan of each of them.
        amount: yuan that a settlement takes, or that instalments sum to as told.
        divided: yuan that instalments divide, as told.
        months: months by which the payment, or the first instalment, is put off.
        product: huabei, jiebei, both or None.
        first: yuan to pay before the instalments begin.
        days: days by which it is put off.
        until: the day until which it is put off.
        interest_free: whether instalments were said to bear no interest.
        approximate: whether a sum was told as an approximate one.
        named: the open points (see `examination`) about which something was said.
    """

    kind: Kind
    periods: int | None = None
    monthly: Decimal | None = None
    amount: Decimal | None = None
    divided: Decimal | None = None
    months: int | None = None
    product: str | None = None
    first: Decimal | None = None
    days: int | None = None
    until: date | None = None
    interest_free: bool = False
    approximate: bool = False
    named: frozenset[str] = frozenset()

    @property
    def is_complete(self) -> bool:
        """Whether it says how long, how much, or both."""
        if self.kind == "extension":
            return bool(self.months or self.days or self.until)
        if self.kind == "settlement":
            return self.amount is not None
        return bool(self.periods and self.monthly)


def tells_steps(text: str, entities: Sequence[Entity]) -> bool:
    """Whether a message tells a plan of customer service in steps.

    Args:
        text: the message.
        entities: what was found in this text.
    """
    words, folded = offer_words(), fold(text)
    if not words.stepped.search(folded):
        return False
    clauses = clauses_of(folded, entities, words)
    return Voice.OFFICIAL in voices_of(clauses, words, asked=False)


def read_offers(
    text: str,
    entities: Sequence[Entity],
    product: str | None,
    *,
    asked: bool = False,
) -> list[Offer]:
    """The offers of customer service that a message tells, in order.

    Wishes, questions, the person's own means, refusals and what others got are none;
    plans in steps (first 6 instalments of this, then 6 of that) are not read.

    Args:
        text: the message.
        entities: what was found in this text; they tell sums and instalments.
        product: the product that is spoken of when the message names none; "both" does
            not tell which one an offer is about, and leaves it open.
        asked: whether the person was asked for the offer, and so need not say that it
            is customer service's ("24 instalments of 980").
    """
    words = offer_words()
    folded = fold(text)
    if words.stepped.search(folded):
        return []
    clauses = clauses_of(folded, entities, words)
    voices = voices_of(clauses, words, asked)
    named = frozenset[str]().union(*(words.points_of(one.text) for one in clauses))
    known = None if product == BOTH else product
    offers = [_offer(draft, known, named) for draft in _drafts(clauses, voices, words)]
    return _without_headings([offer for offer in offers if offer])


def read_offer(
    text: str,
    entities: Sequence[Entity],
    product: str | None,
    *,
    asked: bool = False,
) -> Offer | None:
    """The first offer that a message tells, or None.

    Args:
        text: the message.
        entities: what was found in this text.
        product: as of `read_offers`.
        asked: as of `read_offers`.
    """
    offers = read_offers(text, entities, product, asked=asked)
    return offers[0] if offers else None


def _drafts(
    clauses: Sequence[Clause], voices: Sequence[Voice], words: OfferWords
) -> list[Draft]:
    """What is said about each offer, and the product of which it is said."""
    drafts = [Draft()]
    # A product named once holds for the whole message, wherever it stands.
    named = [product for one in clauses if (product := product_of(one))]
    spoken_of = named[0] if named else None
    for clause, voice in zip(clauses, voices, strict=True):
        spoken_of = product_of(clause) or spoken_of
        if voice is not Voice.OFFICIAL:
            continue
        draft = draft_of(clause, words)
        if clause.begins or drafts[-1].clashes(draft):
            drafts.append(Draft())
        drafts[-1].add(draft)
        drafts[-1].product = spoken_of
    return drafts


def _offer(draft: Draft, product: str | None, named: frozenset[str]) -> Offer | None:
    kind = _kind(draft)
    if kind is None:
        return None
    return Offer(
        kind=kind,
        periods=draft.periods,
        monthly=draft.monthly,
        amount=_amount(draft, kind),
        divided=draft.whole if kind == "instalments" else None,
        months=draft.months,
        product=draft.product or product,
        first=draft.first,
        days=draft.days,
        until=None if kind == "instalments" else draft.until,
        interest_free=draft.interest_free,
        approximate=draft.approximate,
        named=named,
    )


def _without_headings(offers: Sequence[Offer]) -> list[Offer]:
    """Leave out what only announces another offer: 24 or 36 instalments, namely …"""
    detailed = {one.periods for one in offers if one.monthly is not None}
    return [
        one
        for one in offers
        if one.kind != "instalments"
        or one.monthly is not None
        or one.periods not in detailed
    ]


def _kind(draft: Draft) -> Kind | None:
    if draft.periods is not None or draft.monthly is not None:
        return "instalments"
    closes = draft.lump or draft.waiver
    told = draft.whole is not None or (draft.lump and draft.bare is not None)
    if (closes and told) or (draft.lump and draft.waiver):
        return "settlement"
    lasts = draft.months or draft.days or draft.until
    return "extension" if draft.extension and (lasts or draft.agreed) else None


def _amount(draft: Draft, kind: Kind) -> Decimal | None:
    if kind == "settlement":
        return draft.whole if draft.whole is not None else draft.bare
    # What is divided is also what is paid when it bears no interest or closes the debt.
    is_paid = draft.interest_free or draft.settles
    return draft.told_total or (draft.whole if is_paid else None)
