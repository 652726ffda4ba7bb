"""Lines that break: nothing is lost, nothing is said twice."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocketRoute, expect

from tests.channels.line import LineBeside
from tests.web.chat import Chat
from tests.web.conftest import Site

NewContext = Callable[..., BrowserContext]
# More of them by hand: docs/web/README.md.
DISCONNECTIONS = int(os.environ.get("WEB_DISCONNECTIONS", "40"))
# Fewer than the rate limit takes in ten minutes.
MESSAGES = min(DISCONNECTIONS, max(10, DISCONNECTIONS // 10), 50)


def test_what_is_written_offline_is_sent_later(chat: Chat) -> None:
    page = chat.page
    chat.say("你好")
    page.context.set_offline(True)
    expect(page.locator(".link")).to_contain_text("网络断开了")
    for text in ("花呗还不上了怎么办", "借呗呢"):
        chat.input.fill(text)
        chat.input.press("Enter")
    expect(page.locator(".delivery")).to_have_text(["待发送", "待发送"])
    page.context.set_offline(False)
    chat.answer_to("花呗还不上了怎么办")
    chat.answer_to("借呗呢")
    expect(page.locator(".pending")).to_have_count(0)
    expect(page.locator(".link")).to_be_hidden()
    assert chat.said() == ["你好", "花呗还不上了怎么办", "借呗呢"]


def test_what_was_said_meanwhile_is_replayed(
    chat: Chat, new_context: NewContext
) -> None:
    chat.say("你好")
    elsewhere = new_context(storage_state=chat.page.context.storage_state())
    phone = Chat(elsewhere.new_page())
    phone.page.goto(chat.page.url)
    phone.wait_until_ready()
    assert phone.said() == ["你好"]
    chat.page.context.set_offline(True)
    expect(chat.page.locator(".link")).to_contain_text("网络断开了")
    phone.say("花呗还不上了怎么办")
    assert chat.said() == ["你好"]
    chat.page.context.set_offline(False)
    chat.answer_to("花呗还不上了怎么办")
    assert chat.entries.all_inner_texts() == phone.entries.all_inner_texts()


def test_two_tabs_show_the_same(chat: Chat) -> None:
    other = Chat(chat.page.context.new_page())
    chat.say("花呗还不上了怎么办")
    other.page.goto(chat.page.url)
    other.wait_until_ready()
    title = "怎么联系官方客服"
    expect(other.chip(title)).to_be_enabled()
    chat.tap(title)
    expect(other.chip(title)).to_be_disabled()
    other.answer_to(title)
    other.say("借呗逾期了会怎样")
    chat.answer_to("借呗逾期了会怎样")
    assert chat.entries.all_inner_texts() == other.entries.all_inner_texts()


def test_what_is_not_sent_survives_a_reload(
    page: Page, site: Site, line: LineBeside
) -> None:
    page.goto(site.page("survives", f'data-server="{line.address}"'))
    chat = Chat(page).open()
    line.lose()
    chat.input.fill("花呗还不上了怎么办")
    chat.input.press("Enter")
    chat.input.fill("还没写完")
    expect(page.locator(".delivery")).to_have_text("待发送")
    page.reload()
    expect(page.locator(".delivery")).to_have_text("待发送")
    expect(chat.input).to_have_value("还没写完")
    expect(page.locator(".link")).to_contain_text("网络断开了")
    line.mend()
    chat.tell_it_is_online()
    chat.answer_to("花呗还不上了怎么办")
    assert chat.said() == ["花呗还不上了怎么办"]


def refuse_messages(page: Page) -> list[str]:
    """Why the next messages are refused instead of being passed on; none yet."""
    reasons: list[str] = []

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if reasons and isinstance(message, str) and '"message"' in message:
                number = message[2 : message.index("[")]
                refusal = {"ok": False, "reason": reasons.pop(0), "text": "系统忙"}
                socket.send(f"43{number}[{json.dumps(refusal)}]")
            else:
                server.send(message)

        socket.on_message(pass_on)

    page.route_web_socket("**/chat/socket.io/**", connect)
    return reasons


def test_an_error_offers_to_try_again(page: Page, server: str) -> None:
    reasons = refuse_messages(page)
    page.clock.install()
    page.goto(f"{server}/chat")
    chat = Chat(page).wait_until_ready()
    reasons += ["busy"] * 5
    chat.input.fill("你好")
    chat.input.press("Enter")
    while reasons:
        # It waits for three seconds each time.
        page.clock.fast_forward(3000)
        page.wait_for_timeout(50)
    expect(page.locator(".delivery.failed")).to_contain_text("系统忙")
    page.get_by_role("button", name="重试").click()
    expect(chat.input).to_be_focused()
    chat.answer_to("你好")
    assert chat.said() == ["你好"]
    reasons += ["bad"]
    chat.input.fill("再见")
    chat.input.press("Enter")
    expect(page.locator(".delivery.failed")).to_be_visible()
    expect(page.get_by_role("button", name="重试")).to_have_count(0)
    page.get_by_role("button", name="删除").click()
    expect(chat.input).to_be_focused()
    assert chat.said() == ["你好"]


def test_random_disconnections_lose_and_double_nothing(
    page: Page, line: LineBeside
) -> None:
    page.goto(f"{line.address}/chat")
    chat = Chat(page).wait_until_ready()
    dice = random.Random(5)
    written = []
    for number in range(DISCONNECTIONS):
        if number % (DISCONNECTIONS // MESSAGES) == 0:
            written.append(f"花呗还不上了怎么办{number}")
            chat.input.fill(written[-1])
            chat.input.press("Enter")
        time.sleep(dice.uniform(0, 0.3))
        line.cut()
        if dice.random() < 0.5:
            time.sleep(dice.uniform(0, 1))
    for text in written:
        chat.answer_to(text)
    assert chat.said() == written
    page.reload()
    chat.wait_until_ready()
    assert chat.said() == written
    # Each is answered once: the same words to each of them.
    answers = Counter(page.locator(".entry.bot").all_inner_texts())
    assert set(answers.values()) == {len(written)}


def test_a_closed_chat_counts_what_is_unread(
    site: Site, new_context: NewContext, server: str
) -> None:
    context = new_context()
    page = context.new_page()
    page.goto(site.page("unread"))
    chat = Chat(page).open()
    chat.say("你好")
    page.get_by_role("button", name="关闭对话").click()
    expect(page.locator(".badge")).to_have_count(0)
    elsewhere = new_context(storage_state=_for_other_origin(context, site, server))
    other = Chat(elsewhere.new_page())
    other.page.goto(f"{server}/chat")
    other.wait_until_ready()
    answer = other.say("花呗还不上了怎么办").count()
    expect(page.locator(".badge")).to_have_text(str(answer))
    launcher = page.get_by_role("button", name=f"打开对话，{answer} 条未读")
    page.reload()
    expect(page.locator(".badge")).to_have_text(str(answer))
    launcher.click()
    chat.answer_to("花呗还不上了怎么办")
    page.get_by_role("button", name="关闭对话").click()
    expect(page.get_by_role("button", name="打开对话", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="打开对话", exact=True)).to_be_visible()
    expect(page.locator(".badge")).to_have_count(0)


def _for_other_origin(context: BrowserContext, site: Site, server: str) -> dict:
    """What the browser keeps for the site, as if it were kept for the page at /chat."""
    state = context.storage_state()
    for origin in state["origins"]:
        assert origin["origin"] == site.address
        origin["origin"] = server
    return dict(state)


@pytest.mark.parametrize(
    "token", ["", "x.y.z", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ3ZWI6MSJ9."]
)
def test_a_forged_session_gets_a_conversation_of_its_own(
    chat: Chat, token: str
) -> None:
    chat.say("你好")
    chat.page.evaluate(
        """token => {
            const name = Object.keys(localStorage).find(key => key.endsWith(':token'));
            localStorage.setItem(name, token);
        }""",
        token,
    )
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.entries).to_have_count(0)
    chat.say("借呗呢")
    assert chat.said() == ["借呗呢"]


def test_a_site_that_is_not_allowed_is_told_so(page: Page, site: Site) -> None:
    # The same machine by another name: another origin.
    address = site.page("refused").replace("127.0.0.1", "localhost")
    page.goto(address)
    page.get_by_role("button", name="打开对话").click()
    expect(page.locator(".link")).to_contain_text("没有获准")
