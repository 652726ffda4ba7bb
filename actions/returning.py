"""Coming back after a while: whether to go on, or how the talk with them went."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import ActiveLoop
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import FORM, draft_of, heard, is_first_turn, say_replies
from xieshang.case.contacts import AGREED, CLOSED, CONTACTED, REFUSED
from xieshang.case.draft import CONFIRMED, OPEN
from xieshang.case.voice import Reply, Voice
from xieshang.knowledge import Knowledge
from xieshang.storage import current_store

SAFETY = "safety"
# What is asked when the talk was in this state the last time, and what may be answered.
_HOW_IT_WENT = ("returning_agreed", "returning_refused", "returning_not_yet")
_QUESTIONS = {
    CONFIRMED: ("returning", _HOW_IT_WENT),
    CONTACTED: ("returning_contacted", _HOW_IT_WENT[:2]),
    REFUSED: ("returning_after_refused", _HOW_IT_WENT),
}
# After an agreement its checklist and the reminders are at hand.
_SECTIONS = ("agreement", "reminders", "refused")


def welcome_back(
    dispatcher: CollectingDispatcher, tracker: Tracker, knowledge: Knowledge
) -> list[dict[str, Any]]:
    """After a while: ask whether to go on with the case, or how the talk went."""
    draft = draft_of(tracker)
    if not is_first_turn(tracker):
        return []
    entry = knowledge.entries.get(heard(tracker).intent)
    if entry and entry.topic == SAFETY:
        return []
    if draft.state == OPEN:
        return [ActiveLoop(FORM)]
    if draft.state == CONFIRMED:
        say_replies(dispatcher, how_it_went(tracker.sender_id, knowledge))
    return []


def how_it_went(conversation_id: str, knowledge: Knowledge) -> list[Reply]:
    """How the talk with customer service went, by what was told of it before.

    Args:
        conversation_id: whose confirmed case.
        knowledge: the written texts.

    Returns:
        Nothing when the debt is paid.
    """
    stored, voice = current_store().latest(conversation_id), Voice(knowledge)
    status = stored.status if stored else CONFIRMED
    if status == CLOSED:
        return []
    if status == AGREED:
        titles = knowledge.tables["documents"]["sections"]
        buttons = tuple(titles[key] for key in _SECTIONS)
        return [Reply(voice.phrase("returning_after_agreed"), buttons)]
    question, answers = _QUESTIONS[status]
    buttons = tuple(voice.phrase(name) for name in answers)
    return [Reply(voice.phrase(question), buttons)]
