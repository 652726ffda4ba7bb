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
LIMITS: dict[str, Any] = {
    "socket_connect_timeout": REDIS_SECONDS,
    "socket_timeout": REDIS_SECONDS,
    # Of a Redis that restarted since, every kept connection is tried once more.
    "retry_on_error": [redis.ConnectionError],
}
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


class Locks:
    """Locks by name, in this process or over Redis among several.

    Args:
        prefix: of their keys in Redis.
        url: address of Redis; None: there is one process.
    """

    def __init__(self, prefix: str, url: str | None) -> None:
        # A lock is forgotten when nobody holds it or waits for it.
        self._here: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._prefix = prefix
        self._redis: Redis[bytes] | None = (
            Redis.from_url(url, **LIMITS) if url else None
        )

    async def require_answer(self) -> None:
        """Ask for an answer of what holds the locks.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        if self._redis is not None:
            await self._redis.ping()

    @contextlib.asynccontextmanager
    async def lock(self, name: str) -> AsyncIterator[None]:
        """Hold a lock; those of one process get it in the order they came.

        Args:
            name: of what is locked.

        Raises:
            LockError: other processes hold it for too long.
            redis.exceptions.RedisError: Redis is away.
        """
        here = self._here.setdefault(name, asyncio.Lock())
        async with here:
            if self._redis is None:
                yield
            else:
                async with _held(self._redis, self._prefix + name):
                    yield


class ConversationLocks(LockStore):
    """The locks of endpoints.yml, on XIESHANG_REDIS_URL when it is set.

    Raises:
        redis.exceptions.RedisError: Redis is set and does not answer.
    """

    def __init__(self, endpoint_config: Any = None) -> None:
        url = read_settings().redis_url
        if url:
            with redis.Redis.from_url(url, **LIMITS) as first:
                first.ping()
        self._locks = Locks(PREFIX, url)

    async def require_answer(self) -> None:
        """Ask for an answer of what holds the locks.

        Raises:
            redis.exceptions.RedisError: Redis is away.
        """
        await self._locks.require_answer()

    def lock(  # type: ignore[override]
        self, conversation_id: str, *_: Any, **__: Any
    ) -> contextlib.AbstractAsyncContextManager[None]:
        """Hold a conversation: see `Locks.lock`."""
        return self._locks.lock(conversation_id)


@contextlib.asynccontextmanager
async def _held(connected: Redis[bytes], key: str) -> AsyncIterator[None]:
    lock = _SharedLock(
        connected,
        key,
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
