"""The long run in short, and what it says of memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.channels.conversations import TODAY
from tests.channels.servers import real_server
from tests.soak.load import (
    MESSAGES_A_SECOND,
    REST,
    WARM_UP_SECONDS,
    WEB,
    Crowd,
    Soak,
)

SECONDS = 10


async def test_everybody_is_answered(model: Path, tmp_path: Path) -> None:
    with real_server(model, tmp_path / "data", XIESHANG_TODAY=TODAY) as server:
        soak = await Crowd(server).talk_for(SECONDS)
    assert soak.unanswered == {}
    assert set(soak.seconds) == {REST, WEB}
    assert sum(map(len, soak.seconds.values())) == SECONDS * MESSAGES_A_SECOND
    assert set(soak.memory) == {"rasa", "actions"}
    assert soak.wrong == []


@pytest.mark.parametrize(("size", "later"), [(500, 540), (500, 480)])
def test_growth_is_what_came_after_the_warm_up(size: int, later: int) -> None:
    end = WARM_UP_SECONDS * 2
    soak = Soak()
    soak.memory["rasa"] = [
        (at, size / 2 if at < WARM_UP_SECONDS else later if at > end - 60 else size)
        for at in range(0, end + 1, 5)
    ]
    assert soak.growth("rasa") == (size, later)


def test_a_short_run_says_nothing_of_growth() -> None:
    soak = Soak()
    soak.memory["rasa"] = [(float(at), 500) for at in range(0, WARM_UP_SECONDS, 5)]
    assert soak.growth("rasa") is None
