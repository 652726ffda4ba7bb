"""What the web shows besides the text, and that other channels show each text once."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from rasa_ext.channels.answers import contents_of
from rasa_ext.terminal import print_answer
from tests.conftest import Assistant

TALK = ["开始登记", "1", "3", "9800", "20000", "1", "3", "2", "5500", "4100", "3", "1"]
FILES = ["plan.html", "statement.docx", "reminders.ics", "data.json"]


@pytest.fixture(scope="module")
def turns(assistant: Assistant) -> list[list[dict[str, Any]]]:
    return [assistant.say("custom:case", text) for text in TALK]


def customs(turn: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [message["custom"] for message in turn if message.get("custom")]


def test_each_question_tells_how_far_the_case_is(
    turns: list[list[dict[str, Any]]],
) -> None:
    told = [
        (custom["rank"], custom["count"])
        for turn in turns
        for custom in customs(turn)
        if custom["type"] == "progress"
    ]
    assert [rank for rank, _ in told] == list(range(1, len(told) + 1))
    assert told[-1][0] == told[-1][1] == 9
    for turn in turns:
        # The text beside it says the same.
        for custom in customs(turn):
            if custom["type"] == "progress":
                where = f"第{custom['rank']}步/共{custom['count']}步"
                assert any(where in message.get("text", "") for message in turn)


def test_a_question_in_other_words_keeps_the_progress(assistant: Assistant) -> None:
    for text in TALK[:3]:
        asked = assistant.say("custom:again", text)
    again = assistant.say("custom:again", "啦啦啦啦")
    assert customs(again) == customs(asked)


def test_the_documents_come_as_a_card(turns: list[list[dict[str, Any]]]) -> None:
    (card,) = customs(turns[-1])
    assert card["type"] == "documents"
    assert [item["name"] for item in card["items"]] == FILES
    assert all(item["url"].endswith(f"/{item['name']}") for item in card["items"])
    assert all(item["title"] and "：" not in item["title"] for item in card["items"])
    assert card["image"].endswith("/plans.png")
    assert "http" not in card["text"]
    linked = [
        m["text"] for m in turns[-1] if card["items"][0]["url"] in m.get("text", "")
    ]
    assert len(linked) == 1
    shown = contents_of({"text": linked[0], "custom": card})
    assert [content["kind"] for content in shown] == ["documents"]


def test_every_text_comes_once(turns: list[list[dict[str, Any]]]) -> None:
    for turn in turns:
        texts = Counter(message["text"] for message in turn if message.get("text"))
        assert set(texts.values()) == {1}, texts
        assert all(message.get("text") or message.get("custom") for message in turn)


def test_the_terminal_prints_no_json(
    turns: list[list[dict[str, Any]]], capsys: pytest.CaptureFixture[str]
) -> None:
    for message in turns[1]:
        print_answer(message)
    with_custom = capsys.readouterr().out
    for message in turns[1]:
        if "custom" not in message:
            print_answer(message)
    assert with_custom == capsys.readouterr().out
    assert "{" not in with_custom
