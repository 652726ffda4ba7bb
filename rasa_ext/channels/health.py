"""Whether the assistant is alive and can answer: GET /health/live, /health/ready.

`live` says that the process answers. `ready` tries what a turn needs and names what is
missing by a word. It is asked often and by anybody: it tries once a second at most.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urljoin

import aiohttp
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from xieshang.storage import current_database
from xieshang.storage.database import require_answer

PART_SECONDS = 1.0
REMEMBERED_SECONDS = 1.0
NOT_KEPT = {"Cache-Control": "no-store"}


class Readiness:
    """Tries the parts of a turn.

    Args:
        agent: gives Rasa's agent, None when there is none.
    """

    def __init__(self, agent: Callable[[], Any]) -> None:
        self._agent = agent
        self._lock = asyncio.Lock()
        # A database that hangs keeps this thread, and none of those that turns need.
        self._thread = ThreadPoolExecutor(1, "ready")
        self._tried_at = float("-inf")
        self._missing: Sequence[str] = ()

    async def missing(self) -> Sequence[str]:
        """What does not answer within a second: model, database, locks, actions."""
        async with self._lock:
            if time.monotonic() - self._tried_at > REMEMBERED_SECONDS:
                self._missing = await self._try()
                self._tried_at = time.monotonic()
            return self._missing

    async def _try(self) -> list[str]:
        agent = self._agent()
        if agent is None or not agent.is_ready():
            return ["model"]
        parts: dict[str, Awaitable[None]] = {
            "database": self._database(),
            "locks": agent.lock_store.require_answer(),
            "actions": _actions(agent.action_endpoint.url),
        }
        answers = await asyncio.gather(
            *(asyncio.wait_for(part, PART_SECONDS) for part in parts.values()),
            return_exceptions=True,
        )
        return [
            name
            for name, answer in zip(parts, answers, strict=True)
            if isinstance(answer, BaseException)
        ]

    async def _database(self) -> None:
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self._thread, lambda: require_answer(current_database())
        )


async def _actions(webhook: str) -> None:
    timeout = aiohttp.ClientTimeout(total=PART_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout) as session,
        session.get(urljoin(webhook, "/health")) as answer,
    ):
        answer.raise_for_status()


class HealthChannel(InputChannel):
    """Tells health; takes no messages."""

    @classmethod
    def name(cls) -> str:
        """Name of the channel."""
        return "health"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> HealthChannel:
        """Made by Rasa from credentials.yml."""
        return cls()

    def url_prefix(self) -> str:
        """Mounted at the root, not below /webhooks."""
        return "/health"

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        health = Blueprint("health_channel")

        @health.listener("before_server_start")
        async def prepare(app: Any, loop: Any) -> None:
            # Its lock belongs to the loop that runs now.
            app.ctx.readiness = Readiness(lambda: getattr(app.ctx, "agent", None))

        @health.route("/live", methods=["GET", "HEAD"])
        async def live(request: Request) -> HTTPResponse:
            return response.json({"status": "ok"}, headers=NOT_KEPT)

        @health.route("/ready", methods=["GET", "HEAD"])
        async def ready(request: Request) -> HTTPResponse:
            missing = await request.app.ctx.readiness.missing()
            if missing:
                told = {"status": "not ready", "missing": list(missing)}
                return response.json(told, 503, NOT_KEPT)
            return response.json({"status": "ready"}, headers=NOT_KEPT)

        return health
