"""Rasa with the trained model and the Telegram channel, before a Bot API of ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from rasa_ext.commands.storage import prepare_database
from tests.channels.servers import RealServer
from tests.channels.telegram.bot_api import TOKEN, BotApi
from tests.channels.telegram.person import Person
from tests.conftest import free_port
from xieshang.settings import Settings, read_settings

SECRET = "a-secret-that-telegram-repeats-0123456789"
PUBLIC_URL = "https://bot.example.org"
TODAY = "2026-11-23"


class TelegramServer(RealServer):
    """The assistant's servers, and Telegram's."""

    def __init__(self, model: Path, settings: Settings, api: BotApi) -> None:
        self.api = api
        super().__init__(model, settings)

    def restart_on(self, day: str) -> None:
        """Start Rasa after its end, on another day."""
        self.environment["XIESHANG_TODAY"] = day
        self.start_rasa()

    def person(self) -> Person:
        """Somebody who never wrote before."""
        return Person(self.api, self.is_settled)

    def is_settled(self, conversation_id: str) -> bool:
        """Whether all that was said is answered, and all answers are sent."""
        query = (
            "select count(*) from entries where conversation_id = ? and "
            "((sender = 'user' and not handled) or (sender = 'bot' and not delivered))"
        )
        with sqlite3.connect(self.settings.data_dir / "xieshang.db") as database:
            return not database.execute(query, [conversation_id]).fetchone()[0]

    def logged(self) -> str:
        """What the servers logged."""
        logs = self.settings.data_dir / "logs"
        return "\n".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in sorted(logs.iterdir())
        )


@contextmanager
def telegram_server(
    model: Path,
    data_dir: Path,
    mode: str,
    log_level: str,
    prepare: Callable[[BotApi], None] = lambda api: None,
    **variables: str,
) -> Iterator[TelegramServer]:
    """Start Telegram and the assistant's servers; stop them at the end.

    Args:
        model: the trained model.
        data_dir: a folder of its own.
        mode: polling or webhook.
        log_level: of Rasa.
        prepare: sets Telegram up before the servers start.
        variables: more of the servers' environment.
    """
    (data_dir / "logs").mkdir(parents=True)
    port = free_port()
    api = BotApi(lambda url: url.replace(PUBLIC_URL, f"http://127.0.0.1:{port}"))
    environment = {
        **os.environ,
        "XIESHANG_DATA_DIR": str(data_dir),
        "XIESHANG_PORT": str(port),
        "XIESHANG_ACTION_PORT": str(free_port()),
        "XIESHANG_TODAY": TODAY,
        "XIESHANG_DATABASE_URL": "",
        **telegram_variables(api, mode),
        "LOG_LEVEL": log_level,
        **variables,
    }
    try:
        # Not for longer than the start: servers of other tests are up as well.
        with patch.dict(os.environ, environment):
            settings = read_settings()
            prepare_database(settings).dispose()
            prepare(api)
            server = TelegramServer(model, settings, api)
        try:
            yield server
        finally:
            server.stop()
    finally:
        api.stop()


def telegram_variables(api: BotApi, mode: str) -> dict[str, str]:
    """What a server is told of Telegram.

    Args:
        api: the fake of the Bot API.
        mode: polling or webhook.
    """
    return {
        "XIESHANG_PUBLIC_URL": PUBLIC_URL,
        "XIESHANG_TELEGRAM_TOKEN": TOKEN,
        "XIESHANG_TELEGRAM_MODE": mode,
        "XIESHANG_TELEGRAM_SECRET": SECRET,
        "XIESHANG_TELEGRAM_API": api.url,
    }
