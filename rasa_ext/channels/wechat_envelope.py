"""WeChat's letters: signed, perhaps encrypted, in XML.

A signature is looked at before anything is parsed. It covers token, time and nonce but
not the body: where there is an AES key, only bodies that are signed themselves, the
encrypted ones, are opened.
"""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import xmltodict
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from xieshang.wechat import AES_KEY, WechatSettings

# How far the platform's clock and this one may be apart.
WINDOW_SECONDS = 300
MAX_BODY_BYTES = 64_000
# What XML 1.0 cannot hold at all: control characters, halves of surrogate pairs.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Forged(Exception):
    """The platform did not sign this, or not now."""


class Unreadable(Exception):
    """Signed, but no letter; names what is wrong with it."""


@dataclass(frozen=True)
class Letter:
    """What the platform sent.

    Attributes:
        fields: the texts of the XML, by the names of their elements.
        is_encrypted: whether it came encrypted; then the reply must be, too.
    """

    fields: Mapping[str, str]
    is_encrypted: bool


def _signature(*parts: str) -> str:
    signer = WeChatSigner()
    signer.add_data(*parts)
    return str(signer.signature)


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(
        one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass")
    )


class Envelope:
    """Opens and closes the letters of one account.

    Args:
        settings: of the account.
        seconds: the time in seconds since 1970.
    """

    def __init__(
        self, settings: WechatSettings, seconds: Callable[[], float] = time.time
    ) -> None:
        self._token = settings.token
        self._seconds = seconds
        self._crypto = (
            WeChatCrypto(settings.token, settings.aes_key, settings.app_id)
            if settings.aes_key
            else None
        )

    def verify(self, query: Mapping[str, str]) -> None:
        """Check who sent a request, before anything of it is read.

        Args:
            query: of its address.

        Raises:
            Forged: it is not signed with the token, or not within five minutes.
        """
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        signed = _signature(self._token, timestamp, nonce)
        if not _is_same(signed, query.get("signature", "")):
            raise Forged("signature")
        if not re.fullmatch(r"\d{1,12}", timestamp, re.ASCII):
            raise Forged("timestamp")
        if abs(self._seconds() - int(timestamp)) > WINDOW_SECONDS:
            raise Forged("time")

    def open(self, query: Mapping[str, str], body: bytes) -> Letter:
        """The letter in a request that is verified.

        Args:
            query: of its address.
            body: XML in UTF-8.

        Raises:
            Forged: there is an AES key and the letter is not encrypted with it, or
                signed wrongly.
            Unreadable: it cannot be read.
        """
        is_encrypted = query.get("encrypt_type") == "aes"
        if self._crypto is None:
            # In the compatible mode the letter stands in clear beside the other.
            fields = _fields(body)
            if is_encrypted and "MsgType" not in fields:
                raise Unreadable(f"encrypted, and {AES_KEY} is not set")
            return Letter(fields, is_encrypted=False)
        if not is_encrypted:
            raise Forged("not encrypted")
        sealed = _fields(body).get("Encrypt", "")
        parts = (query.get("timestamp", ""), query.get("nonce", ""))
        signed = _signature(self._token, *parts, sealed)
        if not _is_same(signed, query.get("msg_signature", "")):
            raise Forged("message signature")
        try:
            text = self._crypto.decrypt_message(
                {"Encrypt": sealed}, query["msg_signature"], *parts
            )
        except Exception as error:
            # Of the library, in many types, for whatever is not its cipher's text.
            raise Unreadable("cipher") from error
        return Letter(_fields(text.encode()), is_encrypted=True)

    def close(self, xml: str, nonce: str, *, is_encrypted: bool) -> str:
        """A reply as it is sent back.

        Args:
            xml: from `text_reply`.
            nonce: of the request.
            is_encrypted: whether the request was.
        """
        if not is_encrypted or self._crypto is None:
            return xml
        sent = str(int(self._seconds()))
        return str(self._crypto.encrypt_message(xml, cdata_free(nonce), sent))


def _fields(body: bytes) -> dict[str, str]:
    if len(body) > MAX_BODY_BYTES:
        raise Unreadable("too long")
    try:
        # People's control characters come through: they are dropped, not the message.
        text = _NO_XML.sub("", body.decode())
        # Entities, which can expand without end, are refused.
        root = xmltodict.parse(text, disable_entities=True).get("xml")
    except (UnicodeDecodeError, ExpatError, ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from error
    if not isinstance(root, dict):
        raise Unreadable("no <xml>")
    return {name: value for name, value in root.items() if isinstance(value, str)}


def cdata_free(text: str) -> str:
    """A text that may stand in a CDATA section: without what would end it early."""
    return _NO_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")


def text_reply(letter: Letter, content: str, seconds: float) -> str:
    """The XML of a text that answers a letter.

    Args:
        letter: which.
        content: plain text, at most 2,048 bytes; what XML cannot hold is left out.
        seconds: the time in seconds since 1970.
    """
    to, sender = letter.fields.get("FromUserName", ""), letter.fields.get("ToUserName")
    return (
        f"<xml><ToUserName><![CDATA[{cdata_free(to)}]]></ToUserName>"
        f"<FromUserName><![CDATA[{cdata_free(sender or '')}]]></FromUserName>"
        f"<CreateTime>{int(seconds)}</CreateTime>"
        "<MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{cdata_free(content)}]]></Content></xml>"
    )
