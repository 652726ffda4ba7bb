"""The web channel: Socket.IO at /chat/socket.io, the page at /chat.

Rasa's own Socket.IO channel trusts the id that a client names, loses what is sent while
a client is away and answers a repeated message twice. Here a session is signed by the
server, every message has an id and is acknowledged when it is kept, and every entry has
a number from which a client that comes back is told the rest.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from socketio import AsyncServer
from socketio.exceptions import ConnectionRefusedError as Refusal
from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.callers import address_of, is_allowed_origin
from rasa_ext.channels.answers import Answers
from rasa_ext.channels.limits import (
    PER_ADDRESS,
    PER_SESSION,
    Limit,
    Quotas,
)
from rasa_ext.channels.talk import EndedError
from rasa_ext.channels.web_page import add_page
from rasa_ext.channels.web_session import Sessions
from rasa_ext.channels.web_visitors import Visitor, Visitors
from rasa_ext.channels.web_workers import WindowsElsewhere
from rasa_ext.guard import Refused, plain_text
from rasa_ext.quiet import silence_lost_sockets
from xieshang.clock import now
from xieshang.knowledge import current_knowledge
from xieshang.privacy import mask_sensitive
from xieshang.secret import read_secret
from xieshang.settings import Settings, read_settings
from xieshang.storage import current_entries
from xieshang.storage.entries import UsedError
from xieshang.storage.entry import Entry, written

logger = logging.getLogger(__name__)

CHANNEL = "web"
PATH = "/chat"
SOCKET_PATH = f"{PATH}/socket.io"
# A message of 500 characters with every one of them escaped is far below.
MAX_PACKET_BYTES = 100_000
MAX_SEQUENCE = 2**31 - 1
# MESSAGE_ID_LENGTH of the table is as long.
_MESSAGE_ID = re.compile(r"[\w.:-]{1,64}", re.ASCII)

Acknowledgement = dict[str, Any]


class NotTaken(Exception):
    """A message that is not kept; names the reason and a phrase of phrases.yml."""

    def __init__(self, reason: str, phrase: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.phrase = phrase


def _fields(data: Sequence[object]) -> Mapping[str, Any]:
    """What an event carries; nothing when it is not one mapping."""
    return data[0] if len(data) == 1 and isinstance(data[0], dict) else {}


def _number(value: object) -> int | None:
    """A number that can be a sequence number or an index, else None."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= MAX_SEQUENCE else None  # type: ignore[operator,return-value]


def _message_id(value: object) -> str:
    if not isinstance(value, str) or not _MESSAGE_ID.fullmatch(value):
        raise NotTaken("bad", "bad_message")
    return value


def _message(message_id: str, text: object) -> Entry:
    """A message as it is kept: without control characters, sensitive numbers masked."""
    try:
        plain = plain_text(text)
    except Refused as refused:
        phrase = str(refused)
        reason = phrase if phrase == "too_long" else "bad"
        raise NotTaken(reason, phrase) from refused
    masked = mask_sensitive(plain)
    return written(message_id, masked.text, now(), masked.kinds)


class SocketBlueprint(Blueprint):
    """The routes of the channel, with the Socket.IO server attached to their app."""

    def __init__(self, sio: AsyncServer) -> None:
        super().__init__("web_channel")
        self.ctx.sio = sio
        self.ctx.app = None

    def register(self, app: Sanic, options: dict[str, Any]) -> None:
        """Attach the server to the app that the routes are added to."""
        self.ctx.sio.attach(app, SOCKET_PATH)
        self.ctx.app = app
        super().register(app, options)


class WebChannel(InputChannel):
    """Chats with browsers.

    Args:
        settings: of the assistant.
        per_session: how often one conversation may write.
        per_address: how often one address may write.
    """

    def __init__(
        self,
        settings: Settings,
        per_session: Sequence[Limit] = PER_SESSION,
        per_address: Sequence[Limit] = PER_ADDRESS,
    ) -> None:
        self._settings = settings
        kinds = {"session": per_session, "address": per_address}
        self._quotas = Quotas(CHANNEL, kinds)
        address = urlsplit(settings.public_url)
        self._own_origin = f"{address.scheme}://{address.netloc}".lower()
        self._entries = current_entries()
        self._visitors: Visitors

    @classmethod
    def name(cls) -> str:
        """Prefix of the conversation ids."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment."""
        return cls(read_settings())

    def url_prefix(self) -> str:
        """Mounted at the root, not below /webhooks."""
        return PATH

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        url = self._settings.redis_url
        elsewhere = WindowsElsewhere(url) if url else None
        sio = AsyncServer(
            async_mode="sanic",
            client_manager=elsewhere,
            # Whoever may not connect is told so: see `_connect`. There are no cookies.
            cors_allowed_origins="*",
            cors_credentials=False,
            max_http_buffer_size=MAX_PACKET_BYTES,
        )
        silence_lost_sockets()
        web = SocketBlueprint(sio)
        answers = Answers(
            CHANNEL, on_new_message, lambda: getattr(web.ctx.app.ctx, "agent", None)
        )
        sessions = Sessions(read_secret(self._settings), self._settings.retention_days)
        self._visitors = Visitors(sio, sessions, self._entries, answers)
        if elsewhere:
            elsewhere.here = self._visitors
        add_page(web, self._own_origin, self._settings.web_origins)
        self._listen(sio)
        return web

    def _listen(self, sio: AsyncServer) -> None:
        async def connect(sid: str, environ: dict[str, Any], auth: object) -> None:
            self._connect(sid, environ, auth)
            sio.start_background_task(self._visitors.open, sid)

        async def disconnect(sid: str, *_: object) -> None:
            self._visitors.leave(sid)

        for name, handler in (
            ("connect", connect),
            ("disconnect", disconnect),
            ("message", self._on_message),
            ("choose", self._on_choose),
            ("reset", self._on_reset),
            ("erase", self._on_erase),
        ):
            sio.on(name, handler)

    def _connect(self, sid: str, environ: dict[str, Any], auth: object) -> None:
        request = environ["sanic.request"]
        allowed = {*self._settings.web_origins, self._own_origin}
        origin = request.headers.get("origin")
        if not is_allowed_origin(origin, request.host, allowed):
            raise Refusal("origin")
        given = _fields([auth])
        self._visitors.enter(
            sid,
            given.get("session"),
            _number(given.get("last")) or 0,
            address_of(request, self._settings.trusted_proxies),
        )

    async def _on_message(self, sid: str, *data: object) -> Acknowledgement:
        fields = _fields(data)

        async def take() -> Entry:
            message = _message(_message_id(fields.get("id")), fields.get("text"))
            return await self._take(sid, message)

        return await _acknowledged(take)

    async def _on_choose(self, sid: str, *data: object) -> Acknowledgement:
        fields = _fields(data)

        async def take() -> Entry:
            message_id = _message_id(fields.get("id"))
            sequence = _number(fields.get("sequence"))
            index = _number(fields.get("index"))
            if sequence is None or index is None:
                raise NotTaken("bad", "bad_message")
            press = written(message_id, "", now())
            return await self._take(sid, press, (sequence, index))

        return await _acknowledged(take)

    async def _on_reset(self, sid: str, *data: object) -> Acknowledgement:
        return await self._say(sid, data, "say_restart")

    async def _on_erase(self, sid: str, *data: object) -> Acknowledgement:
        return await self._say(sid, data, "say_erase")

    async def _say(
        self, sid: str, data: Sequence[object], phrase: str
    ) -> Acknowledgement:
        """Take a menu item as if its words had been typed; an id may be given."""

        async def take() -> Entry:
            message_id = _message_id(_fields(data).get("id") or secrets.token_hex(16))
            text = current_knowledge().phrase(phrase)
            return await self._take(sid, _message(message_id, text))

        return await _acknowledged(take)

    async def _take(
        self, sid: str, message: Entry, button: tuple[int, int] | None = None
    ) -> Entry:
        """Keep a message, or the press of a button (sequence, index), in its talk."""
        while True:
            visitor = await self._visitors.at(sid)
            if visitor is None:
                raise NotTaken("busy", "busy")
            talk = visitor.talk

            def keep(conversation_id: str = talk.id) -> Entry:
                if button is None:
                    return self._entries.add(conversation_id, message)
                return self._entries.press(conversation_id, message, *button)

            pressed = button[0] if button else None
            admit = partial(self._admit, visitor)
            try:
                return await talk.take(message.message_id, admit, keep, pressed)
            except EndedError:
                # The visitor has been given another talk by now.
                continue

    async def _admit(self, visitor: Visitor) -> None:
        if await self._quotas.exceeded(
            session=visitor.talk.id, address=visitor.address
        ):
            raise NotTaken("rate", "too_fast")


async def _acknowledged(take: Callable[[], Awaitable[Entry]]) -> Acknowledgement:
    """What the client is told of a message that was taken, or was not."""
    try:
        entry = await take()
    except NotTaken as error:
        reason, phrase = error.reason, error.phrase
    except UsedError:
        reason, phrase = "used", "button_used"
    except (SQLAlchemyError, OSError) as error:
        logger.error("message not kept: %s", type(error).__name__)
        reason, phrase = "busy", "busy"
    else:
        return {"ok": True, "sequence": entry.sequence}
    return {"ok": False, "reason": reason, "text": current_knowledge().phrase(phrase)}
