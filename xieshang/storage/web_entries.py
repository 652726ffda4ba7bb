"""What was said on the web: kept in order, shown again, each message answered once.

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
from xieshang.storage.tables import web_entries
from xieshang.storage.writes import touch

USER = "user"
BOT = "bot"
HISTORY_LENGTH = 200


class ErasedError(LookupError):
    """The message that is to be answered is gone: its conversation was deleted."""


class UsedError(LookupError):
    """There is no such button, or one of its row was pressed before."""


@dataclass(frozen=True)
class WebEntry:
    """A message of the person or of the bot.

    Attributes:
        message_id: id of the person's message; of the one it answers for the bot's.
        sender: "user" or "bot".
        content: what is shown: kind, text, buttons …
        said_at: when it was kept.
        payload: what the bot is given instead of the text: a button was pressed.
        masked: the kinds of sensitive numbers that were masked in the text.
        used: whether one of its buttons was pressed.
        sequence: its place in the conversation, from 1, without gaps.
    """

    message_id: str
    sender: str
    content: Mapping[str, Any]
    said_at: datetime
    payload: str | None = None
    masked: tuple[str, ...] = ()
    used: bool = False
    sequence: int = 0

    @property
    def text(self) -> str:
        """What was said."""
        return str(self.content.get("text") or "")


@dataclass(frozen=True)
class History:
    """Entries in order, and the highest sequence number that there is (0: none)."""

    entries: Sequence[WebEntry]
    sequence: int


def written(
    message_id: str, text: str, now: datetime, masked: Sequence[str] = ()
) -> WebEntry:
    """A message of the person that is to be kept.

    Args:
        message_id: given by the person's program, at most 64 characters.
        text: what is shown and handled; sensitive numbers are masked in it.
        now: the time.
        masked: which kinds of them there were.
    """
    content = {"kind": "text", "text": text}
    return WebEntry(message_id, USER, content, now, masked=tuple(masked))


class WebEntries:
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
                sa.select(web_entries)
                .where(
                    web_entries.c.conversation_id == conversation_id,
                    web_entries.c.sequence > after,
                )
                .order_by(web_entries.c.sequence.desc())
                .limit(HISTORY_LENGTH)
            ).all()
            entries = [_entry(row) for row in reversed(rows)]
            return History(entries, _highest(connection, conversation_id))

    def find(self, conversation_id: str, message_id: str) -> WebEntry | None:
        """The person's message with this id, or None."""
        with self._database().begin() as connection:
            return _first(
                connection,
                web_entries.c.conversation_id == conversation_id,
                web_entries.c.message_id == message_id,
                web_entries.c.sender == USER,
            )

    def unanswered(self, conversation_id: str) -> WebEntry | None:
        """The oldest message of the person that is not answered yet, or None."""
        with self._database().begin() as connection:
            return _first(
                connection,
                web_entries.c.conversation_id == conversation_id,
                web_entries.c.sender == USER,
                web_entries.c.handled.is_(sa.false()),
            )

    def add(self, conversation_id: str, message: WebEntry) -> WebEntry:
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
        self, conversation_id: str, press: WebEntry, sequence: int, index: int
    ) -> WebEntry:
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
                web_entries.c.conversation_id == conversation_id,
                web_entries.c.sequence == sequence,
                web_entries.c.sender == BOT,
                web_entries.c.used.is_(sa.false()),
            )
            offered = _first(connection, is_it)
            buttons = offered.content.get("buttons") or () if offered else ()
            if not 0 <= index < len(buttons):
                raise UsedError(f"{sequence}/{index}")
            marked = connection.execute(
                web_entries.update().where(is_it).values(used=True)
            )
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
        message: WebEntry,
        contents: Sequence[Mapping[str, Any]],
        now: datetime,
    ) -> list[WebEntry]:
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
            web_entries.c.conversation_id == conversation_id,
            web_entries.c.sequence == message.sequence,
            web_entries.c.message_id == message.message_id,
            web_entries.c.sender == USER,
        )
        with writing(self._database()) as connection:
            handled = connection.scalar(
                sa.select(web_entries.c.handled).where(is_it).with_for_update()
            )
            if handled is None:
                raise ErasedError(message.message_id)
            if handled:
                return []
            connection.execute(web_entries.update().where(is_it).values(handled=True))
            return [
                _keep(
                    connection,
                    conversation_id,
                    WebEntry(message.message_id, BOT, content, now),
                )
                for content in contents
            ]


def _entry(row: Any) -> WebEntry:
    return WebEntry(
        sequence=row.sequence,
        message_id=row.message_id,
        sender=row.sender,
        content=json.loads(row.content),
        payload=row.payload,
        masked=tuple(row.masked.split()),
        used=row.used,
        said_at=row.said_at,
    )


def _first(connection: Connection, *conditions: Any) -> WebEntry | None:
    row = connection.execute(
        sa.select(web_entries).where(*conditions).order_by(web_entries.c.sequence)
    ).first()
    return _entry(row) if row else None


def _highest(connection: Connection, conversation_id: str) -> int:
    highest = connection.scalar(
        sa.select(sa.func.max(web_entries.c.sequence)).where(
            web_entries.c.conversation_id == conversation_id
        )
    )
    return int(highest or 0)


def _keep(connection: Connection, conversation_id: str, said: WebEntry) -> WebEntry:
    """Keep an entry as the next one; its own sequence number is not looked at."""
    # Locks the conversation: no other entry gets the same sequence number.
    touch(connection, conversation_id, said.said_at)
    entry = replace(said, sequence=_highest(connection, conversation_id) + 1)
    connection.execute(
        web_entries.insert().values(
            conversation_id=conversation_id,
            sequence=entry.sequence,
            message_id=entry.message_id,
            sender=entry.sender,
            content=json.dumps(entry.content, ensure_ascii=False),
            payload=entry.payload,
            masked=" ".join(entry.masked),
            used=entry.used,
            handled=entry.sender == BOT,
            said_at=entry.said_at,
        )
    )
    return entry
