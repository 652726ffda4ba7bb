"""The Bot API as the channel calls it: https://core.telegram.org/bots/api

Whatever goes wrong is a RefusedForGood or a TryLater, as `Delivery` understands them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from telegram import Bot, BotCommand, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from rasa_ext.channels.delivery import RefusedForGood, TryLater
from rasa_ext.quiet import silence_http_clients
from xieshang.telegram import TelegramSettings

# What Telegram is asked to tell; it tells nothing else.
UPDATES = ("message", "edited_message", "callback_query")
READ_SECONDS = 20.0
CONNECT_SECONDS = 10.0
# How much longer than it was asked to Telegram may hold a poll open.
POLL_MARGIN_SECONDS = 10.0
CONNECTIONS = 64
# A link leads to one person's documents: nobody else fetches it for a preview.
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

Result = TypeVar("Result")


class Blocked(RefusedForGood):
    """The person has blocked the bot, or is gone."""


class Conflicting(TryLater):
    """There is a webhook, or somebody else polls with the same token."""


async def _call(call: Awaitable[Result]) -> Result:
    """Await a call.

    Raises:
        RefusedForGood: Telegram does not take this; Blocked: nor anything else.
        TryLater: Telegram takes nothing now, or is not there; Conflicting: see there.
    """
    try:
        return await call
    except RetryAfter as error:
        wait = error.retry_after
        seconds = wait.total_seconds() if isinstance(wait, timedelta) else wait
        raise TryLater(float(seconds)) from None
    except Forbidden:
        raise Blocked("blocked") from None
    except (BadRequest, ChatMigrated) as error:
        raise RefusedForGood(type(error).__name__) from None
    except Conflict:
        raise Conflicting from None
    except TelegramError:
        # The text of an error can hold the address, and that the token.
        raise TryLater from None


class TelegramApi:
    """A bot of Telegram's.

    Args:
        settings: its token, and where the Bot API is. A proxy is taken from the usual
            variables (HTTPS_PROXY).
    """

    def __init__(self, settings: TelegramSettings) -> None:
        silence_http_clients()
        self._polls = HTTPXRequest(1, connect_timeout=CONNECT_SECONDS)
        self._calls = HTTPXRequest(
            CONNECTIONS,
            read_timeout=READ_SECONDS,
            write_timeout=READ_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            pool_timeout=READ_SECONDS,
        )
        self._bot = Bot(
            settings.token,
            base_url=f"{settings.api}/bot",
            base_file_url=f"{settings.api}/file/bot",
            request=self._calls,
            get_updates_request=self._polls,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._polls.shutdown()
        await self._calls.shutdown()

    async def updates(self, offset: int | None, seconds: int) -> Sequence[object]:
        """What happened, as Telegram tells it.

        Args:
            offset: update_id of the first that is wanted: those before are confirmed
                and not told again; None: what is not confirmed yet.
            seconds: how long to wait for something to happen.

        Raises:
            RefusedForGood, TryLater: as everywhere here.
        """
        parameters = {"timeout": seconds, "allowed_updates": _json_list(UPDATES)}
        if offset is not None:
            parameters["offset"] = offset
        # Not `Bot.get_updates`: one update that it cannot read would hold up the rest.
        told: Any = await _call(
            self._polls.post(
                f"{self._bot.base_url}/getUpdates?{urlencode(parameters)}",
                read_timeout=seconds + POLL_MARGIN_SECONDS,
            )
        )
        return told if isinstance(told, list) else []

    async def set_webhook(self, url: str, secret: str) -> None:
        """Have updates sent to an address, each with the secret."""
        await _call(
            self._bot.set_webhook(url, allowed_updates=UPDATES, secret_token=secret)
        )

    async def delete_webhook(self) -> None:
        """Have no updates sent: they wait to be asked for."""
        await _call(self._bot.delete_webhook())

    async def set_commands(self, commands: Mapping[str, str]) -> None:
        """Set the menu: command and what it is about."""
        await _call(
            self._bot.set_my_commands(
                [BotCommand(name, about) for name, about in commands.items()]
            )
        )

    async def send_text(
        self, chat: int, html: str, buttons: InlineKeyboardMarkup | None
    ) -> None:
        """Send a message."""
        await _call(
            self._bot.send_message(
                chat,
                html,
                parse_mode=ParseMode.HTML,
                link_preview_options=NO_PREVIEW,
                reply_markup=buttons,
            )
        )

    async def send_photo(
        self,
        chat: int,
        content: bytes,
        name: str,
        html: str,
        buttons: InlineKeyboardMarkup | None,
    ) -> None:
        """Send a picture with a caption."""
        await _call(
            self._bot.send_photo(
                chat,
                content,
                caption=html,
                parse_mode=ParseMode.HTML,
                filename=name,
                reply_markup=buttons,
            )
        )

    async def send_document(
        self,
        chat: int,
        content: bytes,
        name: str,
        html: str,
        buttons: InlineKeyboardMarkup | None,
    ) -> None:
        """Send a file with a caption."""
        await _call(
            self._bot.send_document(
                chat,
                content,
                caption=html,
                parse_mode=ParseMode.HTML,
                filename=name,
                reply_markup=buttons,
                # A calendar is to stay one, not to become a video or a song.
                disable_content_type_detection=True,
            )
        )

    async def show_typing(self, chat: int) -> None:
        """Show for some seconds that the bot is writing."""
        await _call(self._bot.send_chat_action(chat, ChatAction.TYPING))

    async def answer_press(self, query: str, text: str) -> None:
        """End the waiting of a pressed button, with a notice if there is one."""
        await _call(
            self._bot.answer_callback_query(query, text or None, show_alert=bool(text))
        )

    async def remove_buttons(self, chat: int, message: int) -> None:
        """Take the buttons of a message away."""
        await _call(
            self._bot.edit_message_reply_markup(chat_id=chat, message_id=message)
        )


def _json_list(names: Sequence[str]) -> str:
    return "[" + ",".join(f'"{name}"' for name in names) + "]"
