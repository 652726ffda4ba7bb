"""A person on each of the channels, who is a new one whenever that is asked for."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from rasa_ext.channels.limits import DEFAULT_LIMITS, PER_SESSION
from tests.channels.client import Window
from tests.channels.pace import Pace
from tests.channels.servers import RealServer, real_server
from tests.channels.telegram.bot_api import BotApi
from tests.channels.telegram.person import Person
from tests.channels.telegram.server import PUBLIC_URL, telegram_variables
from tests.channels.wechat.platform import Platform
from tests.faults.talk import PATIENCE_SECONDS, Talk

CHANNELS = ("rest", "web", "wechat", "telegram")
ANSWER_SECONDS = 20
MESSENGERS = DEFAULT_LIMITS.per_person[0]
_numbers = itertools.count()


class Speaker(Protocol):
    """A person on a channel."""

    conversation_id: str

    async def say(self, text: str) -> str:
        """Say something, no faster than one may; what is answered, links with it."""


@dataclass
class Everywhere:
    """A server with every channel, and the platforms behind two of them."""

    server: RealServer
    account: Platform
    telegram: BotApi

    @property
    def folder(self) -> Path:
        """Everything that the server writes."""
        return self.server.settings.data_dir

    @asynccontextmanager
    async def speaker(self, channel: str) -> AsyncIterator[Speaker]:
        """A new person on a channel."""
        number = next(_numbers)
        if channel == "rest":
            yield _RestSpeaker(self.server, f"person{number}")
        elif channel == "wechat":
            try:
                yield _WechatSpeaker(self.account, f"person{number}")
            finally:
                await self.account.close()
        elif channel == "telegram":
            yield _TelegramSpeaker(self.telegram)
        else:
            # Nobody shares an address: it may write only so often.
            address = {"X-Forwarded-For": f"10.0.{number // 256}.{number % 256}"}
            window = await Window(self.server.url, **address).connect()
            try:
                yield _WebSpeaker(window)
            finally:
                await window.leave()


class _RestSpeaker:
    def __init__(self, server: RealServer, sender: str) -> None:
        self._talk = Talk(server, sender)
        self.conversation_id = self._talk.conversation_id

    async def say(self, text: str) -> str:
        return str(await asyncio.to_thread(self._talk.messages, text))


async def _until(is_so: Callable[[], bool]) -> None:
    """Wait as long as anybody would; what did not come is nothing that was said."""
    deadline = time.monotonic() + ANSWER_SECONDS
    while not is_so() and time.monotonic() < deadline:
        await asyncio.sleep(0.05)


class _TelegramSpeaker:
    def __init__(self, api: BotApi) -> None:
        self._pace = Pace(MESSENGERS)
        # Nothing is asked of whether all is sent: the database may be away.
        self._person = Person(api, lambda _: True)
        self.conversation_id = self._person.conversation_id

    async def say(self, text: str) -> str:
        await self._pace.keep()
        before = len(self._person.seen())
        self._person.write(text)
        await _until(lambda: len(self._person.seen()) > before)
        self._pace.note()
        await asyncio.sleep(0.5)
        return str(self._person.seen()[before:])


class _WechatSpeaker:
    def __init__(self, account: Platform, openid: str) -> None:
        self._account = account
        self._openid = openid
        self._pace = Pace(MESSENGERS)
        self.conversation_id = f"wx:{openid}"

    async def say(self, text: str) -> str:
        await self._pace.keep()
        follower = self._account.follower(self._openid)
        before = len(follower.received)
        await self._account.say(self._openid, text)
        await _until(lambda: len(follower.received) > before)
        self._pace.note()
        await asyncio.sleep(0.5)
        return str(follower.received[before:])


class _WebSpeaker:
    def __init__(self, window: Window) -> None:
        self.window = window
        self.pace = Pace(PER_SESSION[0])
        self.conversation_id = window.conversation_id

    async def say(self, text: str) -> str:
        await self.pace.keep()
        window, message_id = self.window, f"m{next(_numbers)}"
        before = len(window.told)
        said = {"id": message_id, "text": text}
        # While the database is away, those who write wait one after another.
        taken = await window.call("message", said, timeout=PATIENCE_SECONDS)
        self.pace.note()
        if not taken["ok"]:
            return str(taken)

        def is_answered() -> bool:
            return ("erased", {}) in window.told[before:] or any(
                entry["from"] == "bot" and entry["id"] == message_id
                for entry in window.shown()
            )

        await window.until(is_answered)
        await asyncio.sleep(0.2)
        return str(window.told[before:])


@contextmanager
def everywhere(model: Path, folder: Path, **variables: str) -> Iterator[Everywhere]:
    """A server with every channel on; stopped at the end."""
    account = Platform("safe")
    account.api.start()
    telegram = BotApi(lambda url: url.replace(PUBLIC_URL, account.url))
    try:
        with real_server(
            model,
            folder,
            **account.environment(certified=True),
            **telegram_variables(telegram, "webhook"),
            **variables,
        ) as server:
            account.url = server.url
            yield Everywhere(server, account, telegram)
    finally:
        telegram.stop()
        account.api.stop()
