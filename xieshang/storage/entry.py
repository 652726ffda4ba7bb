"""One message of a person or of the bot, as channels keep it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

USER = "user"
BOT = "bot"


@dataclass(frozen=True)
class Entry:
    """A message of the person or of the bot.

    Attributes:
        message_id: id of the person's message; of the one it answers for the bot's.
        sender: "user" or "bot".
        content: what is shown: kind, text, buttons …
        said_at: when it was kept.
        payload: what the bot is given instead of the text: a button was pressed.
        masked: the kinds of sensitive numbers that were masked in the text.
        used: whether one of its buttons was pressed.
        delivered: of the bot's: nothing is to be sent any more. The web does not look.
        sequence: its place in the conversation, from 1, without gaps.
    """

    message_id: str
    sender: str
    content: Mapping[str, Any]
    said_at: datetime
    payload: str | None = None
    masked: tuple[str, ...] = ()
    used: bool = False
    delivered: bool = False
    sequence: int = 0

    @property
    def text(self) -> str:
        """What was said."""
        return str(self.content.get("text") or "")

    @property
    def declined(self) -> str | None:
        """The phrase that answers the message instead of a turn, if any."""
        return self.content.get("phrase")


@dataclass(frozen=True)
class History:
    """Entries in order, and the highest sequence number that there is (0: none)."""

    entries: Sequence[Entry]
    sequence: int


def written(
    message_id: str, text: str, now: datetime, masked: Sequence[str] = ()
) -> Entry:
    """A message of the person that is to be kept.

    Args:
        message_id: given by the person's program, at most 64 characters.
        text: what is shown and handled; sensitive numbers are masked in it.
        now: the time.
        masked: which kinds of them there were.
    """
    content = {"kind": "text", "text": text}
    return Entry(message_id, USER, content, now, masked=tuple(masked))


def declined(message_id: str, phrase: str, now: datetime) -> Entry:
    """What the person sent and the bot is not told of: media, too long, too fast.

    Args:
        message_id: given by the platform, at most 64 characters.
        phrase: of phrases.yml, what it is answered with.
        now: the time.
    """
    return Entry(message_id, USER, {"kind": "declined", "phrase": phrase}, now)
