"""Alembic's environment: runs inside the transaction that `migrate` holds."""

from __future__ import annotations

from alembic import context

from xieshang.storage.tables import metadata

VERSION_TABLE = "xieshang_alembic"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
context.run_migrations()
