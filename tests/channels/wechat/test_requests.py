"""Who may send what: signatures before anything else, and never an error after them."""

from __future__ import annotations

import asyncio
import base64
import time

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.wechat.light import LightAccount
from tests.channels.wechat.platform import (
    AES_KEY,
    TOKEN,
    Platform,
    Seal,
    element,
    letter,
    numbers,
    sha1,
    signed,
)

FIELDS = {
    "ToUserName": "gh_account",
    "FromUserName": "fuzzed",
    "CreateTime": "1700000000",
    "MsgType": "text",
    "Content": "hi",
    "MsgId": "7",
}
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<xml><FromUserName>bomb</FromUserName><MsgType>text</MsgType>"
    "<MsgId>1</MsgId><Content>&c;</Content></xml>"
)
FILE = (
    '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    "<xml><FromUserName>bomb</FromUserName><MsgType>text</MsgType>"
    "<MsgId>2</MsgId><Content>&f;</Content></xml>"
)


def people(account: LightAccount) -> list[str]:
    """Everybody of whom something is kept."""
    query = "select distinct conversation_id from entries"
    return [str(name) for (name,) in account.rows(query)]


async def get(account: LightAccount, query: dict[str, str]) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as browser,
        browser.get(f"{account.url}/wechat", params=query) as answer,
    ):
        return answer.status, await answer.text()


class TestEcho:
    async def test_the_platform_gets_its_echo(self, plain: LightAccount) -> None:
        query = {**signed(), "echostr": "5837397576500011341"}
        assert await get(plain, query) == (200, "5837397576500011341")

    async def test_nobody_else_does(self, plain: LightAccount) -> None:
        for query in ({}, signed("another"), signed(at=time.time() - 301)):
            status, told = await get(plain, {**query, "echostr": "<script>"})
            assert (status, told) == (403, "forbidden")


def forged() -> list[dict[str, str]]:
    """Queries that the platform did not sign, or not now."""
    good = signed()
    return [
        {},
        {"signature": good["signature"]},
        {**good, "signature": ""},
        {**good, "signature": good["signature"].upper()},
        {**good, "signature": good["signature"][:-1]},
        {**good, "signature": "您" * 40},
        {**good, "timestamp": str(int(good["timestamp"]) - 1)},
        {**good, "nonce": good["nonce"] + "0"},
        signed("wrong"),
        signed(""),
        signed(at=time.time() - 301),
        signed(at=time.time() + 302),
        signed(at=-1),
        signed(at=0),
        *(
            {"timestamp": at, "nonce": "1", "signature": sha1(TOKEN, at, "1")}
            for at in ("", "x", "1e9", "٣", "9" * 30)
        ),
    ]


class TestSignature:
    @pytest.mark.parametrize("number", range(len(forged())))
    async def test_what_is_not_signed_is_refused(
        self, plain: LightAccount, number: int
    ) -> None:
        body = letter({**FIELDS, "FromUserName": "forger"})
        status, told = await plain.post(forged()[number], body)
        assert (status, told) == (403, "forbidden")
        assert "wx:forger" not in people(plain)

    async def test_a_query_given_twice_is_none(self, plain: LightAccount) -> None:
        query = signed()
        address = f"{plain.url}/wechat?signature={query['signature']}"
        address += f"&signature=x&timestamp={query['timestamp']}&nonce={query['nonce']}"
        async with aiohttp.ClientSession() as browser:
            body = letter({**FIELDS, "FromUserName": "forger"})
            async with browser.post(address, data=body) as answer:
                assert answer.status == 403

    @pytest.mark.parametrize("drift", [-295, 295])
    async def test_clocks_may_be_five_minutes_apart(
        self, plain: LightAccount, drift: int
    ) -> None:
        body = letter({**FIELDS, "FromUserName": "drift", "MsgId": str(next(numbers))})
        status, _ = await plain.post(signed(at=time.time() + drift), body)
        assert status == 200

    @pytest.mark.parametrize("wrong", ["signature", "key", "content", "none", "clear"])
    async def test_a_sealed_letter_is_signed_itself(
        self, safe: LightAccount, wrong: str
    ) -> None:
        xml = letter({**FIELDS, "FromUserName": "forger"})
        query, body = safe.wrapped(xml)
        if wrong == "signature":
            query["msg_signature"] = query["msg_signature"][::-1]
        elif wrong == "content":
            body = f"<xml>{element('Encrypt', safe.seal.close(xml))}</xml>"
        elif wrong == "none":
            del query["msg_signature"]
        elif wrong == "clear":
            # The signature of the address says nothing of the body.
            query, body = signed(), xml
        elif wrong == "key":
            sealed = Seal(key=AES_KEY[::-1]).close(xml)
            parts = (query["timestamp"], query["nonce"])
            query["msg_signature"] = sha1("another token", *parts, sealed)
            body = f"<xml>{element('Encrypt', sealed)}</xml>"
        assert (await safe.post(query, body))[0] == 403
        assert "wx:forger" not in people(safe)

    @pytest.mark.parametrize(
        "sealed",
        [
            "",
            "x",
            "您",
            "=" * 64,
            base64.b64encode(b"x" * 31).decode(),
            base64.b64encode(b"x" * 64).decode(),
            Seal("wxsomebodyelses").close(letter(FIELDS)),
            Seal(key=AES_KEY[::-1]).close(letter(FIELDS)),
            Seal().close("no xml"),
        ],
        ids=range(9),
    )
    async def test_a_signed_cipher_that_cannot_be_read_is_left(
        self, safe: LightAccount, sealed: str
    ) -> None:
        query = {**signed(), "encrypt_type": "aes"}
        parts = (query["timestamp"], query["nonce"])
        query["msg_signature"] = sha1(TOKEN, *parts, sealed)
        body = f"<xml>{element('Encrypt', sealed)}</xml>"
        assert await safe.post(query, body) == (200, "success")
        assert "wx:fuzzed" not in people(safe)


class TestAnyBody:
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe",
            b"\x00",
            b"[]",
            b"<xml>",
            b"<xml/>",
            b"<xml></xml>",
            b"<other><MsgType>text</MsgType></other>",
            b"<xml>text</xml>",
            b"<xml>" * 20_000,
            b"<xml>" * 30_000 + b"</xml>" * 30_000,
            b"x" * 2_000_000,
            BOMB.encode(),
            FILE.encode(),
            letter(FIELDS).encode("utf-16"),
            b'<?xml version="1.0" encoding="utf-7"?><xml/>',
            letter({**FIELDS, "FromUserName": "../../x"}).encode(),
            letter({**FIELDS, "FromUserName": "x" * 65}).encode(),
            letter({**FIELDS, "FromUserName": ""}).encode(),
            (letter(FIELDS)[:-6] + "<FromUserName>b</FromUserName></xml>").encode(),
        ],
        ids=lambda body: repr(body[:30]),
    )
    async def test_what_is_no_letter_is_left(
        self, plain: LightAccount, body: bytes
    ) -> None:
        assert await plain.post(signed(), body) == (200, "success")
        assert not {"wx:bomb", "wx:fuzzed"} & set(people(plain))

    async def test_control_characters_do_not_hide_a_message(
        self, plain: LightAccount
    ) -> None:
        number = str(next(numbers))
        body = letter({**FIELDS, "FromUserName": "control", "MsgId": number})
        body = body.replace("[hi]", "[h\x01\x0b\x1fi\ufffe]")
        status, told = await plain.post(signed(), body)
        assert status == 200
        assert "hi #1" in told

    def test_no_signed_bytes_break_it_and_no_unsigned_ones_are_kept(
        self, plain_account: LightAccount
    ) -> None:
        names = st.sampled_from([*FIELDS, "Event", "EventKey", "bizmsgmenuid", "x"])
        kinds = st.sampled_from(["text", "event", "voice", "subscribe", "CLICK", ""])
        values = st.one_of(st.text(max_size=40), kinds, st.just("7"))
        fields = st.dictionaries(names, values, max_size=9)
        noise = st.binary(max_size=200)

        @st.composite
        def bodies(draw: st.DrawFn) -> bytes:
            whole = letter({**FIELDS, **draw(fields)}).encode("utf-8", "replace")
            if draw(st.booleans()):
                at = draw(st.integers(0, len(whole)))
                whole = whole[:at] + draw(noise) + whole[at:]
            return draw(st.sampled_from([whole, draw(noise)]))

        loop = asyncio.new_event_loop()

        @settings(
            max_examples=300,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(bodies(), st.booleans())
        def check(body: bytes, is_signed: bool) -> None:
            if is_signed:
                status, _ = loop.run_until_complete(plain_account.post(signed(), body))
                assert status == 200
            else:
                before = people(plain_account)
                query = signed("wrong")
                status, _ = loop.run_until_complete(plain_account.post(query, body))
                assert status == 403
                assert people(plain_account) == before

        try:
            check()
        finally:
            loop.run_until_complete(plain_account.close())
            loop.close()
        log = plain_account.server.log()
        assert "Traceback" not in log


class TestModes:
    async def test_without_a_key_the_safe_mode_says_what_is_missing(
        self, plain: LightAccount
    ) -> None:
        account = Platform("safe")
        account.url = plain.url
        assert await account.say("keyless", "hi") is None
        await account.close()
        assert "XIESHANG_WECHAT_AES_KEY is not set" in plain.server.log()

    async def test_without_a_key_the_compatible_mode_is_read_in_clear(
        self, plain: LightAccount
    ) -> None:
        query, body = Platform("compatible").wrapped(
            letter({**FIELDS, "FromUserName": "clear", "MsgId": str(next(numbers))})
        )
        status, told = await plain.post(query, body)
        assert status == 200
        assert "hi #1" in told

    async def test_the_compatible_mode_is_answered_encrypted(
        self, safe_account: LightAccount
    ) -> None:
        account = Platform("compatible")
        account.url = safe_account.url
        assert await account.say("compatible", "hi") == "hi #1"
        await account.close()

    async def test_secrets_and_texts_are_not_logged(
        self, safe_account: LightAccount, plain_account: LightAccount
    ) -> None:
        for account in (safe_account, plain_account):
            await account.say("logged", "不可写入日志的话")
            await account.close()
            log = account.server.log()
            for secret in (TOKEN, AES_KEY, "ACCESS_", "不可写入日志的话", "wx:logged"):
                assert secret not in log
