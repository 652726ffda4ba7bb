"""What of the server is public, and what every answer of it carries.

Public are the addresses of the channels. Rasa's own routes answer to this machine only,
and only with the token of the settings: without them there is nothing at their address.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

from sanic import Sanic
from sanic.exceptions import InvalidUsage, SanicException, ServiceUnavailable
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import HTTPResponse, json

from rasa_ext.callers import is_allowed_origin, is_local, is_same
from xieshang.knowledge import current_knowledge
from xieshang.settings import Settings, read_settings

logger = logging.getLogger(__name__)

# A message of 500 characters and its frame are far below, a packet of the web's too.
MAX_BODY_BYTES = 200_000
# What Sanic says of a request whose sender has hung up, so of each visitor who leaves.
GONE = "Cancelled"
YEAR_SECONDS = 31_536_000
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
}
CORS_HEADERS = "access-control-"
_HOST = re.compile(r"([\w.-]*|\[[\da-f:.]+\])(:\d{1,5})?", re.ASCII | re.IGNORECASE)
PHRASES = {404: "no_page", 405: "no_page", 413: "too_long", 414: "too_long"}


def texts(messages: list[dict[str, Any]], status: int) -> HTTPResponse:
    """Messages in the form in which REST answers."""
    return json(messages, status, ensure_ascii=False, escape_forward_slashes=False)


def refusal(phrase: str, status: int) -> HTTPResponse:
    """A phrase of phrases.yml as the answer to a request."""
    return texts([{"text": current_knowledge().phrase(phrase)}], status)


class Errors(ErrorHandler):  # type: ignore[misc]
    """Answers in Chinese what no route answers; says nothing of why."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """The answer to a request that failed.

        Args:
            request: perhaps one that could not be read.
            exception: why.
        """
        if isinstance(exception, ServiceUnavailable) and str(exception) == GONE:
            return refusal("busy", exception.status_code)
        if isinstance(exception, SanicException):
            status = int(getattr(exception, "status_code", 0) or 500)
        elif getattr(request, "route", None) is None:
            # Sanic fails at headers that are none.
            status = HTTPStatus.BAD_REQUEST
        else:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # Address and text of the error can hold a token or what a person wrote.
            logger.error("request failed: %s", type(exception).__name__)
            return refusal("busy", status)
        return refusal(PHRASES.get(status, "bad_http"), status)


class Surface:
    """Stands before the routes of an app.

    Args:
        app: its channels are registered later.
        settings: of the assistant.
    """

    def __init__(self, app: Sanic, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        address = urlsplit(settings.public_url)
        own = f"{address.scheme}://{address.netloc}".lower()
        self._origins = {*settings.web_origins, own}
        self._headers = dict(HEADERS)
        if address.scheme == "https":
            self._headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}"
        self._prefixes: tuple[str, ...] | None = None

    def _is_public(self, path: str) -> bool:
        if self._prefixes is None:
            self._prefixes = tuple(
                urljoin("/webhooks/", channel.url_prefix())
                for channel in self._app.ctx.input_channels
            )
        return any(
            path == prefix or path.startswith(f"{prefix}/") for prefix in self._prefixes
        )

    async def admit(self, request: Request) -> HTTPResponse | None:
        """An answer instead of the route's, None when the request may enter."""
        # Without a route the error is answered.
        if request.route is None or self._is_public(f"/{request.route.path}"):
            return None
        token = self._settings.api_token
        if token is None or not is_local(request):
            return refusal("no_page", 404)
        if not is_same(request.args.get("token", ""), token):
            return refusal("no_token", 401)
        return None

    async def complete(self, request: Request, answer: Any) -> None:
        """Add the headers; take away those that let other sites read the answer."""
        if not isinstance(answer, HTTPResponse):
            return
        for name, value in self._headers.items():
            answer.headers.setdefault(name, value)
        origin = request.headers.get("origin")
        if not is_allowed_origin(origin, request.host, self._origins):
            for name in _cors(answer.headers):
                del answer.headers[name]


async def _require_readable(request: Request) -> None:
    """Refuse a request whose body has no clear end or whose host is none.

    Sanic waits for such a body; engineio fails at such a host.

    Raises:
        InvalidUsage: several lengths, or one that is no number; a malformed host.
    """
    headers = request.headers
    lengths = headers.getall("content-length", [])
    codings = headers.getall("transfer-encoding", [])
    is_clear = (
        len(lengths) + len(codings) <= 1
        and all(length.isascii() and length.isdecimal() for length in lengths)
        and all(coding == "chunked" for coding in codings)
    )
    hosts = headers.getall("host", [""])
    if not is_clear or not all(_HOST.fullmatch(host) for host in hosts):
        raise InvalidUsage("Bad Request")


def _cors(headers: Mapping[str, str]) -> list[str]:
    return [name for name in headers if name.lower().startswith(CORS_HEADERS)]


def protect(app: Sanic, *_: Any) -> None:
    """Put the surface before the routes of an app.

    Stands in for Rasa's configuration of sanic-cors, which lets origins in by a search
    (CVE-2026-37737): here no route but the web channel's answers other sites at all.
    """
    surface = Surface(app, read_settings())
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    app.error_handler = Errors()
    app.signal("http.lifecycle.request")(_require_readable)
    app.register_middleware(surface.admit, "request")
    app.register_middleware(surface.complete, "response")
