"""Somebody who writes to the bot on Telegram."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

from rasa_ext.channels.limits import DEFAULT_LIMITS
from tests.channels.telegram.bot_api import WAIT_SECONDS, BotApi, Fields, Sent

LIMIT = DEFAULT_LIMITS.per_person[0]


def until(is_so: Callable[[], object], what: str = "") -> None:
    """Wait for something, with a generous limit."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not so after {WAIT_SECONDS} s: {what}"
        time.sleep(0.02)


class Person:
    """A private chat with the bot.

    Args:
        api: Telegram.
        is_settled: whether nothing is left to be answered or sent in a conversation.
    """

    def __init__(self, api: BotApi, is_settled: Callable[[str], bool]) -> None:
        self.api = api
        self.id = api.number()
        self.conversation_id = f"tg:{self.id}"
        self._is_settled = is_settled
        self._acts: deque[float] = deque(maxlen=LIMIT.messages)

    @property
    def chat(self) -> Fields:
        return {"id": self.id, "type": "private", "first_name": "王"}

    @property
    def sender(self) -> Fields:
        return {"id": self.id, "is_bot": False, "first_name": "王"}

    def message(self, **content: Any) -> Fields:
        return {
            "message_id": self.api.number(),
            "date": int(time.time()),
            "chat": self.chat,
            "from": self.sender,
            **content,
        }

    def write(self, text: str) -> Fields:
        """Send a message and wait for nothing."""
        return self.api.update(message=self.message(text=text))

    def send(self, **content: Any) -> list[Sent]:
        """Send a message of any kind; what the bot says then."""
        return self.hear(lambda: self.api.update(message=self.message(**content)))

    def say(self, text: str) -> list[Sent]:
        """Send a text; what the bot says then."""
        return self.send(text=text)

    def ask(self, text: str) -> str:
        """Send a text; what the bot says then, as one text."""
        return "\n".join(sent.text for sent in self.say(text))

    def seen(self) -> list[Sent]:
        """The bot's messages."""
        return [sent for sent in self.api.sent if sent.chat == self.id]

    def press(self, title: str) -> list[Sent]:
        """Press the newest button of a title; what the bot says then."""
        return self.hear(lambda: self.tap(title))

    def tap(self, title: str) -> str:
        """Press the newest button of a title and wait for nothing; the query's id."""
        sent, data = next(
            (sent, button["callback_data"])
            for sent in reversed(self.seen())
            for row in sent.buttons
            for button in row
            if button["text"] == title and "callback_data" in button
        )
        return self.call_back(data, sent.id)

    def call_back(self, data: str, message_id: int) -> str:
        """A button press, whether or not there is such a button; the query's id."""
        shown = {"message_id": message_id, "date": int(time.time()), "chat": self.chat}
        return self.api.press(**{"from": self.sender}, message=shown, data=data)

    def _take_time(self) -> None:
        """Write no faster than anybody does; counted from when it was answered."""
        if len(self._acts) == LIMIT.messages:
            time.sleep(max(0.0, self._acts[0] + LIMIT.seconds + 0.5 - time.monotonic()))

    def hear(self, act: Callable[[], object]) -> list[Sent]:
        """What the bot says after something was done."""
        self._take_time()
        before = len(self.seen())
        act()
        until(lambda: len(self.seen()) > before, "an answer")
        until(self.is_settled, "all of the answer")
        self._acts.append(time.monotonic())
        return self.seen()[before:]

    def is_settled(self) -> bool:
        """Whether nothing is left to be answered or sent."""
        return self._is_settled(self.conversation_id)
