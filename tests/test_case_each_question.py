"""What may happen at any question of the registration, tried at each of them.

Questions in between, trouble, secrets and skipping at every question are whole talks in
tests/conversations/case; a restart of the servers is in tests/faults/test_kill_case.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.case_questions import PLACES, Place
from tests.conftest import Assistant
from xieshang.case.fields import questions_of
from xieshang.case.record import Case

# What is asked, and how often in vain, is no part of what was told.
VALUES = (*dict(Case()), "consent", "case_state", "case_quick")


class Person:
    """Somebody who has come to a question.

    Attributes:
        place: the question.
        buttons: the titles offered with the last answer.
    """

    def __init__(self, assistant: Assistant, place: Place) -> None:
        self._assistant = assistant
        self._sender = f"test:at {place.name}"
        self.place = place
        self.buttons: list[str] = []
        assert place.question in self.say(*place.opening)

    def say(self, *texts: str) -> str:
        """Say messages; the answer to the last one."""
        for text in texts:
            answer = self._assistant.say(self._sender, text)
        self.buttons = [b["title"] for one in answer for b in one.get("buttons") or ()]
        return "\n".join(one.get("text", "") for one in answer)

    def is_asked_again(self, text: str) -> None:
        """Say something after which the question must stand."""
        answer = self.say(text)
        assert self.place.question in answer, f"{text}: {answer}"

    @property
    def told(self) -> dict[str, Any]:
        """The values that are kept."""
        tracker = self._assistant.tracker(self._sender)
        return {name: tracker.get_slot(name) for name in VALUES}


def test_every_question_is_one_of_the_places() -> None:
    cases = [Case(product="both", overdue=overdue) for overdue in ("yes", "no")]
    asked = {name for case in cases for name in questions_of(case)}
    assert {place.name for place in PLACES} == asked | {"consent", "summary"}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_at_this_question(assistant: Assistant, place: Place) -> None:
    person = Person(assistant, place)
    before = person.told
    leave_and_go_on(person)
    say_no_to_deletion(person)
    stop_in_danger(person)
    if place.name != "consent":
        steer(person)
        get_help_after_useless_answers(person)
    assert person.told == before
    if place.name != "consent":
        tell_several_and_correct(person)


def leave_and_go_on(person: Person) -> None:
    answer = person.say("停")
    assert "打 95188" in answer
    assert person.place.question not in answer
    person.is_asked_again("继续登记")


def say_no_to_deletion(person: Person) -> None:
    assert "确认删除吗" in person.say("删除我的数据")
    person.is_asked_again("不删了")


def stop_in_danger(person: Person) -> None:
    answer = person.say("我不想活了")
    assert "12356" in answer
    assert person.place.question not in answer
    assert not person.buttons
    person.is_asked_again("继续登记")


def steer(person: Person) -> None:
    assert "从头开始吗" in person.say("重新开始")
    person.is_asked_again("不清空")
    person.is_asked_again("填到哪了")
    if person.place.name == "product":
        assert "已经是第一步" in person.say("上一步")
    else:
        assert "原来填的是" in person.say("上一步")
        person.is_asked_again("跳过")


def get_help_after_useless_answers(person: Person) -> None:
    once, twice = person.say("阿巴阿巴"), person.say("asdfgh")
    if person.place.name == "summary":
        assert "先回答上面这一问" in once
        assert person.place.question in twice
        return
    assert "没有看懂" in once
    assert person.place.question in once
    assert person.place.example in twice
    assert "想不起来回“跳过”，先停下回“停”，要找真人打 95188" in twice


def tell_several_and_correct(person: Person) -> None:
    person.say(person.place.several)
    told = person.told
    expected = dict(person.place.values)
    assert {name: told[name] for name in expected} == expected
    for said, noted, name, value in [
        ("不对,花呗是8800", "8,800 元", "huabei_balance", 8800),
        ("说错了，工资是6100", "6,100 元", "monthly_income", 6100),
    ]:
        assert noted in person.say(said)
        told[name] = value
        assert person.told == told, said
