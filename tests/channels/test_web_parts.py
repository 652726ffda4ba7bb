"""The parts of the web channel: limits, origins, what is shown, the page, deletion."""

from __future__ import annotations

import gzip
import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
import sqlalchemy as sa
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered

from rasa_ext.callers import address_of, is_allowed_origin
from rasa_ext.channels import web_page
from rasa_ext.channels.answers import Answers, contents_of
from rasa_ext.channels.limits import Limit, RateLimiter
from rasa_ext.channels.web_page import content_security_policy, send_widget
from rasa_ext.channels.web_session import Sessions
from rasa_ext.guard import KeptMessage
from tests.channels.servers import EchoServer
from xieshang.secret import read_secret
from xieshang.settings import read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database
from xieshang.storage.entries import Entries, ErasedError, UsedError
from xieshang.storage.entry import written
from xieshang.storage.retention import purge_outdated

NOW = datetime(2026, 11, 23, 2, 30, tzinfo=timezone.utc)
ONE = "web:1"
BUTTONS = [{"title": "一", "payload": "/one"}, {"title": "二", "payload": "二"}]
PROGRESS = {"type": "progress", "rank": 3, "count": 8}
ITEMS = [{"title": "方案页", "url": "https://a.example/p", "name": "plan.html"}]
CARD = {"type": "documents", "text": "整理好了", "items": ITEMS, "image": "i.png"}


@pytest.fixture
def engine(tmp_path: Path) -> sa.engine.Engine:
    engine = open_database(f"sqlite:///{tmp_path / 'xieshang.db'}")
    migrate(engine)
    return engine


@pytest.fixture
def entries(engine: sa.engine.Engine) -> Entries:
    return Entries(lambda: engine)


class TestEntries:
    def test_a_message_is_answered_once(self, entries: Entries) -> None:
        asked = entries.add(ONE, written("m1", "问", NOW))
        assert entries.unanswered(ONE) == asked
        contents = [{"kind": "text", "text": "答"}, {"kind": "text", "text": "完"}]
        told = entries.answer(ONE, asked, contents, NOW)
        assert [entry.sequence for entry in told] == [2, 3]
        assert entries.unanswered(ONE) is None
        assert entries.answer(ONE, asked, contents, NOW) == []
        assert entries.history(ONE).sequence == 3

    def test_an_id_is_kept_once_in_a_conversation(self, entries: Entries) -> None:
        entries.add(ONE, written("m1", "问", NOW))
        with pytest.raises(sa.exc.IntegrityError):
            entries.add(ONE, written("m1", "再问", NOW))
        assert entries.history(ONE).sequence == 1
        assert entries.add("web:2", written("m1", "问", NOW)).sequence == 1

    def test_the_history_is_the_latest_200(self, entries: Entries) -> None:
        for number in range(203):
            entries.add(ONE, written(f"m{number}", "问", NOW))
        history = entries.history(ONE)
        assert [e.sequence for e in history.entries] == list(range(4, 204))
        assert [e.sequence for e in entries.history(ONE, 201).entries] == [202, 203]
        assert entries.history(ONE, 500).sequence == 203

    def test_a_button_is_pressed_once(self, entries: Entries) -> None:
        asked = entries.add(ONE, written("m1", "问", NOW))
        offer = {"kind": "buttons", "text": "答", "buttons": BUTTONS}
        (offered,) = entries.answer(ONE, asked, [offer], NOW)
        press = written("m2", "", NOW)
        for sequence, index in ((1, 0), (2, 2), (3, 0)):
            with pytest.raises(UsedError):
                entries.press(ONE, press, sequence, index)
        with pytest.raises(UsedError):
            entries.press("web:2", press, 2, 0)
        pressed = entries.press(ONE, press, offered.sequence, 0)
        assert (pressed.text, pressed.payload) == ("一", "/one")
        with pytest.raises(UsedError):
            entries.press(ONE, written("m3", "", NOW), offered.sequence, 1)
        assert entries.history(ONE).entries[1].used

    def test_a_press_that_is_not_kept_uses_nothing(self, entries: Entries) -> None:
        asked = entries.add(ONE, written("m1", "问", NOW))
        offer = {"kind": "buttons", "text": "答", "buttons": BUTTONS}
        entries.answer(ONE, asked, [offer], NOW)
        with pytest.raises(sa.exc.IntegrityError):
            entries.press(ONE, written("m1", "", NOW), 2, 0)
        assert not entries.history(ONE).entries[1].used

    def test_an_answer_does_not_bring_back_what_was_deleted(
        self, entries: Entries, engine: sa.engine.Engine
    ) -> None:
        asked = entries.add(ONE, written("m1", "问", NOW))
        CaseStore(engine).delete(ONE)
        with pytest.raises(ErasedError):
            entries.answer(ONE, asked, [{"kind": "text", "text": "答"}], NOW)
        # Somebody wrote on at once: the same number, another message.
        entries.add(ONE, written("m2", "又问", NOW))
        with pytest.raises(ErasedError):
            entries.answer(ONE, asked, [{"kind": "text", "text": "答"}], NOW)
        assert entries.history(ONE).sequence == 1

    def test_the_retention_takes_whole_talks(
        self, entries: Entries, engine: sa.engine.Engine
    ) -> None:
        old = NOW - timedelta(days=181)
        for name, moments in (("old", [old]), ("new", [NOW]), ("woken", [old, NOW])):
            for number, moment in enumerate(moments):
                entries.add(name, written(f"m{number}", "问", moment))
        purged = purge_outdated(engine, NOW, 180)
        assert purged.cases == 0
        assert [entries.history(n).sequence for n in ("old", "new", "woken")] == [
            0,
            1,
            2,
        ]


class TestLimits:
    def test_every_limit_holds(self) -> None:
        clock = SimpleNamespace(now=0.0)
        limiter = RateLimiter((Limit(2, 10), Limit(3, 60)), lambda: clock.now)
        taken = []
        for second in (0, 1, 2, 10, 12, 30, 60, 61):
            clock.now = float(second)
            if limiter.has_room("a"):
                limiter.count("a")
                taken.append(second)
        assert taken == [0, 1, 10, 60, 61]
        assert limiter.has_room("b")

    def test_who_is_quiet_is_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("rasa_ext.channels.limits.MAX_NAMES", 3)
        clock = SimpleNamespace(now=0.0)
        limiter = RateLimiter((Limit(1, 10),), lambda: clock.now)
        for second, name in enumerate("abcdefghijklmnopqrst"):
            clock.now = second * 5.0
            limiter.count(name)
        assert len(limiter._times) <= 3


@pytest.mark.parametrize(
    ("origin", "host", "is_allowed"),
    [
        (None, "a.example", True),
        ("http://a.example", "a.example", True),
        ("https://a.example", "a.example", True),
        ("https://a.example", "a.example:443", True),
        ("http://a.example:5005", "a.example:5005", True),
        ("http://[::1]:5005", "[::1]:5005", True),
        ("https://ok.example", "a.example", True),
        ("https://a.example:444", "a.example", False),
        ("https://b.a.example", "a.example", False),
        ("https://a.example.b", "a.example", False),
        ("https://a.example@b.example", "a.example", False),
        ("null", "a.example", False),
        ("null", "null", False),
        ("", "", False),
        ("https://", "", False),
        ("https://[", "[", False),
        ("https://a:b", "a:b", False),
        ("ftp://a.example", "a.example", False),
    ],
)
def test_origins(origin: str | None, host: str, is_allowed: bool) -> None:
    assert is_allowed_origin(origin, host, {"https://ok.example"}) is is_allowed


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "1.1.1.1, 8.8.8.8", "8.8.8.8"),
        ("10.1.0.2", "8.8.8.8", "8.8.8.8"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.2", "8.8.8.8", "127.0.0.2"),
        ("192.168.0.1", "8.8.8.8", "192.168.0.1"),
        ("9.9.9.9", "8.8.8.8", "9.9.9.9"),
        ("", "8.8.8.8", ""),
    ],
)
def test_only_a_proxy_of_the_settings_is_believed(
    peer: str, forwarded: str, address: str
) -> None:
    request = SimpleNamespace(ip=peer, headers={"x-forwarded-for": forwarded})
    settings = read_settings({"XIESHANG_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8"})
    assert address_of(request, settings.trusted_proxies) == address
    assert address_of(request, read_settings({}).trusted_proxies) == peer


def test_the_secret_is_made_once_for_this_user_only(tmp_path: Path) -> None:
    settings = read_settings({"XIESHANG_DATA_DIR": str(tmp_path / "data")})
    secret = read_secret(settings)
    assert len(secret) == 64
    assert read_secret(settings) == secret
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    given = {"XIESHANG_SECRET": "s" * 32, "XIESHANG_DATA_DIR": str(tmp_path / "data")}
    assert read_secret(read_settings(given)) == "s" * 32


def test_a_token_expires() -> None:
    assert (
        Sessions("s" * 32, 1).conversation_of(Sessions("s" * 32, 1).issue(ONE)) == ONE
    )
    assert (
        Sessions("s" * 32, 1).conversation_of(Sessions("s" * 32, -1).issue(ONE)) is None
    )


@pytest.mark.parametrize(
    ("message", "contents"),
    [
        ({"text": " 好 "}, [{"kind": "text", "text": "好"}]),
        ({"text": "好", "buttons": []}, [{"kind": "text", "text": "好"}]),
        (
            {"text": "好", "buttons": [*BUTTONS, {"title": "坏"}]},
            [{"kind": "buttons", "text": "好", "buttons": BUTTONS}],
        ),
        (
            {"text": "问", "buttons": BUTTONS, "custom": PROGRESS},
            [
                {"kind": "progress", "rank": 3, "count": 8},
                {"kind": "buttons", "text": "问", "buttons": BUTTONS},
            ],
        ),
        (
            {"text": "链接", "custom": CARD},
            [
                {
                    "kind": "documents",
                    "text": "整理好了",
                    "items": ITEMS,
                    "image": "i.png",
                }
            ],
        ),
        (
            {"text": "链接", "custom": {"type": "documents", "items": []}},
            [{"kind": "documents", "text": "链接", "items": [], "image": ""}],
        ),
        ({"text": "好", "custom": {"type": "new"}}, [{"kind": "text", "text": "好"}]),
        ({"text": "", "custom": {"type": "new"}}, []),
        ({"text": None}, []),
        (
            {"text": "图", "image": "https://a.example/i.png"},
            [
                {"kind": "text", "text": "图"},
                {"kind": "image", "image": "https://a.example/i.png"},
            ],
        ),
    ],
)
def test_what_the_web_shows_of_a_message(
    message: dict[str, Any], contents: list[dict[str, Any]]
) -> None:
    assert contents_of(message) == contents


class TestAnswers:
    """A stub stands for Rasa: what it is told, and what its tracker holds."""

    def answers(self, events: list[Any] | None = None) -> Answers:
        self.told: list[KeptMessage] = []

        async def handle(message: KeptMessage) -> None:
            self.told.append(message)
            await message.output_channel.send_response(ONE, {"text": "new"})

        async def retrieve(conversation_id: str) -> Any:
            return SimpleNamespace(events=events)

        store = SimpleNamespace(retrieve=retrieve)
        return Answers("web", handle, lambda: SimpleNamespace(tracker_store=store))

    async def test_a_turn_that_was_stored_before_a_crash_is_told_not_repeated(
        self,
    ) -> None:
        answers = self.answers(
            [
                UserUttered("问", message_id="m0"),
                BotUttered("第一"),
                UserUttered("问", message_id="m1"),
                SlotSet("product", "huabei"),
                BotUttered("第二", {"buttons": BUTTONS, "custom": None}),
                BotUttered("完"),
            ]
        )
        contents = await answers.to(ONE, written("m1", "问", NOW), is_new=False)
        assert [content["text"] for content in contents] == ["第二", "完"]
        assert contents[0]["buttons"] == BUTTONS
        first = await answers.to(ONE, written("m0", "问", NOW), is_new=False)
        assert [content["text"] for content in first] == ["第一"]
        assert self.told == []

    async def test_a_turn_that_was_not_stored_is_made(self) -> None:
        answers = self.answers([UserUttered("问", message_id="m0"), BotUttered("答")])
        message = written("m1", "问***", NOW, ["phone"])
        contents = await answers.to(ONE, message, is_new=False)
        assert contents == [{"kind": "text", "text": "new"}]
        (told,) = self.told
        assert (told.message_id, told.sender_id, told.text) == ("m1", ONE, "问***")
        assert (told.pressed, told.masked) == (False, ("phone",))
        assert told.input_channel == "web"


class TestPage:
    def test_the_page_loads_nothing_from_elsewhere(self, echo: EchoServer) -> None:
        for path in ("/chat", "/chat/"):
            with urlopen(f"{echo.url}{path}") as answer:
                page = answer.read().decode()
                policy = answer.headers["Content-Security-Policy"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert page.count("<script") == 1
        assert '<script src="/chat/widget.js" data-full' in page
        assert "http" not in page
        assert "default-src 'none'" in policy
        assert "script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert f"ws://127.0.0.1:{echo.port} " in policy
        assert "*" not in policy

    def test_a_forged_host_does_not_get_into_the_policy(self) -> None:
        policy = content_security_policy("a; script-src *", "https://files.example", ())
        assert "script-src *" not in policy
        assert "connect-src 'self';" in policy

    def test_the_sites_that_show_the_widget_may_frame_the_page(self) -> None:
        sites = ("https://b.example", "https://a.example")
        policy = content_security_policy("h", "https://files.example", sites)
        assert policy.endswith("frame-ancestors https://a.example https://b.example")

    def test_the_widget_is_sent_once(
        self, echo: EchoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        widget = tmp_path / "widget.js"
        monkeypatch.setattr(web_page, "WIDGET", widget)
        request = SimpleNamespace(headers={})
        missing = send_widget(request)  # type: ignore[arg-type]
        assert missing.status == 404
        assert "npm run build" in missing.body.decode()
        widget.write_bytes(b"1;" * 500)
        sent = send_widget(request)  # type: ignore[arg-type]
        assert sent.body == b"1;" * 500
        tag = hashlib.sha256(sent.body).hexdigest()[:16]
        assert sent.headers["ETag"] == f'"{tag}"'
        assert sent.headers["Cache-Control"] == "no-cache"
        request.headers = {"accept-encoding": "br, gzip"}
        packed = send_widget(request)  # type: ignore[arg-type]
        assert gzip.decompress(packed.body) == sent.body
        for known in (f'"{tag}"', f'W/"{tag}"', f'"x", "{tag}"'):
            request.headers = {"if-none-match": known}
            assert send_widget(request).status == 304  # type: ignore[arg-type]
        widget.write_bytes(b"2;")
        assert send_widget(request).body == b"2;"  # type: ignore[arg-type]

    def test_nothing_else_is_there(self, echo: EchoServer) -> None:
        for path in ("/chat/widget.js.map", "/chat/../credentials.yml", "/chat/x"):
            with pytest.raises(HTTPError) as raised:
                urlopen(Request(f"{echo.url}{path}"))
            assert raised.value.code == 404
