"""After a deletion nothing is left of a conversation, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from http.client import HTTPConnection
from signal import SIGCONT, SIGSTOP

import pytest

from tests.channels.client import Window
from tests.faults.speakers import CHANNELS, Everywhere, Speaker
from tests.faults.test_database import locked_by_another_process
from tests.storage_files import files_with
from tests.tables import stored_rows
from xieshang.knowledge import current_knowledge
from xieshang.settings import ROOT
from xieshang.storage.database import open_database
from xieshang.storage.entries import Entries

# Words and figures that stand in nobody else's talk.
FILLED = (
    "开始登记",
    "同意",
    "花呗欠9831.27，借呗20417",
    "逾期47天，上个月骑车摔断腿了",
    "每月5563",
    "4129",
    "延期",
    "对",
    "我今天打了95188,工号七三六零,说三天内回复",
    "花呗忘还了我很慌张呢",
)
SHORT = (
    "开始登记",
    "同意",
    "花呗欠9831.27，借呗20417，逾期47天，失业了，每月收入5563，开支4129，想延期",
    "对",
)
MARKS = ("9831.27", "20417", "骑车摔断腿", "七三六零", "很慌张呢")
# Where in the deleting turn the server dies: seconds after it was told.
MOMENTS = (0.02, 0.06, 0.15)
# The web empties its windows and says so itself.
FAREWELLS = {
    "rest": "已删除",
    "web": "erased",
    "wechat": "已删除",
    "telegram": "已删除",
}


def phrase(name: str) -> str:
    return current_knowledge().phrase(name)


async def say(person: Speaker, *texts: str) -> str:
    told = ""
    for text in texts:
        told += await person.say(text)
    return told


def links_of(told: str) -> list[str]:
    """The paths of the documents that were handed over."""
    return sorted(set(re.findall(r"/files/[\w-]+/[a-z]+\.[a-z]+", told)))


def status(place: Everywhere, path: str) -> int:
    settings = place.server.settings
    connection = HTTPConnection(settings.host, settings.port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def rows_of(place: Everywhere, conversation_id: str) -> dict[str, int]:
    """How many rows of each table name a conversation."""
    found = stored_rows(place.server.settings)
    counts = {
        name: sum(conversation_id in row for row in rows)
        for name, rows in found.items()
    }
    return {name: count for name, count in counts.items() if count}


def assert_gone(place: Everywhere, person: Speaker) -> None:
    assert rows_of(place, person.conversation_id) == {}
    assert files_with(place.folder, [*MARKS, person.conversation_id]) == []


@pytest.mark.parametrize("channel", CHANNELS)
async def test_nothing_is_left_in_any_table_or_file(
    place: Everywhere, channel: str
) -> None:
    async with place.speaker(channel) as person:
        told = await say(person, *FILLED)
        links = links_of(told)
        assert len(links) >= 4, told
        assert [status(place, link) for link in links] == [200] * len(links)
        before = rows_of(place, person.conversation_id)
        assert {"cases", "case_versions", "case_contacts", "case_links"} <= set(before)
        assert files_with(place.folder, MARKS)
        await say(person, "删除我的数据")
        assert FAREWELLS[channel] in await person.say(phrase("delete_yes"))
        assert_gone(place, person)
        assert {status(place, link) for link in links} <= {404, 410}


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_deletion_that_cannot_be_stored_deletes_nothing(
    place: Everywhere, channel: str
) -> None:
    async with place.speaker(channel) as person:
        await say(person, *SHORT, "删除我的数据")
        before = rows_of(place, person.conversation_id)
        assert "case_versions" in before
        with locked_by_another_process(place.server):
            told = await person.say(phrase("delete_yes"))
        if channel == "telegram":
            # Telegram tells again what could not be kept, until it is.
            await until_gone(place, person)
            assert_gone(place, person)
            return
        assert phrase("busy") in told
        after = rows_of(place, person.conversation_id)
        assert {n: c for n, c in after.items() if n != "entries"} == {
            n: c for n, c in before.items() if n != "entries"
        }
        assert FAREWELLS[channel] in await person.say(phrase("delete_yes"))
        assert_gone(place, person)


@pytest.mark.parametrize("seconds", MOMENTS)
async def test_a_kill_in_the_deletion_leaves_all_or_nothing(
    place: Everywhere, seconds: float
) -> None:
    async with place.speaker("rest") as person:
        await say(person, *SHORT, "删除我的数据")
        before = rows_of(place, person.conversation_id)
        assert "case_versions" in before
        dying = asyncio.create_task(person.say(phrase("delete_yes")))
        await asyncio.sleep(seconds)
        await asyncio.to_thread(place.server.kill_rasa)
        await asyncio.gather(dying, return_exceptions=True)
        after = rows_of(place, person.conversation_id)
        assert after in ({}, before)
        await asyncio.to_thread(place.server.start_rasa)
        # Said again it is done, or had been done.
        await person.say("删除我的数据")
        await person.say(phrase("delete_yes"))
        assert_gone(place, person)


async def test_a_restart_finishes_what_a_messenger_had_been_told(
    place: Everywhere,
) -> None:
    """The deletion waits for the database when its server is killed."""
    async with place.speaker("wechat") as person:
        await say(person, *SHORT, "删除我的数据")
        place.server.signal_actions(SIGSTOP)
        dying = asyncio.create_task(person.say(phrase("delete_yes")))
        await until_kept(place, person, phrase("delete_yes"))
        await asyncio.to_thread(place.server.kill_rasa)
        place.server.signal_actions(SIGCONT)
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        assert "case_versions" in rows_of(place, person.conversation_id)
        await asyncio.to_thread(place.server.start_rasa)
        await until_gone(place, person)
        assert_gone(place, person)


async def test_coming_back_finishes_what_the_web_had_been_told(
    place: Everywhere,
) -> None:
    async with place.speaker("web") as person:
        await say(person, *SHORT, "删除我的数据")
        await person.pace.keep()  # type: ignore[attr-defined]
        place.server.signal_actions(SIGSTOP)
        window: Window = person.window  # type: ignore[attr-defined]
        assert (await window.say(phrase("delete_yes"), "last"))["ok"]
        await until_kept(place, person, phrase("delete_yes"))
        await asyncio.to_thread(place.server.kill_rasa)
        place.server.signal_actions(SIGCONT)
        assert "case_versions" in rows_of(place, person.conversation_id)
        await asyncio.to_thread(place.server.start_rasa)
        await window.leave()
        await window.connect()
        await window.until(lambda: ("erased", {}) in window.told)
        assert_gone(place, person)


async def until_gone(place: Everywhere, person: Speaker) -> None:
    for _ in range(100):
        if not rows_of(place, person.conversation_id):
            break
        # Every table is read: more often would keep the server from its work.
        await asyncio.sleep(0.5)


async def until_kept(place: Everywhere, person: Speaker, text: str) -> None:
    """Wait until a message is kept and its turn has begun, long before that ends."""
    engine = open_database(place.server.settings.database_url)
    entries = Entries(lambda: engine)
    try:
        for _ in range(600):
            waiting = entries.unanswered(person.conversation_id)
            if waiting and waiting.text == text:
                await asyncio.sleep(0.3)
                return
            await asyncio.sleep(0.05)
    finally:
        engine.dispose()
    raise AssertionError("not kept")


async def test_the_retention_leaves_nothing_either(place: Everywhere) -> None:
    async with place.speaker("rest") as old, place.speaker("rest") as young:
        told = await say(old, *FILLED)
        await say(young, "你好")
        day = 86_400
        with sqlite3.connect(place.folder / "xieshang.db", timeout=20) as database:
            # As the assistant's own connections do: no trace of the old rows.
            database.execute("pragma secure_delete = on")
            database.execute(
                "update events set timestamp = timestamp - ? where sender_id = ?",
                [200 * day, old.conversation_id],
            )
            database.execute(
                "update cases set touched_at = datetime(touched_at, '-200 days') "
                "where conversation_id = ?",
                [old.conversation_id],
            )
        environment = {**os.environ, "XIESHANG_DATA_DIR": str(place.folder)}
        subprocess.run(
            [sys.executable, "-m", "rasa_ext.commands.purge"],
            cwd=ROOT,
            env=environment,
            check=True,
        )
        assert_gone(place, old)
        assert {status(place, link) for link in links_of(told)} <= {404, 410}
        assert rows_of(place, young.conversation_id)
