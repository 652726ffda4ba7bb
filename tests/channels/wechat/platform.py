"""WeChat's side: an official account, its followers and its API, with all their rules.

Written from the platform's documents, apart from the channel: signature, cipher, XML,
five seconds and three attempts, 2,048 bytes, tokens, the quota of customer service
messages.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import itertools
import os
import random
import re
import struct
import threading
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

ATTEMPT_SECONDS = 5.0
ATTEMPTS = 3
MOST_BYTES = 2048
# How many customer service messages may be sent, and for how many seconds.
QUOTA, MENU_QUOTA = (5, 48 * 3600), (3, 60)
TOKEN_SECONDS = 7200
# So long before its end a token has a successor, and holds beside it.
OVERLAP_SECONDS = 300
# A token that is forced more often stays as it is.
FORCED_SECONDS, MOST_FORCED = 30, 20
TOKEN = "t0kenForSignatures"
APP_ID = "wx0123456789abcdef"
APP_SECRET = "a" * 31 + "5"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_account"
BROKEN = "该公众号提供的服务出现故障"
LINK = re.compile(
    r'<a href="weixin://bizmsgmenu\?msgmenucontent=([^&"]+)&msgmenuid=([^"&]+)">'
    r"([^<]*)</a>"
)
PNG = b"\x89PNG\r\n\x1a\n"
# XML 1.0 forbids them: the platform could not send them either.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

numbers = itertools.count(24_000_000_000_000_000)


def sha1(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


class Seal:
    """The cipher of the compatible and the safe mode."""

    def __init__(self, app_id: str = APP_ID, key: str = AES_KEY) -> None:
        self._app_id = app_id.encode()
        self._key = base64.b64decode(key + "=")

    def _cipher(self) -> Any:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def close(self, text: str) -> str:
        raw = text.encode()
        whole = os.urandom(16) + struct.pack(">I", len(raw)) + raw + self._app_id
        rest = 32 - len(whole) % 32
        whole += bytes([rest]) * rest
        machine = self._cipher().encryptor()
        return base64.b64encode(machine.update(whole) + machine.finalize()).decode()

    def open(self, sealed: str) -> str:
        machine = self._cipher().decryptor()
        whole = machine.update(base64.b64decode(sealed)) + machine.finalize()
        rest = whole[-1]
        assert 1 <= rest <= 32
        assert whole.endswith(bytes([rest]) * rest)
        whole = whole[:-rest]
        (length,) = struct.unpack(">I", whole[16:20])
        assert whole[20 + length :] == self._app_id
        text: str = whole[20 : 20 + length].decode()
        return text


def element(name: str, text: str) -> str:
    inside = text.replace("]]>", "]]]]><![CDATA[>")
    return f"<{name}><![CDATA[{inside}]]></{name}>"


def letter(fields: dict[str, str]) -> str:
    inside = "".join(element(name, text) for name, text in fields.items())
    return f"<xml>{inside}</xml>"


def signed(token: str = TOKEN, at: float | None = None) -> dict[str, str]:
    """The query of a request, signed."""
    sent = str(int(time.time() if at is None else at))
    nonce = str(random.randrange(10**9))
    return {
        "signature": sha1(token, sent, nonce),
        "timestamp": sent,
        "nonce": nonce,
        "openid": "whoever",
    }


@dataclass
class Follower:
    """What the platform knows of a person.

    Attributes:
        received: what was shown, in order: ("reply" or "push", text).
        left: how many customer service messages may still be sent.
        left_until: until when, of the monotonic clock.
    """

    openid: str
    received: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0
    left_until: float = 0

    def allow(self, quota: tuple[int, int]) -> None:
        """Customer service messages may be sent."""
        self.left, seconds = quota
        self.left_until = time.monotonic() + seconds

    def texts(self, how: str = "") -> list[str]:
        return [text for by, text in self.received if how in ("", by)]


class Platform:
    """The account.

    Args:
        mode: plain, compatible or safe.
        hang_up: seconds that the platform waits for a reply.
    """

    def __init__(self, mode: str = "plain", hang_up: float = ATTEMPT_SECONDS) -> None:
        self.mode = mode
        self.hang_up = hang_up
        self.is_certified = True
        self.url = ""
        self.followers: dict[str, Follower] = {}
        self.attempts: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.seal = Seal()
        self.api = Api(self)
        self._session: aiohttp.ClientSession | None = None

    def environment(self, *, certified: bool) -> dict[str, str]:
        """The settings of the channel."""
        self.is_certified = certified
        return {
            "XIESHANG_WECHAT_TOKEN": TOKEN,
            "XIESHANG_WECHAT_APP_ID": APP_ID,
            "XIESHANG_WECHAT_APP_SECRET": APP_SECRET,
            "XIESHANG_WECHAT_AES_KEY": "" if self.mode == "plain" else AES_KEY,
            "XIESHANG_WECHAT_CERTIFIED": "1" if certified else "0",
            "XIESHANG_WECHAT_API_URL": self.api.url,
        }

    def follower(self, openid: str) -> Follower:
        return self.followers.setdefault(openid, Follower(openid))

    async def say(
        self, openid: str, text: str, number: str = "", **fields: str
    ) -> str | None:
        """Send a message; the text of the reply, None when there is none."""
        self.follower(openid).allow(QUOTA)
        return await self.bring(
            openid,
            MsgType="text",
            Content=NOT_XML.sub("", text),
            MsgId=number or str(next(numbers)),
            **fields,
        )

    async def press(self, openid: str, title: str, number: str = "") -> str | None:
        """Touch the newest link of that title."""
        content, token = next(
            (found[1], found[2])
            for text in reversed(self.follower(openid).texts())
            for found in LINK.finditer(text)
            if found[1] == title
        )
        self.follower(openid).allow(MENU_QUOTA)
        return await self.bring(
            openid,
            MsgType="text",
            Content=content,
            bizmsgmenuid=token,
            MsgId=number or str(next(numbers)),
        )

    async def event(self, openid: str, event: str, key: str = "") -> str | None:
        if event in ("subscribe", "CLICK"):
            self.follower(openid).allow(MENU_QUOTA)
        return await self.bring(openid, MsgType="event", Event=event, EventKey=key)

    async def bring(self, openid: str, **fields: str) -> str | None:
        """Bring a letter to the server, three times if it must be."""
        whole = {
            "ToUserName": ACCOUNT,
            "FromUserName": openid,
            "CreateTime": str(int(time.time())),
            **fields,
        }
        for _ in range(ATTEMPTS):
            self.attempts[fields.get("MsgId", "")] += 1
            try:
                status, body = await self.post(*self.wrapped(letter(whole)))
            except (asyncio.TimeoutError, aiohttp.ClientError):
                continue
            assert status == 200, status
            return self._shown(openid, body)
        self.follower(openid).received.append(("reply", BROKEN))
        return BROKEN

    def wrapped(self, xml: str) -> tuple[dict[str, str], str]:
        """A letter as it is sent in the mode of the account."""
        query = signed()
        if self.mode == "plain":
            return query, xml
        sealed = self.seal.close(xml)
        query["encrypt_type"] = "aes"
        query["msg_signature"] = sha1(TOKEN, query["timestamp"], query["nonce"], sealed)
        inside = element("ToUserName", ACCOUNT) + element("Encrypt", sealed)
        if self.mode == "compatible":
            inside += xml.removeprefix("<xml>").removesuffix("</xml>")
        return query, f"<xml>{inside}</xml>"

    async def post(self, query: dict[str, str], body: str | bytes) -> tuple[int, str]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0)
            )
        started = time.monotonic()
        async with self._session.post(
            f"{self.url}/wechat",
            params=query,
            data=body,
            timeout=aiohttp.ClientTimeout(total=self.hang_up),
        ) as answer:
            text = await answer.text()
            self.seconds.append(time.monotonic() - started)
            return answer.status, text

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _shown(self, openid: str, body: str) -> str | None:
        if body in ("", "success"):
            return None
        root = ET.fromstring(body)
        if self.mode != "plain":
            parts = [str(root.findtext(n)) for n in ("TimeStamp", "Nonce", "Encrypt")]
            assert root.findtext("MsgSignature") == sha1(TOKEN, *parts)
            root = ET.fromstring(self.seal.open(parts[2]))
        assert root.findtext("ToUserName") == openid
        assert root.findtext("FromUserName") == ACCOUNT
        assert abs(int(root.findtext("CreateTime") or 0) - time.time()) < 60
        assert root.findtext("MsgType") == "text"
        text = root.findtext("Content") or ""
        assert 0 < len(text.encode()) <= MOST_BYTES
        self.follower(openid).received.append(("reply", text))
        return text


class Api:
    """The API of the account, on a port and in a thread of its own.

    Args:
        platform: whose.
        seconds: a clock that only goes forward.
    """

    def __init__(
        self, platform: Platform, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._platform = platform
        self._seconds = seconds
        self.url = ""
        self.calls: Counter[str] = Counter()
        self.failures: list[int | str] = []
        self._media: dict[str, bytes] = {}
        # The tokens that were given and until when each holds; the last one is given.
        self._tokens: dict[str, float] = {}
        self._given = ""
        self._forced_at = float("-inf")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def expire_token(self) -> None:
        """As when somebody resets the secret: no token holds any more."""
        self._tokens.clear()

    def _left(self) -> float:
        return self._tokens.get(self._given, 0) - self._seconds()

    def _new_token(self) -> None:
        self._given = f"ACCESS_{next(numbers)}"
        self._tokens[self._given] = self._seconds() + TOKEN_SECONDS

    def start(self) -> None:
        self._thread.start()
        self.url = asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result()

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _serve(self) -> str:
        app = web.Application(client_max_size=20_000_000)
        app.router.add_post("/cgi-bin/stable_token", self._stable_token)
        app.router.add_post("/cgi-bin/message/custom/send", self._send)
        app.router.add_post("/cgi-bin/media/upload", self._upload)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    def _error(self, request: web.Request) -> web.Response | None:
        self.calls[request.path] += 1
        failure = self.failures.pop(0) if self.failures else 0
        if failure == "500":
            return web.Response(status=500)
        failure = failure or self._refusal(request.query.get("access_token", ""))
        if not failure:
            return None
        return web.json_response({"errcode": failure, "errmsg": "x"})

    def _refusal(self, token: str) -> int:
        if token not in self._tokens:
            return 40001
        if self._tokens[token] < self._seconds():
            return 42001
        return 0 if self._platform.is_certified else 48001

    async def _stable_token(self, request: web.Request) -> web.Response:
        self.calls[request.path] += 1
        asked = await request.json()
        if (asked["appid"], asked["secret"]) != (APP_ID, APP_SECRET):
            return web.json_response({"errcode": 40125, "errmsg": "invalid appsecret"})
        assert asked["grant_type"] == "client_credential"
        if asked.get("force_refresh"):
            self.calls["forced"] += 1
            assert self.calls["forced"] <= MOST_FORCED
            if self._seconds() - self._forced_at >= FORCED_SECONDS:
                self._forced_at = self._seconds()
                self._tokens.clear()
        if self._left() <= OVERLAP_SECONDS:
            self._new_token()
        await asyncio.sleep(0.05)
        lifetime = int(self._left())
        return web.json_response({"access_token": self._given, "expires_in": lifetime})

    async def _send(self, request: web.Request) -> web.Response:
        error = self._error(request)
        if error is not None:
            return error
        raw = await request.read()
        assert b"\\u" not in raw, "shown as it is"
        asked = await request.json()
        follower = self._platform.follower(asked["touser"])
        if time.monotonic() > follower.left_until:
            return web.json_response({"errcode": 45015, "errmsg": "out of time"})
        if not follower.left:
            return web.json_response({"errcode": 45047, "errmsg": "out of limit"})
        if asked["msgtype"] == "image":
            if asked["image"]["media_id"] not in self._media:
                return web.json_response({"errcode": 40007, "errmsg": "no media"})
            text = "<image>"
        else:
            assert asked["msgtype"] == "text"
            text = asked["text"]["content"]
            if not 0 < len(text.encode()) <= MOST_BYTES:
                return web.json_response({"errcode": 45002, "errmsg": "size"})
        follower.left -= 1
        follower.received.append(("push", text))
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    async def _upload(self, request: web.Request) -> web.Response:
        error = self._error(request)
        if error is not None:
            return error
        assert request.query["type"] == "image"
        form = await request.post()
        media: Any = form["media"]
        content = media.file.read()
        assert content.startswith(PNG)
        media_id = f"media{len(self._media)}"
        self._media[media_id] = content
        return web.json_response({"type": "image", "media_id": media_id})
