"""How long things are kept: what nobody has touched for long is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from xieshang.storage.cases import CaseStore
from xieshang.storage.database import writing

# Conversations deleted in one transaction: turns wait for it no longer than a moment.
BATCH = 100

# Rasa's table of what was said, as far as it matters here.
events = sa.table("events", sa.column("sender_id"), sa.column("timestamp"))


@dataclass(frozen=True)
class Purged:
    """How many cases and how many conversations were deleted."""

    cases: int
    conversations: int


def purge_outdated(engine: Engine, now: datetime, retention_days: int) -> Purged:
    """Delete cases and conversations older than the retention, and expired links.

    Args:
        engine: a database that `migrate` has brought up to date.
        now: the present time, with its zone.
        retention_days: what was last touched more than so many days ago goes.

    Raises:
        sqlalchemy.exc.OperationalError: the database is busy or gone; what was deleted
            before stays deleted.
    """
    before = now - timedelta(days=retention_days)
    return Purged(
        cases=CaseStore(engine).purge(before, now),
        conversations=_purge_conversations(engine, before),
    )


def _purge_conversations(engine: Engine, before: datetime) -> int:
    newest = sa.func.max(events.c.timestamp)
    with engine.begin() as connection:
        outdated = connection.scalars(
            sa.select(events.c.sender_id)
            .group_by(events.c.sender_id)
            .having(newest < before.timestamp())
        ).all()
    for senders in _batches(outdated):
        with writing(engine) as connection:
            # Somebody may have written since: a conversation goes whole or not at all.
            woken = sa.select(events.c.sender_id).where(
                events.c.sender_id.in_(senders),
                events.c.timestamp >= before.timestamp(),
            )
            connection.execute(
                sa.delete(events).where(
                    events.c.sender_id.in_(senders), events.c.sender_id.not_in(woken)
                )
            )
    return len(outdated)


def _batches(items: Sequence[str]) -> Iterator[Sequence[str]]:
    return (items[start : start + BATCH] for start in range(0, len(items), BATCH))
