"""kill -9 of a server at every turn of a registration: nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from rasa_ext.commands.servers import Servers, require_data_dir, write_endpoints
from rasa_ext.commands.storage import prepare_database
from tests.conftest import free_port
from xieshang.case.record import Case
from xieshang.knowledge import current_knowledge
from xieshang.settings import read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

RASA, ACTIONS = "rasa", "actions"
SENDER = "killed"
CONVERSATION = f"rest:{SENDER}"
ANSWERED_SECONDS = 5
# Of the time that a turn takes: where in it the server is killed.
EARLY, MIDDLE, LATE = 0.2, 0.5, 0.8


@dataclass(frozen=True)
class Kill:
    """Which server dies at a turn, and when.

    Attributes:
        victim: the server.
        part: of the turn's time; None before the turn.
        stored: as soon as the case is stored, whatever the time.
    """

    victim: str
    part: float | None = None
    stored: bool = False


# What the person says names what it is: said twice it says the same.
TALK: list[tuple[str, Kill]] = [
    ("开始登记", Kill(ACTIONS)),
    ("同意，登记完整方案", Kill(ACTIONS, EARLY)),
    ("两个都有", Kill(ACTIONS, LATE)),
    ("花呗欠9800，借呗欠两万", Kill(RASA, MIDDLE)),
    ("逾期45天了", Kill(ACTIONS, EARLY)),
    ("上个月失业了", Kill(ACTIONS, MIDDLE)),
    ("每月到手5500", Kill(ACTIONS, MIDDLE)),
    ("房租1500吃饭1200水电250交通200看病350学费600", Kill(ACTIONS, LATE)),
    ("想先延期", Kill(ACTIONS)),
    ("对，整理方案", Kill(ACTIONS, stored=True)),
    ("对，整理方案", Kill(RASA, MIDDLE)),
]
FACTS = Case(
    product="both",
    huabei_balance=Decimal(9800),
    jiebei_balance=Decimal(20000),
    overdue="yes",
    days_overdue=45,
    recorded_on=date(2026, 11, 23),
    hardship="unemployment",
    monthly_income=Decimal(5500),
    essential_expenses=Decimal(4100),
    expense_items=(
        ("房租", Decimal(1500)),
        ("吃饭", Decimal(1200)),
        ("水电", Decimal(250)),
        ("交通", Decimal(200)),
        ("看病", Decimal(350)),
        ("学费", Decimal(600)),
    ),
    goal="extension",
)


class Machine:
    """Rasa and action server as `make run` starts them, each on its own."""

    def __init__(self, model: Path) -> None:
        self.settings = read_settings()
        require_data_dir(self.settings)
        prepare_database(self.settings)
        self.turn_seconds = 0.0
        self._model = model
        self._running: dict[str, Servers] = {}
        self._stack = ExitStack()

    def start(self, *names: str) -> None:
        """Start servers and wait until they answer."""
        for name in names:
            self._running[name] = self._stack.enter_context(Servers(self.settings))
            if name == ACTIONS:
                self._running[name].start_actions()
            else:
                endpoints = write_endpoints(self.settings)
                self._running[name].start_rasa(self._model, endpoints)
        for name in names:
            self._running[name].wait_until_healthy()

    def kill(self, name: str) -> None:
        """kill -9 of a server of ours and of what it started."""
        (server,) = self._running[name]._running
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait()

    def stop(self) -> None:
        """Stop what still runs."""
        self._stack.close()

    def say(self, text: str) -> str | None:
        """The answer to a message, None when there is none."""
        body = json.dumps({"sender": SENDER, "message": text}).encode()
        request = Request(
            f"{self.settings.local_url}/webhooks/rest/webhook",
            body,
            {"Content-Type": "application/json"},
        )
        begin = time.monotonic()
        try:
            with urlopen(request, timeout=30) as answer:
                messages = json.load(answer)
        except (OSError, HTTPException, ValueError):
            return None
        taken = time.monotonic() - begin
        assert taken < ANSWERED_SECONDS, f"{text} took {taken:.1f} s"
        return "\n".join(message.get("text", "") for message in messages)

    def say_and_kill(self, text: str, kill: Kill) -> str | None:
        """Say something while a server dies."""
        if kill.part is None and not kill.stored:
            self.kill(kill.victim)
            return self.say(text)
        answers: list[str | None] = []
        turn = threading.Thread(target=lambda: answers.append(self.say(text)))
        turn.start()
        if kill.part is None:
            while turn.is_alive() and not self.rows("SELECT 1 FROM case_versions"):
                time.sleep(0.001)
        else:
            time.sleep(kill.part * self.turn_seconds)
        self.kill(kill.victim)
        turn.join()
        return answers[0]

    def events(self) -> list[dict[str, Any]]:
        """Every event that is stored of the conversation, in order."""
        found = self.rows(
            "SELECT data FROM events WHERE sender_id = ? ORDER BY id", CONVERSATION
        )
        return [json.loads(data) for (data,) in found]

    def rows(self, query: str, *values: str) -> list[Any]:
        """What the database answers."""
        path = self.settings.data_dir / "xieshang.db"
        with closing(sqlite3.connect(path)) as database:
            return database.execute(query, values).fetchall()


@pytest.fixture
def machine(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machine]:
    for name in [name for name in os.environ if name.startswith("XIESHANG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("XIESHANG_PORT", str(free_port()))
    monkeypatch.setenv("XIESHANG_ACTION_PORT", str(free_port()))
    monkeypatch.setenv("XIESHANG_TODAY", "2026-11-23")
    machine = Machine(model)
    try:
        yield machine
    finally:
        machine.stop()


def slots_of(events: list[dict[str, Any]]) -> dict[str, Any]:
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


def test_a_case_survives_a_kill_at_every_turn(machine: Machine) -> None:
    busy = current_knowledge().phrase("busy")
    machine.start(ACTIONS, RASA)
    machine.say("你好")
    begin = time.monotonic()
    machine.say("谢谢")
    machine.turn_seconds = time.monotonic() - begin
    outcomes = []
    for text, kill in TALK:
        before = machine.events()
        answer = machine.say_and_kill(text, kill)
        after = machine.events()
        if kill.victim == ACTIONS:
            assert answer, f"{text}: silence while the action server is dead"
        if answer == busy:
            assert after == before, f"{text}: half a turn is stored"
        elif answer:
            assert len(after) > len(before), f"{text}: answered, not stored"
        if kill == Kill(ACTIONS):
            assert answer == busy, f"{text}: answered without an action server"
        outcomes.append((text, kill, "busy" if answer == busy else bool(answer)))
        assert_whole_turns(after)
        machine.start(kill.victim)
        if answer in (None, busy):
            again = machine.say(text)
            assert again, f"{text}: silence after the restart"
            assert again != busy, f"{text}: busy after the restart"
    for outcome in outcomes:
        print(*outcome)
    events = machine.events()
    assert_whole_turns(events)
    assert slots_of(events)["case_state"] == "confirmed"
    store = CaseStore(open_database(machine.settings.database_url))
    versions = store.versions(CONVERSATION)
    assert [stored.version for stored in versions] == [1]
    assert versions[0].case == FACTS
    assert versions[0].status == "confirmed"
