"""The one guard around a turn, whatever the channel.

Bad input is answered in Chinese before any work is done on it; sensitive numbers are
masked before Rasa sees the text; a text that starts with a slash is a button's payload
or nothing; what the bot says is released after the turn is stored; a turn is stored
whole or not at all, in time or not at all; no turn is silent.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import (
    CollectingOutputChannel,
    OutputChannel,
    UserMessage,
)
from rasa.shared.core.events import Event

from rasa_ext.choices import (
    NoSuchChoice,
    chosen_payload,
    issued_payloads,
    may_choose,
)
from rasa_ext.observation import NLU, POLICY, Turn, observed
from xieshang.knowledge import current_knowledge
from xieshang.privacy import mask_sensitive

MAX_TEXT_LENGTH = 500
# With the waiting for other turns of the conversation: WeChat gives up after 5 s.
TURN_SECONDS = 4.0
COMMAND_PREFIXES = ("/", "／")

ActionRun = Callable[..., Awaitable[list[Event]]]


class Refused(Exception):
    """A message that is answered without a turn; names a phrase of phrases.yml."""


class KeptMessage(UserMessage):
    """A message that its channel kept before the turn, masked already.

    Attributes:
        pressed: a button was pressed that the channel knows to be the bot's.
        masked: the kinds of sensitive numbers that were masked in the text.
    """

    pressed: bool = False
    masked: Sequence[str] = ()


class TurnFailed(BaseException):
    """An action failed, so that nothing of its turn may be stored; names the error.

    No Exception: Rasa takes those, goes on without the action and stores half a turn.
    """


class HeldOutput(OutputChannel):
    """Holds back what the bot says until the turn is stored."""

    def __init__(self, channel: OutputChannel) -> None:
        self._channel = channel
        self._held: list[tuple[str, dict[str, Any]]] = []

    def name(self) -> str:  # type: ignore[override]
        """Name of the channel that the answers go to."""
        return str(self._channel.name())

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep a message that says something."""
        if any(message.get(part) for part in ("text", "image", "attachment", "custom")):
            self._held.append((recipient_id, message))

    @property
    def is_empty(self) -> bool:
        """Whether the bot said nothing."""
        return not self._held

    def drop(self) -> None:
        """Forget what was held: the turn it belonged to is not stored."""
        self._held.clear()

    async def release(self) -> int:
        """Send what was held, in order.

        Returns:
            How many messages there were.
        """
        for recipient_id, message in self._held:
            await self._channel.send_response(recipient_id, message)
        return len(self._held)


def plain_text(text: object) -> str:
    """The text without control characters.

    Args:
        text: what a channel handed over, of any type.

    Raises:
        Refused: not a text, too long or empty.
    """
    if not isinstance(text, str):
        raise Refused("not_text")
    if len(text) > MAX_TEXT_LENGTH:
        raise Refused("too_long")
    kept = "".join(
        " " if char in "\r\n\t" else char
        for char in text
        if char in "\r\n\t" or unicodedata.category(char)[0] != "C"
    ).strip()
    if not kept:
        raise Refused("empty")
    return kept


def readable_text(text: object) -> str:
    """The text without control characters, one that can be understood.

    Args:
        text: what a channel handed over, of any type.

    Raises:
        Refused: not a text, too long, empty, or without a single letter or digit.
    """
    kept = plain_text(text)
    if not any(unicodedata.category(char)[0] in "LN" for char in kept):
        raise Refused("no_words")
    return kept


async def _admitted_text(
    agent: Agent, message: UserMessage, text: str
) -> tuple[str, list[str]]:
    is_command = text.startswith(COMMAND_PREFIXES)
    if isinstance(message, KeptMessage):
        if message.pressed:
            return text, []
        if is_command:
            raise Refused("command")
    if is_command or may_choose(text, current_knowledge().button_titles):
        tracker = await agent.tracker_store.retrieve(message.sender_id)
        events = tracker.events if tracker else ()
        if is_command:
            if text not in issued_payloads(events):
                raise Refused("command")
            return text, []
        try:
            return chosen_payload(text, events) or text, []
        except NoSuchChoice as missing:
            raise Refused("no_such_choice") from missing
    if isinstance(message, KeptMessage):
        return text, list(message.masked)
    masked = mask_sensitive(text)
    return masked.text, list(masked.kinds)


async def guarded_action(
    action: RemoteAction, output: OutputChannel, run: ActionRun, *others: Any
) -> list[Event]:
    """Let the action server run an action; its failure ends a guarded turn.

    Args:
        action: which one.
        output: where the bot speaks; within a turn of ours it is held back.
        run: Rasa's own way to run it.
        others: what it takes besides.

    Raises:
        TurnFailed: the action server is away, failed or answered nonsense.
    """
    try:
        return await run(action, output, *others)
    except ActionExecutionRejection:
        raise
    except Exception as error:
        if not isinstance(output, HeldOutput):
            raise
        raise TurnFailed(f"{action.name()}, {type(error).__name__}") from None


async def _turn(
    agent: Agent, message: UserMessage, text: str, output: OutputChannel, turn: Turn
) -> bool:
    """Have Rasa answer a readable text, when the conversation's other turns are over.

    Returns:
        Whether sensitive numbers were masked.
    """
    if not agent.is_ready():
        raise TurnFailed("no model")
    async with agent.lock_store.lock(message.sender_id):
        # What a typed number chooses depends on the turn before.
        message.text, sensitive = await _admitted_text(agent, message, text)
        if sensitive:
            message.metadata = {**(message.metadata or {}), "sensitive": sensitive}
        message.output_channel = output
        with turn.stage(NLU):
            message.parse_data = await agent.processor.parse_message(message)
        turn.intent = str(message.parse_data["intent"]["name"] or "")
        with turn.stage(POLICY):
            await agent.processor.handle_message(message)
    return bool(sensitive)


async def guarded_turn(agent: Agent, message: UserMessage) -> Any:
    """Let a message through to Rasa, or answer it here, within `TURN_SECONDS`.

    Args:
        agent: the agent that handles messages.
        message: the message as the channel made it.

    Returns:
        What Rasa returns: the messages of a collecting channel, else None.
    """
    output = message.output_channel or CollectingOutputChannel()
    with observed(message.input_channel, message.sender_id) as turn:
        turn.sent(await _answer(agent, message, output, turn))
    if isinstance(output, CollectingOutputChannel):
        return output.messages
    return None


async def _answer(
    agent: Agent, message: UserMessage, output: OutputChannel, turn: Turn
) -> int:
    """Answer a message; tells in how many messages."""
    knowledge = current_knowledge()
    held = HeldOutput(output)
    told = []
    try:
        answering = _turn(agent, message, readable_text(message.text), held, turn)
        if await asyncio.wait_for(answering, TURN_SECONDS):
            told = ["sensitive_masked"]
    except Refused as refusal:
        turn.refused(str(refusal))
        told = [str(refusal)]
    except (Exception, TurnFailed) as error:
        # The text of an error can hold what the person wrote: only its type is logged.
        is_ours = isinstance(error, TurnFailed)
        turn.failed(str(error) if is_ours else type(error).__name__)
        held.drop()
        told = ["busy"]
    else:
        if held.is_empty:
            turn.unanswered()
            told.append("busy")
    for phrase in told:
        await output.send_text_message(message.sender_id, knowledge.phrase(phrase))
    return len(told) + await held.release()
