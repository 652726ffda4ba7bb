"""What the bot said, sent on through a platform that may be slow, away or refuse."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.answers import Content
from rasa_ext.channels.talk import RETRY_SECONDS, write
from rasa_ext.channels.work import Work
from xieshang.clock import now
from xieshang.storage.entry import BOT, Entry

logger = logging.getLogger(__name__)

# What is older is no answer to anything any more.
KEPT_FOR = timedelta(hours=6)
# A part that fails as often as this, for a reason of its own, is given up.
MOST_TRIES = 5
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0

Send = Callable[[str, Entry], Awaitable[None]]


class RefusedForGood(Exception):
    """The platform will never take this part; the text is a code for the log."""


class TryLater(Exception):
    """The platform takes nothing just now, or is not there.

    Args:
        seconds: how long it asks to wait; None: as long as seems right.
    """

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__(str(seconds))
        self.seconds = seconds


class Outbox(Protocol):
    """Takes care that what the bot said gets to the person."""

    def wake(self, conversation_id: str) -> None:
        """Something may be undelivered."""

    def tell(self, conversation_id: str, said: Sequence[Entry]) -> None:
        """Send what is not kept: the conversation was deleted."""


class Waiting(Protocol):
    """Knows what is to be sent; `Entries` is one."""

    def undelivered(self, conversation_id: str, since: datetime) -> list[Entry]:
        """What is to be sent, in order; nothing that was said before a time."""

    def mark_delivered(self, conversation_id: str, sequences: Sequence[int]) -> None:
        """Note that entries need not be sent any more."""


def unkept(message: Entry, contents: Sequence[Content]) -> list[Entry]:
    """Entries of an answer that is not kept; their sequence number is 0."""
    return [Entry(message.message_id, BOT, content, now()) for content in contents]


class Delivery:
    """Sends the bot's entries of each conversation in order, each until it is taken.

    Args:
        entries: knows what is to be sent.
        send: gives one to the platform, or raises. RefusedForGood: it is skipped.
            TryLater: it is tried again until it is six hours old. Anything else: it is
            tried again a few times, then skipped, so that the later ones are sent.
        first_pause: seconds before the second try; each further pause is twice as long.
    """

    def __init__(
        self,
        entries: Waiting,
        send: Send,
        first_pause: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        self._entries = entries
        self._send = send
        self._first_pause = first_pause
        self._unkept: dict[str, deque[Entry]] = {}
        self._work: WeakValueDictionary[str, Work] = WeakValueDictionary()

    def wake(self, conversation_id: str) -> None:
        """Send what is undelivered."""
        work = self._work.get(conversation_id)
        if work is None:
            work = Work(partial(self._send_all, conversation_id), "not delivered")
            self._work[conversation_id] = work
        work.wake()

    def tell(self, conversation_id: str, said: Sequence[Entry]) -> None:
        """Send what is not kept, before anything that is."""
        self._unkept.setdefault(conversation_id, deque()).extend(said)
        self.wake(conversation_id)

    async def _send_all(self, conversation_id: str) -> None:
        failures = tries = 0
        while (entry := await self._next(conversation_id)) is not None:
            try:
                await self._send(conversation_id, entry)
            except RefusedForGood as refusal:
                logger.warning("refused for good: %s", refusal)
            except TryLater as later:
                failures += 1
                wait = later.seconds
                await asyncio.sleep(self._pause(failures) if wait is None else wait)
                continue
            except Exception as error:
                # The text of an error can hold what was said, or a secret.
                logger.error("not sent: %s", type(error).__name__)
                failures, tries = failures + 1, tries + 1
                if tries < MOST_TRIES:
                    await asyncio.sleep(self._pause(failures))
                    continue
            failures = tries = 0
            await self._settle(conversation_id, entry)

    def _pause(self, failures: int) -> float:
        return min(
            self._first_pause * 2.0 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS
        )

    async def _next(self, conversation_id: str) -> Entry | None:
        since = now() - KEPT_FOR
        unkept = self._unkept.get(conversation_id)
        while unkept and unkept[0].said_at < since:
            unkept.popleft()
        if unkept:
            return unkept[0]
        self._unkept.pop(conversation_id, None)
        while True:
            try:
                waiting = await asyncio.to_thread(
                    self._entries.undelivered, conversation_id, since
                )
            except SQLAlchemyError as error:
                logger.error("not delivered yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return waiting[0] if waiting else None

    async def _settle(self, conversation_id: str, entry: Entry) -> None:
        """Note that an entry need not be sent any more; it is not sent again."""
        if not entry.sequence:
            self._unkept[conversation_id].popleft()
            return
        while True:
            try:
                await write(
                    self._entries.mark_delivered, conversation_id, [entry.sequence]
                )
            except SQLAlchemyError as error:
                logger.error("delivery not noted yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
