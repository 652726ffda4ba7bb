"""Bad input is answered in Chinese and loses nothing; no turn is silent."""

from __future__ import annotations

import re

import pytest
from rasa.shared.core.events import UserUttered

from rasa_ext.guard import MAX_TEXT_LENGTH
from tests.conftest import Assistant
from xieshang.knowledge import current_knowledge

ID_CARD = "11010519491231002X"


def texts(answer: list[dict]) -> str:
    return "\n".join(message.get("text", "") for message in answer)


def user_texts(assistant: Assistant, sender: str) -> list[str]:
    tracker = assistant.tracker(sender)
    return [e.text for e in tracker.events if isinstance(e, UserUttered)]


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", "empty"),
        ("  \n\t ", "empty"),
        ("\x00\x07\u200b", "empty"),
        (None, "not_text"),
        (17, "not_text"),
        ({"a": 1}, "not_text"),
        (["花呗"], "not_text"),
        ("花" * (MAX_TEXT_LENGTH + 1), "too_long"),
        ("逾" * 100_000, "too_long"),
        ("😭😭😭", "no_words"),
        ("？？！！…", "no_words"),
        ("/restart", "command"),
        ("  /restart", "command"),
        ("／restart", "command"),
        ("\u200b/restart", "command"),
        ('/inform{"x":1}', "command"),
        ('/cannot_pay@0.9{"product":"huabei"}', "command"),
        ("/session_start", "command"),
        ("/", "no_words"),
    ],
)
def test_bad_input_gets_its_answer_and_no_turn(
    assistant: Assistant, text: object, phrase: str
) -> None:
    sender = f"guard:{phrase}"
    assistant.say(sender, "花呗还不上了怎么办")
    before = user_texts(assistant, sender)
    answer = assistant.say(sender, text)
    assert [message["text"] for message in answer] == [
        current_knowledge().phrase(phrase)
    ]
    assert user_texts(assistant, sender) == before


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<b>花呗</b>还不上了",
        "花\x00呗\x08还\x1b[31m不上",
        "'; DROP TABLE events; --",
        "{{7*7}} ${HOME} %s %n",
        "😭花呗还不上",
        "花" * MAX_TEXT_LENGTH,
        "a",
        "٣٤٥",
        "\ud83d花呗",
    ],
)
def test_odd_input_is_answered_in_chinese(assistant: Assistant, text: str) -> None:
    answer = assistant.say("guard:odd", text)
    assert answer
    assert re.search(r"[\u4e00-\u9fff]", texts(answer))
    assert texts(answer) != current_knowledge().phrase("busy")
    assert "<script>" not in texts(answer)


def test_an_issued_button_is_taken_and_another_persons_is_not(
    assistant: Assistant,
) -> None:
    offered = assistant.say("guard:button", "花呗还不上了怎么办")[-1]["buttons"]
    payload = offered[0]["payload"]
    assert texts(assistant.say("guard:stranger", payload)) == (
        current_knowledge().phrase("command")
    )
    answer = texts(assistant.say("guard:button", payload))
    assert "95188" in answer
    assert answer != current_knowledge().phrase("command")


@pytest.mark.parametrize("typed", ["1", "一", "第一个", "1.", "１", "选1"])
def test_a_button_is_chosen_by_number(assistant: Assistant, typed: str) -> None:
    sender = f"guard:number:{typed}"
    offered = assistant.say(sender, "花呗还不上了怎么办")[-1]["buttons"]
    pressed = texts(assistant.say(f"{sender}:pressed", "花呗还不上了怎么办"))
    assert pressed
    by_button = texts(assistant.say(f"{sender}:pressed", offered[0]["payload"]))
    assert texts(assistant.say(sender, typed)) == by_button


def test_a_number_beyond_the_buttons_is_no_choice(assistant: Assistant) -> None:
    sender = "guard:beyond"
    assistant.say(sender, "花呗还不上了怎么办")
    answer = texts(assistant.say(sender, "9"))
    assert answer == current_knowledge().phrase("no_such_choice")
    assert len(user_texts(assistant, sender)) == 1


def test_a_number_without_buttons_is_a_sentence(assistant: Assistant) -> None:
    sender = "guard:no-buttons"
    assistant.say(sender, "9")
    assert user_texts(assistant, sender) == ["9"]


@pytest.mark.parametrize("typed", ["确认删除", "确认删除。"])
def test_a_button_is_chosen_by_its_title(assistant: Assistant, typed: str) -> None:
    sender = f"guard:title:{typed}"
    assistant.say(sender, "删除我的数据")
    assert "已删除" in texts(assistant.say(sender, typed))


def test_a_refused_deletion_deletes_nothing(assistant: Assistant) -> None:
    sender = "guard:refused-deletion"
    assistant.say(sender, "删除我的数据")
    assert "没有删除" in texts(assistant.say(sender, "别删别删 点错了"))
    assistant.say(sender, "好")
    assert len(user_texts(assistant, sender)) == 3


def test_sensitive_numbers_never_reach_the_tracker(assistant: Assistant) -> None:
    sender = "guard:sensitive"
    answer = texts(assistant.say(sender, f"我身份证{ID_CARD}，花呗还不上了"))
    assert "遮住" in answer
    assert ID_CARD not in answer
    tracker = assistant.tracker(sender)
    assert ID_CARD not in repr([event.as_dict() for event in tracker.events])
    assert user_texts(assistant, sender) == ["我身份证***，花呗还不上了"]


def test_a_turn_that_fails_is_answered(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("花呗还不上 13800138000")

    monkeypatch.setattr(assistant.agent.processor, "handle_message", broken)
    answer = texts(assistant.say("guard:broken", "花呗还不上"))
    assert answer == current_knowledge().phrase("busy")


def test_a_dead_action_server_is_answered(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = assistant.agent.processor.action_endpoint
    monkeypatch.setattr(endpoint, "url", "http://127.0.0.1:9/webhook")
    answer = texts(assistant.say("guard:dead", "花呗还不上"))
    assert answer == current_knowledge().phrase("busy")
    assert assistant.tracker("guard:dead") is None


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "/nowhere", "/health"])
def test_a_failed_action_leaves_the_state_as_it_was(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    sender = f"guard:failed:{address}"
    assistant.say(sender, "开始登记")
    before = [event.as_dict() for event in assistant.tracker(sender).events]
    endpoint = assistant.agent.processor.action_endpoint
    with monkeypatch.context() as patch:
        root = endpoint.url.removesuffix("/webhook")
        patch.setattr(endpoint, "url", address if "://" in address else root + address)
        answer = texts(assistant.say(sender, "同意"))
    assert answer == current_knowledge().phrase("busy")
    after = [event.as_dict() for event in assistant.tracker(sender).events]
    assert after == before
    assert "要谈的是" in texts(assistant.say(sender, "同意"))


def test_delete_leaves_no_row(assistant: Assistant) -> None:
    sender = "guard:delete"
    assistant.say(sender, "花呗还不上了怎么办")
    assistant.say(sender, "删除我的数据")
    assert "已删除" in texts(assistant.say(sender, "确认"))
    assert assistant.tracker(sender) is None


def test_a_later_yes_deletes_nothing(assistant: Assistant) -> None:
    sender = "guard:later-yes"
    assistant.say(sender, "删除我的数据")
    assistant.say(sender, "花呗还不上了怎么办")
    assistant.say(sender, "好的")
    assert len(user_texts(assistant, sender)) == 3
