"""An account before a light server, both of them rid of when they are not needed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.channels.servers import EchoServer
from tests.channels.wechat.platform import Platform
from xieshang.storage.database import migrate, open_database

WAIT_SECONDS = 30


class LightServer(EchoServer):
    """See light_server.py."""

    module = "tests.channels.wechat.light_server"

    def _answers(self) -> bool:
        try:
            urlopen(f"{self.url}/wechat", timeout=2)
        except HTTPError as refused:
            return refused.code == 403
        except (URLError, OSError):
            return False
        return True


class LightAccount(Platform):
    """An account and its server, which starts when the account does."""

    def __init__(self, data_dir: Path, mode: str, *, certified: bool) -> None:
        super().__init__(mode)
        # As `make run` does before it starts anything.
        self._database = data_dir / "xieshang.db"
        migrate(open_database(f"sqlite:///{self._database}"))
        self.api.start()
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment(certified=certified).items():
                patch.setenv(name, value)
            self.server = LightServer(data_dir)
        self.url = self.server.url

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with sqlite3.connect(self._database) as database:
            return database.execute(query, values).fetchall()

    def lock_database(self) -> sqlite3.Connection:
        lock = sqlite3.connect(self._database, isolation_level=None)
        lock.execute("begin immediate")
        return lock

    def stop(self) -> None:
        self.server.kill()
        self.api.stop()


@contextmanager
def light_account(
    data_dir: Path, mode: str, *, certified: bool
) -> Iterator[LightAccount]:
    account = LightAccount(data_dir, mode, certified=certified)
    try:
        yield account
    finally:
        account.stop()


async def until(is_so: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not is_so():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(wait(), WAIT_SECONDS)
