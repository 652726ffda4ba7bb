"""What was said, of every channel that keeps messages: each one is answered once.

The web shows the entries again; other channels send those of the bot on and note which
ones the platform took.

An entry hangs on the conversation's row in `cases` and goes when that row goes: by the
person's deletion or by the retention. Every call is one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from xieshang.storage.database import writing
from xieshang.storage.tables import entries
from xieshang.storage.writes import touch

USER = "user"
BOT = "bot"
HISTORY_LENGTH = 200


class ErasedError(LookupError):
    """The message that is to be answered is gone: its conversation was deleted."""


class UsedError(LookupError):
    """There is no such button, or one of its row was pressed before."""


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


class Entries:
    """The entries in a database.

    Args:
        database: gives a database that `migrate` has brought up to date. It is asked at
            every call: the channel lives on while there is none.
    """

    def __init__(self, database: Callable[[], Engine]) -> None:
        self._database = database

    def history(self, conversation_id: str, after: int = 0) -> History:
        """The entries after a sequence number, the latest 200 at most.

        Args:
            conversation_id: whose they are.
            after: the highest sequence number that is known already.
        """
        with self._database().begin() as connection:
            rows = connection.execute(
                sa.select(entries)
                .where(
                    entries.c.conversation_id == conversation_id,
                    entries.c.sequence > after,
                )
                .order_by(entries.c.sequence.desc())
                .limit(HISTORY_LENGTH)
            ).all()
            latest = [_entry(row) for row in reversed(rows)]
            return History(latest, _highest(connection, conversation_id))

    def find(self, conversation_id: str, message_id: str) -> Entry | None:
        """The person's message with this id, or None."""
        with self._database().begin() as connection:
            return _first(
                connection,
                entries.c.conversation_id == conversation_id,
                entries.c.message_id == message_id,
                entries.c.sender == USER,
            )

    def unanswered(self, conversation_id: str) -> Entry | None:
        """The oldest message of the person that is not answered yet, or None."""
        with self._database().begin() as connection:
            return _first(
                connection,
                entries.c.conversation_id == conversation_id,
                entries.c.sender == USER,
                entries.c.handled.is_(sa.false()),
            )

    def said_to(self, conversation_id: str, message_id: str) -> list[Entry]:
        """What the bot said to a message, in order."""
        return self._said(conversation_id, entries.c.message_id == message_id)

    def undelivered(self, conversation_id: str, since: datetime) -> list[Entry]:
        """What the bot said and no platform took yet, in order.

        Args:
            conversation_id: to whom it was said.
            since: what was said before is not sent any more.
        """
        return self._said(
            conversation_id,
            entries.c.delivered.is_(sa.false()),
            entries.c.said_at >= since,
        )

    def _said(self, conversation_id: str, *conditions: Any) -> list[Entry]:
        with self._database().begin() as connection:
            rows = connection.execute(
                sa.select(entries)
                .where(
                    entries.c.conversation_id == conversation_id,
                    entries.c.sender == BOT,
                    *conditions,
                )
                .order_by(entries.c.sequence)
            )
            return [_entry(row) for row in rows]

    def mark_delivered(self, conversation_id: str, sequences: Sequence[int]) -> None:
        """Note that entries of the bot need not be sent any more.

        Args:
            conversation_id: to whom they were said; it may have been deleted since.
            sequences: their numbers.
        """
        with writing(self._database()) as connection:
            connection.execute(
                entries.update()
                .where(
                    entries.c.conversation_id == conversation_id,
                    entries.c.sequence.in_(sequences),
                    entries.c.sender == BOT,
                )
                .values(delivered=True)
            )

    def unfinished(self, channel: str, since: datetime) -> list[str]:
        """The conversations in which something is not answered or not delivered.

        Args:
            channel: prefix of their ids, without the colon.
            since: older entries do not count.
        """
        is_open = sa.or_(
            sa.and_(entries.c.sender == USER, entries.c.handled.is_(sa.false())),
            sa.and_(entries.c.sender == BOT, entries.c.delivered.is_(sa.false())),
        )
        with self._database().begin() as connection:
            return list(
                connection.scalars(
                    sa.select(entries.c.conversation_id)
                    .where(
                        entries.c.conversation_id.startswith(
                            f"{channel}:", autoescape=True
                        ),
                        entries.c.said_at >= since,
                        is_open,
                    )
                    .distinct()
                    .order_by(entries.c.conversation_id)
                )
            )

    def add(self, conversation_id: str, message: Entry) -> Entry:
        """Keep a message of the person.

        Args:
            conversation_id: whose it is.
            message: from `written`.

        Returns:
            The message with its sequence number.

        Raises:
            sqlalchemy.exc.IntegrityError: the id is kept already: see `find`.
        """
        with writing(self._database()) as connection:
            return _keep(connection, conversation_id, message)

    def press(
        self, conversation_id: str, press: Entry, sequence: int, index: int
    ) -> Entry:
        """Keep that a button was pressed; the entry that it belongs to is used then.

        Args:
            conversation_id: whose it is.
            press: from `written`; the button's title and payload are put in.
            sequence: of the entry with the button.
            index: of the button, from 0.

        Returns:
            The press with its sequence number.

        Raises:
            UsedError: no such button, or used before.
            sqlalchemy.exc.IntegrityError: as in `add`.
        """
        with writing(self._database()) as connection:
            is_it = sa.and_(
                entries.c.conversation_id == conversation_id,
                entries.c.sequence == sequence,
                entries.c.sender == BOT,
                entries.c.used.is_(sa.false()),
            )
            offered = _first(connection, is_it)
            buttons = offered.content.get("buttons") or () if offered else ()
            if not 0 <= index < len(buttons):
                raise UsedError(f"{sequence}/{index}")
            marked = connection.execute(entries.update().where(is_it).values(used=True))
            if not marked.rowcount:
                raise UsedError(f"{sequence}/{index}")
            title, payload = buttons[index]["title"], buttons[index]["payload"]
            content = {**press.content, "text": title}
            return _keep(
                connection,
                conversation_id,
                replace(press, content=content, payload=payload),
            )

    def answer(
        self,
        conversation_id: str,
        message: Entry,
        contents: Sequence[Mapping[str, Any]],
        now: datetime,
    ) -> list[Entry]:
        """Keep what answers a message, together with that it is answered.

        Args:
            conversation_id: whose it is.
            message: of the person.
            contents: what is shown, in order.
            now: the time.

        Returns:
            The entries; none when the message was answered before.

        Raises:
            ErasedError: the message is gone.
        """
        is_it = sa.and_(
            entries.c.conversation_id == conversation_id,
            entries.c.sequence == message.sequence,
            entries.c.message_id == message.message_id,
            entries.c.sender == USER,
        )
        with writing(self._database()) as connection:
            handled = connection.scalar(
                sa.select(entries.c.handled).where(is_it).with_for_update()
            )
            if handled is None:
                raise ErasedError(message.message_id)
            if handled:
                return []
            connection.execute(entries.update().where(is_it).values(handled=True))
            return [
                _keep(
                    connection,
                    conversation_id,
                    Entry(message.message_id, BOT, content, now),
                )
                for content in contents
            ]


def _entry(row: Any) -> Entry:
    return Entry(
        sequence=row.sequence,
        message_id=row.message_id,
        sender=row.sender,
        content=json.loads(row.content),
        payload=row.payload,
        masked=tuple(row.masked.split()),
        used=row.used,
        delivered=row.delivered,
        said_at=row.said_at,
    )


def _first(connection: Connection, *conditions: Any) -> Entry | None:
    row = connection.execute(
        sa.select(entries).where(*conditions).order_by(entries.c.sequence)
    ).first()
    return _entry(row) if row else None


def _highest(connection: Connection, conversation_id: str) -> int:
    highest = connection.scalar(
        sa.select(sa.func.max(entries.c.sequence)).where(
            entries.c.conversation_id == conversation_id
        )
    )
    return int(highest or 0)


def _keep(connection: Connection, conversation_id: str, said: Entry) -> Entry:
    """Keep an entry as the next one; its own sequence number is not looked at."""
    touch(connection, conversation_id, said.said_at)
    return append(connection, conversation_id, said)


def append(connection: Connection, conversation_id: str, said: Entry) -> Entry:
    """Keep an entry as the next one, without marking the conversation as in use.

    Args:
        connection: in a transaction that has locked the conversation's row: no other
            entry gets the same sequence number.
        conversation_id: whose it is.
        said: its own sequence number is not looked at.

    Returns:
        The entry with its sequence number.
    """
    entry = replace(said, sequence=_highest(connection, conversation_id) + 1)
    connection.execute(
        entries.insert().values(
            conversation_id=conversation_id,
            sequence=entry.sequence,
            message_id=entry.message_id,
            sender=entry.sender,
            content=json.dumps(entry.content, ensure_ascii=False),
            payload=entry.payload,
            masked=" ".join(entry.masked),
            used=entry.used,
            handled=entry.sender == BOT,
            delivered=entry.delivered,
            said_at=entry.said_at,
        )
    )
    return entry
