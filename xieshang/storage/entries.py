"""What was said, of every channel that keeps messages: each one is answered once.

The web shows the entries again; other channels send those of the bot on and note which
ones the platform took.

An entry hangs on the conversation's row in `cases` and goes when that row goes: by the
person's deletion or by the retention. Every call is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from xieshang.storage.database import writing
from xieshang.storage.entry import BOT, USER, Entry, History
from xieshang.storage.entry_rows import (
    first_entry,
    highest_sequence,
    keep_entry,
    read_entry,
)
from xieshang.storage.tables import entries

HISTORY_LENGTH = 200


class ErasedError(LookupError):
    """The message that is to be answered is gone: its conversation was deleted."""


class UsedError(LookupError):
    """There is no such button, or one of its row was pressed before."""


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
            latest = [read_entry(row) for row in reversed(rows)]
            return History(latest, highest_sequence(connection, conversation_id))

    def find(self, conversation_id: str, message_id: str) -> Entry | None:
        """The person's message with this id, or None."""
        with self._database().begin() as connection:
            return first_entry(
                connection,
                entries.c.conversation_id == conversation_id,
                entries.c.message_id == message_id,
                entries.c.sender == USER,
            )

    def unanswered(self, conversation_id: str) -> Entry | None:
        """The oldest message of the person that is not answered yet, or None."""
        with self._database().begin() as connection:
            return first_entry(
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
            return [read_entry(row) for row in rows]

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
            return keep_entry(connection, conversation_id, message)

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
            offered = first_entry(connection, is_it)
            buttons = offered.content.get("buttons") or () if offered else ()
            if not 0 <= index < len(buttons):
                raise UsedError(f"{sequence}/{index}")
            marked = connection.execute(entries.update().where(is_it).values(used=True))
            if not marked.rowcount:
                raise UsedError(f"{sequence}/{index}")
            title, payload = buttons[index]["title"], buttons[index]["payload"]
            content = {**press.content, "text": title}
            return keep_entry(
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
                keep_entry(
                    connection,
                    conversation_id,
                    Entry(message.message_id, BOT, content, now),
                )
                for content in contents
            ]
