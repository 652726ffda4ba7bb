"""The bot's answers as pages, and the word for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import UserMessage

from rasa_ext.channels.answers import Answers, Content
from rasa_ext.channels.delivery import KEPT_FOR
from rasa_ext.channels.wechat_pages import SENDS, SENDS_AFTER_EVENT, pages_of
from xieshang.clock import now
from xieshang.knowledge import current_knowledge
from xieshang.storage.entries import Entries
from xieshang.storage.entry import Entry

# What people put around a word that they were told to send.
_MARKS = " 「」“”‘’\"'。.!！"


class PagedAnswers(Answers):
    """The bot's answers as pages; asked to go on, the next page that is left.

    Args:
        channel: its name.
        handle: takes a message through the guard to Rasa.
        agent: gives Rasa's agent.
        entries: where pages are kept.
        is_certified: whether pages can be sent without being asked for.
    """

    def __init__(
        self,
        channel: str,
        handle: Callable[[UserMessage], Awaitable[Any]],
        agent: Callable[[], Any],
        *,
        entries: Entries,
        is_certified: bool,
    ) -> None:
        super().__init__(channel, handle, agent)
        self._entries = entries
        self._is_certified = is_certified

    async def to(
        self, conversation_id: str, message: Entry, *, is_new: bool
    ) -> list[Content]:
        """The pages that answer a message; never none."""
        knowledge = current_knowledge()
        word = knowledge.tables["wechat"]["continue"]
        if message.payload is None and message.text.strip(_MARKS) == word:
            page = await asyncio.to_thread(self._next_page, conversation_id)
            if page:
                return [page]
        contents = await super().to(conversation_id, message, is_new=is_new)
        # A button or a menu leaves less room than a sentence.
        sends = SENDS if message.payload is None else SENDS_AFTER_EVENT
        return pages_of(contents, knowledge, sends if self._is_certified else 1)

    def _next_page(self, conversation_id: str) -> Content | None:
        """The first page that is left of the newest answer with any, as a new one."""
        left = [
            page
            for page in self._entries.undelivered(conversation_id, now() - KEPT_FOR)
            if not (self._is_certified and is_sent_alone(page))
        ]
        if not left:
            return None
        page = next(one for one in left if one.message_id == left[-1].message_id)
        of = [page.sequence, *page.content.get("of", ())]
        return {**page.content, "rank": 0, "of": of}


def is_sent_alone(page: Entry) -> bool:
    """Whether a page of a certified account is sent without being asked for."""
    return bool(page.content["rank"] < page.content["sends"])
