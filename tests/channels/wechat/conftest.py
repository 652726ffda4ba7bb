"""Accounts of WeChat before a light server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
import pytest_asyncio

from tests.channels.servers import EchoServer
from tests.channels.wechat.platform import Platform

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


def light(data_dir: Path, mode: str, *, certified: bool) -> Iterator[Platform]:
    platform = Platform(mode)
    platform.api.start()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in platform.environment(certified=certified).items():
            patch.setenv(name, value)
        platform.server = LightServer(data_dir)  # type: ignore[attr-defined]
    platform.url = platform.server.url  # type: ignore[attr-defined]
    yield platform
    platform.server.kill()  # type: ignore[attr-defined]
    platform.api.stop()


@pytest.fixture(scope="module")
def plain_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    yield from light(tmp_path_factory.mktemp("plain"), "plain", certified=False)


@pytest.fixture(scope="module")
def safe_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    yield from light(tmp_path_factory.mktemp("safe"), "safe", certified=True)


@pytest_asyncio.fixture
async def plain(plain_account: Platform) -> AsyncIterator[Platform]:
    """An account that is not certified, its letters in clear."""
    yield plain_account
    await plain_account.close()


@pytest_asyncio.fixture
async def safe(safe_account: Platform) -> AsyncIterator[Platform]:
    """A certified account, its letters encrypted."""
    yield safe_account
    await safe_account.close()


async def until(is_so: Callable[[], bool]) -> None:
    async def wait() -> None:
        while not is_so():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(wait(), WAIT_SECONDS)
