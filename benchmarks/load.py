"""People who write over REST, so many at the same time, each waiting for the answer."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from urllib.request import Request, urlopen

import aiohttp

from xieshang.knowledge import current_knowledge

# Longer than any answer may take.
PATIENCE = aiohttp.ClientTimeout(total=600)
_visits = count()


def say_once(url: str, sender: str, text: str) -> None:
    """Send one message and wait for the answer.

    Raises:
        SystemExit: it is not answered.
    """
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = Request(url, body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=PATIENCE.total) as answer:
        if not json.load(answer):
            raise SystemExit("the first message is not answered")


@dataclass
class Round:
    """What was measured while so many people wrote.

    Attributes:
        first: milliseconds of the answers to the first message of each talk.
        later: milliseconds of the other answers, in order.
        talk_seconds: of each whole talk.
        senders: who wrote, with the number of the talk.
        unanswered: messages without an answer, or told that the system is busy.
        messages: how many were sent.
        seconds: from the first message to the last answer.
        cpu_seconds: of the Rasa processes meanwhile.
        action_seconds: CPU seconds of the action server meanwhile.
    """

    first: list[float] = field(default_factory=list)
    later: list[float] = field(default_factory=list)
    talk_seconds: list[float] = field(default_factory=list)
    senders: list[tuple[str, int]] = field(default_factory=list)
    unanswered: int = 0
    messages: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    action_seconds: float = 0.0

    def add(self, other: Round) -> None:
        """Take another round of the same kind in."""
        self.first += other.first
        self.later += other.later
        self.talk_seconds += other.talk_seconds
        self.senders += other.senders
        self.unanswered += other.unanswered
        self.messages += other.messages
        self.seconds += other.seconds
        self.cpu_seconds += other.cpu_seconds
        self.action_seconds += other.action_seconds

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    @property
    def cpu_milliseconds(self) -> float:
        """Of the Rasa processes, a message."""
        return self.cpu_seconds / self.messages * 1000

    @property
    def action_milliseconds(self) -> float:
        """CPU of the action server, a message."""
        return self.action_seconds / self.messages * 1000


def quantiles(values: Sequence[float]) -> tuple[float, float, float]:
    """The median, and what 95 and 99 of 100 stay below."""
    if len(values) == 1:
        return values[0], values[0], values[0]
    cuts = statistics.quantiles(values, n=100, method="inclusive")
    return cuts[49], cuts[94], cuts[98]


class People:
    """So many people over kept connections.

    Args:
        url: of the REST webhook.
        number: how many of them.
        token: of the REST channel, when it asks for one.
    """

    def __init__(self, url: str, number: int, token: str = "") -> None:
        self._url = url
        self._number = number
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._busy = current_knowledge().phrase("busy")

    def talk(
        self,
        talks: Iterator[tuple[int, list[str]]],
        seconds: float,
        sender: str | None = None,
    ) -> Round:
        """Have them begin one talk after another until the time is up.

        Each ends the talk that it has begun.

        Args:
            talks: number and messages of each.
            seconds: how long talks are begun, or until there is none left.
            sender: of all talks; somebody new for each by default.
        """
        return asyncio.run(self._talk(talks, seconds, sender))

    async def _talk(
        self,
        talks: Iterator[tuple[int, list[str]]],
        seconds: float,
        sender: str | None,
    ) -> Round:
        told = Round()
        began = time.perf_counter()
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(
            connector=connector, timeout=PATIENCE, headers=self._headers
        ) as session:
            await asyncio.gather(
                *(
                    self._person(session, talks, began + seconds, told, sender)
                    for _ in range(self._number)
                )
            )
        told.seconds = time.perf_counter() - began
        return told

    async def _person(
        self,
        session: aiohttp.ClientSession,
        talks: Iterator[tuple[int, list[str]]],
        until: float,
        told: Round,
        known: str | None,
    ) -> None:
        for number, says in talks:
            sender = known or f"p{next(_visits)}"
            began = time.perf_counter()
            for place, text in enumerate(says):
                sent = time.perf_counter()
                answer = await self._say(session, sender, text)
                told.messages += 1
                told.unanswered += not answer
                taken = told.later if place else told.first
                taken.append((time.perf_counter() - sent) * 1000)
            told.talk_seconds.append(time.perf_counter() - began)
            told.senders.append((sender, number))
            if time.perf_counter() >= until:
                return

    async def _say(
        self, session: aiohttp.ClientSession, sender: str, text: str
    ) -> bool:
        body = {"sender": sender, "message": text}
        async with session.post(self._url, json=body) as answer:
            told = await answer.json() if answer.ok else []
        return any(message.get("text") != self._busy for message in told)
