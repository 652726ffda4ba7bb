"""A PostgreSQL of the tests' own, in a folder and on a port of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import free_port

# Where Debian keeps what is not meant for the PATH.
DEBIAN = "/usr/lib/postgresql/*/bin"


def _binaries() -> Path:
    found = shutil.which("pg_ctl")
    folders = [Path(found).parent] if found else sorted(Path("/").glob(DEBIAN[1:]))
    if not folders:
        pytest.skip("PostgreSQL is missing: install the system's package of it")
    return folders[-1]


@contextmanager
def postgresql_server() -> Iterator[str]:
    """The address of a running server, or a skipped test where there is none."""
    binaries = _binaries()
    # It refuses to run as root, and its folder must be reachable for its user.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="xieshang-postgresql-"))
    if as_user:
        shutil.chown(folder, "postgres")
    data, port = folder / "data", free_port()

    def control(program: str, *arguments: str) -> None:
        subprocess.run(
            [*as_user, str(binaries / program), "-D", str(data), *arguments],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    control("initdb", "-U", "tester", "--auth", "trust", "--encoding", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder}"
    control("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        control("pg_ctl", "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder)
