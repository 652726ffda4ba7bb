"""Statements that more than one store writes with."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from xieshang.storage.tables import cases, events


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """An insert that can say what a conflict leads to, in the database's dialect."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


def touch(connection: Connection, conversation_id: str, now: datetime) -> None:
    """Make or mark the row that everything of a conversation hangs on, and lock it.

    Args:
        connection: in a transaction that writes.
        conversation_id: whose row.
        now: from when the retention counts.

    Raises:
        ValueError: a time without a zone.
    """
    if now.tzinfo is None:
        raise ValueError(f"{now} has no time zone")
    connection.execute(
        insert_into(connection, cases)
        .values(conversation_id=conversation_id, touched_at=now)
        .on_conflict_do_update(
            index_elements=["conversation_id"],
            set_={"touched_at": now, "expires_at": None},
        )
    )


def delete_conversation(connection: Connection, conversation_id: str) -> None:
    """Delete everything of a conversation: case, contacts, links, messages, turns.

    Args:
        connection: in a transaction that writes: all of it goes, or nothing.
        conversation_id: whose it is.
    """
    is_it = cases.c.conversation_id == conversation_id
    connection.execute(sa.delete(cases).where(is_it))
    connection.execute(sa.delete(events).where(events.c.sender_id == conversation_id))
