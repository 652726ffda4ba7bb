"""Many people who talk for long, over REST and on the web, at an even rate."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
import psutil
from socketio.exceptions import SocketIOError
from tqdm import tqdm

from tests.channels.client import Window
from tests.channels.conversations import Conversation, read_conversations
from tests.channels.servers import RealServer
from tests.faults.talk import PATIENCE_SECONDS, busy
from xieshang.case.record import Case
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

MESSAGES_A_SECOND = 5
# Each writes every twelve seconds: the web lets nobody write more often for long.
PEOPLE = 60
REST, WEB = "REST", "web"
BUSY = "busy"
SAMPLE_SECONDS = 5
# What is allocated while everything is done for the first time is no growth.
WARM_UP_SECONDS = 300
# A minute of samples: one of them depends on the moment.
SPAN_SECONDS = 60
MEBIBYTE = 1 << 20


class NotAnswered(Exception):
    """A message without an answer; names what came instead."""


FAILURES = (
    OSError,
    aiohttp.ClientError,
    asyncio.TimeoutError,
    SocketIOError,
    NotAnswered,
)


@dataclass
class Soak:
    """What happened.

    Attributes:
        seconds: of each answer, by channel.
        unanswered: how often what came instead of an answer, by channel.
        memory: (seconds since the start, MiB) by process.
        cases: the facts by conversation, of talks that came to their end.
        wrong: the conversations of which another case is stored.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    unanswered: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    memory: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    cases: dict[str, Case] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    @property
    def silent(self) -> int:
        """How many messages were not answered."""
        return sum(sum(counts.values()) for counts in self.unanswered.values())

    def growth(self, process: str) -> tuple[float, float] | None:
        """MiB in the minute after the warm-up and in the last one.

        Returns:
            None when the run was too short to tell.
        """
        samples = self.memory[process]
        end = samples[-1][0]
        if end < WARM_UP_SECONDS + 2 * SPAN_SECONDS:
            return None
        first = [
            size
            for at, size in samples
            if WARM_UP_SECONDS <= at < WARM_UP_SECONDS + SPAN_SECONDS
        ]
        last = [size for at, size in samples if at > end - SPAN_SECONDS]
        return statistics.median(first), statistics.median(last)


class RestPerson:
    """Somebody who writes over REST."""

    def __init__(self, server: RealServer, number: int) -> None:
        self._url = f"{server.url}/webhooks/rest/webhook"
        self._sender = f"soak{number}"
        self.conversation_id = f"rest:{self._sender}"

    async def come(self) -> None:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        self._session = aiohttp.ClientSession(timeout=timeout)

    async def leave(self) -> None:
        await self._session.close()

    async def say(self, text: str) -> str:
        """The text of the answer."""
        body = {"sender": self._sender, "message": text}
        async with self._session.post(self._url, json=body) as answer:
            if answer.status != 200:
                raise NotAnswered(f"status {answer.status}")
            told = await answer.json()
        return "\n".join(message.get("text", "") for message in told)


class WebPerson:
    """Somebody with a window of the chat, at an address of their own."""

    def __init__(self, server: RealServer, number: int) -> None:
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        self._window = Window(server.url, **{"X-Forwarded-For": address})
        self._count = 0

    @property
    def conversation_id(self) -> str:
        return self._window.conversation_id

    async def come(self) -> None:
        await self._window.connect()

    async def leave(self) -> None:
        await self._window.leave()

    async def say(self, text: str) -> str:
        """The text of the answer."""
        self._count += 1
        message_id = f"m{self._count}"
        told = await self._window.say(text, message_id)
        if not told["ok"]:
            raise NotAnswered(str(told["reason"]))

        def answer() -> str:
            shown = self._window.shown()
            said = (e for e in shown if e["from"] == "bot" and e["id"] == message_id)
            return "\n".join(entry["text"] for entry in said if entry["text"])

        # The progress, which has no text, may come first.
        await self._window.until(lambda: bool(answer()))
        await asyncio.sleep(0.1)
        return answer()


Person = RestPerson | WebPerson


class Crowd:
    """The people, and the clock that lets one of them write at a time."""

    def __init__(self, server: RealServer) -> None:
        self.soak = Soak()
        self._server = server
        self._turns: asyncio.Queue[None] = asyncio.Queue()
        self._numbers = itertools.count(1)
        self._talks: Iterator[Conversation] = itertools.cycle(read_conversations())

    async def talk_for(self, seconds: float) -> Soak:
        """Let everybody talk; what happened."""
        begin = time.monotonic()
        people = [
            asyncio.create_task(self._live((REST, WEB)[number % 2]))
            for number in range(PEOPLE)
        ]
        watch = asyncio.create_task(self._watch(begin))
        count = int(seconds * MESSAGES_A_SECOND)
        for number in tqdm(range(count), "soak", unit="message"):
            self._turns.put_nowait(None)
            due = begin + (number + 1) / MESSAGES_A_SECOND
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for person in people:
                if person.done():
                    person.result()
        # Answers that are on their way are heard.
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._turns.join(), 2 * PATIENCE_SECONDS)
        for task in (watch, *people):
            task.cancel()
        await asyncio.gather(watch, *people, return_exceptions=True)
        self._compare_cases()
        return self.soak

    async def _live(self, channel: str) -> None:
        """One talk after another, each as somebody new."""
        kind = RestPerson if channel == REST else WebPerson
        while True:
            conversation = next(self._talks)
            person = kind(self._server, next(self._numbers))
            await self._turns.get()
            try:
                await person.come()
            except FAILURES as error:
                self._fail(channel, error)
                self._turns.task_done()
                continue
            try:
                await self._tell(channel, person, conversation)
            finally:
                await person.leave()

    async def _tell(
        self, channel: str, person: Person, conversation: Conversation
    ) -> None:
        """Say everything; the first message has its turn already.

        Who is told that the assistant is busy says it again, as the answer asks.
        """
        left = list(reversed(conversation.says))
        while left:
            try:
                await self._say(channel, person, left[-1])
                left.pop()
            except FAILURES as error:
                self._fail(channel, error)
                if str(error) != BUSY:
                    left.pop()
            finally:
                self._turns.task_done()
            if left:
                await self._turns.get()
        self.soak.cases[person.conversation_id] = conversation.case

    async def _say(self, channel: str, person: Person, text: str) -> None:
        begin = time.monotonic()
        answer = await person.say(text)
        self.soak.seconds[channel].append(time.monotonic() - begin)
        if answer in ("", busy()):
            raise NotAnswered(BUSY if answer else "empty")

    def _fail(self, channel: str, error: Exception) -> None:
        self.soak.unanswered[channel][str(error) or type(error).__name__] += 1

    async def _watch(self, begin: float) -> None:
        while True:
            for name, pid in self._server.processes().items():
                process = psutil.Process(pid)
                every = [process, *process.children(recursive=True)]
                size = sum(one.memory_info().rss for one in every) / MEBIBYTE
                self.soak.memory[name].append((time.monotonic() - begin, size))
            await asyncio.sleep(SAMPLE_SECONDS)

    def _compare_cases(self) -> None:
        engine = open_database(self._server.settings.database_url)
        store = CaseStore(engine)
        for conversation_id, case in self.soak.cases.items():
            stored = store.latest(conversation_id)
            if stored is None or stored.case != case:
                self.soak.wrong.append(conversation_id)
        engine.dispose()
