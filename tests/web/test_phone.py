"""On a phone: a small screen, its keyboard and its notch, and more than one owner."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, CDPSession, Page, expect

from tests.channels.line import LineBeside
from tests.web.chat import HOST, Chat
from tests.web.conftest import Site

NewContext = Callable[..., BrowserContext]
SMALL = {"width": 320, "height": 568}
LYING = {"width": 667, "height": 375}
# What a telephone with a notch, lying on its side, keeps free of content.
NOTCH = {"top": 0, "left": 47, "right": 30, "bottom": 21}


@pytest.fixture
def phone(new_context: NewContext, server: str) -> Chat:
    """The page at /chat on a small phone."""
    context = new_context(viewport=SMALL, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server}/chat")
    return Chat(page).wait_until_ready()


@pytest.fixture
def device(phone: Chat) -> CDPSession:
    """What can be done to the phone itself."""
    return phone.page.context.new_cdp_session(phone.page)


def box_of(page: Page, selector: str) -> dict[str, Any]:
    found = page.locator(selector).first.bounding_box()
    assert found is not None
    return dict(found)


def scrolls_sideways(page: Page) -> bool:
    return bool(
        page.evaluate(
            f"""() => [document.documentElement, {HOST}.querySelector('.log'),
                {HOST}.querySelector('.panel')].some(
                    box => box.scrollWidth > box.clientWidth)"""
        )
    )


def test_nothing_is_cut_off_at_320_pixels(phone: Chat) -> None:
    page = phone.page
    phone.tap("花呗还不上了怎么办")
    phone.say("W" * 200 + "https://help.example/" + "x" * 200)
    for _ in ("usual letters", "large ones"):
        assert not scrolls_sideways(page)
        page.get_by_role("button", name="更多").click()
        for item in page.locator("[role=menu] > *").all():
            box = item.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 320
            assert box["height"] >= 44
        page.keyboard.press("Escape")
        for button in page.locator(".chip, .send, .plain").all():
            box = button.bounding_box()
            assert box is not None
            assert box["height"] >= 44
            assert box["x"] + box["width"] <= 320
        phone.choose_in_menu("大字")


def test_the_soft_keyboard_does_not_cover_the_input(phone: Chat) -> None:
    page = phone.page
    phone.tap("花呗还不上了怎么办")
    # It cannot be shown here: the browser only says that less can be seen.
    page.evaluate(
        """() => {
            for (const [name, value] of [["height", 300], ["offsetTop", 60]])
                Object.defineProperty(VisualViewport.prototype, name,
                    {get: () => value});
            visualViewport.dispatchEvent(new Event("resize"));
        }"""
    )
    panel, field = box_of(page, ".panel"), box_of(page, ".field")
    assert (panel["y"], panel["height"]) == (60, 300)
    assert field["y"] + field["height"] <= 360
    # The question that was asked is still in sight.
    asked = box_of(page, ".entry.user")
    assert 60 < asked["y"] < field["y"]


def test_two_fingers_enlarge_the_chat(phone: Chat, device: CDPSession) -> None:
    before = box_of(phone.page, ".panel")
    device.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 2})
    phone.page.wait_for_function("() => visualViewport.width === 160")
    assert box_of(phone.page, ".panel") == before


def test_nothing_lies_under_the_notch(phone: Chat, device: CDPSession) -> None:
    page = phone.page
    page.set_viewport_size(LYING)
    device.send("Emulation.setSafeAreaInsetsOverride", {"insets": NOTCH})
    page.get_by_role("button", name="更多").click()
    for part in (".logo", ".plain", ".menu", ".notice", ".chip", ".field"):
        box = box_of(page, part)
        assert box["x"] >= NOTCH["left"], part
        assert box["x"] + box["width"] <= LYING["width"] - NOTCH["right"], part
    field = box_of(page, ".field")
    assert field["y"] + field["height"] <= LYING["height"] - NOTCH["bottom"]


def test_a_finger_that_answers_does_not_open_the_keyboard(phone: Chat) -> None:
    expect(phone.input).not_to_be_focused()
    phone.chip("花呗还不上了怎么办").tap()
    phone.answer_to("花呗还不上了怎么办")
    expect(phone.input).to_be_focused()
    expect(phone.input).to_have_attribute("inputmode", "none")
    phone.input.tap()
    expect(phone.input).to_have_attribute("inputmode", "text")


def test_a_shared_phone_shows_nothing_before_a_tap(
    page: Page, site: Site, line: LineBeside
) -> None:
    page.goto(site.page("phone", f'data-full data-server="{line.address}"'))
    chat = Chat(page).wait_until_ready()
    chat.tap("开始登记")
    chat.tap("同意，登记完整方案")
    chat.choose_in_menu("共用手机模式")
    for _ in range(2):
        expect(page.locator("#title")).to_have_text("助手")
        expect(page.get_by_role("progressbar")).to_have_count(0)
        text = page.locator(".panel").inner_text()
        for word in ("花呗", "借", "债", "支付宝", "登记"):
            assert word not in text
        page.reload()
        chat.wait_until_ready()
    assert page.title() == "助手"

    # Nor what is not sent or not finished yet, nor what is said to it then.
    line.lose()
    chat.input.fill("花呗还不上了")
    chat.input.press("Enter")
    expect(page.locator(".delivery")).to_have_text("待发送")
    chat.input.fill("我失业了")
    page.reload()
    reveal = page.get_by_role("button", name="显示之前的对话")
    reveal.wait_for()
    expect(chat.input).to_have_value("")
    expect(page.locator(".pending")).to_have_count(0)
    expect(page.locator(".link")).to_contain_text("网络断开了")
    line.mend()
    chat.tell_it_is_online()
    answer = chat.say("谢谢")
    assert chat.said() == ["谢谢"]
    assert answer.count() >= 1
    reveal.click()
    expect(chat.input).to_be_focused()
    said = ["开始登记", "同意，登记完整方案", "花呗还不上了", "谢谢"]
    assert chat.said() == said
