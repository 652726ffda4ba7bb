"""What to gather, to check before agreeing, to do when refused, and to write down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xieshang.case.contacts import ContactEntry
from xieshang.documents.figures import Figures
from xieshang.documents.plan import Block
from xieshang.documents.words import Words, clean, shown
from xieshang.knowledge import PRODUCT_NAMES

GENERAL = "general"


def proofs(figures: Figures, words: Words) -> Iterator[Block]:
    """The proofs of the hardship, those at hand marked, and what may replace others."""
    table, case = words.tables["proofs"], figures.case
    kinds = [kind for kind in (case.hardship or "", GENERAL) if kind in table]
    have, todo = words.text("proofs.have"), words.text("proofs.todo")
    named = {item for kind in kinds for item in table[kind]["items"]}
    others = tuple(
        clean(proof) for proof in case.available_proofs if proof not in named
    )
    for kind in kinds:
        items = tuple(table[kind]["items"])
        states = tuple(
            (have if item in case.available_proofs else todo,) for item in items
        )
        title = words.text("proofs.checks_title", hardship=table[kind]["title"])
        if kind == GENERAL:
            title = words.text("proofs.general_title")
            items, states = items + others, states + ((have,),) * len(others)
        yield Block("checks", title, items, rows=states)
    yield Block("text", lines=(words.text("proofs.rule"),))
    # Kinds share alternatives.
    alternatives = tuple(
        dict.fromkeys(
            alternative
            for kind in kinds
            if not set(table[kind]["items"]) <= set(case.available_proofs)
            for alternative in table[kind].get("alternatives", ())
        )
    )
    if alternatives:
        yield Block("list", words.text("proofs.alternatives_title"), alternatives)
    yield Block("text", lines=(words.text("proofs.honest"),))


def agreement(figures: Figures, words: Words) -> Iterator[Block]:
    """What to check before an agreement is confirmed."""
    yield Block("checks", lines=words.lines("agreement.checks"))
    notes = [words.text("agreement.spoken")]
    if figures.zero_surplus:
        notes.insert(0, words.text("agreement.limit_zero"))
    elif figures.shares:
        shares = words.listed(
            f"{PRODUCT_NAMES[name]} {words.money(share)}"
            for name, share in figures.shares.items()
        )
        notes.insert(0, words.text("agreement.limit", shares=shares))
    elif figures.offer is not None:
        offer = words.money(figures.offer)
        notes.insert(0, words.text("agreement.limit_total", offer=offer))
    yield Block("text", lines=tuple(notes))


def refused(figures: Figures, words: Words) -> Iterator[Block]:
    """The steps after a refusal."""
    who = words.text("refused.any_lender")
    if figures.case.lender:
        who = words.text("refused.lender", lender=clean(figures.case.lender))
    other = words.text(
        "refused.other_zero" if figures.zero_surplus else "refused.other"
    )
    yield Block("steps", lines=words.lines("refused.steps", who=who, other=other))
    if figures.zero_surplus:
        meanwhile = words.text("refused.meanwhile_zero")
    elif figures.offer is None:
        meanwhile = words.text("refused.meanwhile_unknown")
    else:
        offer = words.money(figures.offer)
        meanwhile = words.text("refused.meanwhile", offer=offer)
    yield Block("text", lines=(meanwhile, words.text("refused.never")))


def contact_log(contacts: Sequence[ContactEntry], words: Words) -> Iterator[Block]:
    """The contacts that were kept, and a form for every other."""
    if contacts:
        kept = tuple(
            words.text("contact_log.kept", day=words.day(one.day), text=shown(one.text))
            for one in contacts
        )
        yield Block("list", words.text("contact_log.kept_title"), kept)
    yield Block("text", lines=(words.text("contact_log.intro"),))
    head = words.lines("contact_log.head")
    yield Block("form", words.text("contact_log.copy_title"), head=head)
