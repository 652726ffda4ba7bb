"""The widget as a person uses it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

# The widget's inside, for scripts.
HOST = "document.querySelector('xieshang-chat').shadowRoot"
ANSWER_MS = 20_000


class Chat:
    """The open chat of a page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.input = page.get_by_label("输入消息")
        self.log = page.get_by_role("log")
        self.entries = page.locator(".entry")
        self.typing = page.locator(".typing")

    def wait_until_ready(self) -> Chat:
        """Wait until the history is there."""
        expect(self.page.locator(".log[aria-busy=false]")).to_be_visible()
        return self

    def tell_it_is_online(self) -> None:
        """Have the widget connect now, as the telephone does when it can again."""
        self.page.evaluate("dispatchEvent(new Event('online'))")

    def open(self) -> Chat:
        """Press the launcher."""
        self.page.get_by_role("button", name="打开对话").click()
        return self.wait_until_ready()

    def say(self, text: str) -> Locator:
        """Type a message and send it; the bot's answer."""
        self.input.fill(text)
        self.input.press("Enter")
        return self.answer_to(text)

    def tap(self, title: str) -> Locator:
        """Press the last quick reply of that title; the bot's answer."""
        self.chip(title).click()
        return self.answer_to(title)

    def chip(self, title: str) -> Locator:
        """The last quick reply of that title, chosen or not."""
        named = re.compile(f"^(已选)?{re.escape(title)}$")
        return self.page.locator(".chip").filter(has_text=named).last

    def answer_to(self, text: str) -> Locator:
        """What the bot says after the last message of that text."""
        said = self.page.locator(".entry.user").filter(has_text=text).last
        answer = said.locator(
            "xpath=following-sibling::div[contains(@class, 'bot')"
            " and contains(@class, 'entry')]"
        )
        expect(answer.first).to_be_visible(timeout=ANSWER_MS)
        # The bot types until its last message has come.
        expect(self.typing).to_have_count(0, timeout=ANSWER_MS)
        return answer

    def wait_for_the_picture(self) -> None:
        """Wait until the plan's picture is painted."""
        self.page.wait_for_function(
            f"() => {HOST}.querySelector('.card img')?.naturalWidth > 300"
        )

    def said(self) -> list[str]:
        """What the person has said, oldest first."""
        return [
            text.removeprefix("我：").strip()
            for text in self.page.locator(".bubble.user").all_inner_texts()
        ]

    def choose_in_menu(self, title: str) -> None:
        """Press an item of the menu."""
        self.page.get_by_role("button", name="更多").click()
        self.page.locator("[role=menu]").get_by_text(title).click()
