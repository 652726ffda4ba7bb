"""The assistant and Rasa's stock set-up as processes that can be measured."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.load import say_once
from rasa_ext.commands.servers import Server, write_endpoints
from xieshang.settings import ROOT, Settings, read_settings

STOCK_DIR = ROOT / "benchmarks/stock"
START_SECONDS = 300
POLL_SECONDS = 0.05
NO_LIMIT = 1_000_000
MEGABYTE = 1 << 20
OURS, STOCK = "assistant", "stock"
FIRST_MESSAGE = "花呗还不上了怎么办"


@dataclass
class System:
    """One of the two, running.

    Attributes:
        name: which one.
        url: of its REST channel.
        prefix: what its conversation ids have before the sender.
        process: the Rasa process.
        actions: the action server, which both share.
        start: seconds until its first message was answered, CPU seconds until then.
        megabytes: the resident memory of the Rasa process when it was last looked at.
    """

    name: str
    url: str
    prefix: str
    process: psutil.Process
    actions: psutil.Process
    start: tuple[float, float]
    megabytes: list[float] = field(default_factory=list)

    def note_memory(self) -> None:
        """Look at the memory of the Rasa process."""
        self.megabytes.append(self.process.memory_info().rss / MEGABYTE)


def cpu_seconds(*processes: psutil.Process) -> float:
    """What some processes have used so far, without their children."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_in(folder: Path) -> Settings:
    """Settings of servers with ports and data of their own; also those of children."""
    (folder / "logs").mkdir(parents=True)
    os.environ.update(
        XIESHANG_DATA_DIR=str(folder),
        XIESHANG_PORT=str(free_port()),
        XIESHANG_ACTION_PORT=str(free_port()),
        XIESHANG_TODAY="2026-11-23",
        # Everybody comes from one address, and one of them as fast as he is answered.
        XIESHANG_REST_PER_SENDER=str(NO_LIMIT),
        XIESHANG_REST_PER_ADDRESS=str(NO_LIMIT),
    )
    return read_settings()


def _arguments(name: str, model: Path, settings: Settings, port: int) -> list[str]:
    if name == OURS:
        module, endpoints = "rasa_ext.launch", write_endpoints(settings)
        credentials = ROOT / "credentials.yml"
    else:
        module, credentials = "benchmarks.plain", STOCK_DIR / "credentials.yml"
        endpoints = settings.data_dir / "stock-endpoints.yml"
        text = (STOCK_DIR / "endpoints.yml").read_text(encoding="utf-8")
        text = text.replace(":5055/", f":{settings.action_port}/")
        database = settings.data_dir / "stock.db"
        endpoints.write_text(text.replace("stock.db", str(database)), encoding="utf-8")
    return [
        *("-m", module, "run", "--model", str(model), "--endpoints", str(endpoints)),
        *("--credentials", str(credentials), "-i", "127.0.0.1", "-p", str(port)),
    ]


@contextmanager
def child(arguments: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Python process that is stopped at the end, its output in a file."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "SANIC_HOST": "127.0.0.1"},
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_healthy(server: Server) -> None:
    """Wait for a server.

    Raises:
        SystemExit: it ended or does not answer in time.
    """
    deadline = time.monotonic() + START_SECONDS
    while not server.is_healthy():
        if server.process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{server.name} did not start: {server.last_words()}")
        time.sleep(POLL_SECONDS)


@contextmanager
def running_actions(settings: Settings) -> Iterator[psutil.Process]:
    """The action server, which both share."""
    log = settings.data_dir / "logs/actions.log"
    port = str(settings.action_port)
    arguments = ["-m", "rasa_ext.action_server", settings.action_host, port]
    with child(arguments, log) as process:
        health = f"{settings.local_actions_url}/health"
        wait_until_healthy(Server("actions", process, health, log))
        yield psutil.Process(process.pid)


@contextmanager
def running(
    name: str, model: Path, settings: Settings, actions: psutil.Process
) -> Iterator[System]:
    """One of the two, ready: its first message is answered.

    Args:
        name: OURS or STOCK.
        model: that it was trained to.
        settings: the data folder and the action server's port.
        actions: the action server.
    """
    port = settings.port if name == OURS else free_port()
    log = settings.data_dir / f"logs/{name}.log"
    url = f"http://127.0.0.1:{port}/webhooks/rest"
    began = time.monotonic()
    with child(_arguments(name, model, settings, port), log) as process:
        health = f"{url}/" if name == STOCK else f"{settings.local_url}/health/ready"
        server = Server(name, process, health, log)
        wait_until_healthy(server)
        say_once(f"{url}/webhook", f"start-{port}", FIRST_MESSAGE)
        seconds = time.monotonic() - began
        watched = psutil.Process(process.pid)
        prefix = "rest:" if name == OURS else ""
        start = (seconds, cpu_seconds(watched))
        yield System(name, f"{url}/webhook", prefix, watched, actions, start)
