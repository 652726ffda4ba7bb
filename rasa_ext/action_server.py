"""The action server: `python -m rasa_ext.action_server <host> <port>`.

The SDK's own answers a failed action with what the person wrote, logs the request, and
listens to every network.
"""

from __future__ import annotations

import logging
import sys
from http import HTTPStatus

from rasa_sdk.endpoint import create_app
from rasa_sdk.utils import number_of_sanic_workers
from sanic import Sanic, response
from sanic.handlers import ErrorHandler
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_ext.discreet import keep_words_out_of_logs
from xieshang.knowledge import current_knowledge
from xieshang.language.normalize import normalizer

logger = logging.getLogger("rasa_ext.action_server")

ACTIONS = "actions"
# A whole session of a long talk.
MAX_BODY_BYTES = 50_000_000


class Errors(ErrorHandler):  # type: ignore[misc]
    """Tells the type of an error, and nothing else of it."""

    def default(self, request: Request, exception: Exception) -> HTTPResponse:
        """The answer to a call that failed."""
        kind = type(exception).__name__
        status = int(getattr(exception, "status_code", 0) or 500)
        logger.error("action failed: %s", kind)
        return response.json({"error": kind}, status)


async def refuse_browsers(request: Request) -> HTTPResponse | None:
    """Refuse what a page in a browser on this machine sends; Rasa names no origin."""
    if "origin" in request.headers:
        return response.json({"error": "Forbidden"}, HTTPStatus.FORBIDDEN)
    return None


def make_app() -> Sanic:
    """The SDK's app with the actions of this project, no browser let in."""
    app = create_app(ACTIONS, cors_origins=[])
    app.register_middleware(refuse_browsers, "request")
    app.config.REQUEST_MAX_SIZE = MAX_BODY_BYTES
    # Instead of the SDK's handler, which was added to the one before.
    app.error_handler = Errors()
    return app


def main(host: str, port: int) -> None:
    """Serve until stopped."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    app = make_app()
    keep_words_out_of_logs()
    # They take seconds: not while somebody waits for the first answer.
    current_knowledge()
    normalizer()
    app.run(host, port, workers=number_of_sanic_workers(), access_log=False)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
