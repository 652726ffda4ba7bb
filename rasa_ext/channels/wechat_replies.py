"""How answers get to WeChat: in the reply to a request, pushed, or when asked for.

The platform waits five seconds for the reply to a request and asks twice more. What a
reply cannot hold, or comes too late for it, is pushed to the followers of a certified
account; with another account the request is left waiting, so that the platform asks
again, and the rest is kept until the person asks for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.delivery import (
    Delivery,
    RefusedForGood,
    TryLater,
)
from rasa_ext.channels.files import document_of_link
from rasa_ext.channels.messenger import Messenger
from rasa_ext.channels.talk import write
from rasa_ext.channels.wechat_answers import is_sent_alone
from rasa_ext.channels.wechat_api import ApiError, QuotaReached, WechatApi
from rasa_ext.channels.wechat_letters import Received
from rasa_ext.channels.wechat_pages import PICTURE, shown
from xieshang.knowledge import current_knowledge
from xieshang.storage.entries import Entries
from xieshang.storage.entry import Entry

logger = logging.getLogger(__name__)

# The platform hangs up after five seconds, and asks three times in all.
REPLY_SECONDS = 4.5
HANG_SECONDS = 6.0
ATTEMPTS = 3
# Messages that are remembered beyond what the table of entries knows.
MOST_REMEMBERED = 10_000


@dataclass(eq=False)
class Request:
    """A message as the platform brings it, perhaps several times.

    Attributes:
        attempts: how often it came to this process.
        is_taken: whether it is kept.
        is_given: whether its answer was given as the reply.
        farewell: an answer that is not kept, as the conversation was deleted.
    """

    attempts: int = 0
    is_taken: bool = False
    is_given: bool = False
    farewell: list[Entry] = field(default_factory=list)


@dataclass(eq=False)
class Waiter:
    """One attempt that waits for the answer to a message.

    Attributes:
        message_id: of the message.
        news: set when there may be an answer.
    """

    message_id: str
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Replies:
    """The outbox of the channel.

    Args:
        entries: where pages are kept.
        api: of a certified account; None: nothing can be pushed.
    """

    def __init__(self, entries: Entries, api: WechatApi | None) -> None:
        self._entries = entries
        self._api = api
        self._delivery = Delivery(self, partial(self._push, api)) if api else None
        self._requests: OrderedDict[tuple[str, str], Request] = OrderedDict()
        # By conversation.
        self._waiters: dict[str, list[Waiter]] = {}
        # Nothing more is pushed to them before they write.
        self._closed: set[str] = set()

    async def to(self, messenger: Messenger, received: Received) -> str | None:
        """The text that replies to a request; None: nothing, or nothing yet.

        Args:
            messenger: keeps the message and has it answered.
            received: what came.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: the message is not kept.
        """
        conversation_id = messenger.conversation_id(received.person)
        self._closed.discard(conversation_id)
        request = self._request(conversation_id, received.message_id)
        request.attempts += 1
        waiter = Waiter(received.message_id)
        self._waiters.setdefault(conversation_id, []).append(waiter)
        try:
            if not request.is_taken:
                taken = await messenger.take(
                    conversation_id, received.message_id, received.heard
                )
                if taken is None:
                    return None
                request.is_taken = True
            return await self._reply(conversation_id, waiter, request)
        finally:
            self._leave(conversation_id, waiter)

    def _leave(self, conversation_id: str, waiter: Waiter) -> None:
        waiters = self._waiters[conversation_id]
        waiters.remove(waiter)
        if not waiters:
            del self._waiters[conversation_id]
        if self._delivery:
            self._delivery.wake(conversation_id)

    def _request(self, conversation_id: str, message_id: str) -> Request:
        key = (conversation_id, message_id)
        request = self._requests.setdefault(key, Request())
        self._requests.move_to_end(key)
        while len(self._requests) > MOST_REMEMBERED:
            self._requests.popitem(last=False)
        return request

    async def _reply(
        self, conversation_id: str, waiter: Waiter, request: Request
    ) -> str | None:
        is_last = self._api is not None or request.attempts >= ATTEMPTS
        page = await self._first_page(
            conversation_id,
            waiter,
            request,
            REPLY_SECONDS if is_last else HANG_SECONDS,
        )
        if page:
            if not (request.is_given or page.delivered):
                request.is_given = True
                await self._note(conversation_id, [page.sequence, *_of(page)])
            return shown(page)
        if self._api is None and is_last:
            return str(current_knowledge().tables["wechat"]["still_working"])
        return None

    async def _first_page(
        self, conversation_id: str, waiter: Waiter, request: Request, seconds: float
    ) -> Entry | None:
        """The first page of an answer, waited for so long; None: it is not there."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            waiter.news.clear()
            said = request.farewell or await asyncio.to_thread(
                self._entries.said_to, conversation_id, waiter.message_id
            )
            if said:
                return said[0]
            try:
                await asyncio.wait_for(waiter.news.wait(), deadline - loop.time())
            except asyncio.TimeoutError:
                return None

    async def _note(self, conversation_id: str, sequences: Sequence[int]) -> None:
        try:
            await write(self._entries.mark_delivered, conversation_id, sequences)
        except SQLAlchemyError as error:
            # The person may get it once more.
            logger.error("reply not noted: %s", type(error).__name__)

    def wake(self, conversation_id: str) -> None:
        """Something may be undelivered: whoever waits gets it, else it is pushed."""
        for waiter in self._waiters.get(conversation_id, ()):
            waiter.news.set()
        if self._delivery:
            self._delivery.wake(conversation_id)

    def tell(self, conversation_id: str, said: Sequence[Entry]) -> None:
        """Give an answer that is not kept to whoever waits for it, else push it."""
        message_id = said[0].message_id
        self._request(conversation_id, message_id).farewell = list(said)
        waiters = self._waiters.get(conversation_id, ())
        for waiter in waiters:
            waiter.news.set()
        is_waited_for = any(one.message_id == message_id for one in waiters)
        pushed = said[1:] if is_waited_for else said
        if self._delivery and pushed:
            self._delivery.tell(conversation_id, pushed)

    def undelivered(self, conversation_id: str, since: datetime) -> list[Entry]:
        """What is to be pushed: what nobody waits for and nobody must ask for."""
        if conversation_id in self._closed:
            return []
        # Asked first: who leaves while the pages are read has them sent afterwards.
        waited_for = {one.message_id for one in self._waiters.get(conversation_id, ())}
        return [
            page
            for page in self._entries.undelivered(conversation_id, since)
            if is_sent_alone(page) and page.message_id not in waited_for
        ]

    def mark_delivered(self, conversation_id: str, sequences: Sequence[int]) -> None:
        """Note that pages need not be sent any more."""
        self._entries.mark_delivered(conversation_id, sequences)

    async def _push(self, api: WechatApi, conversation_id: str, page: Entry) -> None:
        person = conversation_id.partition(":")[2]
        try:
            if page.content["kind"] == PICTURE:
                await self._push_picture(api, person, page)
            else:
                await api.send_text(person, shown(page))
        except QuotaReached as reached:
            self._closed.add(conversation_id)
            if not page.sequence:
                raise RefusedForGood(str(reached)) from None
            logger.warning("no more is taken before the person writes: %s", reached)
            raise TryLater(0) from None
        except ApiError as error:
            logger.error("the platform answers: %s", error)
            raise
        if _of(page):
            await self._note(conversation_id, _of(page))

    async def _push_picture(self, api: WechatApi, person: str, page: Entry) -> None:
        """Send a picture, or the link to it when it cannot be sent."""
        token, _, name = (
            urlsplit(page.content["url"]).path.rpartition("/files/")[2].partition("/")
        )
        document = await asyncio.to_thread(document_of_link, token, name)
        if document is not None:
            try:
                await api.send_picture(person, document.content)
            except (RefusedForGood, ApiError) as error:
                logger.warning("picture not sent: %s", error)
            else:
                return
        await api.send_text(person, shown(page))


def _of(page: Entry) -> list[int]:
    """The numbers of the pages that a page repeats."""
    return list(page.content.get("of", ()))
