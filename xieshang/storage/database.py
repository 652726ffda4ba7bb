"""The database of the settings: opened safely, its tables brought up to date."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.pool import QueuePool

from xieshang.storage.tables import events

MIGRATIONS_DIR = Path(__file__).parent / "migrations"
# A turn is answered within 5 s, whatever it waits for.
WAIT_SECONDS = 2
MIGRATION_SECONDS = 60
# Any number will do as long as nothing else locks it: "xies" in ASCII.
MIGRATION_LOCK = 0x78696573
PRAGMAS = (
    f"busy_timeout = {WAIT_SECONDS * 1000}",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    # What is deleted is overwritten, not only unlinked.
    "secure_delete = ON",
)
_WRITES = "xieshang_writes"
_FILE = "xieshang_file"
_DELETED = "xieshang_deleted"


def open_database(url: str) -> Engine:
    """Open the database; nothing is connected to yet.

    Args:
        url: SQLAlchemy address. The file of an SQLite database and its folder are made,
            for this user only.

    Raises:
        OSError: the folder or the file cannot be made.
        sqlalchemy.exc.ArgumentError: no address.
    """
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(
            address,
            pool_pre_ping=True,
            hide_parameters=True,
            pool_timeout=WAIT_SECONDS,
            connect_args={
                "connect_timeout": WAIT_SECONDS,
                "options": f"-c lock_timeout={WAIT_SECONDS}s",
            },
        )
    options: dict[str, Any] = {}
    if address.database and address.database != ":memory:":
        _make_private(Path(address.database))
        # Opening a file, and closing it when nobody else has it open, costs more than
        # what a turn reads and writes: connections are kept.
        options = {
            "poolclass": QueuePool,
            "connect_args": {"check_same_thread": False},
        }
    engine = sa.create_engine(
        address,
        # The text of an error would hold what people said.
        hide_parameters=True,
        **options,
    )
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "checkout", _require_same_file)
    sa.event.listen(engine, "begin", _begin_sqlite)
    sa.event.listen(engine, "before_cursor_execute", _note_deletion)
    sa.event.listen(engine, "checkin", _leave_no_trace)
    return engine


def _make_private(file: Path) -> None:
    if not file.parent.exists():
        file.parent.mkdir(parents=True)
        file.parent.chmod(0o700)
    if not file.exists():
        file.touch(mode=0o600)


def _file_of(connection: Any) -> tuple[int, int] | None:
    """What tells the file of a connection from another one in its place."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    try:
        found = os.stat(path)  # noqa: PTH116 (at each use of a connection)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _require_same_file(connection: Any, record: Any, _: Any) -> None:
    # What is written to a file that was removed is lost when the connection ends.
    if _file_of(connection) != record.info[_FILE]:
        raise sa.exc.DisconnectionError("the database is another file now")


def _note_deletion(connection: Connection, _: Any, statement: str, *__: Any) -> None:
    if statement.startswith("DELETE"):
        connection.info[_DELETED] = True


def _leave_no_trace(connection: Any, record: Any) -> None:
    # What was deleted still stands in the write-ahead log until that is emptied.
    if connection is not None and record.info.get(_DELETED, False):
        is_busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        # Somebody reads what was there before: the next use tries again.
        record.info[_DELETED] = bool(is_busy)


def _prepare_sqlite(connection: Any, record: Any) -> None:
    # The driver's own transactions leave out DDL and SELECT: `begin` is said below.
    connection.isolation_level = None
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    record.info[_FILE] = _file_of(connection)


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once, without waiting,
    # when another one wrote in between: whoever will write takes the lock at the start.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes: committed at the end, or nothing of it happened.

    Raises:
        sqlalchemy.exc.OperationalError: the database is busy for 2 s, or gone.
    """
    with engine.execution_options(**{_WRITES: True}).begin() as connection:
        yield connection


def require_answer(engine: Engine) -> None:
    """Ask the database for something trivial, and whether it lets a turn be stored.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: it is busy or away, or has no tables.
    """
    with writing(engine) as connection:
        connection.execute(sa.select(events.c.id).limit(1))


def migrate(engine: Engine) -> None:
    """Bring the tables up to date.

    Processes may do it at once: the others wait, on PostgreSQL for a minute, and find
    nothing to do. A migration that fails leaves the tables as they were.

    Args:
        engine: from `open_database`.

    Raises:
        sqlalchemy.exc.OperationalError: the database is busy, or gone.
    """
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR).replace("%", "%%"))
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            wait = sa.text(f"set local lock_timeout = '{MIGRATION_SECONDS}s'")
            connection.execute(wait)
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
