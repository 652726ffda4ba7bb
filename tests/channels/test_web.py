"""The web channel of the real assistant, as a browser's client meets it."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import random
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import jwt
import pytest
import pytest_asyncio
import socketio
import websockets

from tests.channels.client import Window
from tests.channels.servers import RealServer, real_server
from tests.tables import logged
from xieshang.knowledge import current_knowledge

QUESTION = "花呗还不上了怎么办"
ERASE = "删除我的数据"
ID_CARD = "11010519491231002X"

MakeWindow = Callable[..., Window]
addresses = itertools.count(1)


@pytest.fixture(scope="module")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    with real_server(model, tmp_path_factory.mktemp("web") / "data") as running:
        yield running


@pytest_asyncio.fixture
async def window(server: RealServer) -> AsyncIterator[MakeWindow]:
    """Makes windows; each test has an address of its own, for the rate limit."""
    opened: list[Window] = []
    address = f"203.0.113.{next(addresses)}"

    def make(token: object = None, **headers: str) -> Window:
        made = Window(server.url, token, **{"X-Forwarded-For": address, **headers})
        opened.append(made)
        return made

    yield make
    for one in opened:
        assert not one.errors
        await one.leave()


def phrase(name: str) -> str:
    return current_knowledge().phrase(name)


def signed(secret: str, **claims: Any) -> str:
    whole = {"sub": "web:" + "0" * 32, "aud": "web session", "exp": time.time() + 99}
    kept = {name: value for name, value in {**whole, **claims}.items() if value}
    return jwt.encode(kept, secret, "HS256")


def unsigned(conversation_id: str) -> str:
    parts = ({"alg": "none"}, {"sub": conversation_id, "aud": "web session"})
    return (
        ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in parts
        )
        + "."
    )


class TestSessions:
    async def test_a_visitor_gets_a_session_and_an_answer(
        self, window: MakeWindow
    ) -> None:
        one = await window().connect()
        session = one.sessions[0]
        assert session["conversation_renewed"] is True
        assert session["history"] == []
        assert session["sequence"] == 0
        assert one.conversation_id.startswith("web:")
        answer = await one.ask(QUESTION, "m1")
        assert "95188" in answer[0]["text"]
        assert answer[-1]["kind"] == "buttons"
        assert {entry["id"] for entry in one.shown()} == {"m1"}
        assert one.shown()[0]["from"] == "user"
        assert [entry["sequence"] for entry in one.shown()] == list(
            range(1, len(one.entries) + 1)
        )
        typing = [data["on"] for event, data in one.told if event == "typing"]
        assert typing == [True, False]
        # Who waits sees that more is coming until the last message is there.
        assert one.told[-1][0] == "typing"

    async def test_polling_works_where_sockets_do_not(self, window: MakeWindow) -> None:
        one = await window().connect("polling")
        assert await one.ask(QUESTION, "m1")

    async def test_no_token_but_the_servers_opens_a_conversation(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        owner = await window().connect()
        await owner.ask(QUESTION, "m1")
        mine = owner.conversation_id
        secret = (server.settings.data_dir / "secret.key").read_text()
        head, body, mark = str(owner.token).split(".")
        forged = [
            None,
            17,
            {"session": owner.token},
            [owner.token],
            "",
            "web:guessed",
            mine,
            "x" * 100_00,
            "\x00\ud7ff.\n.",
            signed("s" * 32, sub=mine),
            signed(secret, sub=mine, exp=time.time() - 1),
            signed(secret, sub=mine, exp=None),
            signed(secret, sub=mine, aud="another purpose"),
            signed(secret, sub=mine, aud=None),
            unsigned(mine),
            f"{head}.{body}.",
            f"{head}.{body}.{mark[::-1]}",
            f"{unsigned(mine).split('.')[0]}.{body}.{mark}",
        ]
        seen = {mine}
        for token in forged:
            stranger = await window(token).connect()
            assert stranger.sessions[0]["conversation_renewed"] is True, token
            assert stranger.sessions[0]["history"] == [], token
            assert stranger.conversation_id not in seen, token
            seen.add(stranger.conversation_id)
            await stranger.leave()
        assert (server.settings.data_dir / "secret.key").stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        "auth", [{}, {"last": "x"}, {"last": -1}, {"last": True}, "text", [1], 17]
    )
    async def test_what_says_nothing_is_a_new_visitor(
        self, window: MakeWindow, auth: object
    ) -> None:
        one = await window().connect(auth=auth)
        assert one.sessions[0]["conversation_renewed"] is True

    async def test_a_reload_and_a_second_window_see_everything(
        self, window: MakeWindow
    ) -> None:
        first = await window().connect()
        await first.ask(QUESTION, "m1")
        second = await window(first.token).connect()
        assert second.sessions[0]["conversation_renewed"] is False
        assert second.entries == first.entries
        await first.ask("借呗呢", "m2")
        await second.until(lambda: second.last == first.last)
        assert second.entries == first.entries
        await second.ask("怎么联系官方客服", "m3")
        await first.until(lambda: second.last == first.last)
        assert second.entries == first.entries

    async def test_what_was_missed_is_told_when_coming_back(
        self, window: MakeWindow
    ) -> None:
        here = await window().connect()
        away = await window(here.token).connect()
        await here.ask(QUESTION, "m1")
        await away.until(lambda: away.last == here.last)
        before = away.last
        await away.leave()
        await here.ask("借呗呢", "m2")
        await away.connect()
        told = [entry["sequence"] for entry in away.sessions[-1]["history"]]
        assert told == list(range(before + 1, here.last + 1))
        assert away.entries == here.entries

    async def test_an_answer_comes_although_nobody_waits(
        self, window: MakeWindow
    ) -> None:
        one = await window().connect()
        assert (await one.say(QUESTION, "m1"))["ok"]
        await one.leave()
        await one.connect()
        assert "95188" in (await one.answer_to("m1"))[0]["text"]


class TestOrigins:
    @pytest.mark.parametrize(
        "origin",
        [
            "https://evil.example",
            "null",
            "https://allowed.example.evil.example",
            "https://allowed.example:8443",
            "http://allowed.example",
            "file://",
        ],
    )
    async def test_another_site_is_refused(
        self, window: MakeWindow, origin: str
    ) -> None:
        one = window(Origin=origin)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await one.connect()
        assert one.refused == [{"message": "origin"}]
        assert one.sessions == []

    async def test_another_site_is_refused_when_it_polls(
        self, server: RealServer
    ) -> None:
        address = f"{server.url}/chat/socket.io/?EIO=4&transport=polling"
        headers = {"Origin": "https://evil.example"}
        async with aiohttp.ClientSession(headers=headers) as browser:
            async with browser.get(address) as answer:
                sid = json.loads((await answer.text())[1:])["sid"]
                assert "Access-Control-Allow-Credentials" not in answer.headers
            async with browser.post(f"{address}&sid={sid}", data="40{}") as answer:
                assert answer.status == 200
            async with browser.get(f"{address}&sid={sid}") as answer:
                assert await answer.text() == '44{"message":"origin"}'
            said = '42["message",{"id":"m","text":"x"}]'
            async with browser.post(f"{address}&sid={sid}", data=said) as answer:
                assert answer.status == 200
        with sqlite3.connect(server.settings.data_dir / "xieshang.db") as database:
            query = "select count(*) from entries where message_id = 'm'"
            assert database.execute(query).fetchone() == (0,)

    async def test_the_own_and_the_allowed_sites_may_connect(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        own = [server.url, server.url.replace("http:", "https:")]
        for origin in (*own, "https://allowed.example", "https://ALLOWED.example"):
            assert (await window(Origin=origin).connect()).sessions


class TestMessages:
    async def test_the_same_id_is_handled_once(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        one = await window().connect()
        acknowledged = await asyncio.gather(
            *(one.say(QUESTION, "m1") for _ in range(5))
        )
        assert acknowledged == [{"ok": True, "sequence": 1}] * 5
        await one.answer_to("m1")
        assert await one.say("借呗呢", "m1") == {"ok": True, "sequence": 1}
        await asyncio.sleep(0.3)
        assert one.texts("user") == [QUESTION]
        assert server.user_turns(one.conversation_id) == 1

    async def test_messages_are_answered_one_after_the_other(
        self, window: MakeWindow
    ) -> None:
        one = await window().connect()
        said = [QUESTION, "怎么联系官方客服", "需要什么证明"]
        told = await asyncio.gather(*(one.say(t, f"m{n}") for n, t in enumerate(said)))
        assert [answer["sequence"] for answer in told] == sorted(
            answer["sequence"] for answer in told
        )
        await one.answer_to("m2")
        assert one.texts("user") == said
        answered = [entry["id"] for entry in one.shown() if entry["from"] == "bot"]
        assert [name for name, _ in itertools.groupby(answered)] == ["m0", "m1", "m2"]

    @pytest.mark.parametrize(
        ("data", "reason"),
        [
            ({"id": "m1", "text": "长" * 501}, "too_long"),
            ({"id": "m1", "text": "长" * 10_000}, "too_long"),
            ({"id": "m1", "text": ""}, "bad"),
            ({"id": "m1", "text": " \n\u200b"}, "bad"),
            ({"id": "m1", "text": None}, "bad"),
            ({"id": "m1", "text": 17}, "bad"),
            ({"id": "m1", "text": ["x"]}, "bad"),
            ({"id": "m1", "text": {"a": "x"}}, "bad"),
            ({"id": "m1", "text": b"x"}, "bad"),
            ({"id": "m1"}, "bad"),
            ({"text": "x"}, "bad"),
            ({"id": "", "text": "x"}, "bad"),
            ({"id": "m" * 65, "text": "x"}, "bad"),
            ({"id": "m\x00", "text": "x"}, "bad"),
            ({"id": 17, "text": "x"}, "bad"),
            ({}, "bad"),
            ("x", "bad"),
            (17, "bad"),
            ([], "bad"),
            ([{"id": "m1", "text": "x"}], "bad"),
            (None, "bad"),
            (b"\x00", "bad"),
        ],
        ids=lambda value: repr(value)[:30],
    )
    async def test_what_cannot_be_taken_is_told_and_not_kept(
        self, window: MakeWindow, data: object, reason: str
    ) -> None:
        one = await window().connect()
        answer = await one.call("message", data)
        assert answer["ok"] is False
        assert answer["reason"] == reason
        assert any("\u4e00" <= char <= "\u9fff" for char in answer["text"])
        assert (await window(one.token).connect()).entries == {}

    async def test_500_characters_are_taken(self, window: MakeWindow) -> None:
        one = await window().connect()
        assert (await one.say("长" * 500, "m1"))["ok"]

    async def test_a_sixth_message_in_ten_seconds_is_too_fast(
        self, window: MakeWindow
    ) -> None:
        one = await window().connect()
        told = [await one.say("你好", f"m{number}") for number in range(6)]
        assert [answer["ok"] for answer in told] == [True] * 5 + [False]
        assert told[5]["reason"] == "rate"
        assert told[5]["text"] == phrase("too_fast")
        # What is known is told again, whatever the limit.
        assert (await one.say("你好", "m4"))["ok"]
        other = await window().connect()
        assert (await other.say("你好", "m1"))["ok"]

    @pytest.mark.parametrize(
        "text",
        [
            "/affirm",
            "／affirm",
            " /affirm",
            "\u200b/affirm",
            "/restart",
            '/inform{"x":1}',
        ],
    )
    async def test_a_typed_payload_is_no_button(
        self, window: MakeWindow, server: RealServer, text: str
    ) -> None:
        one = await window().connect()
        await one.ask(QUESTION, "m1")
        offered = await one.ask(ERASE, "m2")
        payloads = [button["payload"] for button in offered[-1]["buttons"]]
        assert "/affirm" in payloads
        assert (await one.ask(text, "m3"))[0]["text"] == phrase("command")
        assert server.user_turns(one.conversation_id) == 2
        assert "erased" not in [event for event, _ in one.told]

    async def test_sensitive_numbers_are_not_kept(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        one = await window().connect()
        answer = await one.ask(f"我的身份证{ID_CARD}", "m1")
        assert phrase("sensitive_masked") in [entry["text"] for entry in answer]
        assert one.texts("user") == ["我的身份证***"]
        for file in server.settings.data_dir.rglob("*"):
            if file.is_file():
                assert ID_CARD.encode() not in file.read_bytes(), file

    async def test_no_frame_breaks_the_server(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        address = server.url.replace("http", "ws") + "/chat/socket.io/"
        for frame in (
            "4",
            "42",
            "42[",
            '42["message"',
            "42{}",
            "42[]",
            "42[17]",
            '42["disconnect"]',
            '42["connect"]',
            '42["__class__",{}]',
            '451-["message",{"_placeholder":true,"num":9}]',
            "49999",
            "9",
            "x",
            b"\x00\x01",
            "4" * 500_000,
            '420["message",{"id":"m","text":"' + "x" * 500_000 + '"}]',
        ):
            async with websockets.connect(
                f"{address}?EIO=4&transport=websocket"
            ) as raw:
                await raw.recv()
                await raw.send("40{}")
                await raw.recv()
                await raw.send(frame)
        one = await window().connect()
        assert await one.ask(QUESTION, "m1")


class TestButtons:
    async def test_a_button_is_pressed_once_in_all_windows(
        self, window: MakeWindow
    ) -> None:
        first = await window().connect()
        offered = (await first.ask(QUESTION, "m1"))[-1]
        second = await window(first.token).connect()
        title = offered["buttons"][0]["title"]
        assert (await first.press(title, "m2"))["ok"]
        await first.answer_to("m2")
        await second.until(lambda: second.last == first.last)
        number = offered["sequence"]
        for one in (first, second):
            assert one.entries[number]["used"] is True
            assert one.texts("user") == [QUESTION, title]
        again = await second.press(title, "m3")
        assert again == {"ok": False, "reason": "used", "text": phrase("button_used")}
        assert (await second.press(title, "m2"))["ok"]
        reloaded = await window(first.token).connect()
        assert reloaded.entries[number]["used"] is True
        assert reloaded.entries == first.entries

    @pytest.mark.parametrize(
        ("sequence", "index", "reason"),
        [
            (99, 0, "used"),
            (0, 0, "used"),
            (1, 0, "used"),
            (2, 99, "used"),
            (2**31, 0, "bad"),
            (-1, 0, "bad"),
            (2, -1, "bad"),
            ("2", 0, "bad"),
            (2, None, "bad"),
            (True, 0, "bad"),
            (2.5, 0, "bad"),
        ],
    )
    async def test_a_button_that_is_not_there_is_refused(
        self, window: MakeWindow, sequence: object, index: object, reason: str
    ) -> None:
        one = await window().connect()
        await one.ask(QUESTION, "m1")
        before = dict(one.entries)
        pressed = {"id": "m2", "sequence": sequence, "index": index}
        answer = await one.call("choose", pressed)
        assert answer["ok"] is False
        assert answer["reason"] == reason
        assert one.entries == before

    async def test_a_button_of_long_ago_still_works(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        one = await window().connect()
        title = (await one.ask(QUESTION, "m1"))[-1]["buttons"][0]["title"]
        # Rasa begins a new session after an hour: its tracker knows no button then.
        with sqlite3.connect(server.settings.data_dir / "xieshang.db") as database:
            database.execute(
                "update events set timestamp = timestamp - 90000, data = "
                "json_set(data, '$.timestamp', timestamp - 90000) where sender_id = ?",
                [one.conversation_id],
            )
        assert (await one.press(title, "m2"))["ok"]
        answer = await one.answer_to("m2")
        assert "在线客服" in answer[0]["text"]

    async def test_the_menu_starts_over(self, window: MakeWindow) -> None:
        one = await window().connect()
        await one.ask(QUESTION, "m1")
        told = await one.call("reset", {})
        assert told["ok"]
        assert one.entries[told["sequence"]]["text"] == "重新开始"
        answer = await one.answer_to(one.entries[told["sequence"]]["id"])
        entry = current_knowledge().entries["restart"]
        assert [one["text"] for one in answer] == list(entry.messages)


class TestDeletion:
    async def test_everything_goes_and_every_window_is_told(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        first = await window().connect()
        second = await window(first.token).connect()
        away = await window(first.token).connect()
        await first.ask(QUESTION, "m1")
        await away.until(lambda: away.last == first.last)
        await away.leave()
        old = first.conversation_id
        assert (await first.call("erase", {"id": "m2"}))["ok"]
        await first.answer_to("m2")
        assert (await first.press(phrase("delete_yes"), "m3"))["ok"]
        for one in (first, second):
            await one.until(lambda one=one: len(one.sessions) > 1)  # type: ignore[misc]
            assert [event for event, _ in one.told].count("erased") == 1
            assert one.sessions[-1]["conversation_renewed"] is True
            assert one.sessions[-1]["history"] == []
            assert one.entries == {}
        assert first.conversation_id == second.conversation_id != old
        for table, column in (
            ("events", "sender_id"),
            ("cases", "conversation_id"),
            ("entries", "conversation_id"),
        ):
            assert server.rows(table, column, old) == 0, table
        # A window that was away and still shows it loses it when it comes back.
        assert away.conversation_id == old
        await away.connect()
        assert away.sessions[-1]["conversation_renewed"] is True
        assert away.entries == {}
        await first.ask(QUESTION, "m1")
        await second.until(lambda: second.last == first.last)
        assert server.rows("entries", "conversation_id", old) == 0

    async def test_nothing_goes_without_a_yes(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        one = await window().connect()
        await one.ask(ERASE, "m1")
        assert (await one.press(phrase("delete_no"), "m2"))["ok"]
        await one.answer_to("m2")
        assert server.rows("entries", "conversation_id", one.conversation_id) >= 4


class TestCrash:
    async def test_a_message_that_was_kept_is_answered_once_after_a_crash(
        self, window: MakeWindow, server: RealServer
    ) -> None:
        one = await window().connect()
        await one.ask("你好", "m1")
        # The turn cannot end: it waits for the action server.
        server.signal_actions(signal.SIGSTOP)
        assert (await one.say(QUESTION, "m2"))["ok"]
        await asyncio.sleep(random.uniform(0.1, 0.3))
        server.kill_rasa()
        server.signal_actions(signal.SIGCONT)
        await one.leave()
        await asyncio.to_thread(server.start_rasa)
        kept = server.rows("entries", "conversation_id", one.conversation_id)
        assert kept == one.last
        second = window(one.token)
        await asyncio.gather(one.connect(), second.connect())
        # The client has its acknowledgement; one without it says it again.
        assert (await one.say(QUESTION, "m2"))["ok"]
        answer = await one.answer_to("m2")
        await asyncio.sleep(1)
        assert "95188" in answer[0]["text"]
        assert len(await one.answer_to("m2")) == len(answer)
        assert one.texts("user") == ["你好", QUESTION]
        assert server.user_turns(one.conversation_id) == 2
        assert second.entries == one.entries


async def test_who_leaves_is_no_failed_request(server: RealServer) -> None:
    before = logged(server.settings).count("request failed")
    for number in range(3):
        visitor = Window(server.url, **{"X-Forwarded-For": f"203.0.114.{number}"})
        await visitor.connect()
        await visitor.leave()
    await asyncio.sleep(1)
    assert logged(server.settings).count("request failed") == before
