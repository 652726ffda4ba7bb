"""What people asked to be reminded of, until it is said to them.

A reminder hangs on the conversation's row in `cases` and goes when that row goes. One
that is due becomes an entry of the bot in the same transaction that notes that it was
sent: it is said once, and delivered like every other entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from xieshang.storage.database import writing
from xieshang.storage.entry import BOT, Entry
from xieshang.storage.entry_rows import append_entry
from xieshang.storage.tables import cases, reminders
from xieshang.storage.writes import insert_into, touch

# Prefix of the conversations in which a bot may write first: those on Telegram.
CHANNEL = "tg"
# The hour at which the calendar of a case rings as well.
RING_AT = time(9)


@dataclass(frozen=True)
class Reminder:
    """Something to be reminded of.

    Attributes:
        key: the same for the same reminder of the same case.
        day: the day, or the next one of several.
        title: what it is about.
        text: what to do.
        times_left: how often it is to be sent, a month apart.
    """

    key: str
    day: date
    title: str
    text: str
    times_left: int


class Reminders:
    """The reminders in a database.

    Args:
        database: gives a database that `migrate` has brought up to date.
    """

    def __init__(self, database: Callable[[], Engine]) -> None:
        self._database = database

    def plan(
        self, conversation_id: str, planned: Sequence[Reminder], now: datetime
    ) -> None:
        """Have these sent, and no other; one that was sent for its day stays sent.

        Args:
            conversation_id: to whom.
            planned: all of them.
            now: the time.

        Raises:
            ValueError: a time without a zone.
        """
        is_theirs = reminders.c.conversation_id == conversation_id
        keys = [reminder.key for reminder in planned]
        with writing(self._database()) as connection:
            touch(connection, conversation_id, now)
            connection.execute(
                reminders.delete().where(is_theirs, reminders.c.key.not_in(keys))
            )
            for reminder in planned:
                values = {
                    "day": reminder.day,
                    "title": reminder.title,
                    "text": reminder.text,
                    "times_left": reminder.times_left,
                }
                connection.execute(
                    insert_into(connection, reminders)
                    .values(conversation_id=conversation_id, key=reminder.key, **values)
                    .on_conflict_do_update(
                        index_elements=["conversation_id", "key"],
                        set_=values,
                        where=sa.or_(
                            reminders.c.sent_for.is_(None), _is_another(reminder)
                        ),
                    )
                )

    def drop(self, conversation_id: str) -> None:
        """Send none any more."""
        with writing(self._database()) as connection:
            connection.execute(
                reminders.delete().where(reminders.c.conversation_id == conversation_id)
            )

    def are_planned(self, conversation_id: str) -> bool:
        """Whether the person asked for reminders, and did not take it back."""
        with self._database().begin() as connection:
            query = sa.select(reminders.c.key).where(
                reminders.c.conversation_id == conversation_id
            )
            return connection.execute(query.limit(1)).first() is not None

    def due(self, now: datetime) -> list[tuple[str, Reminder]]:
        """What is to be sent: conversation and reminder, the earliest first.

        Args:
            now: the time in the zone of the days; they ring at nine.
        """
        has_rung = reminders.c.day < now.date()
        if now.time() >= RING_AT:
            has_rung = reminders.c.day <= now.date()
        with self._database().begin() as connection:
            rows = connection.execute(
                sa.select(reminders)
                .where(reminders.c.times_left > 0, has_rung)
                .order_by(reminders.c.day, reminders.c.conversation_id)
            )
            return [(row.conversation_id, _reminder(row)) for row in rows]

    def say(
        self,
        conversation_id: str,
        reminder: Reminder,
        content: Mapping[str, Any],
        following: date,
        now: datetime,
    ) -> bool:
        """Keep a reminder as said by the bot; the next one waits for its day.

        Retention is not put off by it: only the person's own messages do that.

        Args:
            conversation_id: to whom.
            reminder: from `due`.
            content: what is shown.
            following: when the next one is due, if any is left.
            now: the time.

        Returns:
            Whether it is to be delivered: no, when it was said or dropped meanwhile.
        """
        with writing(self._database()) as connection:
            connection.execute(
                sa.select(cases.c.conversation_id)
                .where(cases.c.conversation_id == conversation_id)
                .with_for_update()
            )
            noted = connection.execute(
                reminders.update()
                .where(
                    reminders.c.conversation_id == conversation_id,
                    reminders.c.key == reminder.key,
                    reminders.c.day == reminder.day,
                    reminders.c.times_left == reminder.times_left,
                )
                .values(
                    sent_for=reminder.day,
                    day=following,
                    times_left=reminder.times_left - 1,
                )
            )
            if not noted.rowcount:
                return False
            message_id = f"{reminder.day.isoformat()} {reminder.key}"
            append_entry(
                connection, conversation_id, Entry(message_id, BOT, content, now)
            )
            return True


def _is_another(planned: Reminder) -> Any:
    """Whether what is planned is not what was sent already."""
    if planned.times_left > 1:
        return reminders.c.sent_for < planned.day
    # Its day moves with today when it has passed; the text names what it is about.
    return reminders.c.text != planned.text


def _reminder(row: Any) -> Reminder:
    return Reminder(row.key, row.day, row.title, row.text, row.times_left)
