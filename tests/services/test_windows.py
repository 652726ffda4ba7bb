"""Two processes of the web channel on one Redis: one conversation in all windows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from redis import Redis

from rasa_ext.channels import limits
from rasa_ext.channels.limits import Limit, Quotas
from tests.channels.client import Window
from tests.channels.echo_server import MOST_PER_ADDRESS, PAUSE, SLOW
from tests.channels.servers import EchoServer
from tests.services.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def running_redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def redis(running_redis: RedisServer) -> RedisServer:
    """Nothing is counted yet."""
    with Redis.from_url(running_redis.url) as client:
        client.flushall()
    return running_redis


@pytest.fixture(scope="module")
def running_servers(
    running_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[EchoServer]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XIESHANG_REDIS_URL", running_redis.url)
        folder = tmp_path_factory.mktemp("echo")
        running = [EchoServer(folder) for _ in range(2)]
    yield running
    for server in running:
        server.kill()


@pytest.fixture
def servers(running_servers: list[EchoServer], redis: RedisServer) -> list[EchoServer]:
    return running_servers


async def two_windows(servers: list[EchoServer]) -> tuple[Window, Window]:
    one = await Window(servers[0].url).connect()
    other = await Window(servers[1].url, one.token).connect()
    return one, other


async def test_what_is_said_here_is_shown_there(servers: list[EchoServer]) -> None:
    one, other = await two_windows(servers)
    for number in range(10):
        await (one, other)[number % 2].ask(f"第{number}句", f"m{number}")
        for window in (one, other):
            await window.until(lambda w=window, n=number: w.last == 2 * n + 2)
    assert one.shown() == other.shown()
    assert one.texts() == [f"第{number}句 #1" for number in range(10)]
    assert one.errors == other.errors == []


async def test_a_message_is_answered_by_one_of_them(servers: list[EchoServer]) -> None:
    one, other = await two_windows(servers)
    assert (await one.say(PAUSE, "m1"))["ok"]
    # The same again, as after a lost acknowledgement, and what wakes the other one.
    assert (await other.say(PAUSE, "m1")) == {"ok": True, "sequence": 1}
    assert (await other.say("b", "m2"))["ok"]
    for window in (one, other):
        await window.until(lambda w=window: len(w.texts()) == 2)
        assert window.texts() == [f"{PAUSE} #1", "b #1"]


async def test_after_an_outage_of_redis_nothing_is_missing(
    servers: list[EchoServer], redis: RedisServer
) -> None:
    one, other = await two_windows(servers)
    await one.ask("a", "m1")
    redis.kill()
    try:
        assert (await one.ask("b", "m2"))[0]["text"] == "b #1"
        assert other.texts("user") == ["a"]
    finally:
        redis.start()
    await other.until(lambda: other.texts() == ["a #1", "b #1"])
    await other.ask("c", "m3")
    await one.until(lambda: one.texts() == ["a #1", "b #1", "c #1"])
    assert one.shown() == other.shown()
    assert one.errors == other.errors == []


async def test_the_rate_is_one_for_all(servers: list[EchoServer]) -> None:
    one, other = await two_windows(servers)
    told = [
        await (one, other)[number % 2].say("x", f"m{number}")
        for number in range(MOST_PER_ADDRESS + 2)
    ]
    assert [answer["ok"] for answer in told] == [True] * MOST_PER_ADDRESS + [False] * 2
    assert told[-1]["reason"] == "rate"


async def test_who_is_alive_answers_for_who_died(servers: list[EchoServer]) -> None:
    # Only who was never restarted is slow.
    servers[1].kill()
    servers[1].start()
    one, other = await two_windows(servers)
    assert (await one.say(SLOW, "m1"))["ok"]
    servers[0].kill()
    # No longer than the lease of the dead process.
    assert (await other.say("b", "m2"))["ok"]
    await other.until(lambda: "b #1" in other.texts())
    assert len(other.texts()) == 2
    servers[0].start()


KINDS = {"person": (Limit(2, 60), Limit(3, 600)), "all": (Limit(5, 60),)}


class TestQuotas:
    @pytest.fixture
    def processes(
        self, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> list[Quotas]:
        monkeypatch.setenv("XIESHANG_REDIS_URL", redis.url)
        return [Quotas("test", KINDS) for _ in range(2)]

    async def test_processes_count_together(self, processes: list[Quotas]) -> None:
        one, other = processes
        assert await one.exceeded(person="a", all="x") is None
        assert await other.exceeded(person="a", all="x") is None
        assert await one.exceeded(person="a", all="x") == "person"
        assert await other.exceeded(person="a", all="x") == "person"
        # What was refused is not counted: there is room for three of others.
        for name in ("b", "b", "c"):
            assert await one.exceeded(person=name, all="x") is None
        assert await other.exceeded(person="c", all="x") == "all"
        assert await other.exceeded(person="c", all="y") is None

    async def test_what_is_long_ago_does_not_count(
        self, redis: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XIESHANG_REDIS_URL", redis.url)
        quotas = Quotas("test", {"person": (Limit(1, 0.3),)})
        assert await quotas.exceeded(person="a") is None
        await asyncio.sleep(0.5)
        assert await quotas.exceeded(person="a") is None

    async def test_at_once_no_more_than_allowed(self, processes: list[Quotas]) -> None:
        told = await asyncio.gather(
            *(processes[number % 2].exceeded(all="x") for number in range(40))
        )
        assert told.count(None) == 5

    async def test_nothing_stays(
        self, processes: list[Quotas], redis: RedisServer
    ) -> None:
        await processes[0].exceeded(person="a")
        with Redis.from_url(redis.url) as client:
            keys = client.keys(f"{limits._PREFIX}*")
            assert keys
            for key in keys:
                assert 0 < client.pttl(key) <= 600_000

    async def test_without_redis_each_counts_for_itself(
        self, processes: list[Quotas], redis: RedisServer
    ) -> None:
        redis.kill()
        try:
            for quotas in processes:
                assert await quotas.exceeded(person="a") is None
                assert await quotas.exceeded(person="a") is None
                assert await quotas.exceeded(person="a") == "person"
        finally:
            redis.start()
