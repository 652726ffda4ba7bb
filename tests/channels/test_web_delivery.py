"""Nothing is lost and nothing comes twice, however often a connection breaks."""

from __future__ import annotations

import asyncio
import contextlib
import random
import sqlite3
from collections import Counter

import socketio

from tests.channels.client import Window
from tests.channels.echo_server import BROKEN, MOST_PER_ADDRESS, PAUSE, SLOW
from tests.channels.line import Line
from tests.channels.servers import EchoServer
from xieshang.knowledge import current_knowledge

PEOPLE = 10
BREAKS_EACH = 50
MESSAGES_EACH = 40


class Person(Window):
    """Says everything until it is acknowledged, as the widget does."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, **{"X-Forwarded-For": f"198.51.100.{name}"})
        self._name = name
        self.unsent: dict[str, str] = {}
        self.all: dict[str, str] = {}

    def think_of(self, count: int) -> None:
        """Have something more to say."""
        for _ in range(count):
            number = len(self.all)
            self.unsent[f"{self._name}-{number}"] = f"said {number}"
            self.all[f"{self._name}-{number}"] = f"said {number}"

    @property
    def is_content(self) -> bool:
        answered = {entry["id"] for entry in self.shown() if entry["from"] == "bot"}
        return not self.unsent and answered >= self.all.keys()

    async def live(self) -> None:
        """Connect, say what is not acknowledged, until all of it is answered."""
        while not self.is_content:
            with contextlib.suppress(
                socketio.exceptions.SocketIOError, asyncio.TimeoutError
            ):
                # One that is cut while it connects is given up by a phone as well.
                await asyncio.wait_for(self.connect(), 3)
                await self._say_all()
            await self.leave()

    async def _say_all(self) -> None:
        socket = self._socket
        assert socket is not None
        while not self.is_content and socket.connected:
            for message_id, text in list(self.unsent.items()):
                answer = await self._acknowledged(message_id, text)
                if answer is None:
                    return
                if answer == {**answer, "ok": False, "reason": "busy"}:
                    break
                assert answer["ok"], answer
                del self.unsent[message_id]
                await asyncio.sleep(random.uniform(0, 0.2))
            await asyncio.sleep(0.01)

    async def _acknowledged(self, message_id: str, text: str) -> dict | None:
        """The acknowledgement; None when the connection is lost before it comes."""
        socket = self._socket
        call = asyncio.create_task(self.say(text, message_id))
        while not call.done():
            if socket is None or not socket.connected:
                call.cancel()
                return None
            await asyncio.wait([call], timeout=0.01)
        return call.result()


async def test_500_broken_connections_lose_and_double_nothing(
    echo: EchoServer,
) -> None:
    lines = [Line(echo.port) for _ in range(PEOPLE)]
    people = [
        Person(await line.open(), str(number))
        for number, line in enumerate(lines, start=1)
    ]
    for person in people:
        person.think_of(MESSAGES_EACH)

    async def disturb(line: Line, person: Person, life: asyncio.Task[None]) -> None:
        while line.cuts < BREAKS_EACH:
            await asyncio.sleep(random.uniform(0.01, 0.4))
            if life.done():
                # All was said before the last break: go on talking.
                person.think_of(1)
                life = asyncio.create_task(person.live())
            line.cut()
        await life

    lives = [asyncio.create_task(person.live()) for person in people]
    await asyncio.wait_for(
        asyncio.gather(*map(disturb, lines, people, lives)), timeout=90
    )
    assert sum(line.cuts for line in lines) >= PEOPLE * BREAKS_EACH
    for line in lines:
        await line.close()
    for person in people:
        assert person.errors == []
        # A window of its own, opened last, sees the same as the one that was cut.
        fresh = Window(echo.url, person.token)
        await fresh.connect()
        await fresh.leave()
        assert fresh.entries == person.entries
        sequence = [entry["sequence"] for entry in fresh.shown()]
        assert sequence == list(range(1, len(sequence) + 1))
        said = Counter(e["id"] for e in fresh.shown() if e["from"] == "user")
        assert said == Counter(person.all.keys())
        answered = Counter(
            (e["id"], e["text"]) for e in fresh.shown() if e["from"] == "bot"
        )
        # "#1": the bot was told once.
        assert answered == Counter((i, f"{t} #1") for i, t in person.all.items())


async def test_a_crash_loses_nothing(echo: EchoServer) -> None:
    one = await Window(echo.url).connect()
    assert (await one.say(f"{SLOW} first", "c1"))["ok"]
    assert (await one.say("second", "c2"))["ok"]
    echo.kill()
    await one.leave()
    await asyncio.to_thread(echo.start)
    # Both windows that come back ask for the answer.
    again = Window(echo.url, one.token)
    await asyncio.gather(one.connect(), again.connect())
    await one.until(lambda: len(one.texts()) == 2)
    assert one.texts() == [f"{SLOW} first #1", "second #1"]
    await again.until(lambda: again.last == one.last)
    assert again.entries == one.entries
    await one.leave()
    await again.leave()


async def test_a_locked_database_loses_and_doubles_nothing(echo: EchoServer) -> None:
    one = await Window(echo.url).connect()
    assert (await one.say(PAUSE, "m1"))["ok"]
    lock = sqlite3.connect(echo.data_dir / "xieshang.db", isolation_level=None)
    lock.execute("begin immediate")
    told = await one.say("not now", "m2")
    assert (told["ok"], told["reason"]) == (False, "busy")
    # Reading goes on; the answer to the first waits for its place.
    again = await Window(echo.url, one.token).connect()
    assert again.texts("user") == [PAUSE]
    assert again.texts() == []
    lock.execute("rollback")
    lock.close()
    assert (await one.say("not now", "m2"))["ok"]
    await again.until(lambda: len(again.texts()) == 2)
    assert again.texts() == [f"{PAUSE} #1", "not now #1"]
    await one.leave()
    await again.leave()


async def test_a_turn_that_fails_is_told_and_the_next_one_is_answered(
    echo: EchoServer,
) -> None:
    one = await Window(echo.url).connect()
    told = await one.ask(BROKEN, "m1")
    assert [entry["text"] for entry in told] == [current_knowledge().phrase("busy")]
    assert (await one.ask("next", "m2"))[0]["text"] == "next #1"
    await one.leave()
    assert BROKEN not in echo.log()


async def test_one_address_may_write_so_often_in_all_its_conversations(
    echo: EchoServer,
) -> None:
    address = {"X-Forwarded-For": "1.2.3.4, 203.0.113.9"}
    one, other = [await Window(echo.url, **address).connect() for _ in range(2)]
    told = await asyncio.gather(
        *(one.say("hello", f"m{number}") for number in range(MOST_PER_ADDRESS))
    )
    assert all(answer["ok"] for answer in told)
    for window in (one, other):
        assert (await window.say("hello", "last"))["reason"] == "rate"
    elsewhere = Window(echo.url, **{"X-Forwarded-For": "203.0.113.10"})
    assert (await (await elsewhere.connect()).say("hello", "m"))["ok"]
    for window in (one, other, elsewhere):
        await window.leave()
