"""A database that is locked or away: the person is told, the form is where it was."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from decimal import Decimal

import pytest

from rasa_ext.commands.storage import prepare_database
from tests.channels.servers import RealServer
from tests.faults.random_kills import ANSWERED_SECONDS
from tests.faults.talk import Talk, busy, health_seconds, stretched
from xieshang.case.record import Case

ANSWERS = (
    "开始登记",
    "同意",
    "两个都有",
    "9831",
    "20417",
    "已经逾期了",
    "45天",
    "失业",
    "5563",
    "4129",
    "延期",
    "对",
)
# The questions that are not asked of whoever is overdue and owes no odd sum.
OTHER_ANSWERS = ("开始登记", "同意", "花呗", "980000", "对", "还没逾期", "12月8号")
TODAY = date(2026, 11, 23)
HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma busy_timeout = 20000")
database.execute("begin exclusive")
print("locked", flush=True)
sys.stdin.read()
"""


@contextmanager
def locked_by_another_process(server: RealServer) -> Iterator[None]:
    """Hold the lock that writers wait for."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(server.settings.data_dir / "xieshang.db")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "locked\n"
        yield
        assert holder.stdin
        holder.stdin.close()


@contextmanager
def moved_away(server: RealServer) -> Iterator[None]:
    """Take the database away, and put it back in place of what was made meanwhile."""
    folder = server.settings.data_dir
    away = folder / "away"
    away.mkdir()
    for file in folder.glob("xieshang.db*"):
        file.rename(away / file.name)
    yield
    for file in folder.glob("xieshang.db*"):
        file.unlink()
    for file in away.iterdir():
        file.rename(folder / file.name)
    away.rmdir()


Outage = Callable[[RealServer], AbstractContextManager[None]]
OUTAGES = pytest.mark.parametrize("outage", [locked_by_another_process, moved_away])


def answer_in_spite_of(
    server: RealServer, talk: Talk, outage: Outage, answers: Sequence[str]
) -> None:
    """Give each answer during an outage, and once more after it."""
    for number, text in enumerate(answers):
        with outage(server):
            assert talk.say(text) == busy(), text
            assert talk.seconds < stretched(ANSWERED_SECONDS)
        assert talk.turns() == number
        assert talk.say(text) != busy()


@OUTAGES
def test_an_answer_told_during_an_outage_fills_nothing(
    server: RealServer, outage: Outage
) -> None:
    talk = Talk(server, f"{outage.__name__} overdue")
    answer_in_spite_of(server, talk, outage, ANSWERS)
    assert talk.case() == Case(
        product="both",
        huabei_balance=Decimal(9831),
        jiebei_balance=Decimal(20417),
        overdue="yes",
        days_overdue=45,
        recorded_on=TODAY,
        hardship="unemployment",
        monthly_income=Decimal(5563),
        essential_expenses=Decimal(4129),
        goal="extension",
    )


@OUTAGES
def test_a_day_and_an_odd_sum_told_during_an_outage_fill_nothing(
    server: RealServer, outage: Outage
) -> None:
    talk = Talk(server, f"{outage.__name__} odd")
    answer_in_spite_of(server, talk, outage, OTHER_ANSWERS)
    talk.say("失业", "5563", "4129", "延期", "对")
    case = talk.case()
    assert case.huabei_balance == Decimal(980000)
    assert case.overdue == "no"
    assert case.due_date == date(2026, 12, 8)


def test_others_are_served_while_it_is_locked(server: RealServer) -> None:
    talk = Talk(server, "health")
    talk.say("开始登记")
    said: list[str] = []
    with locked_by_another_process(server):
        waiting = threading.Thread(target=lambda: said.append(talk.say("同意")))
        waiting.start()
        while waiting.is_alive():
            assert health_seconds(server) < 1
            time.sleep(0.1)
    assert said == [busy()]


def test_a_database_that_is_gone_is_told(server: RealServer) -> None:
    """The last one: nothing can be stored until somebody makes the tables anew."""
    talk = Talk(server, "gone")
    assert talk.say("开始登记") != busy()
    for file in server.settings.data_dir.glob("xieshang.db*"):
        file.unlink()
    assert talk.say("同意") == busy()
    assert talk.seconds < stretched(ANSWERED_SECONDS)
    assert health_seconds(server) < 1
    prepare_database(server.settings).dispose()
    # Nothing of the talk is left: what is said is a first sentence again.
    assert talk.say("开始登记") != busy()
    assert talk.turns() == 1
