"""kill -9 of servers during registrations: nothing is lost, doubled or wrong."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.case_questions import PLACES, Place
from tests.faults.machine import (
    ACTIONS,
    RASA,
    Machine,
    assert_whole_turns,
    machine_of,
    slots_of,
)
from tests.faults.random_kills import ANSWERED_SECONDS, survived_kills
from tests.faults.talk import busy, stretched
from xieshang.case.record import Case

SENDER = "killed"
KILLS = 20
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


@pytest.fixture(scope="module")
def machine(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with machine_of(model, tmp_path_factory.mktemp("kill")) as machine:
        machine.start(ACTIONS, RASA)
        yield machine


def say_and_kill(machine: Machine, text: str, kill: Kill) -> str | None:
    """Say something while a server dies."""

    def wait_and_kill() -> None:
        if kill.part is not None:
            time.sleep(kill.part * machine.seconds)
        while kill.stored and not machine.rows("SELECT 1 FROM case_versions"):
            time.sleep(0.001)
        machine.kill(kill.victim)

    if kill.part is None and not kill.stored:
        machine.kill(kill.victim)
        return machine.say(SENDER, text)
    return machine.say_and(SENDER, text, wait_and_kill)


def test_a_case_survives_a_kill_at_every_turn(machine: Machine) -> None:
    machine.say(SENDER, "你好")
    outcomes = []
    for text, kill in TALK:
        machine.say("somebody else", "谢谢")
        before = machine.events(SENDER)
        answer = say_and_kill(machine, text, kill)
        after = machine.events(SENDER)
        if kill.victim == ACTIONS:
            assert answer, f"{text}: silence while the action server is dead"
            assert machine.seconds < stretched(ANSWERED_SECONDS), text
        if answer == busy():
            assert after == before, f"{text}: half a turn is stored"
        elif answer:
            assert len(after) > len(before), f"{text}: answered, not stored"
        if kill == Kill(ACTIONS):
            assert answer == busy(), f"{text}: answered without an action server"
        outcomes.append((text, kill, "busy" if answer == busy() else bool(answer)))
        assert_whole_turns(after)
        machine.start(kill.victim)
        if answer in (None, busy()):
            again = machine.say(SENDER, text)
            assert again, f"{text}: silence after the restart"
            assert again != busy(), f"{text}: busy after the restart"
    for outcome in outcomes:
        print(*outcome)
    events = machine.events(SENDER)
    assert_whole_turns(events)
    assert slots_of(events)["case_state"] == "confirmed"
    versions = machine.cases(SENDER)
    assert [stored.version for stored in versions] == [1]
    assert versions[0].case == FACTS
    assert versions[0].status == "confirmed"


def test_every_question_is_taken_up_after_a_restart(machine: Machine) -> None:
    left = {place: slots_of(told_up_to(machine, place)) for place in PLACES}
    for victim in (RASA, ACTIONS):
        machine.kill(victim)
    machine.start(ACTIONS, RASA)
    for place, before in left.items():
        sender = f"left at {place.name}"
        back = machine.say(sender, "在吗")
        assert back, place.name
        if place.name == "consent":
            # Nothing was agreed to, nothing is there.
            assert "要继续上次的登记吗" not in back
        else:
            assert "要继续上次的登记吗" in back, place.name
        resumed = machine.say(sender, "继续登记")
        assert resumed, place.name
        assert place.question in resumed, place.name
        after = slots_of(machine.events(sender))
        kept = {*dict(Case()), "consent"}
        assert {n: v for n, v in after.items() if n in kept and v is not None} == {
            n: v for n, v in before.items() if n in kept and v is not None
        }, place.name


def told_up_to(machine: Machine, place: Place) -> list[dict[str, Any]]:
    """The events of somebody who stopped at a question."""
    sender = f"left at {place.name}"
    for text in (*place.opening, "停"):
        assert machine.say(sender, text) not in (None, busy()), text
    return machine.events(sender)


def test_registrations_survive_kills_at_random_moments(machine: Machine) -> None:
    seed = int(os.environ.get("KILL_SEED") or secrets.randbelow(10**6))
    print(f"KILL_SEED={seed}")
    survived = []
    for one in survived_kills(machine, KILLS, seed):
        print(one)
        survived.append(one)
    assert len(survived) >= KILLS
