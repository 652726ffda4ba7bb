"""What may happen at any question of the registration, tried at each of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.case_questions import PLACES, Place
from tests.conftest import Assistant
from xieshang.case.fields import questions_of
from xieshang.case.record import Case

# What is asked, and how often in vain, is no part of what was told.
VALUES = (*dict(Case()), "consent", "case_state", "case_quick")
AFTER_CONSENT = [place for place in PLACES if place.name != "consent"]


class Person:
    """Somebody who has come to a question.

    Attributes:
        buttons: the titles offered with the last answer.
    """

    def __init__(self, assistant: Assistant, place: Place, what: str) -> None:
        self._assistant = assistant
        self._sender = f"test:{what} at {place.name}"
        self.buttons: list[str] = []
        assert place.question in self.say(*place.opening)

    def say(self, *texts: str) -> str:
        """Say messages; the answer to the last one."""
        for text in texts:
            answer = self._assistant.say(self._sender, text)
        self.buttons = [b["title"] for one in answer for b in one.get("buttons") or ()]
        return "\n".join(one.get("text", "") for one in answer)

    @property
    def told(self) -> dict[str, Any]:
        """The values that are kept."""
        tracker = self._assistant.tracker(self._sender)
        return {name: tracker.get_slot(name) for name in VALUES}


def ids(place: Place) -> str:
    return place.name


def test_every_question_is_one_of_the_places() -> None:
    cases = [Case(product="both", overdue=overdue) for overdue in ("yes", "no")]
    asked = {name for case in cases for name in questions_of(case)}
    assert {place.name for place in PLACES} == asked | {"consent", "summary"}


@pytest.mark.parametrize("place", PLACES, ids=ids)
def test_what_comes_between_changes_nothing(assistant: Assistant, place: Place) -> None:
    person = Person(assistant, place, "between")
    before = person.told
    for text, says in [
        ("花呗逾期会影响征信吗", "征信"),
        ("我身份证11010519491231002X", "遮住"),
        ("中介让我先交3000保证金", "96110"),
        ("天天被催 压力大得睡不着", ""),
        ("删除我的数据", "确认删除吗"),
        ("不删了", "都留着"),
        ("停", "打 95188"),
        ("继续登记", ""),
    ]:
        answer = person.say(text)
        assert says in answer, f"{text}: {answer}"
        # What asks something else, or stops, does not ask the question as well.
        if says not in ("确认删除吗", "打 95188"):
            assert place.question in answer, f"{text}: {answer}"
        assert person.told == before, text


@pytest.mark.parametrize("place", PLACES, ids=ids)
def test_danger_stops_it_until_it_is_taken_up(
    assistant: Assistant, place: Place
) -> None:
    person = Person(assistant, place, "danger")
    before = person.told
    answer = person.say("我不想活了")
    assert "12356" in answer
    assert place.question not in answer
    assert not person.buttons
    assert place.question in person.say("继续登记")
    assert person.told == before


@pytest.mark.parametrize("place", AFTER_CONSENT, ids=ids)
def test_steering_keeps_the_values(assistant: Assistant, place: Place) -> None:
    person = Person(assistant, place, "steering")
    before = person.told
    assert "从头开始吗" in person.say("重新开始")
    assert place.question in person.say("不清空")
    status = person.say("填到哪了")
    assert "目前填了" in status or place.name == "product"
    assert place.question in status
    if place.name == "product":
        assert "已经是第一步" in person.say("上一步")
    else:
        back = person.say("上一步")
        assert "原来填的是" in back
        assert place.question in person.say("跳过")
    assert person.told == before


@pytest.mark.parametrize("place", AFTER_CONSENT, ids=ids)
def test_two_answers_of_no_use_are_helped(assistant: Assistant, place: Place) -> None:
    person = Person(assistant, place, "no use")
    before = person.told
    once, twice = person.say("阿巴阿巴"), person.say("asdfgh")
    if place.name == "summary":
        assert "先回答上面这一问" in once
        assert place.question in twice
    else:
        assert "没有看懂" in once
        assert place.question in once
        assert "这样答就行" in twice
        assert "例如" in twice
        assert "跳过" in twice
        assert "停" in twice
    assert person.told == before


@pytest.mark.parametrize("place", AFTER_CONSENT, ids=ids)
def test_several_values_and_a_correction_are_taken(
    assistant: Assistant, place: Place
) -> None:
    person = Person(assistant, place, "several")
    person.say(place.several)
    told = {**person.told}
    assert {name: told[name] for name, _ in place.values} == dict(place.values)
    for said, noted, name, value in [
        ("不对,花呗是8800", "8,800 元", "huabei_balance", 8800),
        ("说错了，工资是6100", "6,100 元", "monthly_income", 6100),
    ]:
        assert noted in person.say(said)
        told[name] = value
        assert person.told == told, said


@pytest.mark.parametrize("place", AFTER_CONSENT, ids=ids)
def test_a_question_is_skipped(assistant: Assistant, place: Place) -> None:
    person = Person(assistant, place, "skip")
    before = person.told
    answer = person.say("不知道")
    assert person.told == {
        **before,
        **({"overdue": "unknown"} if place.name == "overdue" else {}),
        **({"goal": "unsure"} if place.name == "goal" else {}),
    }
    assert (place.question in answer) == (place.name == "summary")
