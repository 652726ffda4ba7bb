"""The action plan of a case: everything that is handed over, worded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from xieshang.case.contacts import ContactEntry
from xieshang.case.record import Case
from xieshang.documents.budget import budget
from xieshang.documents.checklists import agreement, contact_log, proofs, refused
from xieshang.documents.comparison import comparison, picture
from xieshang.documents.dates import reminder_blocks, reminders
from xieshang.documents.figures import figures_of
from xieshang.documents.hardship import statement, statement_blocks
from xieshang.documents.plan import SECTIONS, ActionPlan, Block, Section
from xieshang.documents.script import script
from xieshang.documents.situation import missing, summary, urgent
from xieshang.documents.words import Words
from xieshang.knowledge import Knowledge


def action_plan(
    case: Case,
    today: date,
    knowledge: Knowledge,
    contacts: Sequence[ContactEntry] = (),
) -> ActionPlan:
    """What a person takes to the talk with customer service.

    No sum is ever above what the case's budget leaves after the buffer; without
    surplus there is none. What is not known is named, never assumed.

    Args:
        case: what the person told; any of it may be missing.
        today: the day from which days overdue and reminders are counted.
        knowledge: with the tables documents, proofs and hotlines.
        contacts: the talks with customer service that were kept.

    Raises:
        KnowledgeError: a text is missing or has a placeholder nobody fills.
    """
    words = Words.of(knowledge)
    figures = figures_of(case, today)
    written = statement(figures, words)
    entries = reminders(figures, words)
    blocks: dict[str, Iterable[Block]] = {
        "summary": summary(figures, words),
        "budget": budget(figures, words),
        "comparison": comparison(figures, words),
        "script": script(figures, words),
        "statement": statement_blocks(written, words),
        "proofs": proofs(figures, words),
        "agreement": agreement(figures, words),
        "reminders": reminder_blocks(entries, figures, words),
        "refused": refused(figures, words),
        "contact_log": contact_log(contacts, words),
    }
    return ActionPlan(
        title=words.text("title", product=words.products(figures.products)),
        made_on=today,
        made_on_text=words.text("made_on", date=words.day(today)),
        marks=words.lines("marks"),
        disclaimer=words.text("disclaimer"),
        zero_surplus=figures.zero_surplus,
        urgent=tuple(urgent(figures, words)),
        missing=tuple(missing(figures, words)),
        sections=tuple(
            Section(key, words.text(f"sections.{key}"), tuple(blocks[key]))
            for key in SECTIONS
        ),
        statement=written,
        calendar_name=words.text("reminders.calendar"),
        reminders=entries,
        picture=picture(figures, words),
    )
