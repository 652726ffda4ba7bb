"""Keeps the noise of Rasa's dependencies away: nothing in it is for a user."""

from __future__ import annotations

import logging
import os
import warnings

from rasa_ext.no_tensorflow import leave_tensorflow_out

ENVIRONMENT = {
    # Rasa's own progress bars, which flood a log: ours are shown instead
    "LOG_LEVEL": "WARNING",
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
}


def silence() -> None:
    """Call before Rasa is imported; what the environment says already is kept."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    # Sanic turns deprecation warnings on when it is imported, whatever PYTHONWARNINGS
    # says: it is imported first and overruled.
    import sanic  # noqa: F401

    warnings.simplefilter("ignore")


def import_rasa_quietly() -> None:
    """Import Rasa without TensorFlow, with its logs at errors only."""
    leave_tensorflow_out()
    import_whole_rasa_quietly()


def import_whole_rasa_quietly() -> None:
    """Import Rasa with all of its components, with its logs at errors only."""
    silence()
    import jieba
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    logging.getLogger("rasa").setLevel(logging.ERROR)
    jieba.setLogLevel(logging.WARNING)


def silence_http_clients() -> None:
    """Keep addresses out of the log: those of the Bot API hold the bot's token.

    httpx logs each one at INFO, and python-telegram-bot logs whole answers when it
    cannot read them.
    """
    for name, level in (
        ("httpx", logging.WARNING),
        ("httpcore", logging.WARNING),
        ("telegram", logging.CRITICAL + 1),
    ):
        logging.getLogger(name).setLevel(level)


def silence_lost_sockets() -> None:
    """Keep out of asyncio's log that a web socket was lost.

    Sanic 21.12 leaves a task behind whenever a telephone loses its connection.
    """
    logging.getLogger("asyncio").addFilter(_is_told)


def _is_told(record: logging.LogRecord) -> bool:
    return "WebsocketFrameAssembler" not in record.getMessage()
