"""Accounts of WeChat before light servers, the same for every test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.channels.wechat.light import LightAccount, light_account


@pytest.fixture(scope="session")
def plain_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LightAccount]:
    with light_account(
        tmp_path_factory.mktemp("plain"), "plain", certified=False
    ) as account:
        yield account


@pytest.fixture(scope="session")
def safe_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LightAccount]:
    with light_account(
        tmp_path_factory.mktemp("safe"), "safe", certified=True
    ) as account:
        yield account


@pytest_asyncio.fixture
async def plain(plain_account: LightAccount) -> AsyncIterator[LightAccount]:
    """An account that is not certified, its letters in clear."""
    yield plain_account
    await plain_account.close()


@pytest_asyncio.fixture
async def safe(safe_account: LightAccount) -> AsyncIterator[LightAccount]:
    """A certified account, its letters encrypted."""
    yield safe_account
    await safe_account.close()
