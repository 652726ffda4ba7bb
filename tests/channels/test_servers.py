"""The servers of the tests: a start that fails leaves nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil
import pytest

from tests.channels.servers import EchoServer, real_server


def started() -> set[int]:
    """The processes that this one started and that still run."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_a_start_that_fails_ends_the_servers_that_did_start(tmp_path: Path) -> None:
    before = started()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with (
            pytest.raises(SystemExit, match=port),
            real_server(tmp_path / "model", tmp_path / "data", XIESHANG_PORT=port),
        ):
            pytest.fail("the port is taken")
    assert started() == before


def test_a_server_that_does_not_answer_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = started()
    monkeypatch.setattr("tests.channels.servers.READY_SECONDS", 0)
    with pytest.raises(AssertionError):
        EchoServer(tmp_path)
    assert started() == before
