"""Reminders: sent once, on their day, to who asked, and to nobody in danger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from rasa_ext.channels.telegram_reminders import DueReminders
from tests.conftest import Assistant
from xieshang.clock import TIME_ZONE, now
from xieshang.storage import current_reminders
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database
from xieshang.storage.entries import Entries
from xieshang.storage.entry import Entry
from xieshang.storage.reminders import Reminder, Reminders
from xieshang.storage.tables import cases

SENDER = "tg:17"
DAY = date(2026, 11, 25)
ONCE = Reminder("payment@x", DAY, "快到还款日", "还款日11月28日", 1)
MONTHLY = Reminder("report@x", DAY, "每月反馈", "告诉客服", 12)


def at(day: int, hour: int = 12, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=TIME_ZONE)


@pytest.fixture
def engine(tmp_path: Path) -> sa.engine.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'xieshang.db'}")
    migrate(engine)
    return engine


class World:
    """A database, a clock that is set, and what the person said last."""

    def __init__(self, engine: sa.engine.Engine) -> None:
        self.reminders = Reminders(lambda: engine)
        self.entries = Entries(lambda: engine)
        self.time = at(24)
        self.last_intent = "greet"
        self.woken: list[str] = []

    async def look(self, time: datetime) -> list[str]:
        """What is said when somebody looks at a time."""
        self.time = time
        before = len(self.said())
        due = DueReminders(
            self.reminders, self.woken.append, self._agent, lambda: self.time
        )
        await due.say_due()
        return [entry.text for entry in self.said()[before:]]

    def said(self) -> list[Entry]:
        return list(self.entries.history(SENDER).entries)

    def _agent(self) -> Any:
        from rasa.shared.core.events import UserUttered

        async def retrieve(_: str) -> Any:
            intent = {"name": self.last_intent}
            return SimpleNamespace(events=[UserUttered("…", intent)])

        return SimpleNamespace(tracker_store=SimpleNamespace(retrieve=retrieve))


@pytest.fixture
def world(engine: sa.engine.Engine) -> World:
    return World(engine)


async def test_a_reminder_is_said_once_on_its_day_after_nine(world: World) -> None:
    world.reminders.plan(SENDER, [ONCE], at(24))
    assert await world.look(at(24, 23)) == []
    assert await world.look(at(25, 8)) == []
    assert await world.look(at(25, 9)) == ["提醒：快到还款日\n还款日11月28日"]
    assert world.woken == [SENDER]
    assert await world.look(at(25, 10)) == []
    assert await world.look(at(28)) == []
    entry = world.said()[0]
    assert not entry.delivered
    assert [button["title"] for button in entry.content["buttons"]] == ["不用提醒了"]


async def test_a_monthly_reminder_comes_back_and_ends(world: World) -> None:
    world.reminders.plan(SENDER, [MONTHLY], at(24))
    said = []
    for number in range(10, 25):
        noon = datetime(2026 + number // 12, number % 12 + 1, 25, 12, tzinfo=TIME_ZONE)
        said.append(len(await world.look(noon)))
        assert await world.look(noon) == []
    assert said == [1] * 12 + [0] * 3


async def test_what_was_missed_while_it_was_off_is_said_once(world: World) -> None:
    world.reminders.plan(SENDER, [MONTHLY], at(24))
    late = datetime(2027, 3, 1, 12, tzinfo=TIME_ZONE)
    assert len(await world.look(late)) == 1
    assert await world.look(late) == []


@pytest.mark.parametrize("reminder", [ONCE, MONTHLY])
async def test_asking_again_does_not_say_it_again(
    world: World, reminder: Reminder
) -> None:
    world.reminders.plan(SENDER, [reminder], at(24))
    world.reminders.plan(SENDER, [reminder], at(24))
    assert len(await world.look(at(25))) == 1
    world.reminders.plan(SENDER, [reminder], at(25))
    assert await world.look(at(25, 14)) == []


async def test_another_plan_replaces_the_one_before(world: World) -> None:
    world.reminders.plan(SENDER, [ONCE], at(24))
    assert len(await world.look(at(25))) == 1
    other = Reminder(ONCE.key, date(2026, 11, 26), "快到还款日", "还款日11月29日", 1)
    world.reminders.plan(SENDER, [other], at(25))
    assert await world.look(at(26)) == ["提醒：快到还款日\n还款日11月29日"]
    world.reminders.plan(SENDER, [MONTHLY], at(26))
    assert [found.key for _, found in world.reminders.due(at(26))] == [MONTHLY.key]


async def test_nobody_in_danger_is_reminded_of_debts(world: World) -> None:
    world.reminders.plan(SENDER, [ONCE], at(24))
    world.last_intent = "self_harm_risk"
    assert await world.look(at(25)) == []
    world.last_intent = "greet"
    assert len(await world.look(at(25, 14))) == 1


async def test_deleting_the_case_or_taking_it_back_ends_them(
    world: World, engine: sa.engine.Engine
) -> None:
    for end in (CaseStore(engine).delete, world.reminders.drop):
        world.reminders.plan(SENDER, [ONCE, MONTHLY], at(24))
        found = world.reminders.due(at(25))
        end(SENDER)
        assert not world.reminders.are_planned(SENDER)
        assert await world.look(at(25)) == []
        # One that was due a moment before is not said either.
        assert not world.reminders.say(*found[0], {"text": "x"}, DAY, at(25))


async def test_a_reminder_does_not_put_off_the_retention(
    world: World, engine: sa.engine.Engine
) -> None:
    world.reminders.plan(SENDER, [ONCE], at(24))
    assert len(await world.look(at(25))) == 1
    with engine.begin() as connection:
        touched = connection.scalar(sa.select(cases.c.touched_at))
    assert touched == at(24)


TOLD = (
    "开始登记",
    "同意",
    "花呗欠9831.27",
    "11月10号到期，失业了",
    "每月5563",
    "4129",
    "延期",
    "对",
)


def texts(answer: list[dict[str, Any]]) -> str:
    return "\n".join(message.get("text", "") for message in answer)


@pytest.fixture
def telling(assistant: Assistant) -> Callable[[str], str]:
    """Register a case as somebody; the answer to the last message."""

    def tell(sender: str) -> str:
        return [texts(assistant.say(sender, told)) for told in TOLD][-1]

    return tell


def test_who_asks_on_telegram_is_reminded_by_the_bot(
    assistant: Assistant, telling: Callable[[str], str]
) -> None:
    sender = "tg:901"
    assert "已整理好" in telling(sender)
    assert not current_reminders().are_planned(sender)
    offered = assistant.say(sender, "提醒")[-1]
    assert "到时提醒我" in [button["title"] for button in offered["buttons"]]
    assert not current_reminders().are_planned(sender)
    assert "我会在这里发消息" in texts(assistant.say(sender, "到时提醒我"))
    first = current_reminders().due(now().replace(year=2030))
    assert {found.key for who, found in first if who == sender}
    assistant.say(sender, "应还日改成11月28号")
    assistant.say(sender, "对")
    renewed = current_reminders().due(now().replace(year=2030))
    told = [found.text for who, found in renewed if who == sender]
    assert any("28" in text for text in told), told
    assert "不再" in texts(assistant.say(sender, "不用提醒了"))
    assert not current_reminders().are_planned(sender)


def test_elsewhere_the_bot_sends_none(
    assistant: Assistant, telling: Callable[[str], str]
) -> None:
    sender = "rest:902"
    telling(sender)
    answer = assistant.say(sender, "提醒我还款")
    assert "我会在这里发消息" not in texts(answer)
    assert "到时提醒我" not in [b["title"] for b in answer[-1]["buttons"]]
    assert not current_reminders().are_planned(sender)
