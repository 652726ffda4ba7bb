"""What Telegram tells, read with care: https://core.telegram.org/bots/api#update

The text of an update is whatever somebody sent; of its form nothing is taken for
granted either. What the assistant does not know about is nothing to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa_ext.channels.messenger import Declined, Heard, Press, Said
from xieshang.knowledge import current_knowledge

GROUPS = ("group", "supergroup")
# What a message can hold in place of a text; anything else is a notice of Telegram's.
MEDIA = frozenset(
    {
        "animation",
        "audio",
        "checklist",
        "contact",
        "dice",
        "document",
        "game",
        "invoice",
        "location",
        "paid_media",
        "photo",
        "poll",
        "sticker",
        "story",
        "venue",
        "video",
        "video_note",
        "voice",
    }
)
# /start, /start@the_bot, /start huabei
_COMMAND = re.compile(r"/(\w{1,32})(?:@\w+)?(?:\s+(\S+))?\s*", re.ASCII)
_QUERY = re.compile(r"[\w-]{1,60}", re.ASCII)
_NUMBERS = range(-(2**63), 2**63)

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class Incoming:
    """Something that a person did.

    Attributes:
        chat: where; with a person it is the person's own number.
        message_id: of the entry that is kept of it; the same when it is told again.
        heard: what the bot is to be told.
        query: of a pressed button, to be answered.
        shown: number of the message whose button was pressed.
    """

    chat: int
    message_id: str
    heard: Heard
    query: str | None = None
    shown: int | None = None


def update_id(update: object) -> int | None:
    """The number of an update; None: it is none."""
    return _number(_fields(update).get("update_id"))


def read_update(update: object) -> Incoming | None:
    """What a person did; None: nothing that concerns the assistant.

    Args:
        update: JSON of Telegram's.
    """
    fields = _fields(update)
    if "message" in fields:
        return _message(_fields(fields["message"]))
    if "edited_message" in fields:
        return _edited(_fields(fields["edited_message"]))
    if "callback_query" in fields:
        return _pressed(_fields(fields["callback_query"]))
    return None


def _fields(value: object) -> Fields:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and value in _NUMBERS else None  # type: ignore[operator,return-value]


def _chat(message: Fields) -> tuple[int | None, object]:
    chat = _fields(message.get("chat"))
    return _number(chat.get("id")), chat.get("type")


def _message(message: Fields) -> Incoming | None:
    chat, kind = _chat(message)
    number = _number(message.get("message_id"))
    if chat is None or number is None or _fields(message.get("from")).get("is_bot"):
        return None
    if kind in GROUPS:
        # One message of a group is kept, and so answered, whatever is said in it.
        return Incoming(chat, "group", Declined("telegram_group"))
    if kind != "private":
        return None
    text = message.get("text")
    if isinstance(text, str):
        return Incoming(chat, f"m{number}", _meant(text))
    if not MEDIA & message.keys():
        return None
    # The pictures of an album come one by one; they are answered once.
    album = message.get("media_group_id")
    is_album = isinstance(album, str) and _QUERY.fullmatch(album)
    return Incoming(
        chat, f"a{album}" if is_album else f"m{number}", Declined("not_text")
    )


def _meant(text: str) -> Heard:
    """What a command stands for; any other text as it is."""
    found = _COMMAND.fullmatch(text)
    table = current_knowledge().tables["telegram"]
    command = table["commands"].get(found[1].lower()) if found else None
    if not found or not command:
        return Said(text)
    if found[1].lower() == "start" and found[2] in table["deep_links"]:
        return Said(table["deep_links"][found[2]])
    return Declined(command["phrase"]) if "phrase" in command else Said(command["say"])


def _edited(message: Fields) -> Incoming | None:
    """An edited text is not read again.

    The turn that it led to is over: 1500 made into 2500 would answer the next question.
    """
    chat, kind = _chat(message)
    number = _number(message.get("message_id"))
    is_text = isinstance(message.get("text"), str)
    if chat is None or number is None or kind != "private" or not is_text:
        return None
    return Incoming(chat, f"e{number}", Declined("telegram_edited"))


def _pressed(query: Fields) -> Incoming | None:
    """A pressed button; its waiting is ended whatever came with it.

    Telegram leaves the message out when it is old. A person's number is the chat's.
    """
    name = query.get("id")
    person = _number(_fields(query.get("from")).get("id"))
    if not isinstance(name, str) or not _QUERY.fullmatch(name) or person is None:
        return None
    message = _fields(query.get("message"))
    shown = _number(message.get("message_id"))
    is_theirs = _chat(message) == (person, "private")
    heard = Press.of(query.get("data"))
    return Incoming(person, f"c{name}", heard, name, shown if is_theirs else None)
