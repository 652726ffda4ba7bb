"""What messengers share: once, in order, delivered, whatever the platform does."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from rasa_ext.channels import delivery, talk
from rasa_ext.channels.answers import Answers
from rasa_ext.channels.delivery import Delivery, RefusedForGood, TryLater
from rasa_ext.channels.limits import Limit, MessengerLimits
from rasa_ext.channels.messenger import (
    Declined,
    Heard,
    Messenger,
    Press,
    Said,
)
from rasa_ext.guard import KeptMessage
from xieshang.clock import now
from xieshang.knowledge import current_knowledge
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database
from xieshang.storage.entries import Entries
from xieshang.storage.entry import Entry, declined, written

WAIT_SECONDS = 20
ID_CARD = "11010519491231002X"
FREE = MessengerLimits((Limit(10_000, 1),), (Limit(10_000, 1),))
BUTTONS = [{"title": "花呗", "payload": "/one"}, {"title": "借呗", "payload": "/two"}]
ERASE, CRASH = "erase", "crash"


@pytest.fixture
def engine(tmp_path: Path) -> sa.engine.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'xieshang.db'}")
    migrate(engine)
    return engine


class Platform:
    """Takes what is sent, unless it is told to fail; and the bot behind the channel."""

    def __init__(
        self, engine: sa.engine.Engine, limits: MessengerLimits = FREE
    ) -> None:
        self.engine = engine
        self.taken: list[tuple[str, str]] = []
        self.entries: list[Entry] = []
        self.failures: dict[str, list[Exception]] = {}
        self.tried: Counter[str] = Counter()
        self.told: list[KeptMessage] = []
        self.store = Entries(lambda: engine)
        self.delivery = Delivery(self.store, self.send, first_pause=0.01)
        nobody = SimpleNamespace(retrieve=self.retrieve)
        answers = Answers(
            "tg", self.turn, lambda: SimpleNamespace(tracker_store=nobody)
        )
        self.messenger = Messenger("tg", self.store, answers, self.delivery, limits)

    async def retrieve(self, conversation_id: str) -> None:
        return None

    async def turn(self, message: KeptMessage) -> None:
        self.told.append(message)
        await asyncio.sleep(0.005)
        if message.text == CRASH:
            await asyncio.sleep(3600)
        if message.text == ERASE:
            CaseStore(self.engine).delete(message.sender_id)
        for text, buttons in ((f"<{message.text}>", None), ("next", BUTTONS)):
            said = {"text": text, "buttons": buttons}
            await message.output_channel.send_response(message.sender_id, said)

    async def send(self, conversation_id: str, entry: Entry) -> None:
        self.tried[entry.text] += 1
        failures = self.failures.get(entry.text)
        if failures:
            raise failures.pop(0)
        self.taken.append((conversation_id, entry.text))
        self.entries.append(entry)

    async def take(
        self, heard: Heard | str, message_id: str, person: str = "1"
    ) -> Entry | None:
        said = Said(heard) if isinstance(heard, str) else heard
        conversation_id = self.messenger.conversation_id(person)
        return await self.messenger.take(conversation_id, message_id, said)

    def texts(self, person: str = "1") -> list[str]:
        return [text for name, text in self.taken if name == f"tg:{person}"]

    async def until_taken(self, *texts: str, person: str = "1") -> None:
        await until(lambda: len(self.texts(person)) >= len(texts))
        await asyncio.sleep(0.05)
        assert self.texts(person) == list(texts)

    def undelivered(self) -> int:
        with self.engine.begin() as connection:
            return int(
                connection.scalar(
                    sa.text(
                        "select count(*) from entries "
                        "where sender = 'bot' and not delivered"
                    )
                )
            )


@pytest.fixture
def platform(engine: sa.engine.Engine) -> Platform:
    return Platform(engine)


async def until(is_so: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not is_so():
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), WAIT_SECONDS)


def phrase(name: str) -> str:
    return current_knowledge().phrase(name)


def answered(texts: Sequence[str]) -> list[str]:
    return [said for text in texts for said in (f"<{text}>", "next")]


class TestOnceAndInOrder:
    async def test_a_message_is_handled_once(self, platform: Platform) -> None:
        taken = await asyncio.gather(*(platform.take("hi", "m1") for _ in range(50)))
        assert {entry.sequence for entry in taken if entry} == {1}
        await platform.until_taken("<hi>", "next")
        assert await platform.take("hi", "m1")
        await asyncio.sleep(0.1)
        assert platform.texts() == ["<hi>", "next"]
        assert len(platform.told) == 1
        assert platform.undelivered() == 0

    async def test_everybody_is_answered_in_order(self, platform: Platform) -> None:
        said = [f"said {number}" for number in range(10)]
        for number, text in enumerate(said):
            await asyncio.gather(
                *(platform.take(text, f"m{number}", str(p)) for p in range(5))
            )
        for person in range(5):
            await platform.until_taken(*answered(said), person=str(person))

    async def test_who_the_person_is_and_what_is_masked(
        self, platform: Platform
    ) -> None:
        await platform.take(f"我的身份证{ID_CARD}", "m1", "7")
        await until(lambda: bool(platform.told))
        (told,) = platform.told
        assert (told.sender_id, told.input_channel) == ("tg:7", "tg")
        assert told.masked == ("id_card",)
        assert ID_CARD not in (told.text or "")
        assert ID_CARD not in str(platform.store.history("tg:7"))


class TestAfterACrash:
    async def test_what_was_not_answered_is_answered_in_order(
        self, engine: sa.engine.Engine
    ) -> None:
        before = Platform(engine)
        await before.take(CRASH, "m1")
        await before.take("second", "m2")
        await until(lambda: bool(before.told))
        after = Platform(engine)
        after.store.add("tg:2", written("m1", "other", now()))
        after.store.add("web:3", written("m1", "not mine", now()))

        async def turn(message: KeptMessage) -> None:
            message.text = message.text and message.text.replace(CRASH, "first")
            await Platform.turn(after, message)

        after.messenger._answers._handle = turn
        await after.messenger.resume()
        await after.until_taken(*answered(["first", "second"]))
        await after.until_taken(*answered(["other"]), person="2")
        assert {name for name, _ in after.taken} == {"tg:1", "tg:2"}

    async def test_what_was_not_delivered_is_delivered(
        self, engine: sa.engine.Engine
    ) -> None:
        before = Platform(engine)
        before.failures["next"] = [TryLater(3600)]
        await before.take("hi", "m1")
        await before.until_taken("<hi>")
        after = Platform(engine)
        await after.messenger.resume()
        await after.until_taken("next")
        assert after.told == []

    async def test_what_is_old_is_left_alone(self, engine: sa.engine.Engine) -> None:
        platform = Platform(engine)
        old = now() - delivery.KEPT_FOR - timedelta(minutes=1)
        asked = platform.store.add("tg:1", written("m1", "hi", old))
        platform.store.answer("tg:1", asked, [{"kind": "text", "text": "old"}], old)
        await platform.messenger.resume()
        await platform.take("new", "m2")
        await platform.until_taken("<new>", "next")


class TestDelivery:
    async def test_what_fails_is_tried_again_before_the_rest(
        self, platform: Platform
    ) -> None:
        platform.failures["<hi>"] = [TryLater(), RuntimeError("x"), TryLater(0.01)]
        await platform.take("hi", "m1")
        await platform.until_taken("<hi>", "next")
        assert platform.tried["<hi>"] == 4

    @pytest.mark.parametrize(
        ("failures", "tries"),
        [
            ([RefusedForGood("400")], 1),
            ([RuntimeError("x")] * 100, delivery.MOST_TRIES),
        ],
    )
    async def test_what_is_refused_does_not_hold_up_the_rest(
        self, platform: Platform, failures: list[Exception], tries: int
    ) -> None:
        platform.failures["<hi>"] = list(failures)
        await platform.take("hi", "m1")
        await platform.until_taken("next")
        assert platform.tried["<hi>"] == tries
        assert platform.undelivered() == 0

    async def test_a_platform_that_is_away_is_waited_for(
        self, platform: Platform
    ) -> None:
        platform.failures["<hi>"] = [TryLater(0.001)] * 30
        await platform.take("hi", "m1")
        await platform.until_taken("<hi>", "next")

    async def test_one_person_does_not_hold_up_another(
        self, platform: Platform
    ) -> None:
        platform.failures["<slow>"] = [TryLater(3600)]
        await platform.take("slow", "m1", "1")
        await platform.take("hi", "m1", "2")
        await platform.until_taken("<hi>", "next", person="2")

    async def test_a_busy_database_loses_and_doubles_nothing(
        self, platform: Platform, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(delivery, "RETRY_SECONDS", 0.01)
        monkeypatch.setattr(talk, "RETRY_SECONDS", 0.01)
        busy = sa.exc.OperationalError("update", {}, Exception("locked"))
        for name in ("mark_delivered", "undelivered", "answer"):
            real, times = getattr(platform.store, name), iter(range(3))

            def flaky(
                *given: Any, real: Any = real, times: Any = times, **named: Any
            ) -> Any:
                for _ in times:
                    raise busy
                return real(*given, **named)

            monkeypatch.setattr(platform.store, name, flaky)
        await platform.take("hi", "m1")
        await platform.until_taken("<hi>", "next")
        await until(lambda: platform.undelivered() == 0)


class TestDeletion:
    async def test_the_farewell_is_sent_and_nothing_is_kept(
        self, platform: Platform
    ) -> None:
        await platform.take("hi", "m1")
        await platform.until_taken("<hi>", "next")
        platform.failures[f"<{ERASE}>"] = [TryLater(0.01)]
        await platform.take(ERASE, "m2")
        await platform.until_taken("<hi>", "next", f"<{ERASE}>", "next")
        assert platform.store.history("tg:1").sequence == 0
        await platform.take("again", "m3")
        await until(lambda: len(platform.texts()) == 6)
        assert platform.texts()[4:] == ["<again>", "next"]

    async def test_what_is_written_meanwhile_belongs_to_the_new_talk(
        self, platform: Platform
    ) -> None:
        await platform.take(ERASE, "m1")
        await until(lambda: bool(platform.told))
        while platform.store.history("tg:1").sequence:
            await asyncio.sleep(0)
        await platform.take("new", "m2")
        await platform.until_taken(*answered([ERASE, "new"]))


class TestButtons:
    async def offered(self, platform: Platform) -> Press:
        await platform.take("hi", "m1")
        await platform.until_taken("<hi>", "next")
        return Press(platform.entries[-1].sequence, 1)

    async def test_an_issued_button_is_pressed_once(self, platform: Platform) -> None:
        press = await self.offered(platform)
        assert Press.of(press.token) == press
        await platform.take(press, "m2")
        await platform.take(press, "m2")
        await until(lambda: len(platform.texts()) == 4)
        told = platform.told[1]
        assert (told.text, told.pressed) == ("/two", True)
        await platform.take(press, "m3")
        await until(lambda: len(platform.texts()) == 5)
        assert platform.texts()[-1] == phrase("button_used")
        assert len(platform.told) == 2

    async def test_another_persons_button_is_none(self, platform: Platform) -> None:
        press = await self.offered(platform)
        await platform.take(press, "m2", "2")
        await platform.until_taken(phrase("button_used"), person="2")

    @pytest.mark.parametrize(
        "token",
        ["", "1", "1.", "0.0", "-1.0", "1.0\n", "１.0", "/one", "9" * 64, None, 7],
    )
    def test_no_other_token_names_a_button(self, token: object) -> None:
        assert Press.of(token) == Declined("button_used")

    async def test_a_typed_payload_is_no_press(self, platform: Platform) -> None:
        await self.offered(platform)
        await platform.take("/two", "m2")
        await until(lambda: len(platform.told) == 2)
        assert platform.told[1].pressed is False


class TestDeclined:
    @pytest.mark.parametrize(
        ("heard", "name"),
        [
            (Declined("not_text"), "not_text"),
            (Said("长" * 501), "too_long"),
            (Said(" \u200b\n"), "empty"),
            (Said(None), "not_text"),
        ],
    )
    async def test_it_is_answered_once_without_a_turn(
        self, platform: Platform, heard: Heard, name: str
    ) -> None:
        for _ in range(3):
            await platform.take(heard, "m1")
        await platform.until_taken(phrase(name))
        assert platform.told == []

    async def test_too_fast_is_told_once_in_a_while(
        self, engine: sa.engine.Engine
    ) -> None:
        platform = Platform(engine, MessengerLimits((Limit(2, 600),), (Limit(5, 600),)))
        taken = [await platform.take("hi", f"m{number}") for number in range(6)]
        assert [bool(entry) for entry in taken] == [True] * 3 + [False] * 3
        await platform.until_taken(*answered(["hi", "hi"]), phrase("too_fast"))
        # What is known is no new message.
        assert await platform.take("hi", "m0")
        for person in ("2", "3"):
            await platform.take("hi", "m1", person)
            await platform.take("hi", "m2", person)
        await platform.until_taken("<hi>", "next", phrase("too_many"), person="3")

    def test_a_declined_message_is_read_back(self, engine: sa.engine.Engine) -> None:
        store = Entries(lambda: engine)
        moment: datetime = now()
        store.add("tg:1", declined("m1", "not_text", moment))
        found = store.unanswered("tg:1")
        assert found
        assert (found.declined, found.text) == ("not_text", "")
