"""Workers behind nginx, on PostgreSQL and Redis: whole cases, whatever fails."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import cycle
from pathlib import Path

import pytest

from tests.channels.client import Window
from tests.faults.random_kills import ANSWERED_SECONDS
from tests.faults.talk import busy, stretched
from tests.faults.test_health import GREEN_SECONDS, RED_SECONDS, require
from tests.services.cluster import Cluster, say
from tests.services.nginx_server import nginx_server
from tests.services.postgres_server import PostgresServer
from tests.services.redis_server import RedisServer, redis_server
from xieshang.case.record import Case

# What is said names what it is: said twice it says the same.
TALK = (
    "开始登记",
    "同意，登记完整方案",
    "两个都有",
    "花呗欠9831",
    "借呗欠20417",
    "逾期45天了",
    "上个月失业了",
    "每月到手5563",
    "每月必要开支4129",
    "想先延期",
    "对，整理方案",
)
MIDDLE = 5
SENDERS = 4
MESSAGES_EACH = 50


def assert_right(case: Case) -> None:
    assert case.huabei_balance == Decimal(9831)
    assert case.jiebei_balance == Decimal(20417)
    assert case.days_overdue == 45
    assert case.hardship == "unemployment"
    assert case.monthly_income == Decimal(5563)
    assert case.essential_expenses == Decimal(4129)
    assert case.goal == "extension"


@pytest.fixture(scope="module")
def redis() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def cluster(
    model: Path,
    postgres: PostgresServer,
    redis: RedisServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    running = Cluster(folder, postgres.new_database(), redis.url)
    try:
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def proxy(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nginx_server(tmp_path_factory.mktemp("nginx"), cluster.ports) as url:
        yield url


def say_until_taken(url: str, sender: str, text: str) -> str:
    """What a person does who is told to send it once more."""
    for _ in range(20):
        answer, trouble = say(url, sender, text)
        if not trouble and answer != busy():
            return answer
    raise AssertionError(f"{text} was never taken")


def test_turns_may_alternate_between_workers(cluster: Cluster) -> None:
    urls = cycle(cluster.urls)
    for text in TALK:
        answer, trouble = say(next(urls), "alternating", text)
        assert not trouble
        assert answer not in ("", busy()), text
    assert_right(cluster.case("alternating"))
    assert cluster.said_by("alternating") == list(TALK)


def test_a_worker_dies_in_the_middle_of_a_case(cluster: Cluster, proxy: str) -> None:
    senders = [f"failover{number}" for number in range(4)]
    for text in TALK[:MIDDLE]:
        for sender in senders:
            assert say(proxy, sender, text)[0] not in ("", busy())
    cluster.workers[0].kill()
    try:
        for text in TALK[MIDDLE:]:
            for sender in senders:
                say_until_taken(proxy, sender, text)
    finally:
        cluster.workers[0].start()
        cluster.workers[0].wait_until_ready()
    for sender in senders:
        assert_right(cluster.case(sender))
        assert cluster.said_by(sender) == list(TALK)


def test_concurrent_senders_are_all_answered_in_order(cluster: Cluster) -> None:
    def talk(number: int) -> list[tuple[str, str | None]]:
        url = cluster.urls[number % len(cluster.urls)]
        texts = [f"花呗还不上了，我是{number}号，第{n}句" for n in range(MESSAGES_EACH)]
        return [say(url, "shared", text) for text in texts]

    with ThreadPoolExecutor(SENDERS) as pool:
        told = [one for each in pool.map(talk, range(SENDERS)) for one in each]
    assert len(told) == SENDERS * MESSAGES_EACH
    assert not [one for one in told if one[1] or one[0] in ("", busy())]
    texts = cluster.said_by("shared")
    assert len(texts) == len(set(texts)) == SENDERS * MESSAGES_EACH
    for number in range(SENDERS):
        ranks = [
            int(found[1])
            for text in texts
            if (found := re.search(rf"{number}号，第(\d+)句", text))
        ]
        assert ranks == list(range(MESSAGES_EACH))
    # Each turn is whole: what is said is answered before the next is said.
    kinds = cluster.kinds("shared")
    assert re.fullmatch(r"(user (bot )+)+", " ".join([*kinds, ""]))


def test_redis_restarts_in_the_middle_of_a_case(
    cluster: Cluster, proxy: str, redis: RedisServer
) -> None:
    for text in TALK[:MIDDLE]:
        assert say(proxy, "redis", text)[0] not in ("", busy()), text
    redis.kill()
    try:
        for url in cluster.urls:
            require(url, ["locks"], RED_SECONDS)
            started = time.monotonic()
            assert say(url, "redis", TALK[MIDDLE]) == (busy(), None)
            assert time.monotonic() - started < stretched(ANSWERED_SECONDS)
    finally:
        redis.start()
    for url in cluster.urls:
        require(url, [], GREEN_SECONDS)
    for text in TALK[MIDDLE:]:
        say_until_taken(proxy, "redis", text)
    assert_right(cluster.case("redis"))
    assert cluster.said_by("redis") == list(TALK)


def test_postgresql_restarts_in_the_middle_of_a_case(
    cluster: Cluster, proxy: str, postgres: PostgresServer
) -> None:
    for text in TALK[:MIDDLE]:
        assert say(proxy, "postgresql", text)[0] not in ("", busy()), text
    postgres.stop()
    try:
        assert say(proxy, "postgresql", TALK[MIDDLE]) == (busy(), None)
    finally:
        postgres.start()
    for text in TALK[MIDDLE:]:
        say_until_taken(proxy, "postgresql", text)
    assert_right(cluster.case("postgresql"))
    assert cluster.said_by("postgresql") == list(TALK)


def test_only_what_is_public_is_reached(cluster: Cluster, proxy: str) -> None:
    from urllib.error import HTTPError
    from urllib.request import urlopen

    for path in ("/chat", "/chat/widget.js"):
        with urlopen(proxy + path, timeout=20) as answer:
            assert answer.status == 200
    for path in ("/", "/version", "/status", "/model", "/webhooks/rest/"):
        with pytest.raises(HTTPError) as refused:
            urlopen(proxy + path, timeout=20)
        assert refused.value.code == 404
        assert b"nginx" in refused.value.read()


async def test_a_window_at_another_worker_is_told_and_renewed(
    cluster: Cluster, proxy: str
) -> None:
    one = await Window(cluster.urls[0]).connect()
    other = await Window(cluster.urls[1], one.token).connect("polling")
    third = await Window(proxy, one.token).connect()
    windows = (one, other, third)
    await one.ask("花呗还不上了怎么办", "m1")
    await other.ask("那借呗呢", "m2")
    for window in windows:
        await window.until(lambda w=window: w.last == one.last)
        assert window.shown() == one.shown()
        assert window.texts("user") == ["花呗还不上了怎么办", "那借呗呢"]
    assert (await one.call("erase", {"id": "m3"}))["ok"]
    confirm = await one.answer_to("m3")
    title = confirm[-1]["buttons"][0]["title"]
    assert (await one.press(title, "m4"))["ok"]
    for window in windows:
        await window.until(lambda w=window: ("erased", {}) in w.told)
        await window.until(lambda w=window: len(w.sessions) == 2)
    assert len({window.conversation_id for window in windows}) == 1
    await other.ask("花呗逾期了会怎么样", "m5")
    for window in windows:
        await window.until(lambda w=window: w.texts("user") == ["花呗逾期了会怎么样"])
        assert window.errors == []
        await window.leave()
    await asyncio.sleep(0)
