"""Servers of the web channel as processes of their own, that can be killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch
from urllib.error import URLError
from urllib.request import urlopen

from rasa_ext.commands.servers import Servers, write_endpoints
from rasa_ext.commands.storage import prepare_database
from tests.conftest import free_port
from xieshang.settings import ROOT, Settings, read_settings

READY_SECONDS = 300


class RealServer:
    """Rasa with the trained model and its action server, as `make run` starts them.

    Attributes:
        environment: what each start of it finds, whatever this process has by then.
    """

    def __init__(self, model: Path, settings: Settings) -> None:
        self.settings = settings
        self.environment = dict(os.environ)
        self.url = settings.local_url
        self._model = model
        self._actions = Servers(settings)
        self._rasa = Servers(settings)
        try:
            # One after the other they would take twice as long.
            self._launch_actions()
            self.start_rasa()
            self._actions.wait_until_healthy()
        except BaseException:
            self.stop()
            raise

    def start_actions(self) -> None:
        """Start the action server and wait until it answers."""
        self._actions = Servers(self.settings)
        self._launch_actions()
        self._actions.wait_until_healthy()

    def start_rasa(self) -> None:
        self._rasa = Servers(self.settings)
        with patch.dict(os.environ, self.environment, clear=True):
            self._rasa.start_rasa(self._model, write_endpoints(self.settings))
        self._rasa.wait_until_healthy()

    def _launch_actions(self) -> None:
        with patch.dict(os.environ, self.environment, clear=True):
            self._actions.start_actions()

    def kill_rasa(self) -> None:
        self._kill(self._rasa)

    def kill_actions(self) -> None:
        self._kill(self._actions)

    @staticmethod
    def _kill(servers: Servers) -> None:
        for server in servers._running:
            server.process.kill()
            server.process.wait()

    def signal_actions(self, number: signal.Signals) -> None:
        for server in self._actions._running:
            server.process.send_signal(number)

    def processes(self) -> dict[str, int]:
        """The process of each server, by its name."""
        servers = (*self._rasa._running, *self._actions._running)
        return {server.name: server.process.pid for server in servers}

    def stop(self) -> None:
        self.signal_actions(signal.SIGCONT)
        for servers in (self._rasa, self._actions):
            servers.__exit__(None, None, None)

    def rows(self, table: str, column: str, conversation_id: str) -> int:
        """How many rows a table has of a conversation."""
        with sqlite3.connect(self.settings.data_dir / "xieshang.db") as database:
            query = f"select count(*) from {table} where {column} = ?"
            return int(database.execute(query, [conversation_id]).fetchone()[0])

    def user_turns(self, conversation_id: str) -> int:
        with sqlite3.connect(self.settings.data_dir / "xieshang.db") as database:
            query = "select count(*) from events where sender_id = ? and type_name = ?"
            return int(database.execute(query, [conversation_id, "user"]).fetchone()[0])


@contextmanager
def real_server(model: Path, data_dir: Path, **variables: str) -> Iterator[RealServer]:
    """Start both servers on ports and data of their own; stop them at the end."""
    (data_dir / "logs").mkdir(parents=True)
    environment = {
        **os.environ,
        "XIESHANG_DATA_DIR": str(data_dir),
        "XIESHANG_PORT": str(free_port()),
        "XIESHANG_ACTION_PORT": str(free_port()),
        "XIESHANG_WEB_ORIGINS": "https://allowed.example",
        # Each test is at an address of its own.
        "XIESHANG_TRUSTED_PROXIES": "127.0.0.1",
        "XIESHANG_DATABASE_URL": "",
        **variables,
    }
    # Not for longer than the start: servers of other tests are up at the same time.
    with patch.dict(os.environ, environment):
        settings = read_settings()
        prepare_database(settings).dispose()
        server = RealServer(model, settings)
    try:
        yield server
    finally:
        server.stop()


class EchoServer:
    """The channel before a bot that repeats what it is told; see echo_server.py."""

    module = "tests.channels.echo_server"

    def __init__(self, data_dir: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = {
            **os.environ,
            "XIESHANG_DATA_DIR": str(data_dir),
            "XIESHANG_TRUSTED_PROXIES": "127.0.0.1",
        }
        self._environment.pop("XIESHANG_DATABASE_URL", None)
        self._generation = 0
        self.data_dir = data_dir
        self._log = data_dir / "echo.log"
        self.start()

    def start(self) -> None:
        self._generation += 1
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    self.module,
                    str(self.port),
                    str(self._generation),
                ],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
            )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self._answers():
            assert self._process.poll() is None, self.log()
            assert time.monotonic() < deadline
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.url}/chat", timeout=2):
                return True
        except (URLError, OSError):
            return False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")
