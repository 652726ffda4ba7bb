"""Rasa with the trained model and the Telegram channel, before a Bot API of ours."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

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
        os.environ["XIESHANG_TODAY"] = day
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
) -> Iterator[TelegramServer]:
    """Start Telegram and the assistant's servers; stop them at the end.

    Args:
        model: the trained model.
        data_dir: a folder of its own.
        mode: polling or webhook.
        log_level: of Rasa.
        prepare: sets Telegram up before the servers start.
    """
    (data_dir / "logs").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        port = free_port()
        api = BotApi(lambda url: url.replace(PUBLIC_URL, f"http://127.0.0.1:{port}"))
        for name, value in {
            "DATA_DIR": str(data_dir),
            "PORT": str(port),
            "ACTION_PORT": str(free_port()),
            "TODAY": TODAY,
            "PUBLIC_URL": PUBLIC_URL,
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_MODE": mode,
            "TELEGRAM_SECRET": SECRET,
            "TELEGRAM_API": api.url,
        }.items():
            patch.setenv(f"XIESHANG_{name}", value)
        patch.setenv("LOG_LEVEL", log_level)
        patch.delenv("XIESHANG_DATABASE_URL", raising=False)
        settings = read_settings()
        prepare_database(settings).dispose()
        prepare(api)
        try:
            server = TelegramServer(model, settings, api)
            try:
                yield server
            finally:
                server.stop()
        finally:
            api.stop()
