"""The windows of other processes: what is told reaches them over Redis.

Nothing is kept there: a process that could not hear the others for a while reads what
its windows have missed from the database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError
from socketio import AsyncRedisManager

from rasa_ext.channels.talk import RETRY_SECONDS
from rasa_ext.channels.web_visitors import ERASED_ELSEWHERE
from rasa_ext.channels.work import start
from rasa_ext.stores.lock import REDIS_SECONDS

if TYPE_CHECKING:
    from rasa_ext.channels.web_visitors import Visitors

logger = logging.getLogger(__name__)

CHANNEL = "xieshang:web"


class WindowsElsewhere(AsyncRedisManager):
    """python-socketio's manager, with our conversations that end and outages.

    Its own waits for up to a minute until it asks for Redis again, and goes on as if
    nothing had been said meanwhile.

    Args:
        url: address of Redis.

    Attributes:
        here: the windows of this process.
    """

    def __init__(self, url: str) -> None:
        super().__init__(
            url,
            channel=CHANNEL,
            redis_options={"socket_connect_timeout": REDIS_SECONDS},
        )
        self.here: Visitors | None = None

    async def _handle_emit(self, message: dict[str, Any]) -> None:
        event, room = message["event"], message["room"]
        is_from_here = message["host_id"] == self.host_id
        if event == ERASED_ELSEWHERE:
            if self.here and not is_from_here:
                await self.here.erased_elsewhere(room, message["data"][0])
            return
        await super()._handle_emit(message)
        if self.here and event == "entry":
            self.here.told(room, message["data"][0]["sequence"])

    async def _publish(self, data: dict[str, Any]) -> None:
        try:
            await asyncio.wait_for(super()._publish(data), REDIS_SECONDS)
        except asyncio.TimeoutError:
            logger.error("not told to other processes: Redis does not answer")

    async def _listen(self) -> AsyncIterator[bytes]:
        while True:
            try:
                self._redis_connect()
                heard = self.pubsub
                await heard.subscribe(self.channel)
                if self.here:
                    start(self.here.catch_up())
                async for message in heard.listen():
                    yield message["data"]
            except (RedisError, OSError) as error:
                logger.error("other processes not heard: %s", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
