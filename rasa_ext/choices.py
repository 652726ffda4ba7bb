"""Buttons that were offered, and what a person typed to choose one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rasa.shared.core.events import BotUttered, Event, UserUttered

# How far back a button may be pressed: about ten turns.
RECENT_BOT_MESSAGES = 40

_NUMERALS = {
    numeral: rank for rank, numeral in enumerate("一二三四五六七八九", start=1)
}
_ORDINAL = re.compile(
    r"我?(?:选择?|要|点|看)?第?([1-9１-９一二三四五六七八九])(?:个|项|号)?"
    r"(?:吧|呀|啊|呢)?[.、。)）]?"
)
_MARKS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Button:
    """A button as a channel shows it."""

    title: str
    payload: str


def _buttons_of(event: Event) -> list[Button]:
    if not isinstance(event, BotUttered):
        return []
    return [
        Button(str(button["title"]), str(button["payload"]))
        for button in event.data.get("buttons") or ()
        if button.get("title") and button.get("payload")
    ]


def issued_payloads(events: Iterable[Event]) -> set[str]:
    """The payloads of the recent buttons of a conversation.

    Args:
        events: the conversation's events, oldest first.
    """
    said = [event for event in events if isinstance(event, BotUttered)]
    recent = said[-RECENT_BOT_MESSAGES:]
    return {button.payload for event in recent for button in _buttons_of(event)}


def last_buttons(events: Iterable[Event]) -> list[Button]:
    """The buttons of the bot's last turn, in the order shown.

    Args:
        events: the conversation's events, oldest first.
    """
    buttons: list[Button] = []
    for event in events:
        if isinstance(event, UserUttered):
            buttons = []
        buttons.extend(_buttons_of(event))
    return buttons


def chosen_rank(text: str) -> int | None:
    """The rank that a text such as "2", "二" or "第二个" names, counted from 1."""
    match = _ORDINAL.fullmatch(re.sub(r"\s", "", text))
    if not match:
        return None
    numeral = match.group(1)
    return _NUMERALS.get(numeral) or int(numeral)


def may_choose(text: str, titles: Iterable[str]) -> bool:
    """Whether a text can be a choice at all: a rank, or the title of some button.

    Args:
        text: what the person typed.
        titles: every title that a button can have.
    """
    bare = _MARKS.sub("", text)
    return chosen_rank(text) is not None or any(
        bare == _MARKS.sub("", title) for title in titles
    )


class NoSuchChoice(LookupError):
    """A number was typed that none of the last buttons has."""


def chosen_payload(text: str, events: Iterable[Event]) -> str | None:
    """The payload of the last turn's button that a typed number or title chooses.

    Args:
        text: what the person typed.
        events: the conversation's events, oldest first.

    Raises:
        NoSuchChoice: there are buttons, but none with the typed number.
    """
    buttons = last_buttons(events)
    bare = _MARKS.sub("", text)
    for button in buttons:
        if bare == _MARKS.sub("", button.title):
            return button.payload
    rank = chosen_rank(text)
    if rank is None or not buttons:
        return None
    if rank > len(buttons):
        raise NoSuchChoice(str(rank))
    return buttons[rank - 1].payload
