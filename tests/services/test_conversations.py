"""Conversations on a real PostgreSQL: whole turns, one after the other."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered

from rasa_ext.stores.tracker import (
    DELETION_CONFIRMED,
    DELETION_SLOT,
    ConversationMovedOn,
    ConversationStore,
)
from tests.services.postgres_server import PostgresServer
from tests.tables import stored_rows
from xieshang.settings import ROOT, read_settings
from xieshang.storage.database import migrate, open_database

DOMAIN = Domain.load(ROOT / "domain.yml")


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    """A database of the test's own."""
    return postgres.new_database()


@pytest.fixture
def store(url: str, monkeypatch: pytest.MonkeyPatch) -> ConversationStore:
    monkeypatch.setenv("XIESHANG_DATABASE_URL", url)
    return ConversationStore(DOMAIN)


async def said(store: ConversationStore, sender: str) -> list[str]:
    tracker = await store.retrieve_full_tracker(sender)
    assert tracker
    return [event.text for event in tracker.events if isinstance(event, UserUttered)]


async def test_of_concurrent_turns_each_is_stored_once_or_refused(
    store: ConversationStore,
) -> None:
    async def say(text: str) -> str | None:
        try:
            tracker = await store.get_or_create_tracker("test:a")
            tracker.update(UserUttered(text), DOMAIN)
            await store.save(tracker)
        except ConversationMovedOn:
            return None
        return text

    stored = []
    for turn in range(10):
        ended = await asyncio.gather(*(say(f"{turn}.{who}") for who in range(4)))
        assert any(ended)
        stored += [text for text in ended if text]
    assert sorted(await said(store, "test:a")) == sorted(stored)


async def test_the_turn_that_deletes_leaves_no_row(store: ConversationStore) -> None:
    tracker = await store.get_or_create_tracker("test:a")
    tracker.update(UserUttered("x"), DOMAIN)
    await store.save(tracker)
    assert stored_rows(read_settings())["events"]
    tracker.update(UserUttered("y"), DOMAIN)
    tracker.update(SlotSet(DELETION_SLOT, DELETION_CONFIRMED), DOMAIN)
    await store.save(tracker)
    # Alembic's own table has a row of no person.
    left = {name for name, rows in stored_rows(read_settings()).items() if rows}
    assert left == {"xieshang_alembic"}


async def test_what_rasas_own_store_kept_is_taken_over(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = sa.engine.make_url(url)
    rasas = SQLTrackerStore(
        DOMAIN,
        dialect="postgresql",
        host=address.host,
        port=address.port,
        db=address.database,
        username=address.username,
    )
    tracker = await rasas.get_or_create_tracker("test:a")
    tracker.update(UserUttered("前"), DOMAIN)
    await rasas.save(tracker)
    rasas.engine.dispose()
    migrate(open_database(url))
    monkeypatch.setenv("XIESHANG_DATABASE_URL", url)
    store = ConversationStore(DOMAIN)
    tracker = await store.get_or_create_tracker("test:a")
    tracker.update(UserUttered("后"), DOMAIN)
    await store.save(tracker)
    assert await said(store, "test:a") == ["前", "后"]
