"""Which keys the stored data needs, and how it is sealed anew with another one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from xieshang.storage.database import writing
from xieshang.storage.sealing import KeyMissingError, Sealed, current_sealer
from xieshang.storage.tables import keys, metadata
from xieshang.storage.writes import insert_into

# Rows sealed in one transaction: turns wait for it no longer than a moment.
BATCH = 200


def admit_keys(engine: Engine) -> None:
    """See that everything stored can be opened; note the key that seals from now on.

    Args:
        engine: a database that `migrate` has brought up to date.

    Raises:
        KeyMissingError: something is sealed with another key.
        SettingError: something in the settings is no key.
        sqlalchemy.exc.OperationalError: the database is busy or gone.
    """
    sealer = current_sealer()
    ours = sealer.fingerprints if sealer else []
    with engine.begin() as connection:
        noted = set(connection.scalars(sa.select(keys.c.fingerprint)))
    for fingerprint in sorted(noted.difference(ours)):
        raise KeyMissingError(fingerprint)
    if ours and ours[0] not in noted:
        with writing(engine) as connection:
            connection.execute(
                insert_into(connection, keys)
                .values(fingerprint=ours[0])
                .on_conflict_do_nothing()
            )


def rekey(engine: Engine) -> int:
    """Seal everything with the first key; no other one is needed afterwards.

    Servers may run meanwhile if their first key is the same. Stopped in the middle, it
    can be run again.

    Args:
        engine: a database whose keys `admit_keys` has seen.

    Returns:
        How many rows were sealed.

    Raises:
        SettingError: there are no keys.
        sqlalchemy.exc.OperationalError: the database is busy or gone.
    """
    sealer = current_sealer()
    if sealer is None:
        raise KeyMissingError
    count = sum(
        _seal_table(engine, table)
        for table in metadata.sorted_tables
        if any(isinstance(column.type, Sealed) for column in table.columns)
    )
    with writing(engine) as connection:
        others = keys.c.fingerprint != sealer.fingerprints[0]
        connection.execute(sa.delete(keys).where(others))
    return count


def _seal_table(engine: Engine, table: sa.Table) -> int:
    last: tuple[Any, ...] = ()
    count = 0
    while True:
        with writing(engine) as connection:
            rows = _seal_batch(connection, table, last)
        if not rows:
            return count
        count += len(rows)
        last = rows[-1]


def _seal_batch(
    connection: Connection, table: sa.Table, last: tuple[Any, ...]
) -> list[tuple[Any, ...]]:
    """Seal the rows that come after one; the keys of those that were sealed."""
    names = list(table.primary_key.columns)
    sealed = [column for column in table.columns if isinstance(column.type, Sealed)]
    wanted = sa.select(table).order_by(*names).limit(BATCH).with_for_update()
    if last:
        wanted = wanted.where(sa.tuple_(*names) > sa.tuple_(*last))
    rows = connection.execute(wanted).mappings().all()
    for row in rows:
        connection.execute(
            sa.update(table)
            .where(*(column == row[column] for column in names))
            .values({column: row[column] for column in sealed})
        )
    return [tuple(row[column] for column in names) for row in rows]
