"""How `rasa shell` shows an answer and reads the next sentence.

Rasa's own prompt turns buttons into an arrow-key menu that hides the answer's text from
screen readers and pipes. Here every answer is plain text and buttons are a numbered
list; the number typed is resolved by the guard like on any other text channel.
"""

from __future__ import annotations

import sys
from typing import Any

import questionary

PROMPT = "您 > "


def print_answer(message: dict[str, Any], *_: Any, **__: Any) -> None:
    """Print one message of the bot; what only the web shows has a text beside it.

    Args:
        message: a message of the REST format.
    """
    if message.keys() <= {"recipient_id", "custom"}:
        return
    for part in ("text", "image", "attachment"):
        if message.get(part):
            print(message[part])
    for rank, button in enumerate(message.get("buttons") or (), start=1):
        print(f"  {rank}. {button['title']}")
    print()


async def read_sentence(previous: dict[str, Any] | None) -> str | None:
    """Print the last message of the bot's turn, then ask for the next sentence.

    Args:
        previous: the last message, or None at the start.

    Returns:
        The sentence, or None when the input ended.
    """
    if previous is not None:
        print_answer(previous)
    if sys.stdin.isatty():
        answer = await questionary.text("", qmark=PROMPT).ask_async()
    else:
        answer = sys.stdin.readline() or None
    return answer.strip() if answer is not None else None
