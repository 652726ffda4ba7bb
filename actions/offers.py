"""Which offers of customer service the last message puts on the table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from xieshang.case.draft import CONFIRMED, Draft
from xieshang.case.heard import STATEMENTS, Heard
from xieshang.case.offers import Offer, read_offers
from xieshang.knowledge import Knowledge

# Answers about what can be asked for: 延期三个月 is taken for a question of this topic.
OPTIONS = "options"
# The other of two plans: of customer service like the one before it.
_ANOTHER = re.compile(
    "(?:另|别的|其[他它]|第二|[后下]一).{0,3}(?:方案|办法|选择|种)|要么|或者"
)


def offers_told(
    message: Heard, earlier: Sequence[Heard], draft: Draft, knowledge: Knowledge
) -> list[Offer]:
    """The offers to examine: those of a message, beside one told before.

    Args:
        message: the last one.
        earlier: the messages of the talk before it, oldest first.
        draft: the registration.
        knowledge: tells the topic of a message's intent.

    Returns:
        Two at most; nothing when the message tells none.
    """

    def told_in(heard: Heard, reported: bool = False) -> list[Offer]:
        return _offers_in(heard, draft, knowledge, reported)

    offers, before = told_in(message), []
    if len(offers) == 1 or _ANOTHER.search(message.text):
        before = [offer for told in earlier for offer in told_in(told)]
    if before and not offers:
        offers = told_in(message, reported=True)
    if len(offers) == 1:
        comparable = [
            offer
            for offer in before
            if offer != offers[0] and offer.product == offers[0].product
        ]
        offers = [*comparable[-1:], *offers]
    return offers[-2:]


def _offers_in(
    message: Heard, draft: Draft, knowledge: Knowledge, reported: bool
) -> list[Offer]:
    product, is_confirmed = draft.case.product, draft.state == CONFIRMED
    # Who has registered and begins with 说 tells what customer service said.
    asked = reported or (is_confirmed and message.text.startswith(("说", "让我")))
    offers = read_offers(message.text, message.entities, product, asked=asked)
    if offers or not is_confirmed or not _may_name_nobody(message, knowledge):
        return offers
    bare = read_offers(message.text, message.entities, product, asked=True)
    # Paid off at once, without a word of whose offer it is, may be what was done.
    return [one for one in bare if one.is_complete and one.kind != "settlement"]


def _may_name_nobody(message: Heard, knowledge: Knowledge) -> bool:
    """Whether who has a plan may tell an offer without a word of whose it is.

    A question is none, and neither is what corrects the registration.
    """
    entry = knowledge.entries.get(message.intent)
    of_offers = message.intent in STATEMENTS or bool(entry and entry.topic == OPTIONS)
    return of_offers and not message.asks and not message.corrects
