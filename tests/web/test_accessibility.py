"""For everybody: keyboard, screen reader, dark screens, large text."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.web.chat import HOST, Chat
from tests.web.conftest import Site
from tests.web.lighthouse import PERFECT, Audit, Report

NewContext = Callable[..., BrowserContext]


SCREENS = [(width, scheme) for width in (320, 1200) for scheme in ("light", "dark")]
BROKEN = """<!DOCTYPE html><html><head><title>x</title>
<meta name="viewport" content="width=device-width, user-scalable=no"></head>
<body><h3>x</h3><button></button><img src="data:,">
<p style="color: #bbb">text <a href="#">x</a></p><input>
<div role="progressbar"></div><ul><p>1</p></ul></body></html>"""


def test_the_score_is_that_of_lighthouse(page: Page, audit: Audit) -> None:
    page.set_content(BROKEN)
    report = audit(page)
    # Lighthouse 13.5.0 itself gives this page 0.47.
    assert report.score == 47
    assert len(report.violations) == 11


def test_lighthouse_gives_100_at_chat(
    new_context: NewContext, server: str, audit: Audit
) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    page.goto(f"{server}/chat")
    chat = Chat(page).wait_until_ready()

    def reports() -> dict[tuple[int, str], Report]:
        found = {}
        for width, scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": 700})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found[width, scheme] = audit(page)
        return found

    perfect = dict.fromkeys(SCREENS, PERFECT)
    assert reports() == perfect
    chat.tap("开始登记")
    chat.tap("同意，登记完整方案")
    expect(page.get_by_role("progressbar")).to_be_visible()
    assert reports() == perfect
    page.get_by_role("button", name="更多").click()
    assert reports() == perfect
    page.get_by_role("menuitemcheckbox", name="大字").click()
    chat.input.fill("长" * 501)
    assert reports() == perfect


def test_lighthouse_gives_100_on_another_site(
    page: Page, site: Site, audit: Audit
) -> None:
    page.goto(site.page("axe", 'data-color="#ffe600" data-privacy="/privacy"'))
    page.get_by_role("button", name="打开对话").wait_for()
    assert audit(page) == PERFECT
    chat = Chat(page).open()
    chat.tap("花呗还不上了怎么办")
    assert audit(page) == PERFECT


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
