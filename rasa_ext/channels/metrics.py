"""The figures of rasa_ext/observation.py for Prometheus: GET /metrics.

For whoever has the token of the settings; without one, for this machine when nothing
else can reach the assistant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_ext.callers import bears, is_local
from rasa_ext.surface import refusal
from xieshang.settings import Settings, read_settings


class MetricsChannel(InputChannel):
    """Hands out the figures; takes no messages."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @classmethod
    def name(cls) -> str:
        """Name of the channel."""
        return "metrics"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> MetricsChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment."""
        return cls(read_settings())

    def url_prefix(self) -> str:
        """Mounted at the root, not below /webhooks."""
        return "/metrics"

    def _may_read(self, request: Request) -> bool:
        if self._settings.metrics_token:
            return bears(request, self._settings.metrics_token)
        return not self._settings.is_public and is_local(request)

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        metrics = Blueprint("metrics_channel")

        @metrics.get("/")
        async def tell(request: Request) -> HTTPResponse:
            if not self._may_read(request):
                return refusal("no_token", 401)
            return HTTPResponse(
                generate_latest(),
                headers={"Cache-Control": "no-store"},
                content_type=CONTENT_TYPE_LATEST,
            )

        return metrics
