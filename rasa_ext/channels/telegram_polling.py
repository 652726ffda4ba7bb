"""Asking Telegram again and again: needs no public address."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.exc import SQLAlchemyError

from rasa_ext.channels.delivery import RefusedForGood, TryLater
from rasa_ext.channels.telegram_api import TelegramApi
from rasa_ext.channels.telegram_updates import update_id

logger = logging.getLogger(__name__)

POLL_SECONDS = 25
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row."""
    return min(
        FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS
    )


async def until_done(call: Callable[[], Awaitable[None]], what: str) -> None:
    """Call until it succeeds; Telegram may be away, or not know our name yet.

    Args:
        call: what is to be done.
        what: its name in the log.
    """
    failures = 0
    while True:
        try:
            return await call()
        except (RefusedForGood, TryLater) as error:
            failures += 1
            logger.error("%s not done yet: %s", what, type(error).__name__)
            seconds = error.seconds if isinstance(error, TryLater) else None
            await asyncio.sleep(pause_after(failures) if seconds is None else seconds)


class Poller:
    """Takes what Telegram tells, in order.

    An update is confirmed to Telegram, by asking for the next one, after it was taken:
    what came while nobody asked, or was not confirmed, is told again. Telegram itself
    remembers what is confirmed, also across a restart.

    Args:
        api: the Bot API.
        take: takes an update; raises when it is to be told again.
    """

    def __init__(
        self, api: TelegramApi, take: Callable[[object], Awaitable[None]]
    ) -> None:
        self._api = api
        self._take = take
        self._offset: int | None = None

    async def run(self) -> None:
        """Ask until cancelled."""
        failures = 0
        while True:
            seconds: float | None = None
            try:
                await self._ask()
            except (RefusedForGood, TryLater) as error:
                reason = type(error).__name__
                seconds = error.seconds if isinstance(error, TryLater) else None
            except (SQLAlchemyError, OSError) as error:
                reason = type(error).__name__
            else:
                failures = 0
                continue
            failures += 1
            logger.error("not polled: %s", reason)
            await asyncio.sleep(pause_after(failures) if seconds is None else seconds)

    async def _ask(self) -> None:
        told = await self._api.updates(self._offset, POLL_SECONDS)
        for update in told:
            number = update_id(update)
            if number is None:
                raise RefusedForGood("an update without a number")
            await self._take(update)
            self._offset = number + 1
