"""A database that is locked or away: the person is told, the form is where it was."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from rasa_ext.commands.storage import prepare_database
from tests.channels.servers import RealServer
from tests.faults.talk import Talk, busy, health_seconds

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
)
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


def test_an_answer_told_while_it_is_locked_fills_nothing(server: RealServer) -> None:
    talk = Talk(server, "locked")
    for number, text in enumerate(ANSWERS):
        with locked_by_another_process(server):
            assert talk.say(text) == busy(), text
            assert talk.seconds < 5
        assert talk.turns() == number
        assert talk.say(text) != busy()
    talk.say("对")
    case = talk.case()
    assert case.huabei_balance == Decimal(9831)
    assert case.jiebei_balance == Decimal(20417)
    assert case.days_overdue == 45
    assert case.monthly_income == Decimal(5563)
    assert case.essential_expenses == Decimal(4129)


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
    assert talk.seconds < 5
    assert health_seconds(server) < 1
    prepare_database(server.settings).dispose()
    # Nothing of the talk is left: what is said is a first sentence again.
    assert talk.say("开始登记") != busy()
    assert talk.turns() == 1
