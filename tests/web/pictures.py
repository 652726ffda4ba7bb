"""`make pictures`: docs/web/*.png, the widget as the real assistant fills it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import free_port
from tests.rasa_ext.test_servers import Running
from tests.web.chat import Chat
from tests.web.conftest import Site, serve
from tests.web.test_case import CONSENT, STEPS
from xieshang.settings import ROOT

FOLDER = ROOT / "docs" / "web"
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
SMALL = {"viewport": {"width": 320, "height": 568}, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1200, "height": 800}}

SITE_STYLE = """<style>
body { font: 18px/1.8 sans-serif; max-width: 42rem; margin: 4rem; }
</style>"""


class Camera:
    """Takes the pictures.

    Args:
        browser: that shows the widget.
        site: another site, which embeds it.
    """

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser = browser
        self._site = site

    def _page(self, **options: Any) -> Page:
        return self._browser.new_context(locale="zh-CN", **options).new_page()

    def _take(self, page: Page, name: str) -> None:
        page.mouse.move(1, 1)
        page.wait_for_timeout(500)
        page.screenshot(path=FOLDER / f"{name}.png")

    def _chat(self, **options: Any) -> Chat:
        page = self._page(**options)
        page.goto(f"{self._site.server}/chat")
        return Chat(page).wait_until_ready()

    def embedded(self) -> None:
        """On another site, closed and open."""
        page = self._page(**DESKTOP)
        page.goto(self._site.page("picture", head=SITE_STYLE))
        chat = Chat(page).open()
        chat.tap("花呗还不上了怎么办")
        self._take(page, "desktop")

    def start(self) -> None:
        """The first sight, on a small phone in large letters too."""
        self._take(self._chat(**PHONE).page, "start")
        chat = self._chat(**SMALL)
        chat.choose_in_menu("大字")
        chat.tap("花呗还不上了怎么办")
        self._take(chat.page, "large")

    def case(self) -> None:
        """A registration, in the light and in the dark, and the plan at its end."""
        chat = self._chat(**PHONE)
        chat.tap("开始登记")
        chat.tap(CONSENT)
        for title, text, _ in STEPS:
            chat.tap(title) if title else chat.say(str(text))
            if title == "已经逾期":
                self._in_both(chat, "phone", "dark")
        chat.tap("对，整理方案")
        chat.wait_for_the_picture()
        chat.page.locator(".log").evaluate(
            """log => { log.scrollTop = log.querySelector('.card').offsetTop - 16; }"""
        )
        self._in_both(chat, "plan", "plan-dark")

    def _in_both(self, chat: Chat, light: str, dark: str) -> None:
        self._take(chat.page, light)
        chat.page.emulate_media(color_scheme="dark")
        self._take(chat.page, dark)
        chat.page.emulate_media(color_scheme="light")


def main() -> None:
    """Entry point of `make pictures`."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no chromium: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder) / "data", XIESHANG_WEB_ORIGINS=origin)
        try:
            running.wait_until_ready()
            server = f"http://127.0.0.1:{running.port}"
            with serve(Site(origin, server)) as site, sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium)
                camera = Camera(browser, site)
                camera.embedded()
                camera.start()
                camera.case()
                browser.close()
        finally:
            running.stop()


if __name__ == "__main__":
    main()
