"""What people asked to be reminded of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "reminders",
        sa.Column(
            "conversation_id",
            sa.String(255),
            sa.ForeignKey("cases.conversation_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("times_left", sa.Integer, nullable=False),
        sa.Column("sent_for", sa.Date),
        sa.PrimaryKeyConstraint("conversation_id", "key"),
    )
    op.create_index("ix_reminders_day", "reminders", ["day"])


def downgrade() -> None:
    """Remove it, with everything in it."""
    op.drop_table("reminders")
