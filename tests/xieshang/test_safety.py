"""Recall and false alarms of the safety patterns."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rasa_ext.commands.evaluate import DEV_QUESTIONS
from xieshang.language.safety import safety_patterns
from xieshang.settings import ROOT

URGENT = ("self_harm_risk", "report_scam")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


OWN = rows(ROOT / "tests/nlu/safety.tsv")


@pytest.mark.parametrize("label", [*URGENT, "harmless"])
def test_every_own_expression_is_recognised(label: str) -> None:
    texts = [row["text"] for row in OWN if row["label"] == label]
    assert len(texts) >= 100
    wrong = [t for t in texts if (safety_patterns().intent(t) or "harmless") != label]
    assert not wrong


def test_no_false_alarm_on_real_questions() -> None:
    if not DEV_QUESTIONS.exists():
        pytest.skip(f"{DEV_QUESTIONS} is not there")
    alarms = {
        row["text"]: found
        for row in rows(DEV_QUESTIONS)
        if (found := safety_patterns().intent(row["text"]))
        and found not in (row["intent"], *row["also_acceptable"].split(","))
    }
    assert alarms == {}


def test_complaints_are_no_danger() -> None:
    for text in ("气死我了", "穷死了", "烦死我了", "累死", "客服慢死了", "死活还不上"):
        assert safety_patterns().intent(text) is None


def test_the_own_death_is_a_danger_and_a_relatives_is_a_question() -> None:
    assert safety_patterns().intent("我死了借呗谁还") == "self_harm_risk"
    assert safety_patterns().intent("我爸去世了他的花呗谁还") is None
    assert safety_patterns().intent("借呗的人死亡后钱怎么还") is None
