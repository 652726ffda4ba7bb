"""The bot by polling, before the real assistant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.telegram.case import CONFIRMED, TOLD, check_handed_over, tell
from tests.channels.telegram.server import TelegramServer, telegram_server


@pytest.fixture(scope="module")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TelegramServer]:
    data_dir = tmp_path_factory.mktemp("telegram") / "data"
    with telegram_server(model, data_dir, "polling") as server:
        yield server


def test_probe(server: TelegramServer) -> None:
    person = server.person()
    for told in (*TOLD, CONFIRMED, "提醒我还款", "提醒"):
        said = tell(person, told, press=True)
        print(told, "->", [(s.text, s.titles, s.file and s.file[:2]) for s in said])
    print(server.api.refused)
    print(person.say("/start")[0].text)
    print(person.say("不用提醒了")[0].text)
    check_handed_over(person.seen())
    raise AssertionError
