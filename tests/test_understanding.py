"""Real questions and the blind set are understood as well as is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from rasa_ext.commands.evaluate import (
    BARS,
    BLIND_SET,
    DEV_QUESTIONS,
    Measures,
    predict,
)
from tests.conftest import Assistant


@pytest.mark.parametrize(
    ("name", "path"), [("dev questions", DEV_QUESTIONS), ("blind set", BLIND_SET)]
)
def test_no_bar_is_missed(name: str, path: Path, assistant: Assistant) -> None:
    if not path.exists():
        pytest.skip(f"{path} is not there")
    measures = Measures.of(predict(assistant, path))
    assert not [bar.failure(measures) for bar in BARS[name] if bar.failure(measures)]
