"""Documents over /files: who gets them, what a browser is told, what stays unsaid."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from http.client import HTTPConnection, HTTPMessage
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest

from actions.cases import file_url
from tests.conftest import free_port
from xieshang.case.record import Case
from xieshang.settings import ROOT
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=timezone(timedelta(hours=8)))
CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")
CASE = Case(
    product="both",
    huabei_balance=Decimal("9800"),
    jiebei_balance=Decimal("20000"),
    monthly_income=Decimal("5500"),
    essential_expenses=Decimal("4100"),
)
# name -> media type and first bytes in lower case
FILES = {
    "plan.html": ("text/html; charset=utf-8", b"<!doctype html"),
    "statement.docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        b"pk",
    ),
    "plans.png": ("image/png", b"\x89png"),
    "plans.svg": ("image/svg+xml", b"<?xml"),
    "reminders.ics": ("text/calendar; charset=utf-8", b"begin:vcalendar"),
}
SECRET = "9800.55 of the person"
STARTED = "slow one started"
# Rasa's own app with the channels of credentials.yml and two more documents. Sanic
# rewrites its code when an app starts, once a process: hence a process of its own.
SERVER = f"""
import sys, time
from rasa.core.run import configure_app, create_http_input_channels
from xieshang import documents

def broken(plan):
    raise RuntimeError("{SECRET}")

def slow(plan):
    print("{STARTED}", flush=True)
    time.sleep(3)
    return b""

documents.FILES = {{
    **documents.FILES, "broken.txt": ("text/plain", broken), "slow.txt": ("", slow)
}}
channels = create_http_input_channels(None, "credentials.yml")
configure_app(channels).run("127.0.0.1", int(sys.argv[1]), access_log=False)
"""


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Server:
    """The channels of credentials.yml on a free port, without a model."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = folder / "server.log"
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVER, str(self.port)],
                cwd=ROOT,
                env={**os.environ, "XIESHANG_TODAY": "2026-11-23", **settings},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.ask("/")
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                assert time.monotonic() < deadline
                time.sleep(0.2)

    def ask(self, path: str, method: str = "GET") -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    url = f"sqlite:///{folder / 'xieshang.db'}"
    server = Server(folder, XIESHANG_DATABASE_URL=url)
    yield server
    server.stop()


@pytest.fixture
def store(folder: Path) -> Iterator[CaseStore]:
    engine = open_database(f"sqlite:///{folder / 'xieshang.db'}")
    migrate(engine)
    store = CaseStore(engine)
    yield store
    store.delete("rest:a")


@pytest.fixture
def token(store: CaseStore) -> str:
    store.confirm("rest:a", 1, CASE, NOW)
    return store.issue_link("rest:a", NOW, 7)


def assert_is_private(answer: Answer) -> None:
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def assert_is_notice(answer: Answer, status: int) -> None:
    assert answer.status == status
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert '<html lang="zh-CN">' in answer.text
    assert CHINESE.search(answer.text)
    assert_is_private(answer)


@pytest.mark.parametrize("name", FILES)
def test_who_has_the_link_gets_the_document(
    server: Server, token: str, name: str
) -> None:
    answer = server.ask(f"/files/{token}/{name}")
    media_type, start = FILES[name]
    assert answer.status == 200
    assert answer.headers["Content-Type"] == media_type
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert answer.body.lower().startswith(start)
    assert_is_private(answer)


def test_it_is_of_the_case(server: Server, token: str) -> None:
    assert "9,800" in server.ask(f"/files/{token}/plan.html").text
    statement = BytesIO(server.ask(f"/files/{token}/statement.docx").body)
    assert "9,800" in zipfile.ZipFile(statement).read("word/document.xml").decode()
    exported = server.ask(f"/files/{token}/data.json")
    assert exported.headers["Content-Type"] == "application/json; charset=utf-8"
    (version,) = json.loads(exported.text)["versions"]
    assert Case.from_slots(version["values"]) == CASE


def test_it_shows_the_case_as_it_is_now(
    server: Server, store: CaseStore, token: str
) -> None:
    newer = CASE.with_values(huabei_balance=Decimal("7654"))
    store.confirm("rest:a", 2, newer, NOW)
    store.log_contact("rest:a", "key", "他们说三天内回复", NOW.date(), NOW)
    page = server.ask(f"/files/{token}/plan.html").text
    assert "7,654" in page
    assert "2026年11月23日：他们说三天内回复" in page


def test_links_lead_to_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XIESHANG_PUBLIC_URL", "https://help.example/bot/")
    assert (
        file_url("abc", "plan.html") == "https://help.example/bot/files/abc/plan.html"
    )


@pytest.mark.parametrize(
    ("name", "saved_as"),
    [
        ("plan.html", None),
        ("plans.png", None),
        ("statement.docx", "困难情况说明.docx"),
        ("reminders.ics", "还款提醒.ics"),
    ],
)
def test_what_is_not_shown_is_saved_under_a_chinese_name(
    server: Server, token: str, name: str, saved_as: str | None
) -> None:
    disposition = server.ask(f"/files/{token}/{name}").headers["Content-Disposition"]
    if saved_as is None:
        assert disposition == "inline"
    else:
        kind, plain, encoded = disposition.split("; ")
        assert kind == "attachment"
        assert plain == f'filename="{name}"'
        assert unquote(encoded.removeprefix("filename*=UTF-8''")) == saved_as
        assert disposition.isascii()


def test_head_is_get_without_the_body(server: Server, token: str) -> None:
    path = f"/files/{token}/statement.docx"
    got, head = server.ask(path), server.ask(path, "HEAD")
    assert head.status == 200
    assert head.body == b""
    for name in ("Content-Type", "Content-Length", "Content-Disposition"):
        assert head.headers[name] == got.headers[name]
    assert server.ask("/files/x/plan.html", "HEAD").status == 404


@pytest.mark.parametrize(
    "path",
    [
        "/files/unknown/plan.html",
        "/files/%E4%B8%AD%E6%96%87/plan.html",
        "/files/%00/plan.html",
        f"/files/{'x' * 4000}/plan.html",
        "/files/{token}/nothing.txt",
        "/files/{token}/%2e%2e%2fxieshang.db",
        "/files/{token}/../../credentials.yml",
        "/files/{token}/a/b/plan.html",
        "/files/{token}/",
        "/files/{token}",
        "/files/",
        "/files",
    ],
)
def test_anything_else_is_a_chinese_page(server: Server, token: str, path: str) -> None:
    answer = server.ask(path.replace("{token}", token))
    assert_is_notice(answer, 404)
    assert token not in answer.text


def test_a_link_expires(server: Server, store: CaseStore, token: str) -> None:
    expired = store.issue_link("rest:a", NOW - timedelta(days=7), 7)
    assert_is_notice(server.ask(f"/files/{expired}/plan.html"), 404)


def test_a_deleted_case_is_gone(server: Server, store: CaseStore, token: str) -> None:
    store.delete("rest:a")
    assert_is_notice(server.ask(f"/files/{token}/plan.html"), 404)


def test_other_methods_do_nothing(server: Server, token: str) -> None:
    assert server.ask(f"/files/{token}/plan.html", "POST").status == 405
    assert server.ask(f"/files/{token}/plan.html", "DELETE").status == 405


def test_an_error_is_a_page_that_tells_nothing(server: Server, token: str) -> None:
    answer = server.ask(f"/files/{token}/broken.txt")
    assert_is_notice(answer, 503)
    log = server.log.read_text()
    assert "RuntimeError" in log
    for told in (answer.text, log):
        assert SECRET not in told
        assert "Traceback" not in told
        assert token not in told


def test_a_database_that_is_gone_is_a_page(tmp_path: Path) -> None:
    server = Server(
        tmp_path, XIESHANG_DATABASE_URL="postgresql://u:secret@127.0.0.1:1/d"
    )
    try:
        assert_is_notice(server.ask("/files/x/plan.html"), 503)
        assert "secret" not in server.log.read_text()
    finally:
        server.stop()


def test_a_slow_document_holds_up_nobody(server: Server, token: str) -> None:
    answers: list[Answer] = []
    waiting = threading.Thread(
        target=lambda: answers.append(server.ask(f"/files/{token}/slow.txt"))
    )
    waiting.start()
    while STARTED not in server.log.read_text():
        time.sleep(0.05)
    assert server.ask(f"/files/{token}/plan.html").status == 200
    assert not answers
    waiting.join(20)
    assert answers[0].status == 200
