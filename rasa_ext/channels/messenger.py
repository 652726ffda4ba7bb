"""What messengers share: each message handled once, answered in order, delivered.

A person is one conversation, `tg:<chat id>` or `wx:<openid>`. What is kept but not
answered or not delivered is taken up again after a crash or a restart.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from weakref import WeakValueDictionary

from rasa_ext.channels.answers import Answers, Content
from rasa_ext.channels.delivery import KEPT_FOR, Outbox, unkept
from rasa_ext.channels.limits import (
    DEFAULT_LIMITS,
    PER_NOTICE,
    MessengerLimits,
    Quotas,
)
from rasa_ext.channels.talk import EndedError, Talk
from rasa_ext.channels.work import start
from rasa_ext.guard import Refused, plain_text
from xieshang.clock import now
from xieshang.privacy import mask_sensitive
from xieshang.storage.entries import Entries, UsedError
from xieshang.storage.entry import Entry, declined, written

_TOKEN = re.compile(r"([1-9]\d{0,8})\.(\d{1,2})", re.ASCII)


@dataclass(frozen=True)
class Said:
    """A text that the person typed, as the platform handed it over."""

    text: object


@dataclass(frozen=True)
class Press:
    """A button of the bot that was pressed.

    Attributes:
        sequence: of the entry that the button stands under.
        index: of the button, from 0.
    """

    sequence: int
    index: int

    @property
    def token(self) -> str:
        """What a platform's button carries: it names an issued button, no payload."""
        return f"{self.sequence}.{self.index}"

    @staticmethod
    def of(token: object) -> Press | Declined:
        """The button that a token names; whether it was issued is seen when kept."""
        found = _TOKEN.fullmatch(token) if isinstance(token, str) else None
        if not found:
            return Declined("button_used")
        return Press(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Chosen:
    """A choice that the channel itself offers: an item of its menu, following it.

    Attributes:
        title: what it stands for among what the person said.
        payload: of a list in knowledge/, never of what was sent.
    """

    title: str
    payload: str


@dataclass(frozen=True)
class Declined:
    """What the bot is not told of: it is answered with a phrase of phrases.yml."""

    phrase: str


Heard = Said | Press | Chosen | Declined


class TooMany(Exception):
    """The person writes too fast and has just been told so: nothing is kept."""


class Messenger:
    """The conversations of a channel; the audience of their talks.

    Args:
        channel: prefix of the conversation ids.
        entries: where messages are kept.
        answers: the bot.
        outbox: takes care that answers get to the people.
        limits: how often people may write.
    """

    def __init__(
        self,
        channel: str,
        entries: Entries,
        answers: Answers,
        outbox: Outbox,
        limits: MessengerLimits = DEFAULT_LIMITS,
    ) -> None:
        self._channel = channel
        self._entries = entries
        self._answers = answers
        self._outbox = outbox
        self._quotas = Quotas(
            channel,
            {
                "person": limits.per_person,
                "channel": limits.per_channel,
                "notice": PER_NOTICE,
            },
        )
        # A talk stays as long as its work refers to it.
        self._talks: WeakValueDictionary[str, Talk] = WeakValueDictionary()

    def conversation_id(self, person: str) -> str:
        """The conversation of a person, by the id that the platform gives."""
        return f"{self._channel}:{person}"

    async def take(
        self, conversation_id: str, message_id: str, heard: Heard
    ) -> Entry | None:
        """Keep a message once and have it answered.

        Args:
            conversation_id: whose it is.
            message_id: of the platform, at most 64 characters; one that is known is
                not kept again.
            heard: the message.

        Returns:
            The entry of the message; None: too fast, and told so a moment ago.

        Raises:
            sqlalchemy.exc.SQLAlchemyError: it is not kept: the platform must send it
                again.
        """
        # Whoever brings the message may hang up meanwhile: half of this is not done.
        return await asyncio.shield(
            start(self._take(conversation_id, message_id, heard))
        )

    async def _take(
        self, conversation_id: str, message_id: str, heard: Heard
    ) -> Entry | None:
        admitted = heard

        async def admit() -> None:
            nonlocal admitted
            admitted = await self._admitted(conversation_id, heard)

        def keep() -> Entry:
            return self._keep(conversation_id, message_id, admitted)

        while True:
            try:
                return await self._talk(conversation_id).take(message_id, admit, keep)
            except EndedError:
                # There is another talk by now.
                continue
            except TooMany:
                return None

    async def resume(self) -> None:
        """Take up what is not answered or not delivered yet, after a start.

        Raises:
            OSError, sqlalchemy.exc.SQLAlchemyError: the database cannot be used.
        """
        unfinished = await asyncio.to_thread(
            self._entries.unfinished, self._channel, now() - KEPT_FOR
        )
        for conversation_id in unfinished:
            self._talk(conversation_id).wake()
            self._outbox.wake(conversation_id)

    def _talk(self, conversation_id: str) -> Talk:
        talk = self._talks.get(conversation_id)
        if talk is None:
            talk = Talk(conversation_id, self._entries, self._answers, self)
            self._talks[conversation_id] = talk
        return talk

    async def _admitted(self, conversation_id: str, heard: Heard) -> Heard:
        """What is kept of a message: the message, or that there are too many.

        Raises:
            TooMany: nothing.
        """
        exceeded = await self._quotas.exceeded(
            person=conversation_id, channel=self._channel
        )
        if exceeded is None:
            return heard
        if await self._quotas.exceeded(notice=conversation_id):
            raise TooMany
        return Declined("too_fast" if exceeded == "person" else "too_many")

    def _keep(self, conversation_id: str, message_id: str, heard: Heard) -> Entry:
        moment = now()
        if isinstance(heard, Press):
            try:
                return self._entries.press(
                    conversation_id,
                    written(message_id, "", moment),
                    heard.sequence,
                    heard.index,
                )
            except UsedError:
                heard = self._of_used_button()
        if isinstance(heard, Chosen):
            chosen = written(message_id, heard.title, moment)
            return self._entries.add(
                conversation_id, replace(chosen, payload=heard.payload)
            )
        if isinstance(heard, Said):
            try:
                masked = mask_sensitive(plain_text(heard.text))
            except Refused as refused:
                heard = Declined(str(refused))
            else:
                return self._entries.add(
                    conversation_id,
                    written(message_id, masked.text, moment, masked.kinds),
                )
        return self._entries.add(
            conversation_id, declined(message_id, heard.phrase, moment)
        )

    def _of_used_button(self) -> Declined:
        """What is kept of a press of a button that was used before, or never there.

        Raises:
            UsedError: nothing; the platform has a way of its own to tell it.
        """
        return Declined("button_used")

    async def kept(self, talk: Talk, message: Entry, pressed: int | None) -> None:
        """Nobody else looks on: the person has it."""

    async def typing(self, talk: Talk, is_on: bool) -> None:
        """Nothing is shown: an answer takes less than a second."""

    async def answered(self, talk: Talk, said: Sequence[Entry]) -> None:
        """Have an answer delivered."""
        self._outbox.wake(talk.id)

    async def erased(
        self, talk: Talk, message: Entry, contents: Sequence[Content]
    ) -> None:
        """Tell the answer, that is not kept; what is written from now on is new."""
        self._talks.pop(talk.id, None)
        self._outbox.tell(talk.id, unkept(message, contents))
        self._talk(talk.id).wake()
