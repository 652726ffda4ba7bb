"""What must never be kept is in no table, file, log or answer, whatever fails.

A channel that is added is added to `speakers.CHANNELS`.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    contextmanager,
    nullcontext,
)
from http.client import HTTPConnection
from random import Random
from signal import SIGCONT, SIGSTOP
from urllib.parse import quote

import pytest

from tests.channels.client import Window
from tests.channels.wechat.platform import letter, signed
from tests.faults.speakers import CHANNELS, Everywhere
from tests.faults.talk import busy
from tests.faults.test_database import locked_by_another_process
from tests.storage_files import files_with
from tests.tables import stored_rows
from xieshang.knowledge import current_knowledge

# Numbers made for tests: their check digits are right, they belong to nobody.
ID_CARD = "11010519491231002X"
BANK_CARD = "6222020000000000000"
PHONE = "13987654321"
CODE = "48291307"
PASSWORD = "Qwe778899Rty"
SPELLED = "一三九，八七六五，四三二一"
GROUPED = "6222 0200 0000 0000 000"
SECRETS = (ID_CARD, BANK_CARD, PHONE, CODE, PASSWORD, SPELLED, GROUPED)
PASTED = (
    f"我身份证{ID_CARD}，花呗还不上",
    f"卡号{BANK_CARD} 扣不了款",
    f"客服打我{PHONE}",
    f"验证码是{CODE}",
    f"支付宝密码是{PASSWORD}",
    f"手机{SPELLED}",
    f"卡{GROUPED}",
)
OPENING = ("开始登记", "同意", "花呗欠9800")
FUZZED = 150


def assert_nowhere(place: Everywhere, told: str = "") -> None:
    """No secret stands in a table, in a byte of a file, or in what was answered."""
    for table, rows in stored_rows(place.server.settings).items():
        kept = "\n".join(rows)
        assert not [secret for secret in SECRETS if secret in kept], table
    assert files_with(place.folder, SECRETS) == []
    assert not [secret for secret in SECRETS if secret in told]


def test_the_search_finds_what_is_there(place: Everywhere) -> None:
    planted = place.folder / "logs" / "planted.log"
    planted.write_text(f"x{ID_CARD}x{json.dumps(SPELLED)}", encoding="utf-8")
    try:
        assert files_with(place.folder, SECRETS) == [
            ("logs/planted.log", ID_CARD),
            ("logs/planted.log", SPELLED),
        ]
    finally:
        planted.unlink()


async def pasted(
    place: Everywhere,
    channel: str,
    texts: Sequence[str],
    before: Sequence[str],
    failure: AbstractContextManager[None],
) -> str:
    """Each text by somebody else, after a beginning that is said while all is well."""
    async with AsyncExitStack() as stack:
        people = [
            await stack.enter_async_context(place.speaker(channel)) for _ in texts
        ]
        for opening in before:
            await asyncio.gather(*(person.say(opening) for person in people))
        with failure:
            said = zip(people, texts, strict=True)
            return "".join(await asyncio.gather(*(one.say(text) for one, text in said)))


@pytest.mark.parametrize("channel", CHANNELS)
async def test_in_a_talk_and_in_a_registration(place: Everywhere, channel: str) -> None:
    masked = current_knowledge().phrase("sensitive_masked")
    for before in ((), OPENING):
        told = await pasted(place, channel, PASTED, before, nullcontext())
        assert told.count(masked) >= len(PASTED)
        assert_nowhere(place, told)


@contextmanager
def dead_actions(place: Everywhere) -> Iterator[None]:
    place.server.kill_actions()
    try:
        yield
    finally:
        place.server.start_actions()


@contextmanager
def hanging_actions(place: Everywhere) -> Iterator[None]:
    place.server.signal_actions(SIGSTOP)
    try:
        yield
    finally:
        place.server.signal_actions(SIGCONT)


@contextmanager
def raising_actions(place: Everywhere) -> Iterator[None]:
    """The case cannot be stored or read: the actions that do so raise."""
    names = ("case_versions", "case_contacts", "case_links")
    _rename(place, {name: f"{name}_away" for name in names})
    try:
        yield
    finally:
        _rename(place, {f"{name}_away": name for name in names})


def _rename(place: Everywhere, names: dict[str, str]) -> None:
    with sqlite3.connect(place.folder / "xieshang.db", timeout=20) as database:
        for old, new in names.items():
            database.execute(f"alter table {old} rename to {new}")


@contextmanager
def locked_database(place: Everywhere) -> Iterator[None]:
    with locked_by_another_process(place.server):
        yield


FAILURES = {
    "dead": dead_actions,
    "hanging": hanging_actions,
    "raising": raising_actions,
    "locked": locked_database,
}


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("channel", CHANNELS)
async def test_while_something_fails(
    place: Everywhere, channel: str, failure: str
) -> None:
    texts = (*PASTED, f"我今天打了95188,他们说三天内回复我手机{PHONE}")
    told = await pasted(place, channel, texts, OPENING, FAILURES[failure](place))
    # Telegram tells what could not be kept again until it is.
    assert busy() in told or (channel, failure) == ("telegram", "locked")
    assert_nowhere(place, told)


def posted(
    place: Everywhere, method: str, path: str, body: bytes, kind: str
) -> tuple[int, str]:
    """What a request is answered with."""
    settings = place.server.settings
    connection = HTTPConnection(settings.host, settings.port, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    finally:
        connection.close()


REST = "/webhooks/rest/webhook"
JSON = "application/json"


@pytest.mark.parametrize("secret", SECRETS)
def test_in_requests_that_are_malformed(place: Everywhere, secret: str) -> None:
    bodies = [
        f'{{"sender": "a", "message": "{secret}"',
        f'["{secret}"]',
        f'"{secret}"',
        json.dumps({"message": secret}),
        json.dumps({"sender": "", "message": secret}),
        json.dumps({"sender": {"a": secret}, "message": secret}),
        json.dumps({"sender": "a", "message": [secret]}),
        json.dumps({"sender": "a", "message": {"text": secret}}),
        json.dumps({"sender": "a", "message": "长" * 500 + secret}),
        json.dumps({"sender": "a", "message": f"/{secret}"}),
        json.dumps(
            {"sender": "a", "message": f'/inform{{"huabei_balance": "{secret}"}}'}
        ),
        json.dumps({"sender": "a", "message": "x", "metadata": {"a": secret}}),
    ]
    told = [posted(place, "POST", REST, body.encode(), JSON) for body in bodies]
    told += [posted(place, "POST", REST, secret.encode(), "text/plain")]
    told += [posted(place, "POST", REST, secret.encode("gb18030"), JSON)]
    told += [posted(place, "PUT", REST, bodies[0].encode(), JSON)]
    query = quote(secret)
    told += [
        posted(place, "GET", f"{path}?message={query}&echostr=x", b"", JSON)
        for path in (REST, "/chat", "/wechat", "/files/token/plan.html", "/nowhere")
    ]
    sealed = place.account.wrapped(letter({"MsgType": "text", "Content": secret}))
    unsigned, query_of_letter = sealed[1], signed()
    told += [posted(place, "POST", "/wechat", unsigned.encode(), "text/xml")]
    for body in (f"<xml><Content>{secret}", f"{secret}", letter({"Content": secret})):
        path = "/wechat?" + "&".join(f"{k}={v}" for k, v in query_of_letter.items())
        told += [posted(place, "POST", path, body.encode(), "text/xml")]
    assert not [status for status, _ in told if status >= 500]
    assert_nowhere(place, "".join(body for _, body in told))


@pytest.mark.parametrize(
    ("secret", "pasted"), list(zip(SECRETS, PASTED, strict=True)), ids=SECRETS
)
async def test_in_events_of_the_web_that_are_malformed(
    place: Everywhere, secret: str, pasted: str
) -> None:
    window = await Window(place.server.url, token=secret).connect()
    told = []
    try:
        for data in (
            secret,
            [secret],
            {"id": "m1", "text": [secret]},
            {"id": "m1", "text": {"a": secret}},
            {"id": [secret], "text": secret},
            {"id": f"<{secret}>", "text": secret},
            {"id": "m1", "text": "长" * 500 + secret},
            {"id": "m2", "text": f"/{pasted}"},
        ):
            told.append(await window.call("message", data))
        for data in (secret, {"id": "m3", "sequence": secret, "index": secret}):
            told.append(await window.call("choose", data))
    finally:
        await window.leave()
    assert_nowhere(place, str(told))


def test_in_whatever_is_sent(place: Everywhere) -> None:
    random = Random(20261123)
    around = (
        *"，。！ \n\t\u200b（）“”、?花呗借呗欠还不上了元",
        "9800元",
        "😀",
        "\x00",
        "逾期45天",
    )
    told = ""
    for number in range(FUZZED):
        before, behind = (
            "".join(random.choices(around, k=random.randrange(40))) for _ in range(2)
        )
        text = f"{before}，{random.choice(PASTED)}。{behind}"
        body = json.dumps({"sender": f"fuzz{number % 7}", "message": text}).encode()
        status, answer = posted(place, "POST", REST, body, JSON)
        assert status == 200
        told += answer
    assert_nowhere(place, told)
