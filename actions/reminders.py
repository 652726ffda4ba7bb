"""Reminders that the bot itself sends, where it may write first: on Telegram."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import draft_of, heard, text_buttons
from actions.conversation import say
from xieshang.case.draft import CONFIRMED
from xieshang.case.record import Case
from xieshang.case.voice import Voice
from xieshang.clock import now, today
from xieshang.documents.content import action_plan
from xieshang.documents.reminders import MONTHS
from xieshang.knowledge import Knowledge
from xieshang.storage import current_reminders
from xieshang.storage.reminders import CHANNEL, Reminder

START, STOP = "reminders_start", "reminders_stop"


def _can_remind(conversation_id: str) -> bool:
    return conversation_id.startswith(f"{CHANNEL}:")


def plan_reminders(conversation_id: str, case: Case, knowledge: Knowledge) -> None:
    """Have the reminders of a case sent where the bot may write first.

    Args:
        conversation_id: to whom; elsewhere nothing is sent.
        case: the confirmed values.
        knowledge: the written texts.
    """
    if not _can_remind(conversation_id):
        return
    planned = [
        Reminder(
            reminder.uid,
            reminder.day,
            reminder.title,
            reminder.text,
            MONTHS if reminder.monthly else 1,
        )
        for reminder in action_plan(case, today(), knowledge).reminders
    ]
    current_reminders().plan(conversation_id, planned, now())


def renew_reminders(conversation_id: str, case: Case, knowledge: Knowledge) -> None:
    """After a change of the case: whoever asked for reminders gets the new ones."""
    if _can_remind(conversation_id) and current_reminders().are_planned(
        conversation_id
    ):
        plan_reminders(conversation_id, case, knowledge)


def reminder_choice(conversation_id: str, voice: Voice) -> tuple[str, str] | None:
    """What to say of sent reminders and the title of the button that changes it.

    Args:
        conversation_id: whose.
        voice: the texts of the registration.

    Returns:
        None where the bot may not write first.
    """
    if not _can_remind(conversation_id):
        return None
    if current_reminders().are_planned(conversation_id):
        return voice.phrase("reminders_planned"), voice.phrase(STOP)
    return voice.phrase("reminders_offered"), voice.phrase(START)


def choose_reminders(
    dispatcher: CollectingDispatcher, tracker: Tracker, knowledge: Knowledge
) -> list[dict[str, Any]] | None:
    """Start or stop reminders when the last message says just that, else None."""
    if not _can_remind(tracker.sender_id):
        return None
    voice, words = Voice(knowledge), heard(tracker).own_words
    if words == voice.phrase(STOP):
        current_reminders().drop(tracker.sender_id)
        say(dispatcher, [voice.phrase("reminders_stopped")])
        return []
    draft = draft_of(tracker)
    if words == voice.phrase(START) and draft.state == CONFIRMED:
        plan_reminders(tracker.sender_id, draft.case, knowledge)
        text, title = voice.phrase("reminders_planned"), voice.phrase(STOP)
        say(dispatcher, [text], text_buttons([title]))
        return []
    return None
