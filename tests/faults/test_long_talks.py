"""A talk that goes on and on: as quick as at first, nothing lost where it is cut."""

from __future__ import annotations

import json
import logging
import time
from statistics import quantiles
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.shared.core.events import BotUttered, SessionStarted, UserUttered
from rasa.utils.log_utils import configure_structlog

from rasa_ext.stores.sessions import KEPT_EVENTS, MOST_EVENTS
from tests.conftest import Assistant
from xieshang.storage import current_database
from xieshang.storage.tables import events

MESSAGES = 1_000
# A turn of a form that is told everything at once sets about so many.
MOST_EVENTS_A_TURN = 40
QUESTIONS = (
    "花呗还不上了怎么办",
    "那借呗呢",
    "1",
    "能减免利息吗",
    "你好",
    "需要什么证明材料",
    "谢谢",
    "2",
    "借呗逾期了会上征信吗",
    "客服电话是多少",
)


@pytest.fixture(scope="module", autouse=True)
def quiet() -> None:
    """As in the servers: Rasa copies every event for a log that nobody reads."""
    configure_structlog(logging.ERROR)


def text(answer: list[dict[str, Any]]) -> str:
    return "\n".join(message.get("text", "") for message in answer)


def sessions(sender: str) -> list[bool]:
    """For each session of a conversation, whether it goes on with the one before."""
    query = (
        sa.select(events.c.data)
        .where(events.c.sender_id == sender, events.c.type_name == "session_started")
        .order_by(events.c.id)
    )
    with current_database().begin() as connection:
        found = connection.scalars(query).all()
    return [
        bool((json.loads(data).get("metadata") or {}).get("continues"))
        for data in found
    ]


def user_turns(sender: str) -> int:
    query = sa.select(sa.func.count()).where(
        events.c.sender_id == sender, events.c.type_name == "user"
    )
    with current_database().begin() as connection:
        return int(connection.scalar(query) or 0)


def until_it_is_nearly_cut(assistant: Assistant, sender: str) -> None:
    """Talk until the next turn begins a session."""
    assistant.say(sender, QUESTIONS[0])
    stored = len(sessions(sender))
    for number in range(MOST_EVENTS):
        tracker = assistant.tracker(sender)
        if tracker.events[-1].type_name == "action" and stored < sum(
            isinstance(event, SessionStarted) for event in tracker.events
        ):
            return
        assistant.say(sender, QUESTIONS[1 - number % 2])
    raise AssertionError("no session would begin")


def test_a_thousand_messages_cost_the_same(assistant: Assistant) -> None:
    sender = "long:thousand"
    seconds, sizes = [], []
    for number in range(MESSAGES):
        started = time.perf_counter()
        answer = assistant.say(sender, QUESTIONS[number % len(QUESTIONS)])
        seconds.append(time.perf_counter() - started)
        assert text(answer)
        if number % 50 == 0:
            sizes.append(len(assistant.tracker(sender).events))
    assert user_turns(sender) == MESSAGES
    assert max(sizes) <= MOST_EVENTS + KEPT_EVENTS + MOST_EVENTS_A_TURN
    began = sessions(sender)
    assert began[0] is False
    assert len(began) > 10
    assert all(began[1:])
    first, last = (
        quantiles(part, n=20)[-1] for part in (seconds[:100], seconds[-100:])
    )
    assert last < 3 * first


def test_the_same_is_said_across_a_cut(assistant: Assistant) -> None:
    """Each sentence in a talk that is cut before it, and in one that is new."""
    for number, following in enumerate(
        ("1", "那借呗呢", "第二个", "好的", "删除我的数据")
    ):
        sender, fresh = f"long:cut:{number}", f"long:fresh:{number}"
        until_it_is_nearly_cut(assistant, sender)
        before = len(sessions(sender))
        assistant.say(fresh, QUESTIONS[0])
        assistant.say(fresh, QUESTIONS[1])
        assistant.say(fresh, QUESTIONS[0])
        last = assistant.say(sender, QUESTIONS[0])
        assert len(sessions(sender)) == before + 1
        # The turn after the one that cut: what it reads is the new session.
        assert text(assistant.say(sender, following)) == text(
            assistant.say(fresh, following)
        )
        assert last


def test_a_number_and_a_button_chosen_in_the_turn_that_cuts(
    assistant: Assistant,
) -> None:
    for number, typed in enumerate(("1", "pressed", "那借呗呢")):
        sender, fresh = f"long:at:{number}", f"long:at fresh:{number}"
        until_it_is_nearly_cut(assistant, sender)
        offered = last_buttons(assistant, sender)
        for said in (QUESTIONS[1], QUESTIONS[0], QUESTIONS[1]):
            assistant.say(fresh, said)
        told = assistant.tracker(sender).events
        assistant.say(fresh, [e for e in told if isinstance(e, UserUttered)][-1].text)
        said = offered[0]["payload"] if typed == "pressed" else typed
        before = len(sessions(sender))
        answer = text(assistant.say(sender, said))
        assert len(sessions(sender)) == before + 1
        assert answer == text(assistant.say(fresh, said))
        # Buttons of before the cut may still be pressed after it.
        assert text(assistant.say(sender, offered[-1]["payload"])) == text(
            assistant.say(fresh, offered[-1]["payload"])
        )


def last_buttons(assistant: Assistant, sender: str) -> list[dict[str, str]]:
    bot = [e for e in assistant.tracker(sender).events if isinstance(e, BotUttered)]
    return next(list(e.data["buttons"]) for e in reversed(bot) if e.data.get("buttons"))


def test_an_offer_told_before_the_cut_is_compared_after_it(
    assistant: Assistant,
) -> None:
    sender = "long:offer"
    until_it_is_nearly_cut(assistant, sender)
    assistant.say(sender, "花呗他们说分24期每期980")
    assert sessions(sender)[-1]
    both = text(assistant.say(sender, "另一个方案是花呗分12期每期1800"))
    assert "24" in both
    assert "12" in both


@pytest.mark.parametrize("answer", ["9831"])
def test_no_session_begins_in_a_form(assistant: Assistant, answer: str) -> None:
    sender = "long:form"
    for said in ("开始登记", "同意", "花呗"):
        assistant.say(sender, said)
    began = len(sessions(sender))
    for number in range(MOST_EVENTS // 3):
        assistant.say(sender, QUESTIONS[3] if number % 2 else QUESTIONS[5])
    tracker = assistant.tracker(sender)
    assert len(tracker.events) > MOST_EVENTS
    assert tracker.active_loop_name == "case_form"
    assert len(sessions(sender)) == began
    assistant.say(sender, answer)
    assert assistant.tracker(sender).get_slot("huabei_balance") is not None


def test_a_registration_is_whole_after_a_cut(assistant: Assistant) -> None:
    sender = "long:case"
    for said in ("开始登记", "同意", "花呗", "9831", "停"):
        assistant.say(sender, said)
    until_it_is_nearly_cut(assistant, sender)
    store = assistant.agent.tracker_store
    whole = assistant.run(store.retrieve_full_tracker(sender)).current_slot_values()
    assert whole["huabei_balance"]
    assert assistant.tracker(sender).current_slot_values() == whole
    assistant.say(sender, QUESTIONS[3])
    assert sessions(sender)[-1]
    after = assistant.tracker(sender).current_slot_values()
    assert {**after, "last_topic": whole["last_topic"]} == whole
    assistant.say(sender, "继续登记")
    assert assistant.tracker(sender).active_loop_name == "case_form"


def test_after_an_hour_of_silence_the_session_is_an_ordinary_one(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = "long:idle"
    until_it_is_nearly_cut(assistant, sender)
    later = time.time() + 2 * 3600
    monkeypatch.setattr(time, "time", lambda: later)
    assistant.say(sender, QUESTIONS[0])
    assert sessions(sender)[-1] is False
