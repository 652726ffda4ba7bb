"""Steering the talk itself: starting over, deleting, saying yes or no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, AllSlotsReset, Restarted, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.cases import FORM, draft_of
from actions.conversation import (
    is_nod_after_crisis,
    latest_intent,
    latest_text,
    previous_action,
    say,
    topic_buttons,
)
from actions.desk import attend
from xieshang.knowledge import Knowledge, current_knowledge

DELETION_SLOT = "deletion"


_REFUSES = re.compile("不|别|算了|取消|点错|按错|留着|等等|慢着|先别")
_CONFIRMS = re.compile("确认|确定|是的|对|删吧|删掉|删了吧|好")


def deletion_question(knowledge: Knowledge) -> Sequence[str]:
    """Whether everything is to be deleted."""
    return knowledge.entries["delete_my_data"].messages


def delete_everything(
    dispatcher: CollectingDispatcher, tracker: Tracker
) -> list[dict[str, Any]]:
    """Say that everything is deleted, and have the conversation store do it.

    It reads the slot when the turn is stored: a turn that fails deletes nothing.
    """
    say(dispatcher, [current_knowledge().phrase("delete_done")])
    return [SlotSet(DELETION_SLOT, "confirmed")]


class ActionDeleteMyData(Action):
    """Asks before everything is deleted."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_delete_my_data"

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """Say what will be deleted and wait for a yes."""
        knowledge = current_knowledge()
        if previous_action(tracker) == self.name():
            # "别删了" and "确认删除" are about deleting as well.
            if _REFUSES.search(latest_text(tracker)):
                say(dispatcher, [knowledge.phrase("delete_kept")])
                return []
            if _CONFIRMS.search(latest_text(tracker)):
                return delete_everything(dispatcher, tracker)
        buttons = [
            {"title": knowledge.phrase("delete_yes"), "payload": "/affirm"},
            {"title": knowledge.phrase("delete_no"), "payload": "/deny"},
        ]
        say(dispatcher, deletion_question(knowledge), buttons)
        return []


class ActionConfirmOrAnswer(Action):
    """Takes yes or no to the deletion that was asked about; else answers in general."""

    def name(self) -> str:
        """Name in the domain."""
        return "action_confirm"

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """Confirm or drop the deletion when it was asked in the turn before."""
        knowledge = current_knowledge()
        if previous_action(tracker) != ActionDeleteMyData().name():
            return self._answer(dispatcher, tracker)
        if latest_intent(tracker) != "affirm" or _REFUSES.search(latest_text(tracker)):
            say(dispatcher, [knowledge.phrase("delete_kept")])
            return []
        return delete_everything(dispatcher, tracker)

    @staticmethod
    def _answer(
        dispatcher: CollectingDispatcher, tracker: Tracker
    ) -> list[dict[str, Any]]:
        knowledge = current_knowledge()
        if is_nod_after_crisis(tracker):
            say(dispatcher, [knowledge.phrase("still_here")])
            return []
        attended = attend(dispatcher, tracker, knowledge)
        if attended is not None:
            return attended
        entry = knowledge.entries[latest_intent(tracker)]
        last = knowledge.entries.get(tracker.get_slot("last_topic") or "")
        offered = last.next if last and last.next else entry.next
        say(dispatcher, entry.messages, topic_buttons(knowledge, offered))
        return []


class ActionRestart(Action):
    """Replaces Rasa's silent restart."""

    def name(self) -> str:
        """Rasa's own name for it: the domain's action takes precedence."""
        return "action_restart"

    def run(
        self,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[dict[str, Any]]:
        """Start the talk over; a registration asks before it is emptied."""
        if draft_of(tracker).consent:
            is_asking = (tracker.active_loop or {}).get("name") == FORM
            return [] if is_asking else [ActiveLoop(FORM)]
        knowledge = current_knowledge()
        entry = knowledge.entries["restart"]
        say(dispatcher, entry.messages, topic_buttons(knowledge, entry.next))
        return [AllSlotsReset(), Restarted()]
