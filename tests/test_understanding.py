"""The share of real questions that must be understood; `make evaluate` has the rest."""

from __future__ import annotations

import pytest

from rasa_ext.commands.evaluate import BLIND_SET, DEV_QUESTIONS, Measures, predict
from tests.conftest import Assistant

# The bar of the first step; the next one is in rasa_ext/commands/evaluate.py.
REQUIRED = 0.82


def test_real_questions_are_understood(assistant: Assistant) -> None:
    if not DEV_QUESTIONS.exists():
        pytest.skip(f"{DEV_QUESTIONS} is not there")
    assert Measures.of(predict(assistant, DEV_QUESTIONS)).right >= REQUIRED


def test_the_blind_set_is_understood_and_no_emergency_is_missed(
    assistant: Assistant,
) -> None:
    measures = Measures.of(predict(assistant, BLIND_SET))
    assert measures.right >= REQUIRED
    assert measures.never_missed == 1.0
