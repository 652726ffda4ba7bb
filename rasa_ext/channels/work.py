"""Work in the background that is asked for again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# A task that nothing refers to can be collected before it is done.
_running: set[asyncio.Task[Any]] = set()


def start(coroutine: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
    """Let something run to its end beside everything else."""
    task = asyncio.create_task(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


class Work:
    """Is done once at a time, and once more when it was asked for meanwhile.

    Args:
        do: does all there is to do.
        failure: what the log says when it fails.
    """

    def __init__(self, do: Callable[[], Awaitable[None]], failure: str) -> None:
        self._do = do
        self._failure = failure
        self._is_waiting = False
        self._is_working = False

    def wake(self) -> None:
        """Have it done."""
        self._is_waiting = True
        if not self._is_working:
            self._is_working = True
            start(self._work())

    async def _work(self) -> None:
        try:
            while self._is_waiting:
                self._is_waiting = False
                await self._do()
        except Exception as error:
            # What is left is done at the next call. The text of an error can hold what
            # was said: only its type is logged.
            logger.error("%s: %s", self._failure, type(error).__name__)
        finally:
            self._is_working = False
