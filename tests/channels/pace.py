"""How fast one person may write on a channel."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from rasa_ext.channels.limits import Limit


class Pace:
    """As fast as somebody may write."""

    def __init__(self, limit: Limit) -> None:
        self._seconds = limit.seconds + 0.5
        self._answered: deque[float] = deque(maxlen=limit.messages)

    async def keep(self) -> None:
        """Wait until one more message is within the limit."""
        if len(self._answered) == self._answered.maxlen:
            free_at = self._answered[0] + self._seconds
            await asyncio.sleep(max(0.0, free_at - time.monotonic()))

    def note(self) -> None:
        """Count a message when it is answered: then it was counted over there."""
        self._answered.append(time.monotonic())
