"""One conversation: every message is kept, answered once and in order.

Whatever is kept or answered goes through one lock, so that everybody is told the
entries in the order of their numbers. A message is taken when it is kept; its turn
comes after the turns before it, whether or not anybody waits for the answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.answers import Answers, Content
from rasa_ext.channels.work import Work
from xieshang.clock import now
from xieshang.storage.entries import Entries, ErasedError
from xieshang.storage.entry import Entry

logger = logging.getLogger(__name__)

RETRY_SECONDS = 3.0
MOST_TRIES = 10

Result = TypeVar("Result")

# SQLite lets one write at a time and makes the others try again and again: here they
# stand in a line.
_writer = ThreadPoolExecutor(1, "entries")


async def write(call: Callable[..., Result], *arguments: Any) -> Result:
    """Call what writes into the database, after the writes before it."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_writer, partial(call, *arguments))


class EndedError(Exception):
    """The conversation was deleted: what comes now belongs to the new one."""


class NotAnsweredError(Exception):
    """An answer could not be kept for half a minute."""


class Audience(Protocol):
    """Whoever is told what happens in talks; all but `typing` is told in the lock."""

    async def kept(self, talk: Talk, message: Entry, pressed: int | None) -> None:
        """A message was kept.

        Args:
            talk: in which.
            message: of the person.
            pressed: sequence number of the entry whose button was pressed.
        """

    async def typing(self, talk: Talk, is_on: bool) -> None:
        """The bot began to think about an answer, or has told it, or cannot."""

    async def answered(self, talk: Talk, said: Sequence[Entry]) -> None:
        """An answer was kept; nothing is said when it was kept before."""

    async def erased(
        self, talk: Talk, message: Entry, contents: Sequence[Content]
    ) -> None:
        """A turn deleted the conversation; the talk has ended.

        Args:
            talk: which.
            message: that led to it.
            contents: its answer, which is not kept.
        """


class Talk:
    """A conversation.

    Args:
        conversation_id: its id.
        entries: where it is kept.
        answers: the bot.
        audience: is told what happens.
    """

    def __init__(
        self,
        conversation_id: str,
        entries: Entries,
        answers: Answers,
        audience: Audience,
    ) -> None:
        self.id = conversation_id
        self.lock = asyncio.Lock()
        self.is_answering = False
        self._entries = entries
        self._answers = answers
        self._audience = audience
        self._new: set[str] = set()
        self._has_ended = False
        # What is not answered is answered when somebody writes or comes back.
        self._work = Work(self._answer_all, "not answered")

    async def take(
        self,
        message_id: str,
        admit: Callable[[], Awaitable[None]],
        keep: Callable[[], Entry],
        pressed: int | None = None,
    ) -> Entry:
        """Keep a message once, tell the audience, have it answered.

        Args:
            message_id: of the message; one that is known is not kept again.
            admit: called before a message is kept; raises when it may not be.
            keep: keeps it.
            pressed: sequence number of the entry whose button was pressed.

        Returns:
            The entry of the message.

        Raises:
            EndedError: the conversation was deleted in the meantime.
            sqlalchemy.exc.SQLAlchemyError: it is not kept.
        """
        async with self.lock:
            if self._has_ended:
                raise EndedError(self.id)
            known = await asyncio.to_thread(self._entries.find, self.id, message_id)
            if known:
                # It may not be answered yet: this process may be another than then.
                self.wake()
                return known
            await admit()
            message = await write(keep)
            self._new.add(message_id)
            await self._audience.kept(self, message, pressed)
        self.wake()
        return message

    def wake(self) -> None:
        """Answer what is not answered yet."""
        self._work.wake()

    def end(self) -> None:
        """Another process deleted the conversation."""
        self._has_ended = True

    async def _answer_all(self) -> None:
        while not self._has_ended:
            async with self._answers.alone(self.id) as is_alone:
                message = await asyncio.to_thread(self._entries.unanswered, self.id)
                if message is None:
                    return
                # Another process may be answering what came to it.
                if is_alone or message.message_id in self._new:
                    await self._answer(message)
                    continue
            await asyncio.sleep(RETRY_SECONDS)

    async def _answer(self, message: Entry) -> None:
        self.is_answering = True
        await self._audience.typing(self, True)
        try:
            contents = await self._answers.to(
                self.id, message, is_new=message.message_id in self._new
            )
            await self._tell(message, contents)
        finally:
            self._new.discard(message.message_id)
            self.is_answering = False
            await self._audience.typing(self, False)

    async def _tell(self, message: Entry, contents: Sequence[Content]) -> None:
        """Keep an answer and tell it, when the database lets it."""
        for _ in range(MOST_TRIES):
            try:
                await self._tell_now(message, contents)
            except SQLAlchemyError as error:
                # The database is away for a while; the lock is free meanwhile.
                logger.error("answer not kept yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
        raise NotAnsweredError(message.message_id)

    async def _tell_now(self, message: Entry, contents: Sequence[Content]) -> None:
        async with self.lock:
            try:
                said = await write(
                    self._entries.answer, self.id, message, contents, now()
                )
            except ErasedError:
                self._has_ended = True
                await self._audience.erased(self, message, contents)
            else:
                await self._audience.answered(self, said)
