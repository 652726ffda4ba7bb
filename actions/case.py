"""The form that registers a case: Rasa's side of xieshang/case/interview.py.

It overrides Rasa's FormAction under the form's own name: one call a turn takes every
value, answers a question in between and asks on; see docs/decisions/0005.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import answer_to, follow_up_topic
from actions.cases import (
    FORM,
    changed_slots,
    confirm_case,
    draft_of,
    hand_over,
    heard,
    say_replies,
    stated_before,
    text_buttons,
    urgent_messages,
)
from actions.conversation import say, topic_buttons
from actions.desk import attend_report
from actions.dialogue import delete_everything, deletion_question
from actions.plan import asked_section, pressed_section, say_section
from actions.reminders import renew_reminders
from xieshang.case.asker import SUBMIT
from xieshang.case.draft import CONFIRMED, Draft
from xieshang.case.heard import Heard
from xieshang.case.interview import Interview
from xieshang.case.turn import Outcome, Turn
from xieshang.knowledge import Knowledge, current_knowledge
from xieshang.settings import read_settings


def _starts(tracker: Tracker) -> bool:
    """Whether the form was not asking when the last message came."""
    if (tracker.active_loop or {}).get("name") != FORM:
        return True
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "active_loop":
            return True
    return False


class CaseForm(Action):
    """Asks for the case, one question at a time."""

    def name(self) -> str:
        """Name of the form that it is the action of."""
        return FORM

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """Take the last message, say what follows, remember it."""
        knowledge = current_knowledge()
        interview = Interview(knowledge, read_settings().retention_days)
        draft, message = draft_of(tracker), heard(tracker)
        starts = _starts(tracker)
        asks = message.intent == "start_case" and not interview.adds(draft, message)
        if starts and draft.state == CONFIRMED and asks:
            section = asked_section(message)
            if section:
                say_section(dispatcher, tracker, knowledge, section)
                return [FollowupAction("action_listen")]
        if starts and asks and self._answers_variant(dispatcher, tracker, knowledge):
            return [FollowupAction("action_listen")]
        told = None if starts else attend_report(dispatcher, tracker, knowledge)
        if told is not None:
            turn = interview.again(draft)
            say_replies(dispatcher, turn.replies)
            return [*told, *changed_slots(tracker, turn.draft)]
        section = self._section(draft, message, knowledge)
        if starts:
            turn = interview.begin(draft, message)
        elif section and not interview.adds(draft, message):
            say_section(dispatcher, tracker, knowledge, section, offers=False)
            turn = interview.again(draft)
        elif self._follows_up(tracker, knowledge, draft, message):
            turn = replace(interview.again(draft), outcome=Outcome.ANSWER)
        else:
            turn = interview.step(draft, message, stated_before(tracker))
        if turn.outcome is Outcome.DELETE:
            return [*delete_everything(dispatcher, tracker), ActiveLoop(None)]
        self._say(dispatcher, tracker, turn, knowledge)
        loop = ActiveLoop(None if turn.ends else FORM)
        topic = self._topic(tracker, turn, knowledge)
        return [*changed_slots(tracker, turn.draft), topic, loop]

    @staticmethod
    def _section(draft: Draft, message: Heard, knowledge: Knowledge) -> str | None:
        """The section of the plan that is asked for before all of it is confirmed."""
        if draft.pending != SUBMIT:
            return None
        return pressed_section(message, knowledge) or asked_section(message)

    @staticmethod
    def _follows_up(
        tracker: Tracker, knowledge: Knowledge, draft: Draft, message: Heard
    ) -> bool:
        """Whether only another product is asked about: 那借呗呢."""
        if not message.asks or draft.asked == "product":
            return False
        return follow_up_topic(tracker, knowledge) is not None

    @staticmethod
    def _topic(tracker: Tracker, turn: Turn, knowledge: Knowledge) -> EventType:
        """Remember what was answered, for 那借呗呢."""
        topic = tracker.get_slot("last_topic")
        if turn.outcome is Outcome.ANSWER:
            entry = answer_to(tracker, knowledge).entry
            topic = entry.intent if entry.offer else topic
        return SlotSet("last_topic", topic)

    @staticmethod
    def _answers_variant(
        dispatcher: CollectingDispatcher, tracker: Tracker, knowledge: Knowledge
    ) -> bool:
        """Answer what only asks, and offer to register: 先还哪个, 报多少合适."""
        answer = answer_to(tracker, knowledge)
        if tuple(answer.messages) == answer.entry.messages:
            return False
        say(dispatcher, answer.messages, topic_buttons(knowledge, ["start_case"]))
        return True

    @staticmethod
    def _say(
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        turn: Turn,
        knowledge: Knowledge,
    ) -> None:
        if turn.outcome in (Outcome.ANSWER, Outcome.CARE):
            say(dispatcher, answer_to(tracker, knowledge).messages)
        elif turn.outcome is Outcome.ASK_DELETION:
            titles = (knowledge.phrase("delete_yes"), knowledge.phrase("delete_no"))
            say(dispatcher, deletion_question(knowledge), text_buttons(titles))
        say_replies(dispatcher, turn.replies)
        if turn.outcome is Outcome.CONFIRM:
            confirm_case(tracker.sender_id, turn.draft.case)
            renew_reminders(tracker.sender_id, turn.draft.case, knowledge)
            for message in urgent_messages(turn.draft.case, knowledge):
                say(dispatcher, [message])
            hand_over(dispatcher, tracker.sender_id, turn.draft.case, knowledge)
