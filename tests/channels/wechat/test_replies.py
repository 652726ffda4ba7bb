"""What people get to see: once, whole, in time, whatever account it is."""

from __future__ import annotations

import asyncio

import pytest

from tests.channels.wechat.light import LightAccount, light_account, until
from tests.channels.wechat.light_server import (
    BROKEN,
    BUTTONS,
    ERASE,
    LONG,
    PARAGRAPH,
    PICTURE,
    SLOW,
)
from tests.channels.wechat.platform import LINK, numbers
from xieshang.knowledge import current_knowledge

MESSAGES = 1000
AT_ONCE = 20


def word(name: str) -> str:
    return str(current_knowledge().tables["wechat"][name])


def phrase(name: str) -> str:
    return current_knowledge().phrase(name)


def paragraphs(count: int) -> list[str]:
    return [PARAGRAPH.format(number) for number in range(count)]


def lines_of(texts: list[str]) -> list[str]:
    """What was said in several messages, without how to get more."""
    shown = "\n".join(texts).replace(word("more"), "")
    return [line for line in shown.split("\n") if line]


class TestOnce:
    async def test_1000_messages_brought_three_times_are_answered_once(
        self, plain: LightAccount
    ) -> None:
        places = asyncio.Semaphore(AT_ONCE)

        async def bring(number: int) -> list[str | None]:
            message = str(next(numbers))
            async with places:
                return await asyncio.gather(
                    *(
                        plain.say(f"once{number % 50}", f"said {number}", message)
                        for _ in range(3)
                    )
                )

        replies = await asyncio.gather(*map(bring, range(MESSAGES)))
        # "#1": the bot was told once.
        assert replies == [[f"said {n} #1"] * 3 for n in range(MESSAGES)]
        query = "select count(*) from entries where conversation_id like 'wx:once%'"
        assert plain.rows(query) == [(2 * MESSAGES,)]

    async def test_a_lost_reply_is_given_again(self, plain: LightAccount) -> None:
        number = str(next(numbers))
        first = await plain.say("lost", f"{LONG} 40", number)
        again = await plain.say("lost", f"{LONG} 40", number)
        assert first == again
        rest = await plain.say("lost", word("continue"))
        assert lines_of([str(first), str(rest)]) == [*paragraphs(40), "完"]

    async def test_events_have_no_number_and_are_told_apart(
        self, plain: LightAccount
    ) -> None:
        fields = {"MsgType": "event", "Event": "subscribe", "CreateTime": "1700000000"}
        twice = [await plain.bring("e1", **fields) for _ in range(2)]
        assert twice == ["/greet #1"] * 2
        assert await plain.event("e1", "CLICK", "CANNOT_PAY") == "/cannot_pay #1"

    async def test_a_crash_loses_nothing(
        self, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        folder = tmp_path_factory.mktemp("crash")
        with light_account(folder, "compatible", certified=False) as account:
            number = str(next(numbers))
            asked = asyncio.create_task(account.say("p", f"{SLOW} 60", number))
            await until(lambda: bool(account.rows("select 1 from entries")))
            account.server.kill()
            await asyncio.to_thread(account.server.start)
            await asked
            assert await account.say("p", f"{SLOW} 60", number) == f"{SLOW} 60 #1"
            await account.close()


class TestAccountThatOnlyReplies:
    async def test_several_messages_are_one_reply(self, plain: LightAccount) -> None:
        assert await plain.say("a", f"{LONG} 2") == "\n".join(
            [*paragraphs(2), "", "完"]
        )

    async def test_the_rest_is_given_when_asked_for(self, plain: LightAccount) -> None:
        first = await plain.say("b", f"{LONG} 80")
        assert str(first).endswith(word("more"))
        told = [str(first)]
        while told[-1].endswith(word("more")):
            told.append(str(await plain.say("b", f"「{word('continue')}」")))
        assert len(told) > 2
        assert lines_of(told) == [*paragraphs(80), "完"]
        # Nothing is left: the word means what the bot takes it for.
        assert await plain.say("b", word("continue")) == f"{word('continue')} #1"
        assert plain.api.calls == {}

    async def test_the_next_page_is_given_once_however_often_it_is_asked_for(
        self, plain: LightAccount
    ) -> None:
        await plain.say("c", f"{LONG} 120")
        number = str(next(numbers))
        pages = [await plain.say("c", word("continue"), number) for _ in range(3)]
        assert len(set(pages)) == 1
        assert await plain.say("c", word("continue")) != pages[0]

    async def test_the_newest_answer_goes_on_first(self, plain: LightAccount) -> None:
        old = str(await plain.say("d", f"{LONG} 40"))
        new = str(await plain.say("d", f"{LONG} 30"))
        rest = str(await plain.say("d", word("continue")))
        assert lines_of([new, rest]) == [*paragraphs(30), "完"]
        older = str(await plain.say("d", word("continue")))
        assert lines_of([old, older]) == [*paragraphs(40), "完"]

    async def test_a_slow_answer_is_the_reply_to_another_attempt(
        self, plain: LightAccount
    ) -> None:
        number = str(next(numbers))
        assert await plain.say("e", f"{SLOW} 6", number) == f"{SLOW} 6 #1"
        assert plain.attempts[number] == 2

    async def test_a_very_slow_one_can_be_asked_for(self, plain: LightAccount) -> None:
        number = str(next(numbers))
        assert await plain.say("f", f"{SLOW} 20", number) == word("still_working")
        assert plain.attempts[number] == 3
        assert await plain.say("f", word("continue")) == f"{SLOW} 20 #1"


class TestCertifiedAccount:
    async def test_the_rest_is_pushed_in_order(self, safe: LightAccount) -> None:
        safe.api.calls.clear()
        await safe.say("a", f"{LONG} 80")
        person = safe.follower("a")
        await until(lambda: person.texts()[-1].endswith("完"))
        assert [how for how, _ in person.received] == ["reply", "push", "push", "push"]
        assert lines_of(person.texts()) == [*paragraphs(80), "完"]
        assert not any(word("more") in text for text in person.texts())

    async def test_what_is_too_much_is_given_when_asked_for(
        self, safe: LightAccount
    ) -> None:
        await safe.say("b", f"{LONG} 150")
        person = safe.follower("b")
        await until(lambda: word("more") in person.texts()[-1])
        assert len(person.texts("push")) <= 5
        while word("more") in person.texts()[-1]:
            await safe.say("b", word("continue"))
        assert lines_of(person.texts()) == [*paragraphs(150), "完"]

    async def test_a_slow_answer_is_pushed_once(self, safe: LightAccount) -> None:
        number = str(next(numbers))
        assert await safe.say("c", f"{SLOW} 5", number) is None
        assert safe.attempts[number] == 1
        person = safe.follower("c")
        await until(lambda: bool(person.texts()))
        assert await safe.say("c", "next") == "next #1"
        assert person.received == [("push", f"{SLOW} 5 #1"), ("reply", "next #1")]

    async def test_an_outdated_token_is_renewed_once(self, safe: LightAccount) -> None:
        await safe.say("d0", f"{LONG} 60")
        await until(lambda: safe.follower("d0").texts()[-1].endswith("完"))
        safe.api.calls.clear()
        safe.api.expire_token()
        people = [f"d{number}" for number in range(1, 9)]
        await asyncio.gather(*(safe.say(person, f"{LONG} 60") for person in people))
        await until(
            lambda: all(safe.follower(p).texts()[-1].endswith("完") for p in people)
        )
        assert safe.api.calls["/cgi-bin/stable_token"] == 1
        for person in people:
            assert lines_of(safe.follower(person).texts()) == [*paragraphs(60), "完"]

    async def test_a_token_that_stays_wrong_is_forced_and_given_up(
        self, safe: LightAccount
    ) -> None:
        safe.api.calls.clear()
        safe.api.failures = [40001, 40001]
        await safe.say("e", f"{LONG} 60")
        person = safe.follower("e")
        await until(lambda: person.texts()[-1].endswith("完"))
        assert safe.api.calls["forced"] == 1
        assert lines_of(person.texts()) == [*paragraphs(60), "完"]

    @pytest.mark.parametrize("failure", ["500", -1])
    async def test_a_platform_in_trouble_is_asked_again(
        self, safe: LightAccount, failure: int | str
    ) -> None:
        safe.api.failures = [failure]
        name = f"f{failure}"
        await safe.say(name, f"{LONG} 60")
        person = safe.follower(name)
        await until(lambda: person.texts()[-1].endswith("完"))
        assert lines_of(person.texts()) == [*paragraphs(60), "完"]

    async def test_an_account_that_may_not_send_loses_only_what_it_sends(
        self, safe: LightAccount
    ) -> None:
        safe.is_certified = False
        try:
            first = await safe.say("j", f"{LONG} 60")
            query = "select count(*) from entries where not delivered and "
            query += "sender = 'bot' and conversation_id = 'wx:j'"
            await until(lambda: safe.rows(query) == [(0,)])
        finally:
            safe.is_certified = True
        assert safe.follower("j").texts() == [first]
        assert await safe.say("j", "next") == "next #1"

    async def test_a_page_that_is_refused_loses_no_other(
        self, safe: LightAccount
    ) -> None:
        await safe.say("l", "warm")
        safe.api.failures = [50002]
        await safe.say("l", f"{LONG} 80")
        person = safe.follower("l")
        await until(lambda: person.texts()[-1].endswith("完"))
        assert [how for how, _ in person.received[1:]] == ["reply", "push", "push"]
        lines = lines_of(person.texts("push"))
        assert lines[-2:] == [paragraphs(80)[-1], "完"]

    async def test_after_48_hours_it_is_dropped(self, safe: LightAccount) -> None:
        person = safe.follower("g")
        asked = asyncio.create_task(safe.say("g", f"{SLOW} 5"))
        await asyncio.sleep(1)
        person.left_until = 0
        await asked
        query = "select delivered from entries where sender = 'bot' and "
        query += "conversation_id = 'wx:g'"
        await until(lambda: safe.rows(query) == [(1,)])
        assert person.received == []
        assert await safe.say("g", "again") == "again #1"

    async def test_without_quota_the_rest_waits_for_the_person(
        self, safe: LightAccount
    ) -> None:
        person = safe.follower("h")
        asked = asyncio.create_task(safe.say("h", f"{LONG} 80"))
        while not person.left:
            await asyncio.sleep(0)
        person.left = 1
        await asked
        await until(lambda: person.left == 0)
        await asyncio.sleep(1)
        assert len(person.received) == 2
        await safe.say("h", "next")
        await until(lambda: "完" in "".join(person.texts()))
        assert [line for line in lines_of(person.texts()) if line != "next #1"] == [
            *paragraphs(80),
            "完",
        ]

    async def test_a_picture_that_is_not_there_is_a_link(
        self, safe: LightAccount
    ) -> None:
        assert await safe.say("i", PICTURE)
        person = safe.follower("i")
        await until(lambda: len(person.received) == 2)
        assert person.texts("push") == [f"{word('picture')}：https://a.example/p.png"]


class TestButtons:
    async def test_links_press_what_the_bot_offered(self, plain: LightAccount) -> None:
        shown = str(await plain.say("k", BUTTONS))
        assert [found[3] for found in LINK.finditer(shown)] == ["1. 花呗", "2. 借呗"]
        assert shown.startswith("欠哪个？\n\n请选\n\n<a ")
        assert await plain.press("k", "借呗") == "/two #1"
        assert await plain.press("k", "花呗") == phrase("button_used")

    async def test_a_link_works_on_a_pushed_page(self, safe: LightAccount) -> None:
        await safe.say("k", BUTTONS)
        assert await safe.press("k", "花呗") == "/one #1"

    async def test_a_title_without_number_counts_as_typed(
        self, plain: LightAccount
    ) -> None:
        await plain.say("l", BUTTONS)
        assert await plain.say("l", "借呗") == "借呗 #1"

    @pytest.mark.parametrize("token", ["1.0", "2.7", "9.9", "999999999.0"])
    async def test_no_other_number_presses_anything(
        self, plain: LightAccount, token: str
    ) -> None:
        name = f"m{token.replace('.', '-')}"
        await plain.say(name, BUTTONS)
        shown = await plain.say(name, "/two", bizmsgmenuid=token)
        assert shown == phrase("button_used")

    @pytest.mark.parametrize("token", ["x", "-1.0", "2.0.0", "' or 1=1"])
    async def test_what_is_no_number_is_only_a_text(
        self, plain: LightAccount, token: str
    ) -> None:
        assert await plain.say("n", "您好", bizmsgmenuid=token) == "您好 #1"

    async def test_another_persons_link_presses_nothing(
        self, plain: LightAccount
    ) -> None:
        shown = str(await plain.say("o", BUTTONS))
        found = LINK.search(shown)
        assert found
        pressed = await plain.say("stranger", found[1], bizmsgmenuid=found[2])
        assert pressed == phrase("button_used")


class TestEvents:
    async def test_who_follows_is_greeted(self, safe: LightAccount) -> None:
        assert await safe.event("p", "subscribe") == "/greet #1"

    async def test_the_menu_asks_what_it_says(self, safe: LightAccount) -> None:
        table = current_knowledge().tables["wechat"]["menu"]
        for number, (key, item) in enumerate(table.items()):
            answer = await safe.event(f"q{number}", "CLICK", key)
            assert answer == f"{item['payload']} #1"

    @pytest.mark.parametrize("key", ["", "OTHER", "/cannot_pay", "subscribe"])
    async def test_no_other_key_asks_anything(
        self, safe: LightAccount, key: str
    ) -> None:
        assert await safe.event(f"r{len(key)}", "CLICK", key) == phrase("button_used")

    @pytest.mark.parametrize("event", ["VIEW", "LOCATION", "SCAN", "", "unknown"])
    async def test_other_events_are_not_answered(
        self, safe: LightAccount, event: str
    ) -> None:
        assert await safe.event("s", event, "CANNOT_PAY") is None
        assert safe.rows("select 1 from entries where conversation_id = 'wx:s'") == []

    async def test_who_leaves_is_forgotten_sooner_unless_they_come_back(
        self, plain: LightAccount
    ) -> None:
        query = (
            "select cast(julianday(expires_at) - julianday(touched_at) as integer) "
            "from cases where conversation_id = 'wx:t'"
        )
        await plain.event("t", "unsubscribe")
        assert plain.rows(query) == []
        await plain.say("t", "hi")
        assert await plain.event("t", "unsubscribe") is None
        assert plain.rows(query) in ([(30,)], [(29,)])
        await plain.say("t", "back")
        assert plain.rows(query) == [(None,)]


class TestWhatIsNoText:
    @pytest.mark.parametrize(
        ("kind", "name"),
        [
            ("voice", "voice"),
            ("image", "not_text"),
            ("video", "not_text"),
            ("shortvideo", "not_text"),
            ("location", "not_text"),
            ("link", "not_text"),
            ("new_kind", "not_text"),
        ],
    )
    async def test_it_is_asked_for_in_words(
        self, plain: LightAccount, kind: str, name: str
    ) -> None:
        number = str(next(numbers))
        for _ in range(2):
            told = await plain.bring("u", MsgType=kind, MsgId=number, Recognition="")
            assert told == phrase(name)

    async def test_a_sticker_comes_as_words_of_the_platform(
        self, plain: LightAccount
    ) -> None:
        told = await plain.say("sticker", "【收到不支持的消息类型，暂无法显示】")
        assert told == phrase("not_text")

    @pytest.mark.parametrize("face", ["/::D", "/:rose", "/:8-)", "/::~/:strong"])
    async def test_a_face_is_no_command(self, plain: LightAccount, face: str) -> None:
        name = f"face{face.encode().hex()}"
        assert await plain.say(name, face) == phrase("no_words")
        assert await plain.say(name, f"{face}花呗9800") == "花呗9800 #1"
        assert await plain.say(name, "/restart") == "/restart #1"

    async def test_a_text_that_is_too_long_is_told_so(
        self, plain: LightAccount
    ) -> None:
        assert await plain.say("v", "长" * 501) == phrase("too_long")

    @pytest.mark.parametrize(
        "text", ["a ]]> b", "👍🏽 您好", "<b>&amp;</b>", "<!DOCTYPE x>", "]]]]>>"]
    )
    async def test_any_text_survives(self, plain: LightAccount, text: str) -> None:
        assert await plain.say(f"w{text.encode().hex()}", text) == f"{text} #1"


class TestDeletionAndFailure:
    async def test_the_farewell_is_given_and_nothing_is_kept(
        self, plain: LightAccount, safe: LightAccount
    ) -> None:
        for platform in (plain, safe):
            await self.erase(platform)

    async def erase(self, platform: LightAccount) -> None:
        await platform.say("x", "hi")
        number = str(next(numbers))
        told = await asyncio.gather(
            *(platform.say("x", ERASE, number) for _ in range(3))
        )
        assert told == [f"{ERASE} #1"] * 3
        assert await platform.say("x", ERASE, number) == f"{ERASE} #1"
        query = "select 1 from cases where conversation_id = 'wx:x'"
        assert platform.rows(query) == []
        assert await platform.say("x", "again") == "again #1"

    async def test_a_turn_that_fails_is_told(self, plain: LightAccount) -> None:
        assert await plain.say("y", BROKEN) == phrase("busy")
        assert await plain.say("y", "next") == "next #1"
        assert BROKEN not in plain.server.log()

    async def test_a_busy_database_is_told_and_nothing_is_doubled(
        self, plain: LightAccount
    ) -> None:
        await plain.say("z", "hi")
        lock = plain.lock_database()
        number = str(next(numbers))
        assert await plain.say("z", "now", number) == phrase("busy")
        lock.execute("rollback")
        lock.close()
        assert await plain.say("z", "now", number) == "now #1"
