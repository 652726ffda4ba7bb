"""A PostgreSQL of the tests' own, on a port of its own, that can be stopped."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from tests.conftest import free_port
from tests.services.programs import program

PACKAGE = "postgresql"
USER = "tests"
READY_SECONDS = 60
# PostgreSQL refuses to run as root: the package's own user does it then.
SYSTEM_USER = "postgres"


class PostgresServer:
    """A cluster in a temporary folder, listening on loopback only."""

    def __init__(self) -> None:
        self._initdb = program("initdb", PACKAGE)
        self._pg_ctl = program("pg_ctl", PACKAGE)
        self.port = free_port()
        self._numbers = count()
        self._folder = Path(tempfile.mkdtemp(prefix="postgres"))
        self._as_user = []
        if os.geteuid() == 0:
            self._as_user = [program("runuser", "util-linux"), "-u", SYSTEM_USER, "--"]
            shutil.chown(self._folder, SYSTEM_USER)
        self._data = self._folder / "data"
        self._run(
            self._initdb,
            *f"-D {self._data} -U {USER} -A trust -E UTF8 --locale=C".split(),
        )
        self.start()

    def _run(self, *command: str) -> None:
        done = subprocess.run(
            [*self._as_user, *command],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start(self) -> None:
        """Start it; it answers when this returns."""
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self._folder}"
        self._run(
            self._pg_ctl,
            *f"start -D {self._data} -w -t {READY_SECONDS}".split(),
            *("-l", str(self._folder / "log")),
            *("-o", options),
        )

    def stop(self) -> None:
        """Stop it as a crash does: nobody is waited for."""
        self._run(self._pg_ctl, *f"stop -D {self._data} -m immediate".split())

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"test{next(self._numbers)}"
        engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"create database {name}")
        engine.dispose()
        return self._url(name)

    def _url(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def remove(self) -> None:
        """Stop it, whether or not it runs, and remove what it kept."""
        if (self._data / "postmaster.pid").exists():
            self.stop()
        shutil.rmtree(self._folder)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A running server, or a skipped test where there is none on this machine."""
    server = PostgresServer()
    try:
        yield server
    finally:
        server.remove()
