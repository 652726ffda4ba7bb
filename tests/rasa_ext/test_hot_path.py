"""The short ways give what Rasa's own give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rasa.core.actions.action import RemoteAction
from rasa.engine.exceptions import GraphRunError
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.events import Event
from rasa.shared.utils.common import all_subclasses

from rasa_ext import patches
from rasa_ext.hot_path import SequentialRunner, event_classes, is_valid_answer
from tests.conftest import Assistant, free_port
from tests.rasa_ext.recorder import TALKS
from xieshang.settings import ROOT

SLOT = {"event": "slot", "name": "product", "value": "huabei", "timestamp": None}
ANSWERS: list[tuple[object, bool]] = [
    ({}, True),
    ({"events": [], "responses": []}, True),
    ({"events": [SLOT], "responses": [{"text": "x"}]}, True),
    ({"events": [{"event": "user", "text": None, "parse_data": {}}]}, True),
    ({"events": [{"event": "followup", "name": "x"}]}, True),
    ({"events": [{**SLOT, "name": 5}]}, False),
    ({"events": [{"event": "slot"}]}, False),
    ({"events": [{"event": "unknown"}]}, False),
    ({"events": [{"event": 5}]}, False),
    ({"events": [{}]}, False),
    ({"events": [SLOT, "slot"]}, False),
    ({"events": [{**SLOT, "timestamp": "now"}]}, False),
    ({"events": None}, False),
    ({"events": {}}, False),
    ({"responses": [5]}, False),
    ({"responses": {}}, False),
    ([], False),
    ("x", False),
    (None, False),
]


def record(kind: str, data_dir: Path) -> dict[str, Any]:
    """What is told in a process with or without the patches."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.rasa_ext.recorder", kind],
        cwd=ROOT,
        env={
            **os.environ,
            "XIESHANG_DATA_DIR": str(data_dir),
            "XIESHANG_PORT": "5005",
            "XIESHANG_ACTION_PORT": str(free_port()),
            "XIESHANG_TODAY": "2026-11-23",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout.splitlines()[-1]))


def test_talks_are_event_by_event_those_of_plain_rasa(
    model: Path, tmp_path: Path
) -> None:
    plain, patched = (record(kind, tmp_path / kind) for kind in ("plain", "patched"))
    assert plain.keys() == patched.keys() == TALKS.keys()
    for name, told in plain.items():
        assert all(told["replies"])
        assert patched[name]["replies"] == told["replies"], name
        for ours, rasas in zip(patched[name]["events"], told["events"], strict=True):
            assert ours == rasas, name


@pytest.mark.parametrize(("answer", "is_valid"), ANSWERS)
def test_answers_are_taken_and_refused_as_by_rasa(
    answer: object, is_valid: bool
) -> None:
    from jsonschema import ValidationError

    assert is_valid_answer(answer) == is_valid
    rasas = patches.REPLACED["RemoteAction._validate_action_result"]
    try:
        assert rasas(RemoteAction("x", None), answer) == is_valid
    except ValidationError:
        assert not is_valid


def test_each_kind_of_event_has_a_schema_of_its_own() -> None:
    items = RemoteAction.action_response_format_spec()["properties"]["events"]["items"]
    kinds = [kind["properties"]["event"]["const"] for kind in items["oneOf"]]
    assert len(kinds) == len(set(kinds))
    assert all("event" in kind["properties"] for kind in items["oneOf"])


def test_events_are_found_as_by_rasa() -> None:
    rasas = patches.REPLACED["Event.resolve_by_type"]
    names = {kind.type_name for kind in all_subclasses(Event)}
    assert len(names) > 20
    assert {name: event_classes()[name] for name in names} == {
        name: rasas(name) for name in names
    }
    assert patches._event_class("topic") is None
    assert patches._event_class("unknown", Event) is Event
    with pytest.raises(ValueError, match="unknown"):
        patches._event_class("unknown")


def test_a_model_is_run_as_by_dask(assistant: Assistant) -> None:
    from rasa.core.channels.channel import UserMessage

    runner = assistant.agent.processor.graph_runner
    assert isinstance(runner, SequentialRunner)
    inputs = {"__message__": [UserMessage("花呗还不上了怎么办")], "__tracker__": None}
    targets = ["run_RegexMessageHandler"]
    ours = runner.run(inputs, targets)
    rasas = DaskGraphRunner.run(runner, inputs, targets)
    assert [message.as_dict() for message in ours[targets[0]]] == [
        message.as_dict() for message in rasas[targets[0]]
    ]
    with pytest.raises(GraphRunError):
        runner.run({}, targets)
