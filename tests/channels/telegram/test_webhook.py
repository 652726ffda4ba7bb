"""The bot by a webhook: who may tell it something, and what it does with nonsense."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from tests.channels.telegram.bot_api import ALL_UPDATES, TOKEN, BotApi, Fields
from tests.channels.telegram.case import check_handed_over, register
from tests.channels.telegram.person import Person, until
from tests.channels.telegram.server import (
    PUBLIC_URL,
    SECRET,
    TelegramServer,
    telegram_server,
)
from xieshang.telegram import SERVER_PATH

QUESTION = "花呗还不上了怎么办，我叫王小明"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
MANY = examples(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def take_down(api: BotApi) -> None:
    api.is_down = True


@pytest.fixture(scope="module")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TelegramServer]:
    """The server, started while Telegram was away."""
    data_dir = tmp_path_factory.mktemp("telegram") / "data"
    with telegram_server(model, data_dir, "webhook", "WARNING", take_down) as server:
        assert server.api.missed
        server.api.is_down = False
        until(lambda: server.api.webhook, "the webhook")
        yield server


@pytest.fixture
def person(server: TelegramServer) -> Person:
    return server.person()


def post(server: TelegramServer, body: bytes, secret: str | None = SECRET) -> int:
    """Tell the webhook something; the status that it answers."""
    headers = {"Content-Type": "application/json"}
    if secret is not None:
        headers[HEADER] = secret
    request = Request(f"{server.url}{SERVER_PATH}", body, headers, method="POST")
    try:
        with urlopen(request, timeout=60) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def kept(server: TelegramServer) -> tuple[int, int]:
    """How many entries and how many events there are."""
    with sqlite3.connect(server.settings.data_dir / "xieshang.db") as database:
        count = "select (select count(*) from entries), (select count(*) from events)"
        entries, events = database.execute(count).fetchone()
        return entries, events


def test_the_webhook_is_set_with_its_secret(server: TelegramServer) -> None:
    webhook = server.api.webhook
    assert webhook
    assert webhook["url"] == f"{PUBLIC_URL}{SERVER_PATH}"
    assert webhook["secret_token"] == SECRET
    assert json.loads(webhook["allowed_updates"]) == ALL_UPDATES
    assert server.api.of("getUpdates") == []


def test_the_whole_case(server: TelegramServer, person: Person) -> None:
    check_handed_over(register(person))
    assert server.user_turns(person.conversation_id) == 8
    assert server.api.refused == []
    assert {status for _, status in server.api.delivered} == {200}


@pytest.mark.parametrize(
    "secret", [None, "", SECRET[:-1], SECRET + "0", SECRET.upper(), "花", TOKEN]
)
def test_without_the_secret_nothing_is_taken(
    server: TelegramServer, person: Person, secret: str | None
) -> None:
    before = kept(server)
    update = {"update_id": 1, "message": person.message(text=QUESTION)}
    given = None if secret is None else secret.encode().decode("latin-1")
    for body in (json.dumps(update).encode(), b"", b"{", b"\xff" * 100_000):
        assert post(server, body, given) == 403
    assert kept(server) == before


def test_the_same_update_many_times_at_once_is_one_turn(
    server: TelegramServer, person: Person
) -> None:
    person.say("你好")
    update = {"update_id": 5, "message": person.message(text=QUESTION)}
    body = json.dumps(update).encode()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: post(server, body), range(24)))
    assert set(statuses) == {200}
    until(lambda: server.user_turns(person.conversation_id) == 2)
    until(person.is_settled)
    texts = [sent.text for sent in person.seen()]
    assert len(texts) == len(set(texts))


def test_what_cannot_be_kept_is_told_again(
    server: TelegramServer, person: Person
) -> None:
    person.say("你好")
    told = len(server.api.delivered)
    with sqlite3.connect(server.settings.data_dir / "xieshang.db") as database:
        database.execute("begin immediate")
        person.write(QUESTION)
        until(lambda: len(server.api.delivered) > told, "a refusal")
        database.rollback()
    until(lambda: server.user_turns(person.conversation_id) == 2)
    until(person.is_settled)
    statuses = [status for _, status in server.api.delivered[told:]]
    assert statuses[0] == 503
    assert statuses[-1] == 200
    assert statuses.count(200) == 1


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(min_value=-(2**70), max_value=2**70)
    | st.floats(allow_nan=False)
    | st.text(st.characters(), max_size=20)
    | st.sampled_from(["private", "group", "1.0", "/start", "/delete"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "type", "chat", "from", "text", "data", "message", "message_id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
PARTS = st.sampled_from(
    [
        ("update_id",),
        ("message",),
        ("message", "message_id"),
        ("message", "chat"),
        ("message", "chat", "id"),
        ("message", "chat", "type"),
        ("message", "from"),
        ("message", "text"),
        ("callback_query",),
        ("callback_query", "id"),
        ("callback_query", "data"),
        ("callback_query", "message"),
        ("edited_message",),
        ("edited_message", "text"),
    ]
)


def updates(person: Person) -> list[Fields]:
    press = {"id": "7", "from": person.sender, "data": "1.0"}
    return [
        {"message": person.message(text="x")},
        {"edited_message": person.message(text="x")},
        {"callback_query": {**press, "message": person.message()}},
    ]


def spoilt(update: Fields, path: tuple[str, ...], value: Any) -> Fields:
    """An update with another value at a place."""
    *before, last = path
    place: Any = update
    for name in before:
        place = place.get(name) if isinstance(place, dict) else None
    if isinstance(place, dict):
        place[last] = value
    return update


@MANY
@given(st.data())
def test_nonsense_with_the_secret_is_accepted_and_harms_nothing(
    server: TelegramServer, data: st.DataObject
) -> None:
    person = server.person()
    update: Any = data.draw(JSON, "anything")
    if data.draw(st.booleans(), "spoilt"):
        update = data.draw(st.sampled_from(updates(person)), "update")
        update["update_id"] = server.api.number()
        spoilt(update, data.draw(PARTS, "path"), data.draw(JSON, "value"))
    assert post(server, json.dumps(update).encode()) == 200


@MANY
@given(st.binary(max_size=40))
def test_bytes_with_the_secret_are_accepted(
    server: TelegramServer, body: bytes
) -> None:
    assert post(server, body) == 200


def test_what_telegram_never_sends_is_too_long(server: TelegramServer) -> None:
    assert post(server, b"a" * 1_000_000) == 413
    assert post(server, b"a" * 1_000_000, None) == 413


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[" * 100_000,
        b'{"update_id":' + b"9" * 10_000 + b"}",
        b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
        b'{"update_id":1,"message":{"text":"' + b"a" * 150_000 + b'"}}',
        b'{"update_id":1,"message":{"message_id":1,"chat":{"id":77,"type":"private"},'
        b'"text":"\\ud83d"}}',
    ],
    ids=["empty", "lists", "number", "deep", "long", "half a character"],
)
def test_hostile_json_is_accepted_and_left_alone(
    server: TelegramServer, body: bytes
) -> None:
    assert post(server, body) == 200


def test_after_all_that_the_bot_still_answers(
    server: TelegramServer, person: Person
) -> None:
    until(lambda: not server.api.pending)
    # The limit for everybody together may have been reached by the nonsense.
    time.sleep(1)
    assert "95188" in person.ask(QUESTION)


def test_the_log_has_neither_secrets_nor_words(server: TelegramServer) -> None:
    logged = server.logged()
    assert "webhook not done yet" in logged
    for unsaid in (TOKEN, TOKEN.split(":")[1], SECRET, "王小明", "还不上", "9831"):
        assert unsaid not in logged
    assert "Traceback" not in logged
