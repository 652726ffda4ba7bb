"""Two Rasa processes on one database and one Redis: one conversation, in order."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.channels.servers import RealServer, real_server
from tests.faults.talk import Talk, busy
from tests.services.redis_server import RedisServer, redis_server

SENDERS = 4
MESSAGES_EACH = 50


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def workers(
    model: Path, redis: RedisServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[RealServer]]:
    folder = tmp_path_factory.mktemp("workers")
    shared = {
        "XIESHANG_REDIS_URL": redis.url,
        "XIESHANG_DATABASE_URL": f"sqlite:///{folder / 'shared.db'}",
    }
    with (
        real_server(model, folder / "one", **shared) as one,
        real_server(model, folder / "two", **shared) as two,
    ):
        yield [one, two]


def test_concurrent_senders_are_all_answered_in_order(
    workers: list[RealServer], tmp_path: Path
) -> None:
    def talk(number: int) -> list[str]:
        mine = Talk(workers[number % len(workers)], "shared")
        texts = [f"花呗还不上了，我是{number}号，第{n}句" for n in range(MESSAGES_EACH)]
        return [mine.say(text) for text in texts]

    with ThreadPoolExecutor(SENDERS) as pool:
        answers = [answer for told in pool.map(talk, range(SENDERS)) for answer in told]
    assert len(answers) == SENDERS * MESSAGES_EACH
    assert busy() not in answers
    events = stored(workers[0], "rest:shared")
    texts = [event["text"] for event in events if event["event"] == "user"]
    assert len(texts) == len(set(texts)) == SENDERS * MESSAGES_EACH
    for number in range(SENDERS):
        ranks = [
            int(found[1])
            for text in texts
            if (found := re.search(rf"{number}号，第(\d+)句", text))
        ]
        assert ranks == list(range(MESSAGES_EACH))
    # Each turn is whole: what is said is answered before the next is said.
    kinds = "".join(
        event["event"][0] for event in events if event["event"] in ("user", "bot")
    )
    assert re.fullmatch(r"(ub+)+", kinds)


def stored(server: RealServer, conversation_id: str) -> list[dict]:
    path = server.settings.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as database:
        rows = database.execute(
            "select data from events where sender_id = ? order by id",
            [conversation_id],
        )
        return [json.loads(data) for (data,) in rows]


def test_without_redis_the_person_is_told_and_goes_on_afterwards(
    workers: list[RealServer], redis: RedisServer
) -> None:
    one, two = (Talk(worker, "failover") for worker in workers)
    one.say("开始登记", "同意", "花呗")
    redis.kill()
    try:
        for talk in (one, two):
            assert talk.say("9831") == busy()
            assert talk.seconds < 5
    finally:
        redis.start()
    assert "逾期" in two.say("9831")
