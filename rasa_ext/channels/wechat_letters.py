"""What a letter of WeChat means: a message, a button, a menu, or nothing to answer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from rasa_ext.channels.messenger import Chosen, Declined, Heard, Press, Said
from rasa_ext.channels.wechat_envelope import Letter
from xieshang.knowledge import Knowledge

_OPENID = re.compile(r"[\w-]{1,64}", re.ASCII)
_MESSAGE_NUMBER = re.compile(r"\d{1,20}", re.ASCII)
# Messages whose content is not read; voice is not turned into text by the platform
# any more.
_DECLINED = {
    "voice": "voice",
    **dict.fromkeys(
        ("image", "video", "shortvideo", "location", "link", "file"), "not_text"
    ),
}
# WeChat's own faces are sent as codes, /::D or /:rose: no commands.
_FACE = re.compile(r"/:(?:[a-z]{2,8}|8?[!-.:-~]{1,3}0?)")


@dataclass(frozen=True)
class Received:
    """A letter that is to be answered.

    Attributes:
        person: the sender's openid.
        message_id: the same when the platform sends it again.
        heard: what the person said or did.
    """

    person: str
    message_id: str
    heard: Heard


@dataclass(frozen=True)
class Left:
    """The person does not follow the account any more."""

    person: str


def read_letter(letter: Letter, knowledge: Knowledge) -> Received | Left | None:
    """What a letter means; None: nothing that is answered.

    Args:
        letter: from the platform.
        knowledge: its table wechat names the menu.
    """
    fields = letter.fields
    person = fields.get("FromUserName", "")
    if not _OPENID.fullmatch(person):
        return None
    kind = fields.get("MsgType", "").lower()
    if kind == "event":
        if fields.get("Event", "").lower() == "unsubscribe":
            return Left(person)
        done = _event(fields, knowledge)
        return Received(person, message_id(fields), done) if done else None
    heard: Heard = Declined(_DECLINED.get(kind, "not_text"))
    if kind == "text":
        heard = _text(fields, knowledge)
    return Received(person, message_id(fields), heard)


def message_id(fields: Mapping[str, str]) -> str:
    """The number of a message; events have none: sender, time and kind instead."""
    number = fields.get("MsgId", "")
    if _MESSAGE_NUMBER.fullmatch(number):
        return number
    parts = ("FromUserName", "CreateTime", "MsgType", "Event", "EventKey")
    named = "\n".join(fields.get(part, "") for part in parts)
    return f"e{hashlib.sha256(named.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def _text(fields: Mapping[str, str], knowledge: Knowledge) -> Heard:
    # Set by the platform when a link of ours was touched; what is typed has none. Test
    # accounts leave it out: then the title counts as typed.
    token = fields.get("bizmsgmenuid", "")
    if token:
        press = Press.of(token)
        if isinstance(press, Press):
            return press
    text = fields.get("Content", "")
    if text == knowledge.tables["wechat"]["not_handed_on"]:
        return Declined("not_text")
    said = _FACE.sub("", text)
    return Declined("no_words") if text.strip() and not said.strip() else Said(said)


def _event(fields: Mapping[str, str], knowledge: Knowledge) -> Chosen | Declined | None:
    table = knowledge.tables["wechat"]
    event, key = fields.get("Event", "").lower(), fields.get("EventKey", "")
    if event == "subscribe":
        return Chosen(**table["subscribe"])
    if event == "click":
        item = table["menu"].get(key)
        return Chosen(**item) if item else Declined("button_used")
    return None
