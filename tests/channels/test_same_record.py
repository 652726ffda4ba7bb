"""The same people on every channel of one server: the same case is stored."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from rasa_ext.channels.limits import DEFAULT_LIMITS, PER_SESSION, Limit
from tests.channels.client import Window
from tests.channels.conversations import read_conversations
from tests.channels.pace import Pace
from tests.channels.telegram.server import TelegramServer, telegram_server
from tests.channels.wechat.light import until
from tests.channels.wechat.platform import LINK, Platform
from tests.faults.talk import Talk, busy
from tests.tables import logged, stored_rows
from xieshang.case.record import Case
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

CONVERSATIONS = read_conversations()
ID_NUMBER = "11010519491231002X"
# More are not answered in time by two cores that do other things as well.
TURNS_AT_ONCE = 3
UNLIMITED = Limit(1_000, 1)
Say = Callable[[str], Awaitable[list[str]]]
Way = Callable[[int, Sequence[str]], Awaitable[str]]


@pytest.fixture(scope="module")
def running(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TelegramServer, Platform]]:
    """One server with every channel on, and the two platforms."""
    account = Platform("safe")
    account.api.start()
    data_dir = tmp_path_factory.mktemp("channels") / "data"
    with telegram_server(
        model,
        data_dir,
        "polling",
        "WARNING",
        **account.environment(certified=True),
        # Everybody on the web is at an address of their own.
        XIESHANG_TRUSTED_PROXIES="127.0.0.1",
    ) as server:
        account.url = server.url
        yield server, account
    account.api.stop()


class Channels:
    """The ways to talk to one server.

    Args:
        server: with every channel on.
        account: WeChat before it.
    """

    def __init__(self, server: TelegramServer, account: Platform) -> None:
        self._server = server
        self._account = account
        self._turns = asyncio.Semaphore(TURNS_AT_ONCE)

    async def _tell(self, says: Sequence[str], limit: Limit, say: Say) -> None:
        """Say one thing after the other."""
        pace = Pace(limit)
        for text in says:
            await pace.keep()
            async with self._turns:
                told = await say(text)
            pace.note()
            assert any(told), text
            assert busy() not in told, text

    async def rest(self, number: int, says: Sequence[str]) -> str:
        talk = Talk(self._server, f"same{number}")

        async def say(text: str) -> list[str]:
            told = await asyncio.to_thread(talk.messages, text)
            return [message.get("text", "") for message in told]

        await self._tell(says, UNLIMITED, say)
        return talk.conversation_id

    async def web(self, number: int, says: Sequence[str]) -> str:
        """What is offered as a button is pressed."""
        address = {"X-Forwarded-For": f"198.51.100.{number + 1}"}
        async with self._turns:
            window = await Window(self._server.url, **address).connect()
        offered: set[str] = set()
        ids = (f"m{count}" for count in itertools.count())

        async def say(text: str) -> list[str]:
            message_id = next(ids)
            tell = window.press if text in offered else window.say
            told = await tell(text, message_id)
            assert told["ok"], (text, told)
            answers = await window.answer_to(message_id)
            offered.clear()
            offered.update(button["title"] for e in answers for button in e["buttons"])
            return [entry["text"] for entry in answers]

        await self._tell(says, PER_SESSION[0], say)
        await window.leave()
        return window.conversation_id

    async def telegram(self, _: int, says: Sequence[str]) -> str:
        """What is offered as a button is pressed."""
        person = self._server.person()
        offered: set[str] = set()

        async def say(text: str) -> list[str]:
            tell = person.press if text in offered else person.say
            answers = await asyncio.to_thread(tell, text)
            offered.clear()
            offered.update(title for sent in answers for title in sent.titles)
            return [sent.text for sent in answers]

        await self._tell(says, DEFAULT_LIMITS.per_person[0], say)
        return person.conversation_id

    async def wechat(self, number: int, says: Sequence[str]) -> str:
        """What is offered as a link is touched."""
        openid = f"same{number}"
        conversation_id = f"wx:{openid}"
        person = self._account.follower(openid)
        offered: set[str] = set()

        async def say(text: str) -> list[str]:
            before = len(person.received)
            tell = self._account.press if text in offered else self._account.say
            await tell(openid, text)
            await until(partial(self._server.is_settled, conversation_id))
            told = person.texts()[before:]
            offered.clear()
            offered.update(found[1] for one in told for found in LINK.finditer(one))
            return told

        await self._tell(says, DEFAULT_LIMITS.per_person[0], say)
        return conversation_id

    async def stored(self, talk: Way) -> dict[str, Case | None]:
        """What is stored of each conversation when all are over, by its name."""
        ids = await asyncio.gather(
            *(talk(number, one.says) for number, one in enumerate(CONVERSATIONS))
        )
        engine = open_database(self._server.settings.database_url)
        found = [CaseStore(engine).latest(conversation_id) for conversation_id in ids]
        engine.dispose()
        names = [one.name for one in CONVERSATIONS]
        return {n: one and one.case for n, one in zip(names, found, strict=True)}


async def test_it_is_the_same_case_on_every_channel(
    running: tuple[TelegramServer, Platform],
) -> None:
    server, account = running
    channels = Channels(server, account)
    ways = (channels.rest, channels.web, channels.telegram, channels.wechat)
    rest, web, telegram, wechat = await asyncio.gather(*map(channels.stored, ways))
    await account.close()
    facts = {one.name: one.case for one in CONVERSATIONS}
    assert len(facts) == 20
    assert rest == facts
    assert web == facts
    assert telegram == facts
    assert wechat == facts
    kept = stored_rows(server.settings)
    assert not any(ID_NUMBER in row for rows in kept.values() for row in rows)
    assert ID_NUMBER not in logged(server.settings)
