"""The real assistant behind a certified account in the safe mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import pytest_asyncio

from tests.channels.servers import RealServer, real_server
from tests.channels.wechat.light import until
from tests.channels.wechat.platform import (
    AES_KEY,
    APP_SECRET,
    LINK,
    TOKEN,
    Platform,
    numbers,
)
from tests.tables import logged, stored_rows
from xieshang.knowledge import current_knowledge
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

QUESTION = "花呗还不上了怎么办"
ID_CARD = "11010519491231002X"
# Somebody may write eight messages in ten seconds.
PAUSE_SECONDS = 1.3
PEOPLE = 20


@pytest.fixture(scope="module")
def running(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Platform, RealServer]]:
    account = Platform("safe")
    account.api.start()
    data_dir = tmp_path_factory.mktemp("wechat") / "data"
    variables = account.environment(certified=True)
    with real_server(model, data_dir, **variables) as server:
        account.url = server.url
        yield account, server
    account.api.stop()


@pytest_asyncio.fixture
async def account(running: tuple[Platform, RealServer]) -> AsyncIterator[Platform]:
    yield running[0]
    await running[0].close()


@pytest.fixture
def server(running: tuple[Platform, RealServer]) -> RealServer:
    return running[1]


def phrase(name: str) -> str:
    return current_knowledge().phrase(name)


def seen(text: str | None) -> str:
    """A text as it is shown, its links without their addresses."""
    return LINK.sub(r"\3", text or "")


def choices(text: str | None) -> list[str]:
    return [found[1] for found in LINK.finditer(text or "")]


async def test_who_follows_is_greeted_and_may_touch_or_type(account: Platform) -> None:
    greeting = await account.event("a", "subscribe")
    assert "协商助手" in str(greeting)
    offered = choices(greeting)
    assert len(offered) == 3
    answer = await account.press("a", offered[0])
    assert "95188" in str(answer)
    for number, word in enumerate(("1", "一", "第一个", offered[0])):
        person = f"a{number}"
        assert choices(await account.say(person, "你好")) == offered
        assert seen(await account.say(person, word)) == seen(answer)


async def test_a_menu_item_asks_its_question(account: Platform) -> None:
    assert "95188" in str(await account.event("b", "CLICK", "HOW_TO_CONTACT"))


async def test_what_is_typed_is_no_command(
    account: Platform, server: RealServer
) -> None:
    assert await account.say("c", "/delete_my_data") == phrase("command")
    assert server.user_turns("wx:c") == 0


async def test_what_is_sensitive_is_neither_kept_nor_logged(
    account: Platform, server: RealServer
) -> None:
    answer = await account.say("d", f"我的身份证{ID_CARD}，{QUESTION}")
    assert phrase("sensitive_masked") in str(answer)
    kept = stored_rows(server.settings)
    assert not any(ID_CARD in row for rows in kept.values() for row in rows)
    assert ID_CARD not in logged(server.settings)


async def test_the_whole_case(account: Platform, server: RealServer) -> None:
    person = account.follower("case")
    assert "同意" in str(await account.say("case", "开始登记"))
    steps = ["1", "3", "9800", "20000", "1", "3", "2", "5500", "4100", "3", "1"]
    for step in steps:
        await asyncio.sleep(PAUSE_SECONDS)
        answer = await account.say("case", step)
        assert answer, step
        assert answer != phrase("too_fast")
    await until(lambda: "<image>" in person.texts())
    stored = CaseStore(open_database(server.settings.database_url)).latest("wx:case")
    assert stored
    assert stored.case.product == "both"
    assert stored.case.huabei_balance == Decimal(9800)
    assert stored.case.jiebei_balance == Decimal(20000)
    assert stored.case.monthly_income == Decimal(5500)
    assert stored.case.essential_expenses == Decimal(4100)
    told = "\n".join(person.texts())
    for name in ("plan.html", "statement.docx", "reminders.ics"):
        assert f"/{name}" in told
    # At the end everything can be deleted.
    await asyncio.sleep(PAUSE_SECONDS)
    await account.say("case", "删除我的数据")
    await asyncio.sleep(PAUSE_SECONDS)
    number = str(next(numbers))
    farewell = await account.press("case", phrase("delete_yes"), number)
    assert farewell == phrase("delete_done")
    assert await account.say("case", "x", number) == farewell
    for table, column in (
        ("cases", "conversation_id"),
        ("entries", "conversation_id"),
        ("events", "sender_id"),
    ):
        assert server.rows(table, column, "wx:case") == 0


def test_the_log_has_neither_secrets_nor_words(server: RealServer) -> None:
    told = logged(server.settings)
    for unsaid in (TOKEN, AES_KEY, APP_SECRET, "ACCESS_", QUESTION, "开始登记", "wx:"):
        assert unsaid not in told


async def test_a_message_is_one_turn_although_the_server_is_restarted(
    account: Platform, server: RealServer
) -> None:
    people = [f"restart{number}" for number in range(PEOPLE)]
    messages = {person: str(next(numbers)) for person in people}

    async def bring(person: str) -> str | None:
        return await account.say(person, QUESTION, messages[person])

    before = await asyncio.gather(*map(bring, people[: PEOPLE // 2]))
    assert all(before)
    # The others are killed in the middle of whatever is being done.
    cut = [asyncio.create_task(bring(person)) for person in people[PEOPLE // 2 :]]
    await until(
        lambda: any(
            server.rows("entries", "conversation_id", f"wx:{person}")
            for person in people[PEOPLE // 2 :]
        )
    )
    await asyncio.to_thread(server.kill_rasa)
    await asyncio.gather(*cut)
    await asyncio.to_thread(server.start_rasa)
    after = await asyncio.gather(*map(bring, people))
    assert after[: PEOPLE // 2] == before
    assert all("95188" in str(answer) for answer in after)
    assert [server.user_turns(f"wx:{person}") for person in people] == [1] * PEOPLE
