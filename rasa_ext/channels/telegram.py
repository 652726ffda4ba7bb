"""The Telegram channel: by a webhook, or by asking Telegram.

Rasa's own Telegram channel fails at every update with today's libraries, takes what
anybody posts, and answers an update again when it is told again. Here an update counts
only with the secret, is kept before it is answered, and is answered once.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.answers import Answers
from rasa_ext.channels.telegram_bot import TelegramBot
from xieshang.settings import SettingError
from xieshang.storage.reminders import CHANNEL
from xieshang.telegram import TOKEN, TelegramSettings, read_telegram_settings

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a name)
# An update holds one message of 4096 characters at most.
MAX_BODY_BYTES = 1_000_000


class TelegramChannel(InputChannel):
    """Chats on Telegram.

    Args:
        settings: of the bot.
    """

    def __init__(self, settings: TelegramSettings) -> None:
        self._settings = settings
        self._bot: TelegramBot | None = None

    @classmethod
    def name(cls) -> str:
        """Part of the webhook's address."""
        return "telegram"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> TelegramChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment.

        Raises:
            SettingError: there is no token.
        """
        settings = read_telegram_settings()
        if settings is None:
            raise SettingError(f"{TOKEN} is missing: get one of BotFather")
        return cls(settings)

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel; the bot starts and stops with the server."""
        telegram = Blueprint("telegram_channel")

        @telegram.listener("after_server_start")
        async def begin(app: Sanic, _: Any) -> None:
            def agent() -> Any:
                return getattr(app.ctx, "agent", None)

            answers = Answers(CHANNEL, on_new_message, agent)
            self._bot = TelegramBot(self._settings, answers, agent)
            self._bot.start()

        @telegram.listener("before_server_stop")
        async def end(app: Sanic, _: Any) -> None:
            if self._bot:
                await self._bot.stop()

        if self._settings.webhook:

            @telegram.post("/webhook")
            async def receive(request: Request) -> HTTPResponse:
                return await self._receive(request)

        return telegram

    async def _receive(self, request: Request) -> HTTPResponse:
        """An update; what is no update is accepted and left alone: it would come again.

        503 when it could not be kept: Telegram tells it again then.
        """
        given = request.headers.get(SECRET_HEADER, "")
        secret = self._settings.secret
        if not secret or not hmac.compare_digest(
            given.encode("utf-8", "replace"), secret.encode()
        ):
            return response.empty(403)
        if self._bot is None or len(request.body) > MAX_BODY_BYTES:
            return response.empty(503 if self._bot is None else 200)
        try:
            update = json.loads(request.body)
        except (ValueError, RecursionError):
            return response.empty(200)
        try:
            await self._bot.take(update)
        except (SQLAlchemyError, OSError) as error:
            logger.error("update not kept: %s", type(error).__name__)
            return response.empty(503)
        return response.empty(200)
