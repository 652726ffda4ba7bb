"""The channel of a WeChat official account (公众号): its server address is /wechat.

A request that the platform did not sign is refused before anything of it is read; every
other one is answered with status 200, whatever is in it: another would show the person
that the account is broken.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.limits import DEFAULT_LIMITS, MessengerLimits
from rasa_ext.channels.messenger import Messenger
from rasa_ext.channels.talk import RETRY_SECONDS, write
from rasa_ext.channels.wechat_answers import PagedAnswers
from rasa_ext.channels.wechat_api import WechatApi
from rasa_ext.channels.wechat_envelope import (
    Envelope,
    Forged,
    Letter,
    Unreadable,
    text_reply,
)
from rasa_ext.channels.wechat_letters import Left, read_letter
from rasa_ext.channels.wechat_replies import Replies
from rasa_ext.channels.work import start
from xieshang.clock import now
from xieshang.knowledge import current_knowledge
from xieshang.settings import SettingError
from xieshang.storage import current_entries, current_store
from xieshang.wechat import (
    SERVER_PATH,
    TOKEN,
    WechatSettings,
    read_wechat_settings,
)

logger = logging.getLogger(__name__)

CHANNEL = "wx"
# Says that the message was taken and is not to be sent again.
TAKEN = "success"
MAX_ECHO_LENGTH = 512
# How long the conversation of somebody who does not follow any more is kept; a shorter
# retention stays.
KEPT_FOR_LEFT = timedelta(days=30)
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


def _text(content: str, status: int = 200) -> HTTPResponse:
    return HTTPResponse(content, status, HEADERS, "text/plain; charset=utf-8")


def _query(request: Request) -> dict[str, str]:
    """The query of an address; what is given twice is not given."""
    return {name: given[0] for name, given in request.args.items() if len(given) == 1}


class WechatChannel(InputChannel):
    """Chats with the followers of an official account.

    Args:
        settings: of the account.
        limits: how often people may write.
    """

    def __init__(
        self,
        settings: WechatSettings,
        limits: MessengerLimits = DEFAULT_LIMITS,
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._envelope = Envelope(settings)
        self._entries = current_entries()
        self._app: Sanic | None = None
        self._api: WechatApi | None = None
        self._replies: Replies
        self._messenger: Messenger

    @classmethod
    def name(cls) -> str:
        """Prefix of the conversation ids."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WechatChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment.

        Raises:
            SettingError: there is no token.
        """
        settings = read_wechat_settings()
        if settings is None:
            raise SettingError(f"{TOKEN} is not set: the WeChat channel needs it")
        return cls(settings)

    def url_prefix(self) -> str:
        """Mounted at the root, not below /webhooks."""
        return SERVER_PATH

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        wechat = Blueprint("wechat_channel")
        answers = PagedAnswers(
            CHANNEL,
            on_new_message,
            lambda: getattr(getattr(self._app, "ctx", None), "agent", None),
            entries=self._entries,
            is_certified=self._settings.is_certified,
        )

        @wechat.listener("after_server_start")
        async def connect(app: Sanic, loop: Any) -> None:
            self._app = app
            # Its locks belong to the loop that runs now.
            if self._settings.is_certified:
                self._api = WechatApi(self._settings)
            self._replies = Replies(self._entries, self._api)
            self._messenger = Messenger(
                CHANNEL, self._entries, answers, self._replies, self._limits
            )
            start(self._resume())

        @wechat.listener("before_server_stop")
        async def disconnect(app: Sanic, loop: Any) -> None:
            if self._api:
                await self._api.close()

        @wechat.get("/")
        async def echo(request: Request) -> HTTPResponse:
            query = _query(request)
            try:
                self._envelope.verify(query)
            except Forged as forged:
                return self._refusal(forged)
            return _text(query.get("echostr", "")[:MAX_ECHO_LENGTH])

        @wechat.post("/")
        async def receive(request: Request) -> HTTPResponse:
            query = _query(request)
            try:
                self._envelope.verify(query)
                return await self._answer(query, request.body)
            except Forged as forged:
                return self._refusal(forged)
            except Exception as error:
                # The text of an error can hold what was said: only its type is logged.
                logger.error("request failed: %s", type(error).__name__)
                return _text(TAKEN)

        return wechat

    async def _resume(self) -> None:
        while True:
            try:
                await self._messenger.resume()
            except (SQLAlchemyError, OSError) as error:
                logger.error("not resumed yet: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    @staticmethod
    def _refusal(forged: Forged) -> HTTPResponse:
        logger.warning("refused: %s", forged)
        return _text("forbidden", 403)

    async def _answer(self, query: Mapping[str, str], body: bytes) -> HTTPResponse:
        try:
            letter = self._envelope.open(query, body)
        except Unreadable as unreadable:
            logger.warning("unreadable: %s", unreadable)
            return _text(TAKEN)
        content = await self._reply_to(letter)
        if not content:
            return _text(TAKEN)
        xml = self._envelope.close(
            text_reply(letter, content, time.time()),
            query.get("nonce", ""),
            is_encrypted=letter.is_encrypted,
        )
        return HTTPResponse(xml, 200, HEADERS, "text/xml; charset=utf-8")

    async def _reply_to(self, letter: Letter) -> str | None:
        knowledge = current_knowledge()
        received = read_letter(letter, knowledge)
        if received is None:
            return None
        try:
            if isinstance(received, Left):
                await self._let_go(received.person)
                return None
            return await self._replies.to(self._messenger, received)
        except (SQLAlchemyError, OSError) as error:
            logger.error("message not kept: %s", type(error).__name__)
            return knowledge.phrase("busy")

    async def _let_go(self, person: str) -> None:
        """Who leaves is forgotten sooner; who comes back within that time is not."""
        store = await asyncio.to_thread(current_store)
        conversation_id = self._messenger.conversation_id(person)
        await write(store.expire, conversation_id, now() + KEPT_FOR_LEFT)
