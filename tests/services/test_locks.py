"""Locks over a real Redis: one turn at a time, and none lost when a lock is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from itertools import pairwise
from pathlib import Path

import pytest
import redis
from rasa.core.lock_store import LockError
from redis.exceptions import RedisError

from rasa_ext.stores import lock as lock_module
from rasa_ext.stores.lock import PREFIX, ConversationLocks
from tests.services.redis_server import RedisServer, redis_server

KEY = f"{PREFIX}test:a"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    with redis_server() as running:
        monkeypatch.setenv("XIESHANG_REDIS_URL", running.url)
        yield running


async def test_turns_of_several_processes_never_overlap(server: RedisServer) -> None:
    processes = [ConversationLocks() for _ in range(3)]
    told: list[str] = []
    waits: list[float] = []

    async def talk(number: int) -> None:
        for turn in range(20):
            asked = time.monotonic()
            async with processes[number % 3].lock("test:a"):
                waits.append(time.monotonic() - asked)
                told.append(f"{number}.{turn}")
                await asyncio.sleep(0.005)
                told.append(f"{number}.{turn}")

    await asyncio.gather(*(talk(number) for number in range(6)))
    assert told[::2] == told[1::2]
    assert len(told) == 2 * 6 * 20
    assert max(waits) < lock_module.WAIT_SECONDS


async def test_the_lock_is_kept_while_the_turn_runs(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_module, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(lock_module, "RENEWAL_SECONDS", 0.1)
    monkeypatch.setattr(lock_module, "WAIT_SECONDS", 1.5)
    one, other = ConversationLocks(), ConversationLocks()
    async with one.lock("test:a"):
        with pytest.raises(LockError):
            async with other.lock("test:a"):
                pass
    async with other.lock("test:a"):
        pass


async def test_a_process_that_dies_holds_it_no_longer_than_its_lease(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis.Redis(port=server.port) as client:
        client.set(KEY, "of a dead process", px=500)
    async with ConversationLocks().lock("test:a"):
        pass


async def test_nothing_is_left_behind(server: RedisServer) -> None:
    async with ConversationLocks().lock("test:a"):
        with redis.Redis(port=server.port) as client:
            assert 0 < client.pttl(KEY) <= lock_module.LEASE_SECONDS * 1000
    with redis.Redis(port=server.port) as client:
        assert client.keys() == []


async def test_a_lost_lock_does_not_fail_the_turn(server: RedisServer) -> None:
    async with ConversationLocks().lock("test:a"):
        with redis.Redis(port=server.port) as client:
            client.set(KEY, "of another")
    with redis.Redis(port=server.port) as client:
        assert client.get(KEY) == b"of another"


async def test_who_did_not_notice_that_redis_restarted_is_not_told(
    server: RedisServer,
) -> None:
    locks = ConversationLocks()
    async with AsyncExitStack() as stack:
        for name in "abc":
            await stack.enter_async_context(locks.lock(name))
    server.kill()
    server.start()
    for name in "abc":
        async with locks.lock(name):
            pass


async def test_redis_away_is_an_error_and_back_it_works(server: RedisServer) -> None:
    locks = ConversationLocks()
    async with locks.lock("test:a"):
        server.kill()
    started = time.monotonic()
    with pytest.raises(RedisError):
        async with locks.lock("test:a"):
            pass
    assert time.monotonic() - started < 4
    server.start()
    async with locks.lock("test:a"):
        pass


def test_a_redis_that_is_not_there_is_told_at_the_start(
    server: RedisServer, tmp_path: Path
) -> None:
    server.kill()
    with pytest.raises(RedisError):
        ConversationLocks()
    server.start()


def test_the_waiting_is_shorter_than_a_turn_and_the_lease_longer() -> None:
    from rasa_ext.guard import TURN_SECONDS

    order = [
        lock_module.POLL_SECONDS,
        lock_module.RENEWAL_SECONDS,
        lock_module.WAIT_SECONDS,
        TURN_SECONDS,
        lock_module.LEASE_SECONDS,
    ]
    assert all(one < next_one for one, next_one in pairwise(order))
    assert lock_module.POLL_SECONDS <= 0.05
