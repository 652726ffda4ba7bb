"""Confirmed cases and talks on the web: their database, and how long it keeps them."""

from __future__ import annotations

from functools import lru_cache

from xieshang.settings import read_settings
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import migrate, open_database
from xieshang.storage.web_entries import WebEntries


def current_store() -> CaseStore:
    """The store on the database of the settings, its tables up to date.

    Opened once a process and address; safe to call at every turn and in threads.

    Raises:
        OSError, sqlalchemy.exc.SQLAlchemyError: the database cannot be used.
    """
    return _stores_at(read_settings().database_url)[0]


def current_web_entries() -> WebEntries:
    """What was said on the web, in the database of `current_store`.

    Raises:
        OSError, sqlalchemy.exc.SQLAlchemyError: the database cannot be used.
    """
    return _stores_at(read_settings().database_url)[1]


@lru_cache(maxsize=4)
def _stores_at(url: str) -> tuple[CaseStore, WebEntries]:
    engine = open_database(url)
    migrate(engine)
    return CaseStore(engine), WebEntries(engine)
