"""The REST channel: POST /webhooks/rest/webhook for back ends.

Rasa's own takes any JSON and trusts the sender: here types are checked, who has no
bearer token is another program of this machine or nobody, who sends too much is told to
wait, and the conversation id carries the channel's name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_ext.callers import address_of, bears, is_local_program
from rasa_ext.channels.limits import MINUTE_SECONDS, Limit, RateLimiter
from rasa_ext.surface import refusal, texts
from xieshang.settings import Settings, read_settings

MAX_SENDER_LENGTH = 128


def _can_be_stored(sender: str) -> bool:
    # Half a character has no bytes, PostgreSQL takes no NUL.
    is_text = not any("\ud800" <= char <= "\udfff" or char == "\0" for char in sender)
    return is_text and 0 < len(sender) <= MAX_SENDER_LENGTH


class RefusedRequest(Exception):
    """A request that is answered with a phrase of phrases.yml and an HTTP status."""

    def __init__(self, phrase: str, status: int) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.status = status


class RestChannel(InputChannel):
    """Answers each posted message with the list of the bot's messages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._token = settings.rest_token
        self._senders = RateLimiter([Limit(settings.rest_per_sender, MINUTE_SECONDS)])
        self._addresses = RateLimiter(
            [Limit(settings.rest_per_address, MINUTE_SECONDS)]
        )

    @classmethod
    def name(cls) -> str:
        """Prefix of the conversation ids and part of the address."""
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment."""
        return cls(read_settings())

    def _may_enter(self, request: Request) -> bool:
        if self._token is not None:
            return bears(request, self._token)
        return not self._settings.is_public and is_local_program(request)

    def _message_of(self, request: Request) -> tuple[str, str]:
        """Sender and text of a request.

        Raises:
            RefusedRequest: what is wrong with it.
        """
        if not self._may_enter(request):
            raise RefusedRequest("no_token", 401)
        address = address_of(request, self._settings.trusted_proxies)
        if not self._addresses.has_room(address):
            raise RefusedRequest("too_many", 429)
        self._addresses.count(address)
        try:
            body = request.json
        except SanicException:
            body = None
        if not isinstance(body, dict):
            raise RefusedRequest("bad_request", 400)
        sender, text = body.get("sender"), body.get("message")
        if not isinstance(sender, str) or not _can_be_stored(sender):
            raise RefusedRequest("bad_sender", 400)
        if not isinstance(text, str):
            raise RefusedRequest("not_text", 400)
        if not self._senders.has_room(sender):
            raise RefusedRequest("too_fast", 429)
        self._senders.count(sender)
        return sender, text

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        webhook = Blueprint("rest_channel")

        @webhook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            try:
                sender, text = self._message_of(request)
            except RefusedRequest as refused:
                return refusal(refused.phrase, refused.status)
            output = CollectingOutputChannel()
            await on_new_message(
                UserMessage(
                    text,
                    output,
                    f"{self.name()}:{sender}",
                    input_channel=self.name(),
                )
            )
            return texts(output.messages, 200)

        return webhook
