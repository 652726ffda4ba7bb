"""The two servers as child processes: started, watched and stopped together."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from urllib.error import URLError
from urllib.request import urlopen

from rasa_ext.commands.channels import write_credentials
from xieshang.settings import ROOT, Settings

STOP_SECONDS = 10
START_SECONDS = 120
POLL_SECONDS = 0.2


@dataclass
class Server:
    """A child process, the address that tells its health, and its log."""

    name: str
    process: subprocess.Popen[bytes]
    health_url: str
    log: Path

    def is_healthy(self) -> bool:
        """Whether the address answers with success."""
        try:
            with urlopen(self.health_url, timeout=2) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except (URLError, OSError):
            return False

    def last_words(self) -> str:
        """The last line of its log that says something."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return said[-1] if said else "no output"


def require_free_port(host: str, port: int, setting: str) -> None:
    """Stop with one clear line when a port is taken.

    Raises:
        SystemExit: something listens on the port, or it may not be bound.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Stop what uses it or set {setting} to another port."
            )


def require_data_dir(settings: Settings) -> None:
    """Make the data folder, or stop with one clear line.

    Raises:
        SystemExit: it cannot be written.
    """
    probe = settings.data_dir / ".writable"
    try:
        if not settings.data_dir.exists():
            settings.data_dir.mkdir(parents=True)
            settings.data_dir.chmod(0o700)  # what people wrote stands in it
        (settings.data_dir / "logs").mkdir(exist_ok=True)
        probe.write_bytes(b"0" * 65536)
        probe.unlink()
    except OSError as error:
        sys.exit(
            f"{settings.data_dir} cannot be written ({error.strerror}). "
            "Free some disk or set XIESHANG_DATA_DIR to another folder."
        )


def write_endpoints(settings: Settings) -> Path:
    """endpoints.yml with the action servers' address of the settings."""
    default = "http://127.0.0.1:5055/"
    text = (ROOT / "endpoints.yml").read_text(encoding="utf-8")
    path = settings.data_dir / "endpoints.yml"
    path.write_text(text.replace(default, f"{settings.actions_url}/"), encoding="utf-8")
    return path


class Servers:
    """Starts servers and stops every one of them at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._running: list[Server] = []

    def __enter__(self) -> Servers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in self._running:
            if server.process.poll() is None:
                server.process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for server in self._running:
            try:
                server.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                server.process.kill()
                server.process.wait()

    def _start(self, name: str, arguments: Sequence[str], health_url: str) -> None:
        log = self._settings.data_dir / "logs" / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                # Ctrl-C reaches the supervisor only, which then stops the servers.
                start_new_session=True,
            )
        self._running.append(Server(name, process, health_url, log))

    def start_actions(self) -> None:
        """Start the action server."""
        host, port = self._settings.action_host, self._settings.action_port
        require_free_port(host, port, "XIESHANG_ACTION_PORT")
        self._start(
            "actions",
            ["rasa_ext.action_server", host, str(port)],
            f"{self._settings.local_actions_url}/health",
        )

    def start_rasa(self, model: Path, endpoints: Path) -> None:
        """Start Rasa with the channels of credentials.yml and those that are on."""
        settings = self._settings
        require_free_port(settings.host, settings.port, "XIESHANG_PORT")
        arguments = ["rasa_ext.launch", "run", "--model", str(model)]
        arguments += ["--endpoints", str(endpoints)]
        arguments += ["--credentials", str(write_credentials(settings))]
        arguments += ["-i", settings.host, "-p", str(settings.port)]
        if settings.api_token:
            arguments += ["--enable-api", "--auth-token", settings.api_token]
        self._start("rasa", arguments, f"{settings.local_url}/health/ready")

    def dead(self) -> Server | None:
        """A server that has ended, if any."""
        return next((s for s in self._running if s.process.poll() is not None), None)

    def wait_until_healthy(self) -> None:
        """Wait until every server answers.

        Raises:
            SystemExit: one ended or none of them answers in time.
        """
        deadline = time.monotonic() + START_SECONDS
        waiting = list(self._running)
        while waiting:
            ended = self.dead()
            if ended:
                sys.exit(f"{ended.name} ended at start: {ended.last_words()}")
            if time.monotonic() > deadline:
                sys.exit(f"{waiting[0].name} is not ready: see {waiting[0].log}")
            waiting = [server for server in waiting if not server.is_healthy()]
            time.sleep(POLL_SECONDS)

    def watch(self, chore: Callable[[], None]) -> None:
        """Return never: wait until a server dies.

        Args:
            chore: called every second.

        Raises:
            SystemExit: a server died.
        """
        while True:
            ended = self.dead()
            if ended:
                sys.exit(f"{ended.name} died: {ended.last_words()} (see {ended.log})")
            chore()
            time.sleep(1)
