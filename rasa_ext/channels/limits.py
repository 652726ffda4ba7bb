"""How often somebody may write."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
