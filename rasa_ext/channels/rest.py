"""The REST channel: POST /webhooks/rest/webhook for back ends.

Rasa's own takes any JSON and trusts the sender: here types are checked, a bearer token
is asked for when one is set or when the assistant is not on loopback, and the
conversation id carries the channel's name.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import (
    CollectingOutputChannel,
    InputChannel,
    UserMessage,
)
from sanic import Blueprint, response
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from xieshang.knowledge import current_knowledge
from xieshang.settings import Settings, read_settings

MAX_SENDER_LENGTH = 128
MAX_BODY_BYTES = 1_000_000


class RefusedRequest(Exception):
    """A request that is answered with a phrase of phrases.yml and an HTTP status."""

    def __init__(self, phrase: str, status: int) -> None:
        super().__init__(phrase)
        self.phrase = phrase
        self.status = status


def _json(messages: list[dict[str, Any]], status: int) -> HTTPResponse:
    return response.json(
        messages, status, ensure_ascii=False, escape_forward_slashes=False
    )


class RestChannel(InputChannel):
    """Answers each posted message with the list of the bot's messages."""

    def __init__(self, settings: Settings) -> None:
        self._token = settings.rest_token
        self._needs_token = settings.is_public or bool(settings.rest_token)

    @classmethod
    def name(cls) -> str:
        """Prefix of the conversation ids and part of the address."""
        return "rest"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> RestChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment."""
        return cls(read_settings())

    def _may_enter(self, request: Request) -> bool:
        if not self._needs_token:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return (
            scheme.lower() == "bearer"
            and self._token is not None
            and hmac.compare_digest(given.encode(), self._token.encode())
        )

    def _message_of(self, request: Request) -> tuple[str, str]:
        """Sender and text of a request.

        Raises:
            RefusedRequest: what is wrong with it.
        """
        if not self._may_enter(request):
            raise RefusedRequest("no_token", 401)
        if len(request.body) > MAX_BODY_BYTES:
            raise RefusedRequest("too_long", 413)
        try:
            body = request.json
        except SanicException:
            body = None
        if not isinstance(body, dict):
            raise RefusedRequest("bad_request", 400)
        sender, text = body.get("sender"), body.get("message")
        if not isinstance(sender, str) or not 0 < len(sender) <= MAX_SENDER_LENGTH:
            raise RefusedRequest("bad_sender", 400)
        if not isinstance(text, str):
            raise RefusedRequest("not_text", 400)
        return sender, text

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        webhook = Blueprint("rest_channel")

        @webhook.get("/")
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            is_ready = bool(agent and agent.is_ready())
            return response.json(
                {"status": "ok" if is_ready else "no model"}, 200 if is_ready else 503
            )

        @webhook.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            try:
                sender, text = self._message_of(request)
            except RefusedRequest as refusal:
                answer = current_knowledge().phrase(refusal.phrase)
                return _json([{"text": answer}], refusal.status)
            output = CollectingOutputChannel()
            await on_new_message(
                UserMessage(
                    text,
                    output,
                    f"{self.name()}:{sender}",
                    input_channel=self.name(),
                )
            )
            return _json(output.messages, 200)

        return webhook
