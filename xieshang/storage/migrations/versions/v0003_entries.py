"""The web's table of entries becomes the one of every channel that keeps messages.

Conversations can have a day on which they go, before the retention takes them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def _rename(before: str, after: str) -> None:
    # SQLite cannot rename an index.
    op.drop_index(f"ix_{before}_message_id", before)
    op.rename_table(before, after)
    is_message = sa.text("sender = 'user'")
    op.create_index(
        f"ix_{after}_message_id",
        after,
        ["conversation_id", "message_id"],
        unique=True,
        sqlite_where=is_message,
        postgresql_where=is_message,
    )


def upgrade() -> None:
    """Rename the table and its index, add what the messengers note."""
    _rename("web_entries", "entries")
    op.add_column(
        "entries",
        sa.Column(
            "delivered",
            sa.Boolean(create_constraint=False),
            nullable=False,
            server_default=sa.false(),
        ),
    )
    op.add_column("cases", sa.Column("expires_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Give back the old name; what the messengers noted is forgotten."""
    op.drop_column("cases", "expires_at")
    op.drop_column("entries", "delivered")
    _rename("entries", "web_entries")
