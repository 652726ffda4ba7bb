"""Reminders that are due, said by the bot."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from rasa.shared.core.events import UserUttered
from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.answers import Content
from rasa_ext.channels.talk import write
from xieshang.case.voice import Voice
from xieshang.clock import now
from xieshang.knowledge import current_knowledge
from xieshang.storage.reminders import Reminder, Reminders

logger = logging.getLogger(__name__)

LOOK_SECONDS = 30.0
# Nobody is reminded of debts who has just spoken of ending their life.
CRISIS = "self_harm_risk"


def reminding(reminder: Reminder) -> Content:
    """A reminder as it is shown, with a button that ends all of them."""
    voice = Voice(current_knowledge())
    stop = voice.phrase("reminders_stop")
    return {
        "kind": "buttons",
        "text": voice.phrase("reminder", title=reminder.title, text=reminder.text),
        "buttons": [{"title": stop, "payload": stop}],
    }


def _following(day: date, today: date) -> date:
    # Imported when one is due: the documents' libraries take a while.
    from xieshang.documents.dates import next_month

    following = next_month(day, day.day)
    while following <= today:
        following = next_month(following, day.day)
    return following


class DueReminders:
    """Looks for reminders that are due and has them delivered.

    Args:
        reminders: where they are.
        wake: has a conversation's new entries delivered.
        agent: gives Rasa's agent, None when there is none.
        clock: gives the time.
    """

    def __init__(
        self,
        reminders: Reminders,
        wake: Callable[[str], None],
        agent: Callable[[], Any],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._reminders = reminders
        self._wake = wake
        self._agent = agent
        self._clock = clock

    async def run(self) -> None:
        """Look now and then, until cancelled."""
        while True:
            try:
                await self.say_due()
            except (SQLAlchemyError, OSError) as error:
                logger.error("reminders not read: %s", type(error).__name__)
            await asyncio.sleep(LOOK_SECONDS)

    async def say_due(self) -> None:
        """Say each reminder that is due, once.

        Raises:
            OSError, sqlalchemy.exc.SQLAlchemyError: the database cannot be used.
        """
        moment = self._clock()
        for conversation_id, reminder in await asyncio.to_thread(
            self._reminders.due, moment
        ):
            if await self._is_in_crisis(conversation_id):
                continue
            is_said = await write(
                self._reminders.say,
                conversation_id,
                reminder,
                reminding(reminder),
                _following(reminder.day, moment.date()),
                moment,
            )
            if is_said:
                self._wake(conversation_id)

    async def _is_in_crisis(self, conversation_id: str) -> bool:
        """Whether the person's last words were of ending their life, or are unknown."""
        agent = self._agent()
        if agent is None:
            return True
        tracker = await agent.tracker_store.retrieve(conversation_id)
        for event in reversed(tracker.events if tracker else ()):
            if isinstance(event, UserUttered):
                return bool(event.intent_name == CRISIS)
        return False
