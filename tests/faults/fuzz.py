"""Random requests over all routes and channels of a server, and what they did."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psutil
from hypothesis import HealthCheck, Phase, given, settings

from tests.channels.client import Window
from tests.channels.telegram.server import SECRET
from tests.channels.wechat.platform import letter
from tests.faults.requests import COMMANDS, TELEGRAM, acts
from tests.faults.speakers import Everywhere
from tests.faults.talk import Talk

# What nobody else may be told: figures of somebody's case.
VICTIM = ("8341.57", "8,341.57", "23619", "23,619")
MOST_GROWTH = 0.05


@dataclass
class Fuzzed:
    """What came back.

    Attributes:
        statuses: how often each status was answered; 0: the server hung up.
        growth: of the memory of both servers since a quarter of the requests.
        commands: which commands led to a turn, or payloads that no button had.
    """

    statuses: Counter[int] = field(default_factory=Counter)
    growth: float = 0.0
    commands: list[str] = field(default_factory=list)


def raw(method: str, path: str, named: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in named.items())]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    return head.encode(errors="surrogatepass") + body


class Fuzzer:
    """Sends what it is given; nothing of it may be an error or tell of the victim."""

    def __init__(self, place: Everywhere) -> None:
        self.told = Fuzzed()
        self._place = place
        self._loop = asyncio.new_event_loop()
        self._window = self._loop.run_until_complete(self._connected())
        self._first = self._rows("select coalesce(max(id), 0) from events")[0][0]
        talk = Talk(place.server, "victim")
        talk.say("开始登记", "同意", f"花呗欠{VICTIM[0]}，借呗{VICTIM[2]}")
        self._secret = [text.encode() for text in VICTIM]

    def _rows(self, query: str) -> list[tuple]:
        path = self._place.folder / "xieshang.db"
        with closing(sqlite3.connect(path)) as database:
            return database.execute(query).fetchall()

    async def _connected(self) -> Window:
        address = {"X-Forwarded-For": "10.9.9.9"}
        return await Window(self._place.server.url, **address).connect()

    def memory(self) -> int:
        pids = self._place.server.processes().values()
        return sum(psutil.Process(pid).memory_info().rss for pid in pids)

    def request(self, request: tuple[str, str, dict[str, str], bytes]) -> None:
        self._send(raw(*request))

    def _send(self, request: bytes) -> None:
        address = ("127.0.0.1", self._place.server.settings.port)
        answer = b""
        with socket.create_connection(address, timeout=30) as connection:
            try:
                connection.sendall(request)
                while chunk := connection.recv(65536):
                    answer += chunk
                    if b"Content-Length" not in answer and b"\r\n\r\n" in answer:
                        break  # perhaps a web socket, which would not end
            except ConnectionError:
                pass
        status = int(answer.split(b" ", 2)[1]) if answer else 0
        assert status < 500, answer
        self._require_discretion(answer)
        self.told.statuses[status] += 1

    def update(self, update: dict[str, Any]) -> None:
        named = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        self._send(raw("POST", TELEGRAM, named, json.dumps(update).encode()))

    def letter(self, fields: dict[str, str]) -> None:
        query, body = self._place.account.wrapped(letter(fields))
        sealed = body.encode(errors="replace")
        self._send(raw("POST", f"/wechat?{urlencode(query)}", {}, sealed))

    def event(self, event: tuple[str, object]) -> None:
        told = self._loop.run_until_complete(self._window.call(*event))
        assert isinstance(told, dict), told
        self._require_discretion(json.dumps(told).encode())

    def _require_discretion(self, answer: bytes) -> None:
        assert not [text for text in self._secret if text in answer], answer

    def end(self) -> None:
        self._loop.run_until_complete(self._window.leave())
        self._loop.close()
        issued: dict[str, set[str]] = defaultdict(set)
        query = f"select sender_id, data from events where id > {self._first}"
        for sender, data in self._rows(f"{query} order by id"):
            event = json.loads(data)
            for button in event.get("data", {}).get("buttons") or ():
                issued[sender].add(button["payload"])
            text = str(event.get("text") or "")
            is_command = text.startswith(("/", "／")) or text in COMMANDS
            if event["event"] == "user" and is_command and text not in issued[sender]:
                self.told.commands.append(text)


def fuzzed(place: Everywhere, count: int) -> Fuzzed:
    """Send random requests: to any route, and some as the platforms would.

    Args:
        place: a server with every channel.
        count: how many.

    Raises:
        AssertionError: an error of the server, or something of somebody else's.
    """
    fuzzer = Fuzzer(place)
    sent = 0
    memory = 0

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(acts)
    def fuzz(act: tuple[str, Any]) -> None:
        nonlocal sent, memory
        sent += 1
        if sent == count // 4:
            memory = fuzzer.memory()
        name, what = act
        getattr(fuzzer, name)(what)

    try:
        fuzz()
        fuzzer.told.growth = fuzzer.memory() / memory - 1
    finally:
        fuzzer.end()
    return fuzzer.told
