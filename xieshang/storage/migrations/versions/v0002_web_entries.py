"""What was said on the web."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "web_entries",
        sa.Column(
            "conversation_id",
            sa.String(255),
            sa.ForeignKey("cases.conversation_id", ondelete="CASCADE"),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("message_id", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(4), nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("masked", sa.String(100), nullable=False),
        sa.Column("used", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("handled", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "sequence"),
    )
    is_message = sa.text("sender = 'user'")
    op.create_index(
        "ix_web_entries_message_id",
        "web_entries",
        ["conversation_id", "message_id"],
        unique=True,
        sqlite_where=is_message,
        postgresql_where=is_message,
    )


def downgrade() -> None:
    """Remove it, with everything in it."""
    op.drop_table("web_entries")
