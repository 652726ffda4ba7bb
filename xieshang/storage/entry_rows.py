"""Reads and writes rows of the table of entries, each call in a given transaction."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from xieshang.storage.entry import BOT, Entry
from xieshang.storage.tables import entries
from xieshang.storage.writes import touch


def read_entry(row: Any) -> Entry:
    """The entry of a row."""
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


def first_entry(connection: Connection, *conditions: Any) -> Entry | None:
    """The first entry for which the conditions hold, or None."""
    row = connection.execute(
        sa.select(entries).where(*conditions).order_by(entries.c.sequence)
    ).first()
    return read_entry(row) if row else None


def highest_sequence(connection: Connection, conversation_id: str) -> int:
    """The highest sequence number of a conversation, 0 when it has none."""
    highest = connection.scalar(
        sa.select(sa.func.max(entries.c.sequence)).where(
            entries.c.conversation_id == conversation_id
        )
    )
    return int(highest or 0)


def keep_entry(connection: Connection, conversation_id: str, said: Entry) -> Entry:
    """Keep an entry as the next one; its own sequence number is not looked at."""
    touch(connection, conversation_id, said.said_at)
    return append_entry(connection, conversation_id, said)


def append_entry(connection: Connection, conversation_id: str, said: Entry) -> Entry:
    """Keep an entry as the next one, without marking the conversation as in use.

    Args:
        connection: in a transaction that has locked the conversation's row: no other
            entry gets the same sequence number.
        conversation_id: whose it is.
        said: its own sequence number is not looked at.

    Returns:
        The entry with its sequence number.
    """
    entry = replace(said, sequence=highest_sequence(connection, conversation_id) + 1)
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
