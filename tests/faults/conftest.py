"""The real servers that the files of faults share: each one takes long to start."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.servers import RealServer, real_server
from tests.faults.speakers import Everywhere, everywhere


@pytest.fixture(scope="package")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    """A server as `make run` starts it."""
    data_dir = tmp_path_factory.mktemp("faults") / "data"
    with real_server(model, data_dir, XIESHANG_TODAY="2026-11-23") as running:
        yield running


@pytest.fixture(scope="package")
def place(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Everywhere]:
    """A server with every channel on."""
    folder = tmp_path_factory.mktemp("everywhere") / "data"
    with everywhere(model, folder) as running:
        yield running
