"""How often somebody may write: counted over Redis when several processes share it."""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from rasa_ext.stores.lock import LIMITS
from xieshang.settings import read_settings

logger = logging.getLogger(__name__)

# Names that are remembered before those that have been quiet are forgotten.
MAX_NAMES = 10_000


@dataclass(frozen=True)
class Limit:
    """So many messages in so many seconds."""

    messages: int
    seconds: float


PER_SESSION = (Limit(5, 10), Limit(60, 600))
PER_ADDRESS = (Limit(120, 600),)
MINUTE_SECONDS = 60
# How often somebody is told that it is too often.
PER_NOTICE = (Limit(1, 10),)


@dataclass(frozen=True)
class MessengerLimits:
    """How often one person may write in a messenger, and all of them together."""

    per_person: Sequence[Limit] = (Limit(8, 10), Limit(120, 600))
    per_channel: Sequence[Limit] = (Limit(1200, 60),)


DEFAULT_LIMITS = MessengerLimits()


class RateLimiter:
    """Counts messages by name; what is refused is not counted.

    Args:
        limits: all of which hold.
        seconds: a clock that only goes forward.
    """

    def __init__(
        self, limits: Sequence[Limit], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._seconds = seconds
        self._longest = max(limit.seconds for limit in limits)
        self._times: dict[str, deque[float]] = defaultdict(deque)

    def has_room(self, name: str) -> bool:
        """Whether one more message is within the limits."""
        now = self._seconds()
        times = self._times.get(name)
        if times is None:
            return True
        while times and times[0] <= now - self._longest:
            times.popleft()
        return all(
            len(times) < limit.messages or times[-limit.messages] <= now - limit.seconds
            for limit in self._limits
        )

    def count(self, name: str) -> None:
        """Count a message."""
        now = self._seconds()
        if len(self._times) >= MAX_NAMES and name not in self._times:
            for quiet in [
                other
                for other, times in self._times.items()
                if not times or times[-1] <= now - self._longest
            ]:
                del self._times[quiet]
        self._times[name].append(now)


# Counts a message under every key, or, when one of them has no room, under none.
# KEYS: of the names. ARGV: the message; [messages, milliseconds] pairs for each key.
# Returns the rank of the first key without room, from 1; 0: counted.
_COUNT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limits = cjson.decode(ARGV[2])
for rank, key in ipairs(KEYS) do
    for _, limit in ipairs(limits[rank]) do
        if redis.call('ZCOUNT', key, '(' .. now - limit[2], '+inf') >= limit[1] then
            return rank
        end
    end
end
for rank, key in ipairs(KEYS) do
    local longest = 0
    for _, limit in ipairs(limits[rank]) do
        longest = math.max(longest, limit[2])
    end
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - longest)
    redis.call('ZADD', key, now, ARGV[1])
    redis.call('PEXPIRE', key, longest)
end
return 0
"""
_PREFIX = "xieshang:rate:"


class Quotas:
    """The limits of a channel, of several kinds: per person, per address …

    Args:
        channel: its name.
        kinds: the limits of each kind.
    """

    def __init__(self, channel: str, kinds: Mapping[str, Sequence[Limit]]) -> None:
        self._channel = channel
        self._kinds = kinds
        self._here = {kind: RateLimiter(limits) for kind, limits in kinds.items()}
        url = read_settings().redis_url
        self._count = (
            Redis.from_url(url, **LIMITS).register_script(_COUNT) if url else None
        )

    async def exceeded(self, **names: str) -> str | None:
        """Count a message under a name of each kind, or under none.

        While Redis is away each process counts what comes to it.

        Args:
            names: by kind.

        Returns:
            The first kind whose limits leave no room for it; None: it is counted.
        """
        if self._count:
            try:
                return await self._exceeded_among_all(self._count, names)
            except RedisError as error:
                logger.error("counted here only: %s", type(error).__name__)
        for kind, name in names.items():
            if not self._here[kind].has_room(name):
                return kind
        for kind, name in names.items():
            self._here[kind].count(name)
        return None

    async def _exceeded_among_all(
        self, count: AsyncScript, names: Mapping[str, str]
    ) -> str | None:
        keys = [f"{_PREFIX}{self._channel}:{kind}:{names[kind]}" for kind in names]
        limits = [
            [(limit.messages, int(limit.seconds * 1000)) for limit in self._kinds[kind]]
            for kind in names
        ]
        rank = await count(keys, [secrets.token_hex(8), json.dumps(limits)])
        return list(names)[rank - 1] if rank else None
