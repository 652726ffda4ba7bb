"""A real Chromium, the real assistant, and a site that embeds the widget."""

from __future__ import annotations

import itertools
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from rasa_ext.commands.widget import BuildError, install_packages
from tests.channels.line import LineBeside
from tests.conftest import free_port
from tests.rasa_ext.test_servers import Running
from tests.web.chat import Chat
from tests.web.lighthouse import Audit, auditor
from xieshang.settings import ROOT

addresses = itertools.count(1)
PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>店铺</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">{head}</head>
<body><main><h1>店铺</h1><p>欢迎光临</p><button id="own">购物车</button></main>
<script src="{server}/chat/widget.js" {attributes}></script>{end}</body></html>"""


@dataclass
class Site:
    """Another site, which embeds the widget."""

    address: str
    server: str
    pages: dict[str, str] = field(default_factory=dict)

    def page(
        self, name: str, attributes: str = "", head: str = "", end: str = ""
    ) -> str:
        """Add a page with the widget; its address."""
        self.pages[f"/{name}"] = PAGE.format(
            server=self.server, attributes=attributes, head=head, end=end
        )
        return f"{self.address}/{name}"


class _Handler(BaseHTTPRequestHandler):
    def __init__(self, *arguments: Any, site: Site) -> None:
        self._site = site
        super().__init__(*arguments)

    def do_GET(self) -> None:
        page = self._site.pages.get(self.path)
        self.send_response(200 if page else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write((page or "").encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="package")
def site_port() -> int:
    return free_port()


@pytest.fixture(scope="package")
def running(
    model: Path, tmp_path_factory: pytest.TempPathFactory, site_port: int
) -> Iterator[Running]:
    server = Running(
        tmp_path_factory.mktemp("web"),
        XIESHANG_WEB_ORIGINS=f"http://127.0.0.1:{site_port}",
        # Each visitor is at an address of their own, for the rate limit.
        XIESHANG_TRUSTED_PROXIES="127.0.0.1",
    )
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="package")
def server(running: Running) -> str:
    """Address of the assistant."""
    return f"http://127.0.0.1:{running.port}"


@contextmanager
def serve(site: Site) -> Iterator[Site]:
    """Serve a site on its port."""
    port = urlsplit(site.address).port or 0
    handler = partial(_Handler, site=site)
    listener = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


@pytest.fixture(scope="package")
def site(server: str, site_port: int) -> Iterator[Site]:
    with serve(Site(f"http://127.0.0.1:{site_port}", server)) as site:
        yield site


# Not for the whole session: while Playwright runs, no other event loop can.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser
        browser.close()


@pytest.fixture
def new_context(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a visitor; every page error of theirs fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(**options: Any) -> BrowserContext:
        options.setdefault("viewport", {"width": 390, "height": 844})
        address = f"198.51.100.{next(addresses)}"
        context = browser.new_context(
            locale="zh-CN",
            extra_http_headers={"X-Forwarded-For": address},
            **options,
        )
        context.on("weberror", lambda error: errors.append(str(error.error)))
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert not errors


@pytest.fixture
def context(new_context: Callable[..., BrowserContext]) -> BrowserContext:
    return new_context()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def chat(page: Page, server: str) -> Chat:
    """The page at /chat, connected."""
    page.goto(f"{server}/chat")
    return Chat(page).wait_until_ready()


@pytest.fixture
def line(running: Running) -> Iterator[LineBeside]:
    """A line to the assistant that can be cut."""
    with LineBeside(running.port) as line:
        yield line


@pytest.fixture(scope="session")
def packages() -> Path:
    """web/node_modules."""
    if shutil.which("npm") is None:
        pytest.skip("there is no Node")
    try:
        install_packages()
    except BuildError as error:
        pytest.fail(str(error))
    return ROOT / "web" / "node_modules"


@pytest.fixture(scope="session")
def audit(packages: Path) -> Audit:
    """What axe and Lighthouse say of a page."""
    return auditor(packages)
