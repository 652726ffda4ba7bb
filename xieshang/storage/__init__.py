"""Conversations, confirmed cases and what was said: the database of all of them."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy.engine import Engine

from xieshang.settings import read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database
from xieshang.storage.entries import Entries
from xieshang.storage.keys import admit_keys
from xieshang.storage.reminders import Reminders


def current_database() -> Engine:
    """The database of the settings, its tables up to date.

    Opened once a process and address; safe to call at every turn and in threads.

    Raises:
        OSError, sqlalchemy.exc.SQLAlchemyError: the database cannot be used.
        SettingError: a key that it needs is not in the settings.
    """
    return _database_at(read_settings().database_url)


def current_store() -> CaseStore:
    """The store on `current_database`, which says what it raises."""
    return _store_at(read_settings().database_url)


def current_entries() -> Entries:
    """What was said, in the database of `current_store`.

    Nothing is opened yet: each call of it raises what `current_database` does.
    """
    return Entries(current_database)


def current_reminders() -> Reminders:
    """What is to be sent to whom, in the database of `current_store`.

    Nothing is opened yet: each call of it raises what `current_store` does.
    """
    return Reminders(lambda: _database_at(read_settings().database_url))


@lru_cache(maxsize=4)
def _store_at(url: str) -> CaseStore:
    return CaseStore(_database_at(url))


@lru_cache(maxsize=4)
def _database_at(url: str) -> Engine:
    engine = open_database(url)
    migrate(engine)
    admit_keys(engine)
    return engine
