"""WeChat's API: the access token, customer service messages, pictures."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import aiohttp

from rasa_ext.channels.delivery import RefusedForGood, TryLater
from xieshang.wechat import WechatSettings

TIMEOUT = aiohttp.ClientTimeout(total=10)
# The platform has a new token this long before the old one expires.
MARGIN_SECONDS = 300
# The platform's global error codes.
OUTDATED_TOKEN = frozenset({40001, 40014, 42001})
BUSY = frozenset({-1, 45009, 45011})
WINDOW_CLOSED = 45015
TOO_MANY_SENT = 45047
# Not certified, unknown openid, not a follower any more, refused by the person, media.
REFUSED = frozenset({WINDOW_CLOSED, 48001, 40003, 43004, 45065, 50002, 50005})


class QuotaReached(Exception):
    """So many messages were sent that the person must write first."""


class ApiError(Exception):
    """Another error of the platform; its text is the code."""


class WechatApi:
    """Talks to the API of one account.

    Args:
        settings: of the account.
        seconds: a clock that only goes forward.
    """

    def __init__(
        self, settings: WechatSettings, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None
        self._renewing = asyncio.Lock()
        # The platform keeps a stable token the same for every process that asks.
        self._token = ""
        self._expires = 0.0

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def send_text(self, person: str, text: str) -> None:
        """Send a customer service message.

        Args:
            person: openid.
            text: at most 2,048 bytes.

        Raises:
            RefusedForGood, TryLater, QuotaReached, ApiError: it is not sent.
        """
        await self._send(person, {"msgtype": "text", "text": {"content": text}})

    async def send_picture(self, person: str, png: bytes) -> None:
        """Upload a picture and send it.

        Args:
            person: openid.
            png: the picture, at most 10 MB.

        Raises:
            RefusedForGood, TryLater, QuotaReached, ApiError: it is not sent.
        """

        def form() -> aiohttp.FormData:
            data = aiohttp.FormData()
            data.add_field("media", png, filename="plan.png", content_type="image/png")
            return data

        uploaded = await self._call("/cgi-bin/media/upload", form, type="image")
        picture = {"media_id": str(uploaded.get("media_id"))}
        await self._send(person, {"msgtype": "image", "image": picture})

    async def _send(self, person: str, message: dict[str, Any]) -> None:
        # Escapes would be shown as they are.
        body = json.dumps({"touser": person, **message}, ensure_ascii=False).encode()
        await self._call("/cgi-bin/message/custom/send", lambda: body)

    async def _call(
        self, path: str, body: Callable[[], Any], **query: str
    ) -> dict[str, Any]:
        """Call with the token; once more with a new one when it was outdated."""
        for is_last in (False, True):
            token = await self._valid_token()
            answer = await self._post(path, body(), access_token=token, **query)
            code = answer.get("errcode") or 0
            if not code:
                return answer
            if code not in OUTDATED_TOKEN or is_last:
                raise _error(code)
            await self._replace(token)
        raise AssertionError

    async def _valid_token(self) -> str:
        """A token; whoever else wants one meanwhile gets the same."""
        async with self._renewing:
            if self._seconds() >= self._expires:
                await self._renew(is_forced=False)
            return self._token

    async def _replace(self, refused: str) -> None:
        """Get another token than one that the platform does not take.

        Forced only when the platform gives the same again: that ends the token of
        every other process, and works twenty times a day.
        """
        async with self._renewing:
            for is_forced in (False, True):
                if self._token == refused:
                    await self._renew(is_forced=is_forced)

    async def _renew(self, *, is_forced: bool) -> None:
        request = {
            "grant_type": "client_credential",
            "appid": self._settings.app_id,
            "secret": self._settings.app_secret,
            "force_refresh": is_forced,
        }
        answer = await self._post("/cgi-bin/stable_token", json.dumps(request).encode())
        if answer.get("errcode"):
            raise _error(answer["errcode"])
        self._token = str(answer["access_token"])
        lifetime = float(answer["expires_in"]) - MARGIN_SECONDS
        self._expires = self._seconds() + max(lifetime, 1)

    async def _post(self, path: str, body: Any, **query: str) -> dict[str, Any]:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        address = f"{self._settings.api_url}{path}"
        try:
            async with self._session.post(address, data=body, params=query) as answer:
                if answer.status >= 500:  # noqa: PLR2004 (every server error)
                    raise TryLater
                # Sent as text/plain now and then.
                told = json.loads(await answer.read())
        except (aiohttp.ClientError, OSError, asyncio.TimeoutError):
            # The text of the error holds the address, and that the token.
            raise TryLater from None
        except ValueError:
            raise ApiError("no JSON") from None
        if not isinstance(told, dict):
            raise ApiError("no JSON object")
        return told


def _error(code: int) -> Exception:
    if code in REFUSED:
        return RefusedForGood(str(code))
    if code in BUSY:
        return TryLater()
    if code == TOO_MANY_SENT:
        return QuotaReached(str(code))
    return ApiError(str(code))
