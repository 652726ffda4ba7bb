"""The access token: asked for once, in time, and forced only when it must be."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from rasa_ext.channels.delivery import RefusedForGood
from rasa_ext.channels.wechat_api import ApiError, WechatApi
from tests.channels.wechat.platform import (
    APP_ID,
    APP_SECRET,
    OVERLAP_SECONDS,
    QUOTA,
    TOKEN,
    TOKEN_SECONDS,
    Api,
    Platform,
)
from xieshang.wechat import WechatSettings

PERSON = "p"
STABLE_TOKEN = "/cgi-bin/stable_token"


class Clock:
    """A clock that is set, and goes on whenever somebody looks."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        self.time += 0.01
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def platform(clock: Clock) -> Iterator[Platform]:
    platform = Platform()
    platform.api = Api(platform, clock)
    platform.api.start()
    platform.follower(PERSON).allow((100, QUOTA[1]))
    yield platform
    platform.api.stop()


def settings(platform: Platform, secret: str = APP_SECRET) -> WechatSettings:
    url = platform.api.url
    return WechatSettings(TOKEN, APP_ID, secret, is_certified=True, api_url=url)


@pytest_asyncio.fixture
async def api(platform: Platform, clock: Clock) -> AsyncIterator[WechatApi]:
    api = WechatApi(settings(platform), clock)
    yield api
    await api.close()


async def test_everybody_who_wants_one_gets_the_same(
    platform: Platform, api: WechatApi
) -> None:
    await asyncio.gather(*(api.send_text(PERSON, f"{n}") for n in range(20)))
    assert platform.api.calls[STABLE_TOKEN] == 1
    assert len(platform.follower(PERSON).texts()) == 20


async def test_it_is_renewed_before_its_end_and_never_forced(
    platform: Platform, api: WechatApi, clock: Clock
) -> None:
    for _ in range(3):
        await api.send_text(PERSON, "x")
        # The platform tells whole seconds: for one of them it has no other token yet.
        clock.time += TOKEN_SECONDS - OVERLAP_SECONDS - 1.5
        for _ in range(8):
            await api.send_text(PERSON, "x")
            clock.time += 0.25
    assert platform.api.calls["forced"] == 0
    assert 4 <= platform.api.calls[STABLE_TOKEN] <= 10
    # None was refused for being too old.
    sent = platform.api.calls["/cgi-bin/message/custom/send"]
    assert sent == len(platform.follower(PERSON).texts())


async def test_one_that_is_refused_is_replaced_once(
    platform: Platform, api: WechatApi
) -> None:
    for failure in (None, 40001, 42001, 40014):
        await api.send_text(PERSON, "x")
        if failure:
            platform.api.failures = [failure]
        platform.api.expire_token()
    asked = platform.api.calls[STABLE_TOKEN]
    await asyncio.gather(*(api.send_text(PERSON, f"{n}") for n in range(8)))
    assert platform.api.calls[STABLE_TOKEN] == asked + 1
    assert platform.api.calls["forced"] == 0


async def test_another_process_that_forces_one_is_followed(
    platform: Platform, api: WechatApi, clock: Clock
) -> None:
    other = WechatApi(settings(platform), clock)
    await api.send_text(PERSON, "x")
    await other.send_text(PERSON, "x")
    platform.api.failures = [40001]
    await other.send_text(PERSON, "x")
    await other.close()
    assert platform.api.calls["forced"] == 1
    await api.send_text(PERSON, "x")
    assert platform.api.calls["forced"] == 1


async def test_a_wrong_secret_is_told_by_its_code(platform: Platform) -> None:
    api = WechatApi(settings(platform, "b" * 32))
    with pytest.raises(ApiError, match="40125"):
        await api.send_text(PERSON, "x")
    await api.close()


async def test_who_may_not_send_is_told_for_good(
    platform: Platform, api: WechatApi
) -> None:
    platform.is_certified = False
    with pytest.raises(RefusedForGood, match="48001"):
        await api.send_text(PERSON, "x")
