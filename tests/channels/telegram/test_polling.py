"""The bot by polling, before the real assistant: the whole case, and every rule."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.telegram.bot_api import QUERY_SECONDS, TOKEN
from tests.channels.telegram.case import (
    check_handed_over,
    register,
    register_by_buttons,
)
from tests.channels.telegram.person import Person, until
from tests.channels.telegram.server import (
    SECRET,
    TelegramServer,
    telegram_server,
)
from tests.tables import stored_rows
from xieshang.knowledge import current_knowledge

QUESTION = "花呗还不上了怎么办"


@pytest.fixture(scope="module")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TelegramServer]:
    data_dir = tmp_path_factory.mktemp("telegram") / "data"
    # The log tells as much as it ever does: no secret may stand in it even then.
    with telegram_server(model, data_dir, "polling", log_level="DEBUG") as server:
        yield server


@pytest.fixture
def person(server: TelegramServer) -> Person:
    return server.person()


@pytest.fixture(scope="module")
def registered(server: TelegramServer) -> Person:
    """Somebody with a case, told by buttons where there are buttons."""
    person = server.person()
    check_handed_over(register_by_buttons(person))
    return person


def phrase(name: str) -> str:
    return current_knowledge().phrase(name)


def refusals(server: TelegramServer) -> list[tuple[str, str]]:
    """What Telegram refused since the last call."""
    refused, server.api.refused[:] = list(server.api.refused), []
    return refused


def test_the_whole_case(server: TelegramServer, registered: Person) -> None:
    assert server.user_turns(registered.conversation_id) == 12
    assert registered.press("电话怎么说")
    assert refusals(server) == []
    assert server.api.of("sendChatAction")
    previews = server.api.of("sendMessage")
    assert all("is_disabled" in sent["link_preview_options"] for sent in previews)


def test_the_menu_has_the_commands(server: TelegramServer) -> None:
    names = [command["command"] for command in server.api.commands]
    assert names == ["start", "help", "stop", "delete"]


def test_a_button_is_answered_used_once_and_taken_away(
    server: TelegramServer, person: Person
) -> None:
    offered = person.say(QUESTION)[-1]
    title = offered.titles[0]
    data = offered.buttons[0][0]["callback_data"]
    assert person.press(title)
    until(lambda: offered.buttons == [], "the buttons taken away")
    assert server.user_turns(person.conversation_id) == 2
    query = person.call_back(data, offered.id)
    until(lambda: server.api.callbacks[query], "the button's notice")
    assert server.api.callbacks[query] == phrase("button_used")
    until(person.is_settled)
    assert server.user_turns(person.conversation_id) == 2
    refused: list[str] = []

    def is_refused() -> bool:
        refused.extend(name for name, _ in refusals(server))
        return bool(refused)

    until(is_refused, "the buttons taken away once more")
    assert refused == ["editMessageReplyMarkup"]


@pytest.mark.parametrize("data", ["", "1.0", "999999.1", "/restart", "1.99", "花" * 30])
def test_a_button_that_was_never_there_does_nothing(
    server: TelegramServer, person: Person, data: str
) -> None:
    query = person.call_back(data, 1)
    until(lambda: server.api.callbacks[query], "the button's notice")
    assert server.api.callbacks[query] == phrase("button_used")
    assert server.user_turns(person.conversation_id) == 0
    refusals(server)


def test_a_button_is_answered_whatever_comes_with_it(
    server: TelegramServer, person: Person
) -> None:
    """Telegram leaves the message out when it is old."""
    offered = person.say(QUESTION)[-1]
    group = {"id": -100777, "type": "supergroup"}
    sender = {"from": person.sender}
    queries = [
        server.api.press(**sender, data="1.0"),
        server.api.press(**sender, data="1.0", message={"chat": group}),
        server.api.press(**sender, game_short_name="x", inline_message_id="7"),
        server.api.press(**sender, data=offered.buttons[0][0]["callback_data"]),
    ]
    until(lambda: all(server.api.callbacks[query] is not None for query in queries))
    told = [server.api.callbacks[query] for query in queries]
    assert told == [*[phrase("button_used")] * 3, ""]
    until(person.is_settled)
    assert server.user_turns(person.conversation_id) == 2


def test_a_button_that_waited_too_long_is_still_pressed(
    server: TelegramServer, person: Person
) -> None:
    title = person.say(QUESTION)[-1].titles[0]
    server.api.query_seconds = -1
    try:
        assert person.press(title)
        late = "answerCallbackQuery"
        until(lambda: late in dict(server.api.refused), "the answer that is too late")
    finally:
        server.api.query_seconds = QUERY_SECONDS
    assert server.user_turns(person.conversation_id) == 2
    refusals(server)


def test_another_persons_button_does_nothing(
    server: TelegramServer, person: Person
) -> None:
    offered = server.person().say(QUESTION)[-1]
    query = person.call_back(offered.buttons[0][0]["callback_data"], offered.id)
    until(lambda: server.api.callbacks[query], "the button's notice")
    assert server.user_turns(person.conversation_id) == 0
    refusals(server)


def test_a_choice_can_be_typed(server: TelegramServer) -> None:
    pressing = server.person()
    title = pressing.say(QUESTION)[-1].titles[0]
    answer = "\n".join(sent.text for sent in pressing.press(title))
    for choice in ("1", "一", "第一个", title):
        person = server.person()
        person.say(QUESTION)
        assert person.ask(choice) == answer


def test_commands_stand_for_words(server: TelegramServer, person: Person) -> None:
    hello = server.person().ask("你好")
    assert person.ask("/start") == person.ask("/start@xs_bot") == hello
    assert person.ask("/start nothing-known") == hello
    by_link = server.person().ask("/start huabei")
    assert by_link == server.person().ask(QUESTION)
    assert person.ask("/help") == phrase("telegram_help")


@pytest.mark.parametrize("text", ["/bottle", "/restart", "/", '/inform{"x":1}', "/？"])
def test_other_commands_are_declined(
    server: TelegramServer, person: Person, text: str
) -> None:
    assert person.ask(text) in (phrase("command"), phrase("no_words"))
    assert server.user_turns(person.conversation_id) == 0


def test_stop_leaves_the_case_and_keeps_it(
    server: TelegramServer, person: Person
) -> None:
    person.say("开始登记")
    question = person.ask("同意")
    assert "停" in person.ask("/stop")
    assert question.split("\n")[0] in person.ask("继续登记")


def test_delete_leaves_nothing(server: TelegramServer) -> None:
    person = server.person()
    register(person)
    person.say("提醒我还款")
    question = person.say("/delete")
    assert phrase("delete_yes") in question[-1].titles
    done = person.press(phrase("delete_yes"))
    assert [sent.text for sent in done] == [phrase("delete_done")]
    rows = stored_rows(server.settings)
    left = {
        table
        for table, kept in rows.items()
        for row in kept
        if person.conversation_id in row
    }
    assert left == set()
    assert server.rows("reminders", "conversation_id", person.conversation_id) == 0
    assert person.ask("你好") == server.person().ask("你好")


def test_the_update_that_deleted_everything_told_again_does_nothing(
    server: TelegramServer, person: Person
) -> None:
    person.say("删除我的数据")
    update = person.write("确认删除")
    until(lambda: person.seen()[-1].text == phrase("delete_done"))
    server.api.tell(update)
    until(lambda: not server.api.pending)
    count = len(person.seen())
    server.person().say("你好")
    assert len(person.seen()) == count


def test_groups_are_refused_once(server: TelegramServer, person: Person) -> None:
    chat = {"id": -1001234567890, "type": "supergroup", "title": "互助"}
    for text in ("/start@xs_bot", QUESTION, "你好"):
        server.api.update(message={**person.message(text=text), "chat": chat})
    until(lambda: not server.api.pending)
    person.say("你好")
    said = [sent.text for sent in server.api.sent if sent.chat == chat["id"]]
    assert said == [phrase("telegram_group")]
    assert server.user_turns(f"tg:{chat['id']}") == 0
    rows = stored_rows(server.settings)
    assert not any(QUESTION in row and "-100123" in row for row in rows["entries"])


def test_an_edited_message_is_asked_for_again(
    server: TelegramServer, person: Person
) -> None:
    person.say(QUESTION)
    edited = {**person.message(text="借呗还不上"), "edit_date": 1}
    said = person.hear(lambda: server.api.update(edited_message=edited))
    assert [sent.text for sent in said] == [phrase("telegram_edited")]
    assert server.user_turns(person.conversation_id) == 1


@pytest.mark.parametrize("kind", ["photo", "voice", "sticker", "document", "location"])
def test_media_are_answered_with_a_request_for_words(
    server: TelegramServer, person: Person, kind: str
) -> None:
    said = person.send(**{kind: {"file_id": "x"}, "caption": "账单"})
    assert [sent.text for sent in said] == [phrase("not_text")]
    assert server.user_turns(person.conversation_id) == 0


def test_an_album_is_answered_once(server: TelegramServer, person: Person) -> None:
    for _ in range(3):
        photo = person.message(photo=[{"file_id": "x"}], media_group_id="77")
        server.api.update(message=photo)
    assert len(person.say(QUESTION)) >= 1
    texts = [sent.text for sent in person.seen()]
    assert texts.count(phrase("not_text")) == 1


def test_what_is_no_message_is_passed_over(
    server: TelegramServer, person: Person
) -> None:
    chat, sender = person.chat, person.sender
    for update in (
        {"my_chat_member": {"chat": chat, "from": sender}},
        {"message_reaction": {"chat": chat}},
        {"channel_post": person.message(text=QUESTION)},
        {"message": person.message(pinned_message={"message_id": 1})},
        {"message": {**person.message(text=QUESTION), "from": {"is_bot": True}}},
        {"message": {"text": QUESTION}},
        {"message": None},
        {"callback_query": {"id": "1"}},
        {"from_the_future": {"text": QUESTION}},
    ):
        server.api.tell({"update_id": server.api.number(), **update})
    until(lambda: not server.api.pending)
    assert server.user_turns(person.conversation_id) == 0
    assert person.say("你好")


def test_an_update_told_again_is_one_turn(
    server: TelegramServer, person: Person
) -> None:
    update = person.write(QUESTION)
    server.api.tell(update)
    server.api.tell(update)
    until(lambda: not server.api.pending and person.seen() and person.is_settled())
    person.say("你好")
    assert server.user_turns(person.conversation_id) == 2


def test_too_many_requests_are_waited_for_in_order(
    server: TelegramServer, person: Person
) -> None:
    expected = [sent.text for sent in server.person().say(QUESTION)]
    person.say("你好")
    server.api.flood(person.id, times=2, seconds=2)
    assert [sent.text for sent in person.say(QUESTION)] == expected
    assert server.api.too_early == []
    assert [name for name, _ in refusals(server)] == ["sendMessage"] * 2


def test_who_blocks_the_bot_loses_nothing(
    server: TelegramServer, person: Person
) -> None:
    person.say("开始登记")
    person.say("同意")
    server.api.blocked.add(person.id)
    person.write("花呗")
    until(lambda: server.user_turns(person.conversation_id) == 3)
    until(person.is_settled, "given up")
    server.api.blocked.clear()
    assert "花呗" in person.ask("填到哪了")
    assert {text for _, text in refusals(server)} == {
        "Forbidden: bot was blocked by the user"
    }


def test_what_comes_while_telegram_is_away_is_answered_later(
    server: TelegramServer, person: Person
) -> None:
    person.say("你好")
    server.api.is_down = True
    try:
        person.write(QUESTION)
        missed = server.api.missed
        until(lambda: server.api.missed > missed, "a call that fails")
    finally:
        server.api.is_down = False
    until(lambda: server.user_turns(person.conversation_id) == 2)
    until(person.is_settled)
    assert "95188" in "".join(sent.text for sent in person.seen())


def test_every_press_was_answered(server: TelegramServer) -> None:
    """But the one that Telegram did not wait for."""
    told = server.api.callbacks
    assert len(told) > 10
    until(lambda: list(told.values()).count(None) == 1, "the answers")


def test_the_log_has_no_secret(server: TelegramServer) -> None:
    logged = server.logged()
    assert "rasa" in logged.lower()
    for secret in (TOKEN, TOKEN.split(":")[1], SECRET):
        assert secret not in logged
    assert "was never awaited" not in logged
    assert "Task was destroyed" not in logged


def test_the_webhooks_address_is_not_there(server: TelegramServer) -> None:
    address = f"{server.url}/webhooks/telegram/webhook"
    request = urllib.request.Request(address, b"{}", method="POST")
    with pytest.raises(urllib.error.HTTPError) as raised:
        urllib.request.urlopen(request)
    assert raised.value.code == 404


def test_nothing_is_lost_or_doubled_by_a_restart(
    server: TelegramServer, registered: Person
) -> None:
    """Killed with a message on its way; reminders go out once, on their day."""
    person = server.person()
    known = person.write("你好")
    until(lambda: person.seen() and person.is_settled())
    assert "提醒" in registered.ask("提醒我还款")
    told = len(registered.seen())
    server.kill_rasa()
    for text in (QUESTION, "借呗呢"):
        person.write(text)
    server.api.tell(known)
    server.restart_on("2026-12-24")
    until(lambda: server.user_turns(person.conversation_id) == 3, "the turns")
    until(lambda: not server.api.pending and person.is_settled())
    assert server.user_turns(person.conversation_id) == 3
    until(lambda: len(registered.seen()) > told, "the reminder")
    until(registered.is_settled)
    reminder = registered.seen()[told:]
    assert len(reminder) == 1
    assert "每月反馈" in reminder[0].text
    assert reminder[0].titles == ["不用提醒了"]
    assert "不再" in registered.press("不用提醒了")[0].text
    count = server.rows("reminders", "conversation_id", registered.conversation_id)
    assert count == 0
