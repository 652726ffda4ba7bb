"""A Redis of the tests' own, on a port of its own, that can be stopped and started."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.conftest import free_port
from tests.services.programs import program

READY_SECONDS = 30


class RedisServer:
    """The system's redis-server, keeping nothing on disk."""

    def __init__(self, binary: str) -> None:
        self._binary = binary
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [self._binary, *f"--port {self.port} --bind 127.0.0.1 --save".split(), ""],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                with redis.Redis(port=self.port) as client:
                    client.ping()
                return
            except redis.ConnectionError:
                assert time.monotonic() < deadline
                time.sleep(0.05)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A running server, or a skipped test where there is none on this machine."""
    server = RedisServer(program("redis-server", "redis-server"))
    try:
        yield server
    finally:
        server.kill()
