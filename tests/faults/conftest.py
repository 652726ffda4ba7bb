"""A real server for each file of faults, and talks with it over REST."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.channels.servers import RealServer, real_server


@pytest.fixture(scope="module")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    data_dir = tmp_path_factory.mktemp("faults") / "data"
    with real_server(model, data_dir, XIESHANG_TODAY="2026-11-23") as running:
        yield running
