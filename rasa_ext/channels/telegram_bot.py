"""The bot on Telegram: takes updates, has them answered, sends the answers."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.answers import Answers
from rasa_ext.channels.delivery import Delivery, RefusedForGood, TryLater
from rasa_ext.channels.messenger import Declined, Messenger
from rasa_ext.channels.talk import RETRY_SECONDS, Talk
from rasa_ext.channels.telegram_api import TelegramApi
from rasa_ext.channels.telegram_polling import Poller, until_done
from rasa_ext.channels.telegram_reminders import DueReminders
from rasa_ext.channels.telegram_sender import Sender, chat_of
from rasa_ext.channels.telegram_updates import Incoming, read_update, update_id
from rasa_ext.channels.work import start
from xieshang.knowledge import current_knowledge
from xieshang.storage import current_entries, current_reminders
from xieshang.storage.entries import UsedError
from xieshang.storage.entry import Entry
from xieshang.storage.reminders import CHANNEL
from xieshang.telegram import TelegramSettings

logger = logging.getLogger(__name__)

# A message whose turn deleted everything is not among the entries any more: that it is
# told again is seen by its number, as long as it is among so many.
RECENT_UPDATES = 1000
MOST_TRIES = 3


async def attempt(call: Callable[[], Awaitable[None]], what: str) -> None:
    """Do what is soon of no use any more: a few times at most.

    Args:
        call: what is to be done.
        what: its name in the log.
    """
    for _ in range(MOST_TRIES):
        try:
            return await call()
        except RefusedForGood as refusal:
            logger.info("%s refused: %s", what, refusal)
            return
        except TryLater as later:
            await asyncio.sleep(1 if later.seconds is None else later.seconds)
    logger.warning("%s not done", what)


class TelegramMessenger(Messenger):
    """Shows that the bot is writing; a button's own notice says that it was used."""

    def __init__(self, api: TelegramApi, answers: Answers, outbox: Delivery) -> None:
        super().__init__(CHANNEL, current_entries(), answers, outbox)
        self._api = api

    async def typing(self, talk: Talk, is_on: bool) -> None:
        """Show it; Telegram ends it when the answer comes."""
        if is_on:
            chat = chat_of(talk.id)
            start(attempt(lambda: self._api.show_typing(chat), "typing"))

    def _of_used_button(self) -> Declined:
        raise UsedError


class TelegramBot:
    """A bot that runs.

    Args:
        settings: of the bot.
        answers: what the assistant answers.
        agent: gives Rasa's agent, None when there is none.
    """

    def __init__(
        self,
        settings: TelegramSettings,
        answers: Answers,
        agent: Callable[[], Any],
    ) -> None:
        self._settings = settings
        self._api = TelegramApi(settings)
        entries = current_entries()
        delivery = Delivery(entries, Sender(self._api).send)
        self._messenger = TelegramMessenger(self._api, answers, delivery)
        self._reminders = DueReminders(current_reminders(), delivery.wake, agent)
        self._recent: dict[int, None] = {}
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to take updates, and take up what was left undone."""
        for running in (self._receive(), self._resume(), self._reminders.run()):
            self._tasks.append(asyncio.create_task(running))

    async def stop(self) -> None:
        """End; what is not done is taken up at the next start."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await self._api.close()

    async def _receive(self) -> None:
        url, secret = self._settings.webhook, self._settings.secret
        if url:
            await until_done(lambda: self._api.set_webhook(url, secret), "webhook")
            await self._set_commands()
            return
        await until_done(self._api.delete_webhook, "webhook")
        await self._set_commands()
        await Poller(self._api, self.take).run()

    async def _set_commands(self) -> None:
        commands = current_knowledge().tables["telegram"]["commands"]
        about = {name: str(command["about"]) for name, command in commands.items()}
        await attempt(lambda: self._api.set_commands(about), "commands")

    async def _resume(self) -> None:
        while True:
            try:
                return await self._messenger.resume()
            except (SQLAlchemyError, OSError) as error:
                logger.error("not resumed yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)

    async def take(self, update: object) -> None:
        """Take an update once.

        Args:
            update: JSON of Telegram's.

        Raises:
            OSError, sqlalchemy.exc.SQLAlchemyError: it is not kept: Telegram must tell
                it again.
        """
        number = update_id(update)
        incoming = read_update(update)
        if number is None or incoming is None or number in self._recent:
            return
        await self._take(incoming)
        self._recent[number] = None
        if len(self._recent) > RECENT_UPDATES:
            del self._recent[next(iter(self._recent))]

    async def _take(self, incoming: Incoming) -> None:
        conversation_id = self._messenger.conversation_id(str(incoming.chat))
        taken: Entry | None = None
        phrase, is_over = "", False
        try:
            taken = await self._messenger.take(
                conversation_id, incoming.message_id, incoming.heard
            )
        except UsedError:
            phrase, is_over = "button_used", True
        else:
            phrase = "too_fast" if taken is None else taken.declined or ""
            is_over = taken is not None and taken.payload is not None
        if incoming.query is not None:
            start(self._end_press(incoming, incoming.query, phrase, is_over))

    async def _end_press(
        self, incoming: Incoming, query: str, phrase: str, is_over: bool
    ) -> None:
        """Answer a pressed button; take it away when it is of no use any more."""
        text = current_knowledge().phrase(phrase) if phrase else ""
        await attempt(lambda: self._api.answer_press(query, text), "button's answer")
        shown = incoming.shown
        if is_over and shown is not None:
            await attempt(
                lambda: self._api.remove_buttons(incoming.chat, shown), "buttons"
            )
