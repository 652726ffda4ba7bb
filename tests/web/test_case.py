"""A whole registration by clicking and typing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.web.chat import Chat
from tests.web.lighthouse import PERFECT, Audit

CONSENT = "同意，登记完整方案"
# What is asked, and how it is answered.
STEPS = [
    ("两个都有", None, "花呗现在一共欠多少"),
    (None, "9800", "借呗现在一共欠多少"),
    (None, "两万", "已经逾期了吗"),
    ("已经逾期", None, "逾期几天了"),
    (None, "45天", "什么原因还不上"),
    ("失业", None, "每月到手收入"),
    (None, "5500", "每月必要开支"),
    (None, "房租1500吃饭1200水电250", "谈成哪一种"),
    ("降低月供", None, "请核对"),
]


def go(chat: Chat, title: str | None, text: str | None, asked: str) -> None:
    answer = chat.tap(title) if title else chat.say(str(text))
    expect(answer.filter(has_text=asked)).to_have_count(1)


# The limit of five messages in ten seconds slows it down as it slows a person down.
def test_a_whole_case_with_a_reload_in_the_middle(chat: Chat, audit: Audit) -> None:
    page = chat.page
    progress = page.get_by_role("progressbar")
    go(chat, "开始登记", None, "同意登记吗")
    go(chat, CONSENT, None, "花呗、借呗，还是两个都有")
    expect(progress).to_have_attribute(
        "aria-valuetext", re.compile("第 1 步，共 \\d+ 步")
    )
    for step in STEPS[:4]:
        go(chat, *step)
    width = page.locator(".track span").bounding_box()
    said = chat.said()

    page.reload()
    chat.wait_until_ready()
    assert (
        chat.said()
        == said
        == ["开始登记", CONSENT, "两个都有", "9800", "两万", "已经逾期"]
    )
    for title in ("同意，先粗算一下", "花呗", "不清楚"):
        expect(page.get_by_role("button", name=title, exact=True)).to_be_disabled()
    expect(page.get_by_role("button", name="已选 两个都有")).to_be_disabled()
    assert page.locator(".track span").bounding_box() == width

    for step in STEPS[4:]:
        go(chat, *step)
    go(chat, "对，整理方案", None, "每月最多报 2,295 元")
    expect(progress).to_have_count(0)
    _check_documents(chat)
    assert audit(page) == PERFECT
    page.emulate_media(color_scheme="dark")
    assert audit(page) == PERFECT


def _check_documents(chat: Chat) -> None:
    page = chat.page
    card = page.locator(".card")
    expect(card).to_contain_text("非法律意见")
    picture = card.get_by_role("img", name="方案对比图")
    picture.scroll_into_view_if_needed()
    chat.wait_for_the_picture()
    links = card.locator(".documents a")
    expect(links).to_have_count(4)
    for link in links.all():
        address = link.get_attribute("href")
        assert address is not None
        assert page.request.get(address).ok
        assert link.get_attribute("target") == "_blank"
        assert link.get_attribute("rel") == "noopener noreferrer"


def test_focus_returns_to_the_input_after_a_quick_reply(chat: Chat) -> None:
    page = chat.page
    page.set_viewport_size({"width": 390, "height": 400})
    chat.tap("花呗还不上了怎么办")
    expect(chat.input).to_be_focused()
    # So it does from the button that shows what is further down.
    onward = page.get_by_role("button", name="往下看")
    while onward.is_visible():
        onward.click()
    expect(chat.input).to_be_focused()
    chat.tap("怎么联系官方客服")
    expect(chat.input).to_be_focused()


def test_the_restart_of_the_menu_is_confirmed_first(chat: Chat) -> None:
    progress = chat.page.get_by_role("progressbar")
    for title in ("开始登记", CONSENT, "花呗"):
        chat.tap(title)
    chat.choose_in_menu("重新开始")
    expect(chat.input).to_be_focused()
    chat.answer_to("重新开始")
    assert chat.said() == ["开始登记", CONSENT, "花呗", "重新开始"]
    chat.tap("清空重来")
    expect(progress).to_have_attribute("aria-valuenow", "1")
    expect(chat.chip("花呗")).to_be_enabled()


def test_the_data_is_erased_after_a_confirmation_in_every_tab(chat: Chat) -> None:
    other = Chat(chat.page.context.new_page())
    other.page.goto(chat.page.url)
    other.wait_until_ready()
    chat.say("花呗还不上了怎么办")
    expect(other.entries.first).to_be_visible()
    token = chat.page.evaluate("JSON.stringify(localStorage)")
    chat.choose_in_menu("清空我的数据")
    chat.answer_to("删除我的数据")
    chat.chip("确认删除").click()
    for tab in (chat, other):
        expect(tab.log).to_contain_text("已经全部删除")
        expect(tab.entries).to_have_count(0)
    chat.page.reload()
    chat.wait_until_ready()
    expect(chat.entries).to_have_count(0)
    assert chat.page.evaluate("JSON.stringify(localStorage)") != token
    chat.say("你好")


@pytest.mark.parametrize("number", ["95188", "110"])
def test_numbers_can_be_dialled(chat: Chat, number: str) -> None:
    text = {"95188": "花呗还不上了怎么办", "110": "有人威胁要来打我"}[number]
    answer = chat.say(text)
    link = answer.get_by_role("link", name=number, exact=True).first
    expect(link).to_have_attribute("href", f"tel:{number}")
