"""The same people on every channel of one server: the same case is stored."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from rasa_ext.channels.limits import DEFAULT_LIMITS, PER_SESSION, Limit
from tests.channels.client import Window
from tests.channels.conversations import read_conversations
from tests.channels.telegram.server import TelegramServer, telegram_server
from tests.channels.wechat.light import until
from tests.channels.wechat.platform import LINK, Follower, Platform
from tests.faults.talk import Talk, busy
from tests.tables import logged, stored_rows
from xieshang.case.record import Case
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

CONVERSATIONS = read_conversations()
ID_NUMBER = "11010519491231002X"
# More are not answered in time by two cores that do other things as well.
TURNS_AT_ONCE = 3
Way = Callable[[int, Sequence[str]], Awaitable[str]]


@pytest.fixture(scope="module")
def running(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TelegramServer, Platform]]:
    """One server with every channel on, and the two platforms."""
    account = Platform("safe")
    account.api.start()
    data_dir = tmp_path_factory.mktemp("channels") / "data"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in account.environment(certified=True).items():
            patch.setenv(name, value)
        with telegram_server(model, data_dir, "polling", "WARNING") as server:
            account.url = server.url
            yield server, account
    account.api.stop()


class Pace:
    """As fast as somebody may write."""

    def __init__(self, limit: Limit) -> None:
        self._seconds = limit.seconds + 0.5
        self._answered: deque[float] = deque(maxlen=limit.messages)

    async def keep(self) -> None:
        """Wait until one more message is within the limit."""
        if len(self._answered) == self._answered.maxlen:
            free_at = self._answered[0] + self._seconds
            await asyncio.sleep(max(0.0, free_at - time.monotonic()))

    def note(self) -> None:
        """Count a message when it is answered: then it was counted over there."""
        self._answered.append(time.monotonic())


def has_more(person: Follower, before: int) -> bool:
    return len(person.received) > before


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

    async def rest(self, number: int, says: Sequence[str]) -> str:
        talk = Talk(self._server, f"same{number}")
        for text in says:
            async with self._turns:
                answer = await asyncio.to_thread(talk.say, text)
            assert answer not in ("", busy()), text
        return talk.conversation_id

    async def web(self, number: int, says: Sequence[str]) -> str:
        """What is offered as a button is pressed."""
        address = {"X-Forwarded-For": f"198.51.100.{number + 1}"}
        window = await Window(self._server.url, **address).connect()
        pace = Pace(PER_SESSION[0])
        offered: set[str] = set()
        for count, text in enumerate(says):
            await pace.keep()
            say = window.press if text in offered else window.say
            async with self._turns:
                told = await say(text, f"m{count}")
                assert told["ok"], (text, told)
                answers = await window.answer_to(f"m{count}")
            pace.note()
            assert busy() not in [entry["text"] for entry in answers], text
            offered = {button["title"] for e in answers for button in e["buttons"]}
        await window.leave()
        return window.conversation_id

    async def telegram(self, _: int, says: Sequence[str]) -> str:
        """What is offered as a button is pressed."""
        person = self._server.person()
        offered: list[str] = []
        for text in says:
            say = person.press if text in offered else person.say
            async with self._turns:
                answers = await asyncio.to_thread(say, text)
            assert busy() not in [sent.text for sent in answers], text
            offered = [title for sent in answers for title in sent.titles]
        return person.conversation_id

    async def wechat(self, number: int, says: Sequence[str]) -> str:
        """What is offered as a link is touched."""
        openid = f"same{number}"
        person = self._account.follower(openid)
        pace = Pace(DEFAULT_LIMITS.per_person[0])
        offered: set[str] = set()
        for text in says:
            await pace.keep()
            before = len(person.received)
            say = self._account.press if text in offered else self._account.say
            async with self._turns:
                await say(openid, text)
                await until(partial(has_more, person, before))
            pace.note()
            told = "\n".join(person.texts()[before:])
            assert busy() not in told, text
            offered = {found[1] for found in LINK.finditer(told)}
        return f"wx:{openid}"

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
