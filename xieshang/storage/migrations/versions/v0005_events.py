"""What was said: a table of our own, which takes over what Rasa's held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

OF_RASA = "events_of_rasa"
COLUMNS = "sender_id, type_name, timestamp, intent_name, action_name, data"


def _name(name: str, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.String(255), nullable=nullable)


def upgrade() -> None:
    """Make the table; what Rasa's tracker store wrote is moved into it."""
    is_there = sa.inspect(op.get_bind()).has_table("events")
    if is_there:
        op.rename_table("events", OF_RASA)
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        _name("sender_id", nullable=False),
        _name("type_name", nullable=False),
        sa.Column("timestamp", sa.Float),
        _name("intent_name"),
        _name("action_name"),
        sa.Column("data", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_sender_id_id", "events", ["sender_id", "id"])
    op.create_index(
        "ix_events_sender_id_timestamp", "events", ["sender_id", "timestamp"]
    )
    if is_there:
        op.execute(
            f"insert into events ({COLUMNS}) "  # noqa: S608 (constants)
            f"select {COLUMNS} from {OF_RASA} order by id"
        )
        op.drop_table(OF_RASA)


def downgrade() -> None:
    """Remove it, with everything in it."""
    op.drop_table("events")
