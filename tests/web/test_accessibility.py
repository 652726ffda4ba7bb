"""For everybody: keyboard, screen reader, small and dark screens, large text."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.chat import Chat
from tests.web.conftest import Site

NewContext = Callable[..., BrowserContext]
HOST = "document.querySelector('xieshang-chat').shadowRoot"


@pytest.fixture
def violations(packages: Path) -> Callable[[Page], list[str]]:
    """What axe-core finds on a page."""
    source = (packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def check(page: Page) -> list[str]:
        page.evaluate(source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['impact']} {one['id']}: {json.dumps(one['nodes'][0]['target'])}"
            for one in found["violations"]
        ]

    return check


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_axe_finds_nothing_at_chat(
    new_context: NewContext,
    server: str,
    violations: Callable[[Page], list[str]],
    scheme: str,
    width: int,
) -> None:
    page = new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": 700},
        reduced_motion="reduce",
    ).new_page()
    page.goto(f"{server}/chat")
    chat = Chat(page).wait_until_ready()
    assert violations(page) == []
    chat.tap("开始登记")
    chat.tap("同意，登记完整方案")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="更多").click()
    assert violations(page) == []
    page.get_by_role("menuitemcheckbox", name="大字").click()
    chat.input.fill("长" * 501)
    assert violations(page) == []


def test_axe_finds_nothing_on_another_site(
    page: Page, site: Site, violations: Callable[[Page], list[str]]
) -> None:
    page.goto(site.page("axe", 'data-color="#ffe600" data-privacy="/privacy"'))
    page.get_by_role("button", name="打开对话").wait_for()
    assert violations(page) == []
    chat = Chat(page).open()
    chat.tap("花呗还不上了怎么办")
    assert violations(page) == []


def scrolls_sideways(page: Page) -> bool:
    return bool(
        page.evaluate(
            f"""() => [document.documentElement, {HOST}.querySelector('.log'),
                {HOST}.querySelector('.panel')].some(
                    box => box.scrollWidth > box.clientWidth)"""
        )
    )


@pytest.mark.parametrize("is_large", [False, True])
def test_nothing_is_cut_off_at_320_pixels(
    new_context: NewContext, server: str, is_large: bool
) -> None:
    page = new_context(viewport={"width": 320, "height": 568}).new_page()
    page.goto(f"{server}/chat")
    chat = Chat(page).wait_until_ready()
    if is_large:
        chat.choose_in_menu("大字")
    chat.tap("花呗还不上了怎么办")
    chat.say("W" * 200 + "https://help.example/" + "x" * 200)
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


def test_large_text_stays_after_a_reload(chat: Chat) -> None:
    size = f"getComputedStyle({HOST}.querySelector('.bubble')).fontSize"
    assert chat.page.evaluate(size) == "16px"
    chat.choose_in_menu("大字")
    assert chat.page.evaluate(size) == "20px"
    chat.page.reload()
    chat.wait_until_ready()
    assert chat.page.evaluate(size) == "20px"


def test_dark_mode_follows_the_system(new_context: NewContext, server: str) -> None:
    def lightness(scheme: str) -> int:
        page = new_context(color_scheme=scheme).new_page()
        page.goto(f"{server}/chat")
        Chat(page).wait_until_ready()
        color = page.evaluate(
            f"getComputedStyle({HOST}.querySelector('.panel')).backgroundColor"
        )
        return sum(int(part) for part in color[4:-1].split(","))

    assert lightness("light") > 600
    assert lightness("dark") < 150


def test_everything_can_be_done_with_the_keyboard(page: Page, site: Site) -> None:
    page.goto(site.page("keyboard"))
    page.get_by_role("button", name="打开对话").wait_for()
    keys = page.keyboard
    page.locator("#own").focus()
    keys.press("Tab")
    keys.press("Enter")
    chat = Chat(page).wait_until_ready()
    expect(chat.input).to_be_focused()
    keys.type("花呗还不上了怎么办")
    keys.press("Enter")
    chat.answer_to("花呗还不上了怎么办")
    expect(chat.input).to_be_focused()
    # The last quick reply is just before the input.
    keys.press("Shift+Tab")
    title = page.evaluate(f"{HOST}.activeElement.innerText")
    expect(chat.chip(title)).to_be_focused()
    keys.press("Enter")
    chat.answer_to(title)
    expect(chat.input).to_be_focused()
    page.get_by_role("button", name="更多").focus()
    keys.press("Enter")
    items = page.locator("[role=menu] > *")
    expect(items.first).to_be_focused()
    keys.press("ArrowUp")
    expect(items.last).to_be_focused()
    keys.press("Home")
    keys.press("ArrowDown")
    expect(items.nth(1)).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(page.get_by_role("button", name="更多")).to_be_focused()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="打开对话")).to_be_focused()
    keys.press("Shift+Tab")
    expect(page.locator("#own")).to_be_focused()


def test_escape_closes_from_the_input_but_not_at_chat(
    page: Page, site: Site, server: str
) -> None:
    page.goto(site.page("escape"))
    Chat(page).open()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.goto(f"{server}/chat")
    chat = Chat(page).wait_until_ready()
    chat.input.press("Escape")
    expect(chat.input).to_be_visible()
    expect(page.get_by_role("button", name="关闭对话")).to_have_count(0)


def test_what_a_screen_reader_is_told(chat: Chat) -> None:
    expect(chat.log).to_have_attribute("aria-live", "polite")
    expect(chat.log).to_have_attribute("aria-label", "对话内容")
    answer = chat.say("花呗还不上了怎么办")
    expect(answer.first).to_contain_text("助手：")
    expect(chat.page.locator(".entry.user .bubble")).to_contain_text("我：")
    assert chat.page.evaluate("document.documentElement.lang") == "zh-CN"


def test_enter_belongs_to_the_input_method_while_it_composes(chat: Chat) -> None:
    page = chat.page
    devices = page.context.new_cdp_session(page)
    chat.input.focus()
    composed = {"text": "huabei", "selectionStart": 6, "selectionEnd": 6}
    devices.send("Input.imeSetComposition", composed)
    expect(chat.input).to_have_value("huabei")
    enter = {"type": "rawKeyDown", "key": "Enter", "windowsVirtualKeyCode": 13}
    devices.send("Input.dispatchKeyEvent", enter)
    expect(chat.input).to_have_value("huabei")
    devices.send("Input.insertText", {"text": "花呗还不上了怎么办"})
    expect(chat.input).to_have_value("花呗还不上了怎么办")
    assert chat.said() == []
    page.keyboard.press("Enter")
    chat.answer_to("花呗还不上了怎么办")
    # Browsers that tell composition by its events only.
    chat.input.fill("借呗")
    chat.input.dispatch_event("compositionstart")
    chat.input.dispatch_event("keydown", {"key": "Enter", "bubbles": True})
    chat.page.wait_for_timeout(200)
    expect(chat.input).to_have_value("借呗")
    chat.input.dispatch_event("compositionend")
    chat.input.press("Enter")
    expect(chat.input).to_have_value("")


def test_a_long_text_is_refused_before_it_is_sent(chat: Chat) -> None:
    chat.input.fill("长" * 501)
    chat.input.press("Enter")
    expect(chat.page.locator(".length")).to_contain_text("501")
    expect(chat.page.get_by_role("button", name="发送")).to_be_disabled()
    assert chat.said() == []
    chat.say("长" * 500)


def test_a_shared_phone_shows_nothing_before_a_tap(chat: Chat) -> None:
    page = chat.page
    chat.say("花呗还不上了怎么办")
    chat.choose_in_menu("共用手机模式")
    for _ in range(2):
        expect(page.get_by_role("heading", level=1)).to_have_text("助手")
        text = page.locator(".panel").inner_text()
        assert "花呗" not in text
        assert "借" not in text
        assert "债" not in text
        assert "支付宝" not in text
        page.reload()
        chat.wait_until_ready()
    assert page.title() == "助手"
    page.get_by_role("button", name="显示之前的对话").click()
    assert chat.said() == ["花呗还不上了怎么办"]
    page.reload()
    chat.wait_until_ready()
    answer = chat.say("谢谢")
    assert chat.said() == ["谢谢"]
    assert answer.count() >= 1
