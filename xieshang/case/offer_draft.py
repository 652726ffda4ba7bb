"""An offer in the making: what its clauses say, gathered one by one."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from xieshang.case.offer_clauses import Clause
from xieshang.case.offer_words import OfferWords
from xieshang.language.durations import (
    MOST_INSTALMENTS,
    Duration,
    find_durations,
    instalment_counts,
)
from xieshang.language.entities import Entity

PLAN_ROLES = (None, "monthly_payment")
# Days; a longer delay is a slip of the pen.
LONGEST_DELAY = 3650


@dataclass
class Draft:
    """What clauses say about one offer; places of sums are told apart by the words.

    Attributes:
        periods: number of instalments.
        monthly: yuan of each.
        first: yuan to pay first.
        told_total: yuan that the instalments are said to sum to.
        whole: yuan that close the debt, or that are divided.
        months: months of a delay.
        days: days of a delay.
        until: day of a delay or of the one payment.
        product: huabei, jiebei or both.
        lump: whether a payment closes the debt.
        once: whether that is one payment, in so many words.
        settles: whether the whole sum closes the debt, however it is paid.
        waiver: whether something is waived.
        interest_free: whether no interest is taken.
        extension: whether the payment is put off.
        agreed: whether it was agreed to in so many words.
        approximate: whether a sum is approximate.
        bare: yuan of a sum without words around it.
    """

    periods: int | None = None
    monthly: Decimal | None = None
    first: Decimal | None = None
    told_total: Decimal | None = None
    whole: Decimal | None = None
    months: int | None = None
    days: int | None = None
    until: date | None = None
    product: str | None = None
    lump: bool = False
    once: bool = False
    settles: bool = False
    waiver: bool = False
    interest_free: bool = False
    extension: bool = False
    agreed: bool = False
    approximate: bool = False
    bare: Decimal | None = None

    def clashes(self, later: Draft) -> bool:
        """Whether a later clause says another offer, not more of this one."""
        twice = any(
            getattr(self, name) is not None and getattr(later, name) is not None
            for name in ("periods", "monthly", "first")
        )
        planned = self.periods is not None or self.monthly is not None
        plans = later.periods is not None or later.monthly is not None
        return (
            twice
            # 一年还清 is a plan of 12: no one payment beside it.
            # 还一万八结清,分3期付 is one plan.
            or (
                self.lump
                and plans
                and not (self.interest_free or self.periods)
                and (not self.settles or self.once or later.monthly is not None)
            )
            or (planned and later.lump and later.whole is not None)
        )

    def add(self, later: Draft) -> None:
        """Take over what a later clause says."""
        for one in fields(self):
            value = getattr(later, one.name)
            if value not in (None, False):
                setattr(self, one.name, value)


def draft_of(clause: Clause, words: OfferWords) -> Draft:
    """What a clause says about an offer.

    Args:
        clause: a clause in which customer service speaks.
        words: the words by which the parts of an offer are known.
    """
    text = clause.text
    draft = Draft(
        product=product_of(clause),
        lump=bool(words.lump.search(text)),
        once=bool(words.once.search(text)),
        waiver=bool(words.waiver.search(text)),
        interest_free=bool(words.interest_free.search(text)),
        extension=bool(words.extension.search(text)),
        agreed=bool(words.agreed.search(text)),
    )
    draft.lump = draft.lump or bool(words.only_principal.search(text))
    _take_periods(draft, clause, words)
    _take_times(draft, clause, words)
    for entity in clause.entities:
        if entity.entity == "money":
            _take_sum(draft, entity, text, words)
    # "两万分24期还清" is paid off in the end: what it costs is not said.
    draft.settles = draft.lump and draft.whole is not None and draft.periods is None
    return draft


def product_of(clause: Clause) -> str | None:
    """The product a clause names: huabei, jiebei, both or None."""
    named = {str(one.value) for one in clause.entities if one.entity == "product"}
    return "both" if len(named) > 1 else next(iter(named), None)


def _take_periods(draft: Draft, clause: Clause, words: OfferWords) -> None:
    found = [
        (one.start, int(one.value))
        for one in clause.entities
        if one.entity == "instalments"
    ]
    # An entity is a plan that a sentence names first; an offer also has the instalments
    # that are left, and those named again.
    found += [
        (match.start(), count)
        for match, count in instalment_counts(clause.text)
        if 1 < count <= MOST_INSTALMENTS
        and not words.no_plan_before.search(clause.text[: match.start()])
    ]
    for start, count in found:
        if words.extension_instalments_before.search(clause.text[:start]):
            draft.months = count
        else:
            draft.periods = draft.periods or count


def _take_times(draft: Draft, clause: Clause, words: OfferWords) -> None:
    for one in find_durations(clause.text):
        if one.days <= LONGEST_DELAY:
            _take_duration(draft, one, clause.text, words)
    for entity in clause.entities:
        if entity.entity == "date" and (
            draft.extension
            or draft.lump
            or words.until_before.search(clause.text[: entity.start])
        ):
            draft.until = date.fromisoformat(str(entity.value))


def _take_duration(draft: Draft, one: Duration, text: str, words: OfferWords) -> None:
    before, after = text[: one.start], text[one.end :]
    months = one.months if one.count.denominator == 1 else None
    if words.extension_before.search(before) or words.extension_after.search(after):
        draft.extension = True
        draft.months, draft.days = months, None if months else one.days
    elif months and months > 1 and words.months_before.search(before):
        draft.periods = draft.periods or months


def _take_sum(draft: Draft, entity: Entity, text: str, words: OfferWords) -> None:
    """Tell from the words around a sum what it is for."""
    before, after = text[: entity.start], text[entity.end :]
    value = Decimal(str(entity.value))
    if words.fee_added_before.search(before) and draft.monthly is not None:
        draft.monthly += value
    elif _any(before, words.waived_before, words.fee_before):
        return
    elif words.first_before.search(before) or (
        not draft.lump and words.soon_before.search(before)
    ):
        draft.first = value
    elif words.monthly_after.search(after) or words.monthly_before.search(before):
        draft.monthly = value
    elif words.total_before.search(before):
        draft.told_total = value
    elif words.whole_before.search(before) or words.lump.search(text):
        draft.whole = value
    elif entity.role not in PLAN_ROLES:
        return
    elif entity.role:
        draft.monthly = value
    else:
        draft.bare = value
    draft.approximate = draft.approximate or entity.approx


def _any(before: str, *patterns: re.Pattern[str]) -> bool:
    return any(pattern.search(before) for pattern in patterns)
