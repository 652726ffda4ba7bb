"""The real assistant for tests: Rasa's Agent in this process, a real action server."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings as hypothesis_settings

from rasa_ext.commands.model import current_model
from rasa_ext.commands.servers import Servers, write_endpoints
from rasa_ext.commands.storage import prepare_database
from rasa_ext.no_tensorflow import leave_tensorflow_out
from xieshang.settings import Settings, read_settings

if TYPE_CHECKING:
    from tests.services.postgres_server import PostgresServer

leave_tensorflow_out()  # as in the servers

# How long an example takes says something of what else the machine does.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """In CI nothing is skipped: a skip is a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Assistant:
    """Talks to the loaded agent like a channel does."""

    def __init__(self, agent: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.agent = agent
        self._loop = loop

    def run(self, awaitable: Any) -> Any:
        return self._loop.run_until_complete(awaitable)

    def say(self, sender: str, text: object) -> list[dict[str, Any]]:
        from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

        output = CollectingOutputChannel()
        message = UserMessage("", output, sender, input_channel="test")
        # UserMessage strips its text: a channel may hand over anything.
        message.text = text
        return list(self.run(self.agent.handle_message(message)))

    def parse(self, text: str) -> dict[str, Any]:
        return dict(self.run(self.agent.parse_message(text)))

    def tracker(self, sender: str) -> Any:
        return self.run(self.agent.tracker_store.retrieve(sender))


@pytest.fixture(scope="session")
def model() -> Path:
    path = current_model()
    assert path.exists(), "no model of the present sources: run `make train`"
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    from tests.services.postgres_server import postgres_server

    with postgres_server() as running:
        yield running


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    data_dir = tmp_path_factory.mktemp("data")
    (data_dir / "logs").mkdir()
    port = free_port()
    os.environ.update(
        XIESHANG_DATA_DIR=str(data_dir),
        XIESHANG_PORT=str(port),
        XIESHANG_ACTION_PORT=str(free_port()),
        XIESHANG_TODAY="2026-11-23",
    )
    prepare_database(read_settings())
    return read_settings()


@pytest.fixture(scope="session")
def assistant(model: Path, settings: Settings) -> Iterator[Assistant]:
    from rasa.core.agent import load_agent
    from rasa.core.utils import AvailableEndpoints

    from rasa_ext.start import warm_up

    loop = asyncio.new_event_loop()
    with Servers(settings) as servers:
        servers.start_actions()
        endpoints = AvailableEndpoints.read_endpoints(str(write_endpoints(settings)))
        agent = loop.run_until_complete(
            load_agent(model_path=str(model), endpoints=endpoints)
        )
        loop.run_until_complete(warm_up(agent))
        servers.wait_until_healthy()
        yield Assistant(agent, loop)
