"""One conversation on the web: kept, answered and sent on in order.

Whatever is kept or sent goes through one lock, so that every window sees the entries in
the order of their numbers. A message is acknowledged when it is kept; its turn comes
after the turns before it, whether or not a window is still open.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timezone
from functools import partial
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.web_answers import Answers, Content
from xieshang.clock import now
from xieshang.storage.web_entries import ErasedError, WebEntries, WebEntry

logger = logging.getLogger(__name__)

RETRY_SECONDS = 3.0
MOST_TRIES = 10

Post = Callable[[str, str, dict[str, Any]], Awaitable[None]]

Result = TypeVar("Result")

# SQLite lets one write at a time and makes the others try again and again: here they
# stand in a line.
_writer = ThreadPoolExecutor(1, "web entries")


async def write(call: Callable[..., Result], *arguments: Any) -> Result:
    """Call what writes into the database, after the writes before it."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_writer, partial(call, *arguments))


# A task that nothing refers to can be collected before it is done.
_running: set[asyncio.Task[None]] = set()


class EndedError(Exception):
    """The conversation was deleted: what comes now belongs to the new one."""


class NotAnsweredError(Exception):
    """An answer could not be kept for half a minute."""


def shown(entry: WebEntry) -> dict[str, Any]:
    """An entry as the clients get it."""
    content = entry.content
    return {
        "sequence": entry.sequence,
        "id": entry.message_id,
        "from": entry.sender,
        "kind": content["kind"],
        "text": entry.text,
        "buttons": content.get("buttons") or [],
        "used": entry.used,
        "image": content.get("image") or "",
        "items": content.get("items") or [],
        "rank": content.get("rank") or 0,
        "count": content.get("count") or 0,
        "at": entry.said_at.astimezone(timezone.utc).isoformat(),
    }


class Talk:
    """A conversation.

    Args:
        conversation_id: its id, also the name of the room of its windows.
        entries: where it is kept.
        answers: the bot.
        post: sends an event to a room.
        on_erased: called, in the lock, after a turn that deleted the conversation.
    """

    def __init__(
        self,
        conversation_id: str,
        entries: WebEntries,
        answers: Answers,
        post: Post,
        on_erased: Callable[[Talk], Awaitable[None]],
    ) -> None:
        self.id = conversation_id
        self.lock = asyncio.Lock()
        self.is_answering = False
        self._entries = entries
        self._answers = answers
        self._post = post
        self._on_erased = on_erased
        self._new: set[str] = set()
        self._is_waiting = False
        self._is_working = False
        self._has_ended = False

    async def take(
        self,
        message_id: str,
        admit: Callable[[], None],
        keep: Callable[[], WebEntry],
        pressed: int | None = None,
    ) -> WebEntry:
        """Keep a message once, show it in every window, have it answered.

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
                return known
            admit()
            message = await write(keep)
            self._new.add(message_id)
            if pressed is not None:
                await self._post(self.id, "used", {"sequence": pressed})
            await self._post(self.id, "entry", shown(message))
        self.wake()
        return message

    def wake(self) -> None:
        """Answer what is not answered yet."""
        self._is_waiting = True
        if not self._is_working:
            self._is_working = True
            task = asyncio.create_task(self._work())
            _running.add(task)
            task.add_done_callback(_running.discard)

    async def _work(self) -> None:
        try:
            while self._is_waiting:
                self._is_waiting = False
                await self._answer_all()
        except Exception as error:
            # What is not answered is answered when somebody writes or comes back. The
            # text of an error can hold what was said: only its type is logged.
            logger.error("not answered: %s", type(error).__name__)
        finally:
            self._is_working = False

    async def _answer_all(self) -> None:
        while True:
            message = await asyncio.to_thread(self._entries.unanswered, self.id)
            if message is None:
                return
            await self._answer(message)

    async def _answer(self, message: WebEntry) -> None:
        self.is_answering = True
        await self._post(self.id, "typing", {"on": True})
        try:
            contents = await self._answers.to(
                self.id, message, is_new=message.message_id in self._new
            )
        finally:
            self._new.discard(message.message_id)
            self.is_answering = False
            await self._post(self.id, "typing", {"on": False})
        for _ in range(MOST_TRIES):
            try:
                await self._tell(message, contents)
            except SQLAlchemyError as error:
                # The database is away for a while; the lock is free meanwhile.
                logger.error("answer not kept yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
        raise NotAnsweredError(message.message_id)

    async def _tell(self, message: WebEntry, contents: Sequence[Content]) -> None:
        """Keep an answer and show it in every window."""
        async with self.lock:
            try:
                said = await write(
                    self._entries.answer, self.id, message, contents, now()
                )
            except ErasedError:
                self._has_ended = True
                await self._on_erased(self)
                return
            for entry in said:
                await self._post(self.id, "entry", shown(entry))
