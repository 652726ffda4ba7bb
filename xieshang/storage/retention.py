"""How long things are kept: what nobody has touched for long is deleted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from xieshang.storage.cases import CaseStore
from xieshang.storage.database import writing
from xieshang.storage.tables import cases, events

# Conversations deleted in one transaction: turns wait for it no longer than a moment.
BATCH = 100


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
    expired = _purge_expired(engine, now)
    return Purged(
        cases=expired.cases + CaseStore(engine).purge(before, now),
        conversations=expired.conversations + _purge_conversations(engine, before),
    )


def _purge_expired(engine: Engine, now: datetime) -> Purged:
    """Delete the conversations whose time is over, with Rasa's part of them."""
    is_expired = cases.c.expires_at <= now
    purged = Purged(0, 0)
    with engine.begin() as connection:
        ids = connection.scalars(
            sa.select(cases.c.conversation_id).where(is_expired)
        ).all()
    for batch in _batches(ids):
        # Somebody may have written since: that takes the time away.
        is_it = sa.and_(cases.c.conversation_id.in_(batch), is_expired)
        senders = sa.select(cases.c.conversation_id).where(is_it)
        of_them = events.c.sender_id.in_(senders)
        with writing(engine) as connection:
            told = sa.select(sa.func.count(events.c.sender_id.distinct()))
            conversations = connection.scalar(told.where(of_them))
            connection.execute(sa.delete(events).where(of_them))
            are_cases = sa.and_(is_it, cases.c.status.is_not(None))
            count = connection.scalar(sa.select(sa.func.count()).where(are_cases))
            connection.execute(cases.delete().where(is_it))
        purged = Purged(purged.cases + count, purged.conversations + conversations)
    return purged


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
