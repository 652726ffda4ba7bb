"""The real servers, started as `make run` starts them, and what a caller gets."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from rasa_ext import action_server
from tests.conftest import free_port
from xieshang.language.normalize import normalizer
from xieshang.settings import ROOT

READY_SECONDS = 120


class Running:
    """A `make run` of its own, with its own ports and data."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.port = free_port()
        self.action_port = free_port()
        self.said: list[str] = []
        self.environment = {
            **os.environ,
            "XIESHANG_PORT": str(self.port),
            "XIESHANG_ACTION_PORT": str(self.action_port),
            "XIESHANG_DATA_DIR": str(data_dir),
            **settings,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "rasa_ext.commands.run"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            # The last thing that is said.
            if line.startswith("WeChat is"):
                return
            assert time.monotonic() < deadline
        raise AssertionError("ended before it was ready")

    def post(
        self, body: bytes, path: str = "/webhooks/rest/webhook", **headers: str
    ) -> tuple[int, list[dict]]:
        request = Request(
            f"http://127.0.0.1:{self.port}{path}",
            body,
            {"Content-Type": "application/json", **headers},
        )
        try:
            with urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    def stop(self) -> str:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=30)[0]


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def running(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    server = Running(tmp_path_factory.mktemp("run"))
    server.wait_until_ready()
    yield server
    server.stop()


def test_a_question_is_answered(running: Running) -> None:
    body = '{"sender":"a","message":"花呗还不上了怎么办"}'.encode()
    status, answer = running.post(body)
    assert status == 200
    assert "95188" in answer[0]["text"]
    assert answer[-1]["buttons"]
    assert answer[0]["recipient_id"] == "rest:a"


def test_it_says_where_it_answers_and_which_channels_are_on(running: Running) -> None:
    address, *channels = running.said[-3:]
    assert f"answers at http://127.0.0.1:{running.port}/chat" in address
    assert channels == [
        f"{name} is off: XIESHANG_{name.upper()}_TOKEN is not set "
        f"(docs/channels/{name.lower()}.md)"
        for name in ("Telegram", "WeChat")
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"17",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"message":"x"}',
        b'{"sender":7,"message":"x"}',
        b'{"sender":"","message":"x"}',
        b'{"sender":"a"}',
        b'{"sender":"a","message":null}',
        b'{"sender":"a","message":["x"]}',
        b'{"sender":"a","message":{"text":"x"}}',
        b'{"sender":"a","message":""}',
        b'{"sender":"a","message":"/restart"}',
        json.dumps({"sender": "a", "message": "长" * 100_000}).encode(),
        json.dumps({"sender": "s" * 5000, "message": "x"}).encode(),
        b"[" * 50_000,
        b"x" * 2_000_000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_no_body_breaks_it(running: Running, body: bytes) -> None:
    status, answer = running.post(body)
    assert status < 500
    assert re.search(r"[\u4e00-\u9fff]", answer[0]["text"])


def test_rasas_own_api_is_off(running: Running) -> None:
    for path in ("/model/parse", "/conversations/rest:a/trigger_intent"):
        request = Request(f"http://127.0.0.1:{running.port}{path}", b"{}")
        with pytest.raises(HTTPError) as raised:
            urlopen(request, timeout=10)
        assert raised.value.code == 404


def test_a_port_in_use_is_one_clear_line(running: Running, tmp_path: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "rasa_ext.commands.run"],
        cwd=ROOT,
        env={**running.environment, "XIESHANG_ACTION_PORT": str(free_port())},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert len(second.stderr.strip().splitlines()) == 1
    assert str(running.port) in second.stderr
    assert "XIESHANG_PORT" in second.stderr


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("XIESHANG_PORT", "abc"),
        ("XIESHANG_PORT", "70000"),
        ("XIESHANG_DATA_DIR", "/proc/nowhere"),
        ("XIESHANG_TELEGRAM_MODE", "push"),
    ],
)
def test_a_bad_setting_is_one_clear_line(setting: str, value: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "rasa_ext.commands.run"],
        cwd=ROOT,
        env={**os.environ, setting: value},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1
    assert value in ended.stderr


def test_it_asks_for_the_token_and_ends_when_the_action_server_dies(
    model: Path, tmp_path: Path
) -> None:
    server = Running(tmp_path, XIESHANG_REST_TOKEN="secret", XIESHANG_API_TOKEN="api")
    try:
        server.wait_until_ready()
        body = '{"sender":"a","message":"你好"}'.encode()
        assert server.post(body)[0] == 401
        assert server.post(body, Authorization="Bearer wrong")[0] == 401
        assert server.post(body, Authorization="Bearer secret")[0] == 200
        parse = '{"text":"花呗还不上了怎么办"}'.encode()
        assert server.post(parse, "/model/parse?token=api")[1]["intent"]
        assert server.post(parse, "/model/parse?token=no")[0] == 401
        listing = subprocess.run(
            ["pgrep", "-f", f"rasa_ext.action_server 127.0.0.1 {server.action_port}"],
            capture_output=True,
            text=True,
            check=True,
        )
        os.kill(int(listing.stdout.split()[0]), signal.SIGKILL)
        assert server.process.wait(timeout=30) == 1
        assert not listens(server.port)
        assert not listens(server.action_port)
    finally:
        server.stop()


def test_ctrl_c_stops_both(model: Path, tmp_path: Path) -> None:
    server = Running(tmp_path)
    server.wait_until_ready()
    assert listens(server.port)
    assert "Stopped" in server.stop()
    assert server.process.returncode == 0
    assert not listens(server.port)
    assert not listens(server.action_port)


def test_the_action_server_loads_its_dictionaries_before_it_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[int] = []

    def run(*_: object, **__: object) -> None:
        loaded.append(normalizer.cache_info().currsize)

    normalizer.cache_clear()
    monkeypatch.setattr(action_server, "keep_words_out_of_logs", lambda: None)
    monkeypatch.setattr(action_server, "make_app", lambda: SimpleNamespace(run=run))
    action_server.main("127.0.0.1", free_port())
    assert loaded == [1]
