"""Which keys stored data is encrypted with: their fingerprints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "encryption_keys",
        sa.Column("fingerprint", sa.String(16), primary_key=True),
    )


def downgrade() -> None:
    """Remove it; what is encrypted stays so."""
    op.drop_table("encryption_keys")
