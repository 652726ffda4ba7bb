"""Everything that is kept, read as text: what a thief of the data folder would see."""

from __future__ import annotations

import re

import sqlalchemy as sa

from xieshang.settings import Settings
from xieshang.storage.database import open_database


def stored_rows(settings: Settings) -> dict[str, list[str]]:
    """The rows of every table of the database, each as text."""
    engine = open_database(settings.database_url)
    tables = sa.MetaData()
    try:
        tables.reflect(engine)
        with engine.begin() as connection:
            return {
                table.name: [
                    " ".join(_as_text(value) for value in row)
                    for row in connection.execute(sa.select(table))
                ]
                for table in tables.sorted_tables
            }
    finally:
        engine.dispose()


def logged(settings: Settings) -> str:
    """The text of every log file."""
    files = sorted((settings.data_dir / "logs").rglob("*"))
    return "\n".join(
        file.read_text(encoding="utf-8", errors="replace")
        for file in files
        if file.is_file()
    )


def _as_text(value: object) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    # JSON may keep Chinese as escapes.
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)
