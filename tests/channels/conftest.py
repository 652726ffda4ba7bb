"""What several tests of the channels share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channels.servers import EchoServer


@pytest.fixture(scope="package")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoServer]:
    """The web channel before a bot that repeats what it is told."""
    server = EchoServer(tmp_path_factory.mktemp("echo"))
    yield server
    server.kill()
