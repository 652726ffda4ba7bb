"""What the bot said, sent on Telegram: messages, buttons, a picture, files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from rasa_ext.channels.delivery import RefusedForGood
from rasa_ext.channels.files import PATH, Document, document_of_link
from rasa_ext.channels.messenger import Press
from rasa_ext.channels.telegram_api import Blocked, TelegramApi
from rasa_ext.channels.telegram_text import CAPTION_UNITS, telegram_html
from xieshang.knowledge import current_knowledge
from xieshang.storage.entry import Entry

logger = logging.getLogger(__name__)

# Two buttons with longer titles do not fit side by side on a telephone.
SHORT_TITLE = 8

Buttons = InlineKeyboardMarkup | None
Part = Callable[[], Awaitable[None]]


def chat_of(conversation_id: str) -> int:
    """The chat of a conversation, `tg:<chat>`."""
    return int(conversation_id.partition(":")[2])


def rows(titles: Sequence[str]) -> list[list[int]]:
    """Which buttons stand side by side: two short ones, or one.

    Args:
        titles: of the buttons in order.

    Returns:
        The places of the buttons of each row.
    """
    arranged: list[list[int]] = []
    for place, title in enumerate(titles):
        fits = (
            bool(arranged)
            and len(arranged[-1]) == 1
            and len(title) <= SHORT_TITLE
            and len(titles[place - 1]) <= SHORT_TITLE
        )
        if fits:
            arranged[-1].append(place)
        else:
            arranged.append([place])
    return arranged


def keyboard(entry: Entry) -> Buttons:
    """The buttons of an entry; none for one that is not kept and cannot be named."""
    titles = [str(button["title"]) for button in entry.content.get("buttons") or ()]
    if not titles or not entry.sequence:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(
                    titles[place], callback_data=Press(entry.sequence, place).token
                )
                for place in row
            ]
            for row in rows(titles)
        ]
    )


def open_button(url: str, title: str) -> Buttons:
    """A button that opens an address, if it is one for everybody.

    Telegram refuses a whole message for the address of a machine of one's own.
    """
    if urlsplit(url).scheme != "https":
        return None
    return InlineKeyboardMarkup([[InlineKeyboardButton(title, url=url)]])


def _link(url: str) -> tuple[str, str]:
    """Token and name of the document that an address of ours leads to."""
    _, _, path = urlsplit(url).path.rpartition(f"{PATH}/")
    token, _, name = path.partition("/")
    return token, name


class Sender:
    """Sends entries; one that failed half-way goes on where it stopped.

    Args:
        api: the Bot API.
    """

    def __init__(self, api: TelegramApi) -> None:
        self._api = api
        self._sent: dict[str, tuple[Entry, int]] = {}
        # Pictures and Word files take the processor that turns need too.
        self._rendering = asyncio.Semaphore(1)

    async def send(self, conversation_id: str, entry: Entry) -> None:
        """Send an entry.

        Args:
            conversation_id: to whom.
            entry: of the bot.

        Raises:
            RefusedForGood: the person has blocked the bot.
            TryLater: Telegram is not there, or wants to wait.
        """
        before, count = self._sent.pop(conversation_id, (entry, 0))
        parts = list(self._parts(chat_of(conversation_id), entry))
        for place in range(count if before == entry else 0, len(parts)):
            self._sent[conversation_id] = entry, place
            try:
                await parts[place]()
            except Blocked:
                self._sent.pop(conversation_id, None)
                raise
            except RefusedForGood as refusal:
                # The parts after it are worth sending.
                logger.warning("part refused for good: %s", refusal)
        self._sent.pop(conversation_id, None)

    def _parts(self, chat: int, entry: Entry) -> Iterator[Part]:
        """The messages that an entry makes; its buttons stand under its text."""
        content = entry.content
        items = content.get("items") or ()
        links = [f"[{item['title']}]({item['url']})" for item in items]
        texts = telegram_html("\n".join([entry.text, *links]))
        buttons = keyboard(entry)
        for place, html in enumerate(texts, start=1):
            below = buttons if place == len(texts) else None
            yield partial(self._api.send_text, chat, html, below)
        table = current_knowledge().tables["telegram"]
        if content.get("image"):
            url, title = str(content["image"]), table["picture"]["title"]
            below = open_button(url, table["open"]) if texts else buttons
            yield partial(self._send_document, chat, url, title, below)
        by_name = {item["name"]: item for item in items}
        for name in table["files"]:
            if name in by_name:
                url, title = by_name[name]["url"], by_name[name]["title"]
                below = open_button(url, table["open"])
                yield partial(self._send_document, chat, url, title, below)

    async def _send_document(
        self, chat: int, url: str, title: str, buttons: Buttons
    ) -> None:
        token, name = _link(url)
        document = await self._document(token, name)
        if document is None:
            return
        table: Mapping[str, Any] = current_knowledge().tables["telegram"]
        caption = "".join(telegram_html(title, CAPTION_UNITS)[:1])
        is_picture = name == table["picture"]["name"]
        send = self._api.send_photo if is_picture else self._api.send_document
        shown_as = table["files"].get(name, name)
        await send(chat, document.content, shown_as, caption, buttons)

    async def _document(self, token: str, name: str) -> Document | None:
        """A document; None: deleted meanwhile, older than its link, or not made."""
        async with self._rendering:
            try:
                return await asyncio.to_thread(document_of_link, token, name)
            except (SQLAlchemyError, OSError):
                raise
            except Exception as error:
                # The link stays. The text of an error can hold values of the case.
                logger.error("document failed: %s", type(error).__name__)
                return None
