"""A turn is stored whole or not at all, and on nothing but what it started from."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from sqlalchemy.exc import OperationalError

from rasa_ext.stores.tracker import (
    DELETION_CONFIRMED,
    DELETION_SLOT,
    ConversationMovedOn,
    ConversationStore,
    _Gate,
)
from xieshang.settings import ROOT
from xieshang.storage import current_database
from xieshang.storage.database import writing

DOMAIN = Domain.load(ROOT / "domain.yml")
SENDER = "test:a"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[ConversationStore]:
    monkeypatch.delenv("XIESHANG_DATABASE_URL", raising=False)
    monkeypatch.setenv("XIESHANG_DATA_DIR", str(tmp_path))
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
        monkeypatch.setenv("XIESHANG_DATABASE_URL", url)
    yield ConversationStore(DOMAIN)
    current_database().dispose()


@contextmanager
def busy_database() -> Iterator[None]:
    """Another process is writing a turn of the conversation."""
    with writing(current_database()) as connection:
        ConversationStore._last_id(connection, SENDER)
        yield


def turn(text: str) -> list[Event]:
    return [UserUttered(text), ActionExecuted("action_answer"), BotUttered(f"{text}!")]


async def say(store: ConversationStore, *texts: str) -> None:
    for text in texts:
        tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
        tracker.update_with_events(turn(text), DOMAIN)
        await store.save(tracker)


async def said(store: ConversationStore) -> list[str]:
    tracker = await store.retrieve_full_tracker(SENDER)
    events = tracker.events if tracker else []
    return [event.text for event in events if isinstance(event, UserUttered)]


async def test_what_was_stored_comes_back_once(store: ConversationStore) -> None:
    await say(store, "一", "二", "三")
    tracker = await store.retrieve(SENDER)
    assert tracker
    assert [event.type_name for event in tracker.events] == [
        "user",
        "action",
        "bot",
    ] * 3
    assert await said(store) == ["一", "二", "三"]
    assert await said(ConversationStore(DOMAIN)) == ["一", "二", "三"]
    await store.save(tracker)
    assert await said(store) == ["一", "二", "三"]
    assert list(await store.keys()) == [SENDER]
    assert await store.retrieve("test:b") is None


async def test_a_tracker_may_be_saved_in_several_parts(
    store: ConversationStore,
) -> None:
    tracker = await store.get_or_create_tracker(SENDER)
    for text in ("一", "二"):
        tracker.update_with_events(turn(text), DOMAIN)
        await store.save(tracker)
    assert await said(store) == ["一", "二"]


async def test_only_the_latest_session_is_read(store: ConversationStore) -> None:
    await say(store, "旧")
    tracker = await store.retrieve(SENDER)
    assert tracker
    tracker.update_with_events(
        [SessionStarted(), SlotSet("product", "both"), *turn("新")], DOMAIN
    )
    await store.save(tracker)
    await say(store, "更新")
    latest = await store.retrieve(SENDER)
    assert latest
    assert isinstance(latest.events[0], SessionStarted)
    assert latest.get_slot("product") == "both"
    assert [e.text for e in latest.events if isinstance(e, UserUttered)] == [
        "新",
        "更新",
    ]
    assert await said(store) == ["旧", "新", "更新"]


@pytest.mark.parametrize("before", [(), ("一",)])
async def test_of_two_turns_from_one_state_the_second_is_refused_whole(
    store: ConversationStore, before: tuple[str, ...]
) -> None:
    other = ConversationStore(DOMAIN)
    await say(store, *before)
    tracker = await store.get_or_create_tracker(SENDER, append_action_listen=False)
    tracker.update_with_events(turn("这边"), DOMAIN)
    await say(other, "那边")
    with pytest.raises(ConversationMovedOn):
        await store.save(tracker)
    assert await said(store) == [*before, "那边"]
    await say(store, "这边")
    assert await said(other) == [*before, "那边", "这边"]


async def test_a_turn_from_before_the_deletion_brings_nothing_back(
    store: ConversationStore,
) -> None:
    await say(store, "一")
    late = await store.retrieve(SENDER)
    assert late
    late.update_with_events(turn("晚"), DOMAIN)
    tracker = await store.retrieve(SENDER)
    assert tracker
    tracker.update_with_events(
        [*turn("确认"), SlotSet(DELETION_SLOT, DELETION_CONFIRMED)], DOMAIN
    )
    await store.save(tracker)
    assert await store.retrieve_full_tracker(SENDER) is None
    with pytest.raises(ConversationMovedOn):
        await store.save(late)
    # Its number is not given out again: nor does it fit what is said afterwards.
    await say(store, "新")
    with pytest.raises(ConversationMovedOn):
        await store.save(late)
    assert await said(store) == ["新"]


async def test_a_busy_database_is_an_error_and_nothing_is_stored(
    store: ConversationStore,
) -> None:
    await say(store, "一")
    tracker = await store.retrieve(SENDER)
    assert tracker
    tracker.update_with_events(turn("二"), DOMAIN)
    with busy_database(), pytest.raises(OperationalError):
        await store.save(tracker)
    assert await said(store) == ["一"]
    await store.save(tracker)
    assert await said(store) == ["一", "二"]


async def test_a_turn_given_up_while_it_waits_is_not_stored(
    store: ConversationStore,
) -> None:
    await say(store, "一")
    tracker = await store.retrieve(SENDER)
    assert tracker
    tracker.update_with_events(turn("二"), DOMAIN)
    with busy_database(), pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(store.save(tracker), 0.3)
    # It gets the lock now, if it still waits for it.
    await asyncio.sleep(1)
    assert await said(store) == ["一"]


async def test_a_turn_given_up_while_it_is_committed_is_stored(
    store: ConversationStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = await store.get_or_create_tracker(SENDER)
    tracker.update_with_events(turn("一"), DOMAIN)
    committing, may_commit = threading.Event(), threading.Event()
    let_through = _Gate.let_through

    def let_through_and_wait(gate: _Gate) -> None:
        let_through(gate)
        committing.set()
        may_commit.wait(10)

    monkeypatch.setattr(_Gate, "let_through", let_through_and_wait)
    saving = asyncio.ensure_future(asyncio.wait_for(store.save(tracker), 0.3))
    await asyncio.to_thread(committing.wait, 10)
    await asyncio.sleep(0.5)
    may_commit.set()
    await saving
    assert await said(store) == ["一"]


def test_nothing_stands_around_the_store(store: ConversationStore) -> None:
    assert Agent(tracker_store=store).tracker_store is store
