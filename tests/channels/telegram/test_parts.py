"""The parts of the channel: settings, calls of the Bot API, sending, polling."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy.exc import OperationalError

from rasa_ext.channels import telegram_polling, telegram_sender
from rasa_ext.channels.delivery import RefusedForGood, TryLater
from rasa_ext.channels.messenger import Press
from rasa_ext.channels.telegram_api import Blocked, Conflicting, TelegramApi
from rasa_ext.channels.telegram_polling import Poller
from rasa_ext.channels.telegram_sender import Sender, keyboard, open_button, rows
from rasa_ext.commands.channels import channel_states, write_credentials
from tests.channels.telegram.bot_api import TOKEN, BotApi
from tests.channels.telegram.person import WAIT_SECONDS
from xieshang.clock import now
from xieshang.settings import ROOT, SettingError, read_settings
from xieshang.storage.entry import BOT, Entry
from xieshang.telegram import SERVER_PATH, TelegramSettings, read_telegram_settings

SECRET = "s" * 32
POLLING = {"XIESHANG_TELEGRAM_TOKEN": TOKEN}
WEBHOOK = {
    **POLLING,
    "XIESHANG_TELEGRAM_MODE": "webhook",
    "XIESHANG_TELEGRAM_SECRET": SECRET,
    "XIESHANG_PUBLIC_URL": "https://bot.example",
}


class TestSettings:
    def test_without_a_token_there_is_no_bot(self) -> None:
        assert read_telegram_settings({}) is None
        assert (
            read_telegram_settings({**WEBHOOK, "XIESHANG_TELEGRAM_TOKEN": ""}) is None
        )

    def test_polling_needs_only_the_token(self) -> None:
        read = read_telegram_settings(POLLING)
        assert read == TelegramSettings(TOKEN, api="https://api.telegram.org")

    def test_the_webhook_is_below_the_public_address(self) -> None:
        read = read_telegram_settings(WEBHOOK)
        assert read
        assert read.webhook == f"https://bot.example{SERVER_PATH}"
        assert TOKEN not in repr(read)
        assert SECRET not in repr(read)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("TELEGRAM_TOKEN", "AAE-no-number-before-it-00000000000"),
            ("TELEGRAM_TOKEN", "123456789:short"),
            ("TELEGRAM_TOKEN", TOKEN + "\n"),
            ("TELEGRAM_MODE", "push"),
            ("TELEGRAM_SECRET", ""),
            ("TELEGRAM_SECRET", "tooshort"),
            ("TELEGRAM_SECRET", "s" * 257),
            ("TELEGRAM_SECRET", "秘" * 40),
            ("TELEGRAM_API", "api.telegram.org"),
            ("PUBLIC_URL", ""),
            ("PUBLIC_URL", "http://bot.example"),
            ("PUBLIC_URL", "https://bot.example:5005"),
        ],
    )
    def test_a_bad_value_is_named_and_secrets_stay_unsaid(
        self, name: str, value: str
    ) -> None:
        with pytest.raises(SettingError) as raised:
            read_telegram_settings({**WEBHOOK, f"XIESHANG_{name}": value})
        said = str(raised.value)
        assert f"XIESHANG_{name}" in said
        assert "\n" not in said
        if name in ("TELEGRAM_TOKEN", "TELEGRAM_SECRET") and value:
            assert value not in said


class TestWhichChannelsAreOn:
    @pytest.fixture
    def line(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> Callable[..., str]:
        def told(given: dict[str, str]) -> str:
            for name in WEBHOOK:
                monkeypatch.delenv(name, raising=False)
            for name, value in given.items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path))
            states = channel_states(read_settings())
            (state,) = [one for one in states if one.name == "Telegram"]
            return state.line

        return told

    def test_it_is_said_and_rasa_mounts_it(self, line: Callable[..., str]) -> None:
        assert line({}).startswith(
            "Telegram is off: XIESHANG_TELEGRAM_TOKEN is not set"
        )
        before = yaml.safe_load((ROOT / "credentials.yml").read_text())
        assert line(POLLING) == "Telegram is on: polling, no public address needed"
        said = line(WEBHOOK)
        assert said == f"Telegram is on: https://bot.example{SERVER_PATH}"
        written = yaml.safe_load(write_credentials(read_settings()).read_text())
        (added,) = [name for name in written if name not in before]
        from rasa.shared.utils.common import class_from_module_path

        assert class_from_module_path(added).from_credentials({}).name() == "telegram"


@pytest.fixture(scope="module")
def bot_api() -> Iterator[BotApi]:
    api = BotApi()
    yield api
    api.stop()


@pytest.fixture
async def api(bot_api: BotApi) -> Any:
    api = TelegramApi(TelegramSettings(TOKEN, api=bot_api.url))
    yield api
    await api.close()


class TestApi:
    async def test_refusals_say_whether_to_come_back(
        self, bot_api: BotApi, api: TelegramApi
    ) -> None:
        chat = bot_api.number()
        bot_api.update(message={"chat": {"id": chat}})
        await api.send_text(chat, "<b>花</b>", None)
        for html in ("", "<b>", "花" * 4097):
            with pytest.raises(RefusedForGood):
                await api.send_text(chat, html, None)
        bot_api.flood(chat, times=1, seconds=7)
        with pytest.raises(TryLater) as later:
            await api.send_text(chat, "花", None)
        assert later.value.seconds == 7
        bot_api.blocked.add(chat)
        with pytest.raises(Blocked):
            await api.send_text(chat, "花", None)
        with pytest.raises(RefusedForGood):
            await api.set_webhook("http://bot.example/", SECRET)
        bot_api.is_down = True
        try:
            with pytest.raises(TryLater) as later:
                await api.show_typing(chat)
        finally:
            bot_api.is_down = False
        assert later.value.seconds is None

    async def test_polling_beside_a_webhook_is_a_conflict(
        self, bot_api: BotApi, api: TelegramApi
    ) -> None:
        await api.set_webhook("https://bot.example/", SECRET)
        with pytest.raises(Conflicting):
            await api.updates(None, 1)
        await api.delete_webhook()
        await api.updates(None, 0)

    async def test_nobody_there_or_a_wrong_token_is_no_reason_to_give_up(
        self, bot_api: BotApi, caplog: pytest.LogCaptureFixture
    ) -> None:
        wrong = TOKEN.replace("AA", "BB")
        caplog.set_level(logging.DEBUG)
        for token, url in ((TOKEN, "http://127.0.0.1:9"), (wrong, bot_api.url)):
            api = TelegramApi(TelegramSettings(token, api=url))
            for call in (api.delete_webhook(), api.updates(None, 0)):
                with pytest.raises(TryLater):
                    await call
            await api.close()
        assert TOKEN not in caplog.text
        assert wrong not in caplog.text


def said(**content: Any) -> Entry:
    return Entry("m1", BOT, content, now(), sequence=4)


class Recorder:
    """In place of the Bot API: takes everything but what it is told to refuse."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bool]] = []
        self.failures: dict[str, list[Exception]] = {}

    async def _take(self, what: str, buttons: object) -> None:
        if self.failures.get(what):
            raise self.failures[what].pop(0)
        self.taken.append((what, buttons is not None))

    async def send_text(self, chat: int, html: str, buttons: object) -> None:
        await self._take(html, buttons)

    async def send_photo(
        self, chat: int, content: bytes, name: str, html: str, buttons: object
    ) -> None:
        await self._take(name, buttons)

    send_document = send_photo


class TestSending:
    @pytest.fixture
    def recorder(self, monkeypatch: pytest.MonkeyPatch) -> Recorder:
        def document(token: str, name: str) -> object:
            if token == "broken":
                raise ValueError("9831.27")
            return telegram_sender.Document("x", b"x") if token == "t" else None

        monkeypatch.setattr(telegram_sender, "document_of_link", document)
        return Recorder()

    @pytest.fixture
    def sender(self, recorder: Recorder) -> Sender:
        return Sender(recorder)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("titles", "arranged"),
        [
            ((), []),
            (("对", "不对，重新说"), [[0, 1]]),
            (("花呗", "借呗", "两个都有"), [[0, 1], [2]]),
            (("同意，登记完整方案", "不同意", "先粗算"), [[0], [1, 2]]),
            (("不同意", "同意，登记完整方案"), [[0], [1]]),
        ],
    )
    def test_short_buttons_stand_side_by_side(
        self, titles: tuple[str, ...], arranged: list[list[int]]
    ) -> None:
        assert rows(titles) == arranged

    def test_what_a_button_carries_is_short_and_names_it(self) -> None:
        buttons = [{"title": "花" * 40, "payload": "/inform" + "{}" * 60}] * 12
        entry = Entry("m1", BOT, {"buttons": buttons}, now(), sequence=10**9 - 1)
        made = keyboard(entry)
        assert made
        datas = [row[0].callback_data for row in made.inline_keyboard]
        assert all(isinstance(data, str) and len(data) <= 64 for data in datas)
        assert Press.of(datas[11]) == Press(entry.sequence, 11)

    def test_an_entry_that_is_not_kept_has_no_buttons(self) -> None:
        unkept = Entry("m1", BOT, {"buttons": [{"title": "x", "payload": "x"}]}, now())
        assert keyboard(unkept) is None

    def test_an_address_of_this_machine_is_no_button(self) -> None:
        assert open_button("http://127.0.0.1:5005/files/t/plan.html", "打开") is None
        made = open_button("https://bot.example/files/t/plan.html", "打开")
        assert made
        assert made.inline_keyboard[0][0].url == "https://bot.example/files/t/plan.html"

    async def test_what_failed_half_way_goes_on_where_it_stopped(
        self, recorder: Recorder, sender: Sender
    ) -> None:
        entry = said(text="花" * 9000, buttons=[{"title": "好", "payload": "/x"}])
        recorder.failures["花" * 4096] = []
        recorder.failures["花" * (9000 - 2 * 4096)] = [TryLater(1), TryLater(1)]
        for _ in range(2):
            with pytest.raises(TryLater):
                await sender.send("tg:1", entry)
        await sender.send("tg:1", entry)
        assert [(len(html), below) for html, below in recorder.taken] == [
            (4096, False),
            (4096, False),
            (808, True),
        ]

    async def test_a_part_that_is_refused_loses_no_other(
        self, recorder: Recorder, sender: Sender
    ) -> None:
        names = ("plan.html", "statement.docx", "reminders.ics", "data.json")
        items = [
            {"name": name, "url": f"http://x/help/files/t/{name}", "title": name}
            for name in names
        ]
        items[1]["url"] = "http://x/files/broken/statement.docx"
        entry = said(text="好了", items=items, image="http://x/files/t/plans.png")
        recorder.failures["plans.png"] = [RefusedForGood("x")]
        await sender.send("tg:1", entry)
        sent = [name for name, _ in recorder.taken[1:]]
        assert sent == ["协商方案.html", "还款提醒.ics"]
        assert "data.json" in recorder.taken[0][0]

    async def test_who_has_blocked_the_bot_is_sent_nothing_more(
        self, recorder: Recorder, sender: Sender
    ) -> None:
        recorder.failures["花"] = [Blocked("blocked")]
        entry = said(text="花", image="http://x/files/t/plans.png")
        with pytest.raises(Blocked):
            await sender.send("tg:1", entry)
        assert recorder.taken == []

    async def test_progress_is_no_message_and_a_document_that_is_gone_neither(
        self, recorder: Recorder, sender: Sender
    ) -> None:
        await sender.send("tg:1", said(kind="progress", rank=1, count=9))
        await sender.send("tg:1", said(text="", image="http://x/files/gone/plans.png"))
        assert recorder.taken == []


class TestPolling:
    async def test_an_update_that_is_not_kept_is_asked_for_again(
        self, bot_api: BotApi, api: TelegramApi, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(telegram_polling, "POLL_SECONDS", 1)
        monkeypatch.setattr(telegram_polling, "FIRST_PAUSE_SECONDS", 0.01)
        await api.updates(10**9, 0)
        numbers = [bot_api.update(message={})["update_id"] for _ in range(3)]
        tried: list[int] = []
        done = asyncio.Event()

        async def take(update: Any) -> None:
            tried.append(update["update_id"])
            if tried.count(numbers[1]) < 3 and tried[-1] == numbers[1]:
                raise OperationalError("", {}, Exception())
            if tried[-1] == numbers[2]:
                done.set()

        running = asyncio.create_task(Poller(api, take).run())
        await asyncio.wait_for(done.wait(), WAIT_SECONDS)
        while bot_api.pending:
            await asyncio.sleep(0.01)
        running.cancel()
        assert tried == [numbers[0], *[numbers[1]] * 3, numbers[2]]

    def test_the_pauses_grow_to_a_minute(self) -> None:
        pauses = [telegram_polling.pause_after(count) for count in (1, 2, 3, 9, 999)]
        assert pauses == [1, 2, 4, 60, 60]
