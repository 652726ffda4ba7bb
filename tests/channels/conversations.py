"""The people of conversations.yml, whatever the channel they write on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from xieshang.case.record import Case

FILE = Path(__file__).with_name("conversations.yml")
# The day on which they talk.
TODAY = "2026-11-23"


@dataclass(frozen=True)
class Conversation:
    """What a person says until the case is confirmed.

    Attributes:
        name: what is special about it.
        says: the messages, in order.
        case: the facts.
    """

    name: str
    says: tuple[str, ...]
    case: Case


def read_conversations() -> list[Conversation]:
    """All of them."""
    return [
        Conversation(one["name"], tuple(one["says"]), Case.from_slots(one["case"]))
        for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))
    ]
