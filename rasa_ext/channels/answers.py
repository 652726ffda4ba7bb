"""What the bot answers to a kept message, in the form in which it is kept."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.shared.core.events import BotUttered, UserUttered
from redis.exceptions import RedisError

from rasa_ext.guard import KeptMessage
from rasa_ext.stores.lock import Locks
from xieshang.knowledge import current_knowledge
from xieshang.settings import read_settings
from xieshang.storage.entry import Entry

logger = logging.getLogger(__name__)

Content = dict[str, Any]

LOCK_PREFIX = "xieshang:answer:"


class Collected(OutputChannel):
    """Collects what the bot says in a turn of a channel."""

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self.messages: list[dict[str, Any]] = []

    def name(self) -> str:  # type: ignore[override]
        """Name of the channel."""
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Collect a message of the bot, every part of it."""
        self.messages.append(message)

    async def send_text_message(self, recipient_id: str, text: str, **_: Any) -> None:
        """Collect a text of the guard."""
        self.messages.append({"text": text})


def _custom_contents(custom: Mapping[str, Any], text: str) -> list[Content]:
    if custom.get("type") == "progress":
        rank, count = custom["rank"], custom["count"]
        return [{"kind": "progress", "rank": rank, "count": count}]
    if custom.get("type") == "documents":
        items = [
            {name: str(item[name]) for name in ("title", "url", "name")}
            for item in custom["items"]
        ]
        image = custom.get("image") or ""
        said = custom.get("text") or text
        return [{"kind": "documents", "text": said, "items": items, "image": image}]
    return []


def contents_of(message: Mapping[str, Any]) -> list[Content]:
    """What is kept of a message of the bot, in order.

    Args:
        message: in Rasa's format: text, buttons, image, custom. A custom part of a type
            that is not known is left out; documents stand for the text beside them.
    """
    text = str(message.get("text") or "").strip()
    buttons = [
        {"title": str(button["title"]), "payload": str(button["payload"])}
        for button in message.get("buttons") or ()
        if button.get("title") and button.get("payload")
    ]
    contents = _custom_contents(message.get("custom") or {}, text)
    if not any(content["kind"] == "documents" for content in contents) and text:
        contents.append({"kind": "text", "text": text})
    if message.get("image"):
        contents.append({"kind": "image", "image": str(message["image"])})
    if buttons and contents:
        if contents[-1]["kind"] == "text":
            contents[-1]["kind"] = "buttons"
        contents[-1]["buttons"] = buttons
    return contents


class Answers:
    """Lets the bot answer.

    Args:
        channel: its name, prefix of the conversation ids.
        handle: takes a message through the guard to Rasa.
        agent: gives Rasa's agent, None when there is none.
    """

    def __init__(
        self,
        channel: str,
        handle: Callable[[UserMessage], Awaitable[Any]],
        agent: Callable[[], Any],
    ) -> None:
        self._channel = channel
        self._handle = handle
        self._agent = agent
        self._locks = Locks(LOCK_PREFIX, read_settings().redis_url)

    @asynccontextmanager
    async def alone(self, conversation_id: str) -> AsyncIterator[bool]:
        """Answer the messages of a conversation in this process only, meanwhile.

        Waits as long as another process answers them.

        Args:
            conversation_id: whose messages.

        Yields:
            Whether the other processes are kept out; not so while Redis is away.
        """
        async with AsyncExitStack() as stack:
            is_alone = False
            while not is_alone:
                try:
                    lock = self._locks.lock(conversation_id)
                    await stack.enter_async_context(lock)
                except LockError:
                    continue
                except RedisError as error:
                    logger.error("no lock: %s", type(error).__name__)
                    break
                is_alone = True
            yield is_alone

    async def to(
        self, conversation_id: str, message: Entry, *, is_new: bool
    ) -> list[Content]:
        """What answers a message; never nothing.

        Args:
            conversation_id: whose message it is.
            message: as it is kept.
            is_new: whether it came in this process; an earlier one may have ended
                after the turn and before its answer was kept.
        """
        if message.declined:
            return contents_of({"text": current_knowledge().phrase(message.declined)})
        before = None if is_new else await self._said_before(conversation_id, message)
        said = await self._turn(conversation_id, message) if before is None else before
        contents = [content for one in said for content in contents_of(one)]
        if not contents:
            logger.error("a turn without an answer that can be shown")
            contents = contents_of({"text": current_knowledge().phrase("busy")})
        return contents

    async def _turn(
        self, conversation_id: str, entry: Entry
    ) -> Sequence[Mapping[str, Any]]:
        output = Collected(self._channel)
        message = KeptMessage(
            entry.payload or entry.text,
            output,
            conversation_id,
            input_channel=self._channel,
            message_id=entry.message_id,
        )
        message.pressed = entry.payload is not None
        message.masked = entry.masked
        try:
            await self._handle(message)
        except Exception as error:
            # The text of an error can hold what the person wrote: only its type is
            # logged.
            logger.error("turn failed: %s", type(error).__name__)
            return [{"text": current_knowledge().phrase("busy")}]
        return output.messages

    async def _said_before(
        self, conversation_id: str, entry: Entry
    ) -> Sequence[Mapping[str, Any]] | None:
        """What was said to a message whose turn is stored; None: there was no turn."""
        agent = self._agent()
        if agent is None:
            return None
        tracker = await agent.tracker_store.retrieve(conversation_id)
        said: list[dict[str, Any]] | None = None
        for event in tracker.events if tracker else ():
            if isinstance(event, UserUttered):
                if said is not None:
                    break
                said = [] if event.message_id == entry.message_id else None
            elif isinstance(event, BotUttered) and said is not None:
                said.append({"text": event.text, **event.data})
        return said
