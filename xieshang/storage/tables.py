"""The tables of cases and conversations. A change here needs a migration beside it.

Everything of a case hangs on its row in `cases` and goes when that row goes. What was
said to the assistant is in `events`, in the columns of Rasa's own SQL tracker store.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

from xieshang.storage.sealing import FINGERPRINT_LENGTH, Sealed, SealedName

ID_LENGTH = 255  # as long as Rasa's sender_id
NAME_LENGTH = 255  # as long as Rasa's names of events, intents and actions
STATUS_LENGTH = 16
DIGEST_LENGTH = 64  # SHA-256 in hexadecimal
MESSAGE_ID_LENGTH = 64
SENDER_LENGTH = 4  # user or bot
KINDS_LENGTH = 100
REMINDER_KEY_LENGTH = 64


class Moment(TypeDecorator):
    """A point in time: needs a time zone, is stored and read as UTC.

    SQLite drops the zone of what it stores, so UTC is put back when it is read.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Any
    ) -> datetime | None:
        """To UTC.

        Raises:
            ValueError: a time without a zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        return value.astimezone(timezone.utc)

    def process_result_value(
        self, value: datetime | None, dialect: Any
    ) -> datetime | None:
        """With its zone, UTC."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=timezone.utc)


metadata = sa.MetaData()


def _conversation_id(**options: Any) -> Any:
    return sa.Column(
        "conversation_id",
        sa.String(ID_LENGTH),
        sa.ForeignKey("cases.conversation_id", ondelete="CASCADE"),
        nullable=False,
        **options,
    )


# status is null as long as there are contacts or a talk but no confirmed version;
# expires_at is null unless everything goes at that time if nobody writes before.
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("conversation_id", sa.String(ID_LENGTH), primary_key=True),
    sa.Column("status", sa.String(STATUS_LENGTH)),
    sa.Column("status_at", Moment),
    sa.Column("touched_at", Moment, nullable=False, index=True),
    sa.Column("expires_at", Moment),
)

versions = sa.Table(
    "case_versions",
    metadata,
    _conversation_id(primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("slots", Sealed, nullable=False),
    sa.Column("confirmed_at", Moment, nullable=False),
)

contacts = sa.Table(
    "case_contacts",
    metadata,
    _conversation_id(primary_key=True),
    sa.Column("key", sa.String(ID_LENGTH), primary_key=True),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("text", Sealed, nullable=False),
    sa.Column("logged_at", Moment, nullable=False),
)

links = sa.Table(
    "case_links",
    metadata,
    sa.Column("digest", sa.String(DIGEST_LENGTH), primary_key=True),
    _conversation_id(index=True),
    sa.Column("expires_at", Moment, nullable=False, index=True),
)

# The messages that a channel handles once: shown again on the web, sent on elsewhere.
# payload is what the bot is given when a button was pressed; masked names the kinds of
# what was masked in a text; delivered is of channels that send.
entries = sa.Table(
    "entries",
    metadata,
    _conversation_id(primary_key=True),
    sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("message_id", sa.String(MESSAGE_ID_LENGTH), nullable=False),
    sa.Column("sender", sa.String(SENDER_LENGTH), nullable=False),
    sa.Column("content", Sealed, nullable=False),
    sa.Column("payload", Sealed),
    sa.Column("masked", sa.String(KINDS_LENGTH), nullable=False),
    sa.Column("used", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column("handled", sa.Boolean(create_constraint=False), nullable=False),
    sa.Column(
        "delivered",
        sa.Boolean(create_constraint=False),
        nullable=False,
        server_default=sa.false(),
    ),
    sa.Column("said_at", Moment, nullable=False),
)
# A message is kept once; an answer carries the id of the message it answers.
sa.Index(
    "ix_entries_message_id",
    entries.c.conversation_id,
    entries.c.message_id,
    unique=True,
    sqlite_where=entries.c.sender == "user",
    postgresql_where=entries.c.sender == "user",
)

# In the metadata of the event that begins a session in the middle of a talk.
SESSION_CONTINUES = "continues"
# Ids only go up, also after a deletion: the last one names a state of a conversation.
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(ID_LENGTH), nullable=False),
    sa.Column("type_name", sa.String(NAME_LENGTH), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", SealedName(NAME_LENGTH)),
    sa.Column("action_name", SealedName(NAME_LENGTH)),
    sa.Column("data", Sealed),
    sa.Index("ix_events_sender_id_id", "sender_id", "id"),
    sa.Index("ix_events_sender_id_timestamp", "sender_id", "timestamp"),
    sqlite_autoincrement=True,
)

# What a person asked to be reminded of, in a channel that can write first. sent_for is
# the day of the last one that was sent; times_left counts those that are still to come.
reminders = sa.Table(
    "reminders",
    metadata,
    _conversation_id(primary_key=True),
    sa.Column("key", sa.String(REMINDER_KEY_LENGTH), primary_key=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("title", Sealed, nullable=False),
    sa.Column("text", Sealed, nullable=False),
    sa.Column("times_left", sa.Integer, nullable=False),
    sa.Column("sent_for", sa.Date),
)

# The keys that sealed columns may be sealed with.
keys = sa.Table(
    "encryption_keys",
    metadata,
    sa.Column("fingerprint", sa.String(FINGERPRINT_LENGTH), primary_key=True),
)
