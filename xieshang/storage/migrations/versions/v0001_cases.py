"""Cases, their versions, contacts and links."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _conversation_id() -> sa.Column:
    return sa.Column(
        "conversation_id",
        sa.String(255),
        sa.ForeignKey("cases.conversation_id", ondelete="CASCADE"),
        nullable=False,
    )


def _moment(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "cases",
        sa.Column("conversation_id", sa.String(255), primary_key=True),
        sa.Column("status", sa.String(16)),
        _moment("status_at", nullable=True),
        _moment("touched_at"),
    )
    op.create_index("ix_cases_touched_at", "cases", ["touched_at"])
    op.create_table(
        "case_versions",
        _conversation_id(),
        sa.Column("version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("slots", sa.Text, nullable=False),
        _moment("confirmed_at"),
        sa.PrimaryKeyConstraint("conversation_id", "version"),
    )
    op.create_table(
        "case_contacts",
        _conversation_id(),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        _moment("logged_at"),
        sa.PrimaryKeyConstraint("conversation_id", "key"),
    )
    op.create_table(
        "case_links",
        sa.Column("digest", sa.String(64), primary_key=True),
        _conversation_id(),
        _moment("expires_at"),
    )
    op.create_index("ix_case_links_conversation_id", "case_links", ["conversation_id"])
    op.create_index("ix_case_links_expires_at", "case_links", ["expires_at"])


def downgrade() -> None:
    """Remove them, with everything in them."""
    for table in ("case_links", "case_contacts", "case_versions", "cases"):
        op.drop_table(table)
