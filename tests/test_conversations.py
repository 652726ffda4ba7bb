"""Whole talks from tests/conversations/, turn by turn, through the real assistant.

A file holds a list of talks: name, and turns of user, says (patterns that the bot's
answer must match), never (patterns it must not match), buttons (titles it must offer;
an empty list: none at all), slots (values afterwards), form (whether it asks on).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import Assistant

FOLDER = Path(__file__).parent / "conversations"
KEYS = {"user", "says", "never", "buttons", "slots", "form"}


def talks() -> list[Any]:
    return [
        pytest.param(talk, id=f"{path.stem}: {talk['name']}")
        for path in sorted(FOLDER.rglob("*.yml"))
        for talk in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize("talk", talks())
def test_talk(talk: dict[str, Any], assistant: Assistant) -> None:
    for turn in talk["turns"]:
        assert turn.keys() <= KEYS, f"unknown key in {turn}"
        assert turn.keys() & {"says", "buttons", "slots", "form"}, (
            f"nothing is asserted in {turn}"
        )
        answer = assistant.say(f"test:{talk['name']}", turn["user"])
        said = "\n".join(message.get("text", "") for message in answer)
        titles = [
            button["title"]
            for message in answer
            for button in message.get("buttons") or ()
        ]
        for pattern in turn.get("says", ()):
            assert re.search(pattern, said), f"{turn['user']}: {pattern} not in: {said}"
        for pattern in turn.get("never", ()):
            assert not re.search(pattern, said), f"{turn['user']}: {pattern} in: {said}"
        if "buttons" in turn:
            assert titles if turn["buttons"] else not titles, (
                f"{turn['user']}: {titles}"
            )
            assert set(turn["buttons"]) <= set(titles), f"{turn['user']}: {titles}"
        if "slots" in turn or "form" in turn:
            _check_state(turn, assistant.tracker(f"test:{talk['name']}"))


def _check_state(turn: dict[str, Any], tracker: Any) -> None:
    for name, value in turn.get("slots", {}).items():
        found = tracker.get_slot(name)
        assert found == value, f"{turn['user']}: {name} is {found!r}, not {value!r}"
    if "form" in turn:
        assert bool(tracker.active_loop_name) == turn["form"], turn["user"]


def test_names_are_unique() -> None:
    names = [talk.values[0]["name"] for talk in talks()]
    assert len(names) == len(set(names))
