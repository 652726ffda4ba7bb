"""A part that is missing turns readiness red within five seconds, and green again."""

from __future__ import annotations

import json
import signal
import time
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.channels.servers import RealServer
from tests.conftest import free_port
from tests.faults.test_database import locked_by_another_process, moved_away

RED_SECONDS = 5
GREEN_SECONDS = 60


def ready(url: str) -> tuple[int, dict[str, Any]]:
    try:
        with urlopen(f"{url}/health/ready", timeout=10) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)


def require(url: str, missing: list[str], seconds: float) -> None:
    """Wait until exactly these parts are missing."""
    expected = (503, {"status": "not ready", "missing": missing})
    if not missing:
        expected = (200, {"status": "ready"})
    deadline = time.monotonic() + seconds
    while ready(url) != expected:
        assert time.monotonic() < deadline, ready(url)
        time.sleep(0.1)


def test_the_action_server(server: RealServer) -> None:
    require(server.url, [], RED_SECONDS)
    server.signal_actions(signal.SIGSTOP)
    try:
        require(server.url, ["actions"], RED_SECONDS)
        with urlopen(f"{server.url}/health/live", timeout=1) as answer:
            assert answer.status == 200
    finally:
        server.signal_actions(signal.SIGCONT)
    require(server.url, [], GREEN_SECONDS)


def test_the_database(server: RealServer) -> None:
    require(server.url, [], RED_SECONDS)
    with locked_by_another_process(server):
        require(server.url, ["database"], RED_SECONDS)
    require(server.url, [], GREEN_SECONDS)
    # With its log, in which the tables may stand.
    with moved_away(server):
        require(server.url, ["database"], RED_SECONDS)
    require(server.url, [], GREEN_SECONDS)


async def test_the_model() -> None:
    from rasa_ext.channels.health import Readiness

    class Empty:
        def is_ready(self) -> bool:
            return False

    assert list(await Readiness(lambda: None).missing()) == ["model"]
    assert list(await Readiness(Empty).missing()) == ["model"]


def test_nothing_is_there_before_it_listens() -> None:
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{free_port()}/health/live", timeout=5)
