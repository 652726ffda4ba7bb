"""One turn of a conversation at a time: within a process, or over Redis among several.

Rasa's own locks are asked for once a second, and its Redis lock is read, changed and
written back in three steps, so that two processes can both believe they have it. A turn
that outlives its lock loses nothing here either: the tracker store refuses it, and the
person is told.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any
from weakref import WeakValueDictionary

import redis
from rasa.core.lock_store import LockError, LockStore
from redis.asyncio import Redis
from redis.asyncio.lock import Lock
from redis.exceptions import RedisError

from xieshang.settings import read_settings

logger = logging.getLogger(__name__)

# Longer than a turn may take, and renewed while it runs: a process that dies keeps a
# conversation for no longer than this.
LEASE_SECONDS = 6.0
RENEWAL_SECONDS = 2.0
# Shorter than a turn may take: who waits in vain is told in time.
WAIT_SECONDS = 3.0
POLL_SECONDS = 0.02
REDIS_SECONDS = 1.0
PREFIX = "xieshang:turn:"


class _SharedLock(Lock):
    """redis-py's lock, for which newcomers queue up behind those who wait already.

    Otherwise the process that gives it back takes it again at once, and another one's
    questions, asked every now and then, never find it free.
    """

    async def acquire_in_turn(self) -> bool:
        """Take it within `WAIT_SECONDS`; tells whether that was possible."""
        if await self.redis.exists(self._waiting):
            await asyncio.sleep(POLL_SECONDS)
        return bool(await self.acquire())

    async def do_acquire(self, token: str | bytes) -> bool:
        """Try once to take it; says that somebody waits when that fails."""
        taken = await super().do_acquire(token)
        if not taken:
            forgotten = int(POLL_SECONDS * 3 * 1000)
            await self.redis.set(self._waiting, 1, px=forgotten)
        return bool(taken)

    @property
    def _waiting(self) -> str:
        return f"{self.name}:waiting"


class ConversationLocks(LockStore):
    """The locks of endpoints.yml, on XIESHANG_REDIS_URL when it is set.

    Raises:
        redis.exceptions.RedisError: Redis is set and does not answer.
    """

    def __init__(self, endpoint_config: Any = None) -> None:
        # A lock is forgotten when nobody holds it or waits for it.
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._redis: Redis[bytes] | None = None
        url = read_settings().redis_url
        if url:
            limits = {
                "socket_connect_timeout": REDIS_SECONDS,
                "socket_timeout": REDIS_SECONDS,
            }
            with redis.Redis.from_url(url, **limits) as first:
                first.ping()
            self._redis = Redis.from_url(url, **limits)

    async def require_answer(self) -> None:
        """Ask for an answer of what holds the locks.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        if self._redis is not None:
            await self._redis.ping()

    @contextlib.asynccontextmanager
    async def lock(  # type: ignore[override]
        self, conversation_id: str, *_: Any, **__: Any
    ) -> AsyncIterator[None]:
        """Hold a conversation; those of one process get it in the order they came.

        Args:
            conversation_id: whose.

        Raises:
            LockError: other processes hold it for too long.
            redis.exceptions.RedisError: Redis is away.
        """
        here = self._here.setdefault(conversation_id, asyncio.Lock())
        async with here:
            if self._redis is None:
                yield
            else:
                async with _held(self._redis, conversation_id):
                    yield


@contextlib.asynccontextmanager
async def _held(connected: Redis[bytes], conversation_id: str) -> AsyncIterator[None]:
    lock = _SharedLock(
        connected,
        PREFIX + conversation_id,
        timeout=LEASE_SECONDS,
        sleep=POLL_SECONDS,
        blocking_timeout=WAIT_SECONDS,
        thread_local=False,
    )
    if not await lock.acquire_in_turn():
        raise LockError("the conversation is busy elsewhere")
    renewal = asyncio.ensure_future(_renew(lock))
    try:
        yield
    finally:
        renewal.cancel()
        # The turn is stored: that its lock ends by itself is nobody's concern.
        with contextlib.suppress(RedisError):
            await lock.release()


async def _renew(lock: Lock) -> None:
    try:
        while True:
            await asyncio.sleep(RENEWAL_SECONDS)
            await lock.reacquire()
    except RedisError as error:
        # The turn goes on: the tracker store refuses it if another one was faster.
        logger.warning("a turn's lock is lost: %s", type(error).__name__)
