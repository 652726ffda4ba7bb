"""Workers and an action server as `make worker` and `make actions` start them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import sqlalchemy as sa

from tests.conftest import free_port
from xieshang.case.record import Case
from xieshang.settings import ROOT
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

READY_SECONDS = 180
TOKEN = "a token of the tests"


class Process:
    """A command of ours, with a data folder of its own."""

    def __init__(self, command: str, data_dir: Path, **variables: str) -> None:
        self._command = command
        self._variables = {"XIESHANG_DATA_DIR": str(data_dir), **variables}
        self.said: list[str] = []
        self.start()

    def start(self) -> None:
        self.said = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"rasa_ext.commands.{self._command}"],
            cwd=ROOT,
            env={**os.environ, **self._variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self.said.append(line)

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not any(" at http" in line for line in self.said):
            assert self._process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.1)

    def kill(self) -> None:
        """kill -9 of the command and of the server that it started."""
        for pid in [*self._children(), self._process.pid]:
            os.kill(pid, signal.SIGKILL)
        self._process.wait()

    @property
    def server_pid(self) -> int:
        """The server that the command started."""
        (pid,) = self._children()
        return pid

    def _children(self) -> list[int]:
        children = f"/proc/{self._process.pid}/task/{self._process.pid}/children"
        return [int(pid) for pid in Path(children).read_text().split()]

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


class Cluster:
    """Two workers and an action server on one PostgreSQL and one Redis."""

    def __init__(
        self, folder: Path, database_url: str, redis_url: str, **settings: str
    ) -> None:
        self.database = open_database(database_url)
        action_port = free_port()
        shared = {
            "XIESHANG_DATABASE_URL": database_url,
            "XIESHANG_REDIS_URL": redis_url,
            "XIESHANG_SECRET": "of the tests, as long as it must be",
            "XIESHANG_REST_TOKEN": TOKEN,
            "XIESHANG_ACTION_PORT": str(action_port),
            "XIESHANG_ACTIONS_URL": f"http://127.0.0.1:{action_port}",
            "XIESHANG_TODAY": "2026-11-23",
            **settings,
        }
        self.actions = Process("actions", folder / "actions", **shared)
        self.ports = [free_port(), free_port()]
        self.workers = [
            Process("worker", folder / str(port), XIESHANG_PORT=str(port), **shared)
            for port in self.ports
        ]
        for process in (self.actions, *self.workers):
            process.wait_until_ready()

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    def stop(self) -> None:
        for process in (*self.workers, self.actions):
            process.stop()
        self.database.dispose()

    def case(self, sender: str) -> Case:
        """The one confirmed version of a case."""
        (stored,) = CaseStore(self.database).versions(f"rest:{sender}")
        return stored.case

    def said_by(self, sender: str) -> list[str]:
        """What the person said, as it is stored, in order."""
        stored = self._stored(sender)
        return [event["text"] for event in stored if event["event"] == "user"]

    def kinds(self, sender: str) -> list[str]:
        """Who said something, user or bot, in order."""
        kinds = [event["event"] for event in self._stored(sender)]
        return [kind for kind in kinds if kind in ("user", "bot")]

    def _stored(self, sender: str) -> list[dict[str, Any]]:
        with self.database.begin() as connection:
            rows = connection.execute(
                sa.text(
                    "select data from events where sender_id = :sender order by id"
                ),
                {"sender": f"rest:{sender}"},
            )
            return [json.loads(row.data) for row in rows]


def say(url: str, sender: str, text: str) -> tuple[str, str | None]:
    """Say something over REST.

    Returns:
        The answer and None, or nothing and what went wrong, as a back end sees it.
    """
    request = Request(
        f"{url}/webhooks/rest/webhook",
        json.dumps({"sender": sender, "message": text}).encode(),
        {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
    )
    try:
        with urlopen(request, timeout=60) as answer:
            messages: list[dict[str, Any]] = json.load(answer)
    except HTTPError as error:
        return "", f"{error.code}"
    except OSError as error:
        return "", type(error).__name__
    return "\n".join(message.get("text", "") for message in messages), None
