"""Both servers as `make run` starts them, each of which can be killed on its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.request import Request, urlopen

from rasa_ext.commands.servers import Servers, require_data_dir, write_endpoints
from rasa_ext.commands.storage import prepare_database
from tests.conftest import free_port
from xieshang.settings import read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database
from xieshang.storage.records import StoredCase

RASA, ACTIONS = "rasa", "actions"
TODAY = "2026-11-23"
PATIENCE_SECONDS = 30


class Machine:
    """Rasa and action server.

    Attributes:
        seconds: how long the last answer took.
        ready_seconds: how long the last start took.
    """

    def __init__(self, model: Path) -> None:
        self.settings = read_settings()
        self._environment = dict(os.environ)
        require_data_dir(self.settings)
        prepare_database(self.settings).dispose()
        self.seconds = 0.0
        self.ready_seconds = 0.0
        self._model = model
        self._running: dict[str, Servers] = {}
        self._stack = ExitStack()

    def start(self, *names: str) -> None:
        """Start servers and wait until they answer."""
        begin = time.monotonic()
        for name in names:
            self._running[name] = self._stack.enter_context(Servers(self.settings))
            with patch.dict(os.environ, self._environment, clear=True):
                if name == ACTIONS:
                    self._running[name].start_actions()
                else:
                    endpoints = write_endpoints(self.settings)
                    self._running[name].start_rasa(self._model, endpoints)
        for name in names:
            self._running[name].wait_until_healthy()
        self.ready_seconds = time.monotonic() - begin

    def kill(self, *names: str) -> None:
        """kill -9 of servers of ours and of what they started."""
        for name in names:
            (server,) = self._running[name]._running
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()

    def stop(self) -> None:
        """Stop what still runs."""
        self._stack.close()

    def say(self, sender: str, text: str) -> str | None:
        """The answer to a message, None when there is none."""
        body = json.dumps({"sender": sender, "message": text}).encode()
        request = Request(
            f"{self.settings.local_url}/webhooks/rest/webhook",
            body,
            {"Content-Type": "application/json"},
        )
        begin = time.monotonic()
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                messages = json.load(answer)
        except (OSError, HTTPException, ValueError):
            return None
        finally:
            self.seconds = time.monotonic() - begin
        return "\n".join(message.get("text", "") for message in messages)

    def say_and(self, sender: str, text: str, do: Callable[[], object]) -> str | None:
        """Say something while something is done; the answer, None when there is none.

        Args:
            sender: who says it.
            text: the message.
            do: what is done meanwhile.
        """
        answers: list[str | None] = []
        turn = threading.Thread(target=lambda: answers.append(self.say(sender, text)))
        turn.start()
        do()
        turn.join()
        return answers[0]

    def events(self, sender: str) -> list[dict[str, Any]]:
        """Every event that is stored of a conversation, in order."""
        found = self.rows(
            "SELECT data FROM events WHERE sender_id = ? ORDER BY id", f"rest:{sender}"
        )
        return [json.loads(data) for (data,) in found]

    def cases(self, sender: str) -> list[StoredCase]:
        """Every version of a case that was confirmed."""
        engine = open_database(self.settings.database_url)
        versions = CaseStore(engine).versions(f"rest:{sender}")
        engine.dispose()
        return versions

    def rows(self, query: str, *values: str) -> list[Any]:
        """What the database answers."""
        path = self.settings.data_dir / "xieshang.db"
        with closing(sqlite3.connect(path)) as database:
            return database.execute(query, values).fetchall()


@contextmanager
def machine_of(model: Path, data_dir: Path) -> Iterator[Machine]:
    """A machine on which nothing is started yet, with ports and data of its own."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("XIESHANG_")
    }
    environment |= {
        "XIESHANG_DATA_DIR": str(data_dir),
        "XIESHANG_PORT": str(free_port()),
        "XIESHANG_ACTION_PORT": str(free_port()),
        "XIESHANG_TODAY": TODAY,
    }
    # Not for longer: servers of other tests are up at the same time.
    with patch.dict(os.environ, environment, clear=True):
        machine = Machine(model)
    try:
        yield machine
    finally:
        machine.stop()


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The slots as they are after the events."""
    return {e["name"]: e["value"] for e in events if e["event"] == "slot"}


def assert_whole_turns(events: list[dict[str, Any]]) -> None:
    """Every stored message was answered, and the bot listens again after it."""
    turns: list[list[dict[str, Any]]] = []
    for event in events:
        if event["event"] == "user":
            turns.append([])
        if turns:
            turns[-1].append(event)
    for turn in turns:
        kinds = [event["event"] for event in turn]
        assert "bot" in kinds, f"{turn[0]['text']} has no answer: {kinds}"
        last = [event for event in turn if event["event"] == "action"][-1]
        assert last["name"] == "action_listen", turn[0]["text"]
