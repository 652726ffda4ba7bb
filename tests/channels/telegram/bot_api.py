"""A Bot API server that keeps Telegram's rules: https://core.telegram.org/bots/api"""

from __future__ import annotations

import asyncio
import json
import math
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tests.channels.telegram.bot_html import BadEntitiesError, shown_text
from tests.conftest import free_port

TOKEN = "123456789:AAtest-token_of_the_bot-000000000001"
WAIT_SECONDS = 60
# The button stops waiting by itself.
QUERY_SECONDS = 15.0
ALL_UPDATES = ["message", "edited_message", "callback_query"]
PORTS = {None, 443, 80, 88, 8443}
# Telegram waits longer before it delivers an update again.
AGAIN_SECONDS = 0.3
MAX_PHOTO_BYTES, MAX_FILE_BYTES = 10_000_000, 50_000_000
PNG = b"\x89PNG\r\n\x1a\n"

Fields = dict[str, Any]


class ApiError(Exception):
    """A call that is refused."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.answer = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.answer["parameters"] = parameters


@dataclass
class Sent:
    """A message of the bot as a person sees it."""

    chat: int
    id: int
    text: str
    html: str = ""
    buttons: list[list[Fields]] = field(default_factory=list)
    file: tuple[str, str, bytes] | None = None

    @property
    def titles(self) -> list[str]:
        return [button["text"] for row in self.buttons for button in row]


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def parsed(fields: Fields, name: str, limit: int, too_long: str) -> str:
    """The text of a message without its entities."""
    text = fields.get(name) or ""
    if fields.get("parse_mode") == "HTML":
        try:
            text = shown_text(text)
        except BadEntitiesError as error:
            raise ApiError(400, f"Bad Request: can't parse entities: {error}") from None
    text = text.strip()
    if utf16(text) > limit:
        raise ApiError(400, f"Bad Request: {too_long}")
    return text


def markup(fields: Fields) -> list[list[Fields]]:
    keyboard = json.loads(fields.get("reply_markup") or "{}")
    rows = keyboard.get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if not button.get("text"):
            raise ApiError(400, "Bad Request: Text buttons are unallowed")
        if "url" in button:
            host = urlsplit(button["url"]).hostname or ""
            if "." not in host or host.startswith("127."):
                raise ApiError(400, "Bad Request: Wrong HTTP URL specified")
            continue
        data = button.get("callback_data", "")
        if not 1 <= len(data.encode()) <= 64:
            raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")
    return rows


class BotApi:
    """The server, in a thread of its own; and what it has been told."""

    def __init__(self, reach: Callable[[str], str] = str) -> None:
        """Start it.

        Args:
            reach: where the address of a webhook leads in the test.
        """
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.calls: list[tuple[str, Fields]] = []
        self.refused: list[tuple[str, str]] = []
        self.sent: list[Sent] = []
        self.webhook: Fields | None = None
        self.commands: list[Fields] = []
        self.blocked: set[int] = set()
        self.callbacks: dict[str, str | None] = {}
        self.query_seconds = QUERY_SECONDS
        self._asked_at: dict[str, float] = {}
        self.too_early: list[int] = []
        self.delivered: list[tuple[int, int]] = []
        self.is_down = False
        self.missed = 0
        self._reach = reach
        self._floods: dict[int, tuple[int, int]] = {}
        self._flood_until: dict[int, float] = {}
        self._pending: list[Fields] = []
        self._allowed = ALL_UPDATES
        self._poll = 0
        self._known_chats: set[int] = set()
        self._numbers = iter(range(1000, 10**9))
        self._happening = threading.Lock()
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self._ready.wait()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.create_task(self._deliver())
        self._ready.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        app = web.Application(client_max_size=MAX_FILE_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(
            self._runner, "127.0.0.1", self.port, reuse_address=True
        ).start()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(30)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._runner.cleanup()

    # What happens on Telegram's side

    def number(self) -> int:
        return next(self._numbers)

    def update(self, **content: Any) -> Fields:
        """Something happens; the bot is told of it."""
        # People write from threads of their own; ids come in the order of updates.
        with self._happening:
            update = {"update_id": self.number(), **content}
            self.tell(update)
        return update

    def tell(self, update: Fields) -> None:
        """Tell the bot of an update, maybe again."""
        for kind in ("message", "edited_message"):
            chat = (update.get(kind) or {}).get("chat")
            self._known_chats |= {chat["id"]} if chat else set()
        if not (set(ALL_UPDATES) - set(self._allowed)) & update.keys():
            self._loop.call_soon_threadsafe(self._pending.append, update)

    def flood(self, chat: int, times: int, seconds: int) -> None:
        """Refuse the next messages to a chat with 429."""
        self._floods[chat] = times, seconds

    def press(self, **query: Any) -> str:
        """Somebody presses a button and waits for the answer; the query's id."""
        name = str(self.number())
        self.callbacks[name] = None
        self._asked_at[name] = time.monotonic()
        self.update(callback_query={"id": name, "chat_instance": "1", **query})
        return name

    @property
    def pending(self) -> list[int]:
        return [update["update_id"] for update in self._pending]

    def of(self, method: str) -> list[Fields]:
        return [fields for name, fields in self.calls if name == method]

    async def _deliver(self) -> None:
        async with aiohttp.ClientSession() as session:
            while True:
                if not (self.webhook and self._pending):
                    await asyncio.sleep(0.02)
                    continue
                update = self._pending[0]
                headers = {}
                if self.webhook.get("secret_token"):
                    secret = self.webhook["secret_token"]
                    headers["X-Telegram-Bot-Api-Secret-Token"] = secret
                status = 0
                try:
                    address = self._reach(self.webhook["url"])
                    async with session.post(
                        address, json=update, headers=headers
                    ) as answer:
                        status = answer.status
                except aiohttp.ClientError:
                    pass
                self.delivered.append((update["update_id"], status))
                if 200 <= status < 300:
                    self._pending.remove(update)
                else:
                    await asyncio.sleep(AGAIN_SECONDS)

    # What the bot calls

    async def _called(self, request: web.Request) -> web.Response:
        if self.is_down:
            self.missed += 1
            return web.Response(status=502, text="Bad Gateway")
        fields: Fields = dict(request.query)
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                content = value.file.read()
                fields[name] = (value.filename, value.content_type, content)
            else:
                fields[name] = value
        method = request.match_info["method"]
        self.calls.append((method, fields))
        try:
            if request.match_info["token"] != TOKEN:
                raise ApiError(401, "Unauthorized")
            handler = getattr(self, f"_{_snake(method)}", None)
            if handler is None:
                raise ApiError(404, "Not Found: method not found")
            result = await handler(fields)
        except ApiError as error:
            self.refused.append((method, str(error)))
            return web.json_response(error.answer, status=error.code)
        return web.json_response({"ok": True, "result": result})

    async def _get_me(self, fields: Fields) -> Fields:
        return {"id": 1, "is_bot": True, "first_name": "协商", "username": "xs_bot"}

    async def _set_my_commands(self, fields: Fields) -> bool:
        self.commands = json.loads(fields["commands"])
        for command in self.commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        return True

    async def _set_webhook(self, fields: Fields) -> bool:
        parts = urlsplit(fields["url"])
        if parts.scheme != "https":
            raise ApiError(
                400, "Bad Request: bad webhook: An HTTPS URL must be provided"
            )
        if parts.port not in PORTS:
            raise ApiError(
                400, "Bad Request: bad webhook: Webhook can be set up only on ports"
            )
        if not re.fullmatch(r"[\w-]{0,256}", fields.get("secret_token", ""), re.ASCII):
            raise ApiError(
                400, "Bad Request: secret token contains unallowed character"
            )
        self.webhook = fields
        self._allowed = json.loads(fields["allowed_updates"])
        return True

    async def _delete_webhook(self, fields: Fields) -> bool:
        self.webhook = None
        return True

    async def _get_updates(self, fields: Fields) -> list[Fields]:
        if self.webhook:
            raise ApiError(
                409, "Conflict: can't use getUpdates method while webhook is active"
            )
        self._poll += 1
        this = self._poll
        self._allowed = json.loads(fields["allowed_updates"])
        offset = int(fields.get("offset", 0))
        self._pending = [u for u in self._pending if u["update_id"] >= offset]
        deadline = time.monotonic() + int(fields.get("timeout", 0))
        while not self._pending and time.monotonic() < deadline and not self.is_down:
            await asyncio.sleep(0.02)
            if self._poll != this:
                raise ApiError(409, "Conflict: terminated by other getUpdates request")
        return self._pending[: int(fields.get("limit", 100))]

    def _admit(self, fields: Fields) -> int:
        chat = int(fields["chat_id"])
        if chat in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat not in self._known_chats:
            raise ApiError(400, "Bad Request: chat not found")
        self._require_patience(chat)
        return chat

    def _require_patience(self, chat: int) -> None:
        """Refuse what comes too early, and as much more as the test wants."""
        times, seconds = self._floods.get(chat, (0, 0))
        left = self._flood_until.get(chat, 0) - time.monotonic()
        if left > 0:
            self.too_early.append(chat)
        elif times:
            self._floods[chat] = times - 1, seconds
            self._flood_until[chat] = time.monotonic() + seconds
            left = seconds
        if left > 0:
            wait = math.ceil(left)
            raise ApiError(
                429, f"Too Many Requests: retry after {wait}", retry_after=wait
            )

    def _take(self, sent: Sent) -> Fields:
        self.sent.append(sent)
        chat = {"id": sent.chat, "type": "private"}
        return {"message_id": sent.id, "date": int(time.time()), "chat": chat}

    async def _send_message(self, fields: Fields) -> Fields:
        chat = self._admit(fields)
        text = parsed(fields, "text", 4096, "message is too long")
        if not text:
            raise ApiError(400, "Bad Request: message text is empty")
        html = fields["text"]
        return self._take(Sent(chat, self.number(), text, html, markup(fields)))

    async def _send_photo(self, fields: Fields) -> Fields:
        return self._send_file(fields, "photo", MAX_PHOTO_BYTES)

    async def _send_document(self, fields: Fields) -> Fields:
        return self._send_file(fields, "document", MAX_FILE_BYTES)

    def _send_file(self, fields: Fields, kind: str, limit: int) -> Fields:
        chat = self._admit(fields)
        caption = parsed(fields, "caption", 1024, "message caption is too long")
        name = fields[kind]
        if isinstance(name, str) and name.startswith("attach://"):
            name = fields[name.removeprefix("attach://")]
        if not isinstance(name, tuple):
            raise ApiError(400, "Bad Request: wrong file identifier/HTTP URL specified")
        if not name[2] or len(name[2]) > limit:
            raise ApiError(413, "Request Entity Too Large")
        if kind == "photo" and not name[2].startswith(PNG):
            raise ApiError(400, "Bad Request: IMAGE_PROCESS_FAILED")
        html = fields.get("caption", "")
        buttons = markup(fields)
        return self._take(Sent(chat, self.number(), caption, html, buttons, name))

    async def _send_chat_action(self, fields: Fields) -> bool:
        if int(fields["chat_id"]) in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        return True

    async def _answer_callback_query(self, fields: Fields) -> bool:
        query = fields["callback_query_id"]
        is_late = time.monotonic() - self._asked_at.get(query, 0) > self.query_seconds
        if is_late or self.callbacks.get(query, "") is not None:
            raise ApiError(
                400,
                "Bad Request: query is too old and response timeout expired or "
                "query ID is invalid",
            )
        if len(fields.get("text") or "") > 200:
            raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
        self.callbacks[query] = fields.get("text") or ""
        return True

    async def _edit_message_reply_markup(self, fields: Fields) -> bool:
        if int(fields["chat_id"]) in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        number = int(fields["message_id"])
        found = next((sent for sent in self.sent if sent.id == number), None)
        if found is None:
            raise ApiError(400, "Bad Request: message to edit not found")
        buttons = markup(fields)
        if buttons == found.buttons:
            raise ApiError(400, "Bad Request: message is not modified")
        found.buttons = buttons
        return True


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found.group().lower()}", name)
