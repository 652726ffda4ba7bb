"""A browser's side of the web channel: python-socketio, and what the widget keeps."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import aiohttp
import socketio

WAIT_SECONDS = 20

# engineio 4.15 names a class that aiohttp has had since 3.10; Rasa holds it at 3.9.
if not hasattr(aiohttp, "ClientWSTimeout"):
    aiohttp.ClientWSTimeout = lambda ws_close: ws_close  # type: ignore[attr-defined]


class Window:
    """A window of the chat: its session, its entries by number, what it was told."""

    def __init__(self, url: str, token: object = None, **headers: str) -> None:
        self.url = url
        self.token = token
        self.headers = headers
        self.entries: dict[int, dict[str, Any]] = {}
        self.sessions: list[dict[str, Any]] = []
        self.told: list[tuple[str, Any]] = []
        self.refused: list[Any] = []
        self.errors: list[str] = []
        self._socket: socketio.AsyncClient | None = None

    @property
    def last(self) -> int:
        return max(self.entries, default=0)

    @property
    def is_typing(self) -> bool:
        """Whether the bot is, as far as this window has been told."""
        states = ("typing", "session", "erased")
        told = [(event, data) for event, data in self.told if event in states]
        return bool(told) and told[-1] == ("typing", {"on": True})

    @property
    def conversation_id(self) -> str:
        import jwt

        claims = jwt.decode(self.token, options={"verify_signature": False})
        return str(claims["sub"])

    def texts(self, sender: str = "bot") -> list[str]:
        return [e["text"] for e in self.shown() if e["from"] == sender and e["text"]]

    def shown(self) -> list[dict[str, Any]]:
        return [self.entries[number] for number in sorted(self.entries)]

    async def connect(
        self, transport: str = "websocket", auth: object = None, last: int | None = None
    ) -> Window:
        """Connect; the session has come when this returns."""
        sessions = len(self.sessions)
        socket = socketio.AsyncClient(reconnection=False)
        for event in ("session", "entry", "used", "typing", "erased", "connect_error"):
            socket.on(event, self._listener(socket, event))
        self._socket = socket
        seen = self.last if last is None else last
        await socket.connect(
            self.url,
            headers=self.headers,
            auth={"session": self.token, "last": seen} if auth is None else auth,
            transports=[transport],
            socketio_path="/chat/socket.io",
            # One second is too short for many that connect at once.
            wait_timeout=WAIT_SECONDS,
        )
        await self.until(lambda: len(self.sessions) > sessions)
        return self

    def _listener(
        self, socket: socketio.AsyncClient, event: str
    ) -> Callable[..., None]:
        def listen(data: Any = None) -> None:
            if self._socket is not socket:
                return
            self.told.append((event, data))
            if event == "session":
                self.sessions.append(data)
                self.token = data["token"]
                if data["conversation_renewed"]:
                    self.entries.clear()
                for entry in data["history"]:
                    self._take(entry)
            elif event == "entry":
                self._take(data)
            elif event == "used":
                self.entries[data["sequence"]]["used"] = True
            elif event == "erased":
                self.entries.clear()
            elif event == "connect_error":
                self.refused.append(data)

        return listen

    def _take(self, entry: dict[str, Any]) -> None:
        number = entry["sequence"]
        if number in self.entries:
            self.errors.append(f"{number} came twice")
        if number != self.last + 1 and self.entries:
            self.errors.append(f"{number} after {self.last}")
        self.entries[number] = entry

    async def call(self, event: str, *data: object, timeout: float = 10) -> Any:
        assert self._socket is not None
        given = data[0] if len(data) == 1 else (tuple(data) or None)
        return await self._socket.call(event, given, timeout=timeout)

    async def say(self, text: object, message_id: str) -> Any:
        return await self.call("message", {"id": message_id, "text": text})

    async def ask(self, text: str, message_id: str) -> list[dict[str, Any]]:
        """Say something and wait for what answers it."""
        assert (await self.say(text, message_id))["ok"], text
        return await self.answer_to(message_id)

    async def press(self, title: str, message_id: str) -> Any:
        """Press the newest button of that title."""
        sequence, index = next(
            (entry["sequence"], index)
            for entry in reversed(self.shown())
            for index, button in enumerate(entry["buttons"])
            if button["title"] == title
        )
        pressed = {"id": message_id, "sequence": sequence, "index": index}
        return await self.call("choose", pressed)

    async def answer_to(self, message_id: str) -> list[dict[str, Any]]:
        def answers() -> list[dict[str, Any]]:
            return [
                entry
                for entry in self.shown()
                if entry["from"] == "bot" and entry["id"] == message_id
            ]

        # The bot types until the whole answer has been told.
        await self.until(lambda: bool(answers()) and not self.is_typing)
        return answers()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async def wait() -> None:
            while not is_so():
                await asyncio.sleep(0.01)

        await asyncio.wait_for(wait(), WAIT_SECONDS)

    async def leave(self) -> None:
        socket, self._socket = self._socket, None
        if socket is not None:
            # Its long poll would be waited for.
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(socket.disconnect(), 1)
