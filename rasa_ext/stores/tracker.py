"""Where conversations are kept: in the database, a turn whole or not at all.

Rasa's own store takes up an in-memory store when the database fails, so that a stalled
database leads to a form that asks one thing and believes it asked another; and it finds
the new events of a turn by counting. Here a turn is appended in one transaction when
the last stored event is still the one it started from, and a failure is raised: the
guard tells the person, and nothing has happened.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import Connection

from rasa_ext.observation import STATE_SLOT, STORE, count_cases, stage
from rasa_ext.stores.sessions import (
    CONTINUES,
    KEPT_EVENTS,
    is_to_be_cut,
    new_session,
)
from xieshang.storage import current_database
from xieshang.storage.database import writing
from xieshang.storage.tables import events
from xieshang.storage.writes import delete_conversation

# Set by the turn in which the person confirms that everything is to be deleted.
DELETION_SLOT = "deletion"
DELETION_CONFIRMED = "confirmed"
# Where a tracker remembers what of it is stored.
_POSITION = "_stored_position"

# Made once: that takes longer than to run them.
_OF_SENDER = events.c.sender_id == sa.bindparam("sender")
_ALL = sa.select(events.c.id, events.c.data).where(_OF_SENDER).order_by(events.c.id)
_STARTED = (
    sa.select(events.c.id)
    .where(_OF_SENDER, events.c.type_name == SessionStarted.type_name)
    .order_by(events.c.id.desc())
    .limit(1)
)
# Looks back no further than to where the session started.
_SESSION = _ALL.where(events.c.id >= sa.func.coalesce(_STARTED.scalar_subquery(), 0))
_BEFORE = (
    sa.select(events.c.id, events.c.data)
    .where(_OF_SENDER, events.c.id < sa.bindparam("first"))
    .order_by(events.c.id.desc())
    .limit(KEPT_EVENTS)
)
_NEWEST = sa.select(sa.func.max(events.c.id)).where(_OF_SENDER)
_LOCK = sa.select(
    sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("sender"), 0))
)
_INSERT = sa.insert(events)


class ConversationMovedOn(RuntimeError):
    """Another process stored a turn of the conversation since this one began."""


class TurnCutOff(RuntimeError):
    """The turn was given up while it waited for the database."""


@dataclass(frozen=True)
class _Position:
    """What of a tracker is stored.

    Attributes:
        last_id: of the conversation's last stored event, None for a new conversation.
        count: how many of the tracker's events are stored.
    """

    last_id: int | None
    count: int


class _Gate:
    """Stands before the commit of a turn: a turn given up earlier does not pass."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._closed = False
        self._passed = False

    def let_through(self) -> None:
        """Let the turn be stored.

        Raises:
            TurnCutOff: it was given up before.
        """
        with self._lock:
            if self._closed:
                raise TurnCutOff
            self._passed = True

    def close(self) -> bool:
        """Give the turn up.

        Returns:
            Whether that was in time: nothing of it will be stored.
        """
        with self._lock:
            self._closed = True
            return not self._passed


class ConversationStore(TrackerStore, SerializedTrackerAsText):
    """Stores conversations strictly; the database is waited for outside of the loop."""

    def __init__(
        self, domain: Domain | None = None, event_broker: Any = None, **_: Any
    ) -> None:
        self._engine = current_database()
        super().__init__(domain, event_broker)

    async def keys(self) -> Iterable[str]:
        """The ids of all conversations."""
        return await asyncio.to_thread(self._keys)

    def _keys(self) -> list[str]:
        with self._engine.begin() as connection:
            found = sa.select(events.c.sender_id).distinct()
            return [str(sender) for sender in connection.scalars(found)]

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's latest session, None when there is no conversation.

        One that has become too long is followed by a new one, which is stored with the
        next turn.
        """
        with stage(STORE):
            return await asyncio.to_thread(self._read_session, sender_id)

    async def retrieve_full_tracker(
        self, conversation_id: str
    ) -> DialogueStateTracker | None:
        """The conversation with all its sessions."""
        return await asyncio.to_thread(self._read_all, conversation_id)

    def _read_all(self, sender_id: str) -> DialogueStateTracker | None:
        with self._engine.begin() as connection:
            rows = connection.execute(_ALL, {"sender": sender_id}).all()
        return self._tracker(sender_id, rows)

    def _read_session(self, sender_id: str) -> DialogueStateTracker | None:
        with self._engine.begin() as connection:
            rows = connection.execute(_SESSION, {"sender": sender_id}).all()
            before = self._kept(connection, sender_id, rows)
        tracker = self._tracker(sender_id, [*before, *rows])
        if tracker is not None:
            idle_minutes = self.domain.session_config.session_expiration_time
            if is_to_be_cut(tracker, len(rows), idle_minutes):
                tracker.update_with_events(new_session(tracker), self.domain)
        return tracker

    @staticmethod
    def _kept(
        connection: Connection, sender_id: str, session: Sequence[Any]
    ) -> Sequence[Any]:
        """The end of the session before, when this one goes on with it."""
        if not session or json.loads(session[0].data).get("metadata") != CONTINUES:
            return ()
        found = connection.execute(
            _BEFORE, {"sender": sender_id, "first": session[0].id}
        ).all()
        return list(reversed(found))

    def _tracker(
        self, sender_id: str, rows: Sequence[Any]
    ) -> DialogueStateTracker | None:
        if not rows:
            return None
        told = [json.loads(row.data) for row in rows]
        tracker = DialogueStateTracker.from_dict(sender_id, told, self.domain.slots)
        setattr(tracker, _POSITION, _Position(rows[-1].id, len(tracker.events)))
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Append what is new; a turn that confirmed the deletion leaves nothing behind.

        The case goes with the talk, in one transaction: whenever a process ends.

        Cancelled, it stores nothing, or everything when the commit has begun.

        Raises:
            ConversationMovedOn: the turn started from what is no longer the end.
            sqlalchemy.exc.SQLAlchemyError: the database is busy or away.
        """
        with stage(STORE):
            await self._save(tracker)

    async def _save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        deletes = tracker.get_slot(DELETION_SLOT) == DELETION_CONFIRMED
        store = self._erase if deletes else self._append
        gate = _Gate()
        stored = asyncio.ensure_future(asyncio.to_thread(store, tracker, gate))
        try:
            await asyncio.shield(stored)
        except asyncio.CancelledError:
            if gate.close():
                # What becomes of it is of no interest, and no line of the log.
                stored.add_done_callback(lambda ended: ended.exception())
                raise
            await stored

    def _append(self, tracker: DialogueStateTracker, gate: _Gate) -> None:
        position = getattr(tracker, _POSITION, _Position(None, 0))
        new = list(islice(tracker.events, position.count, None))
        if not new:
            return
        with writing(self._engine) as connection:
            if self._last_id(connection, tracker.sender_id) != position.last_id:
                raise ConversationMovedOn
            connection.execute(_INSERT, _rows(tracker.sender_id, new))
            last_id = self._last_id(connection, tracker.sender_id)
            gate.let_through()
        setattr(tracker, _POSITION, _Position(last_id, len(tracker.events)))
        count_cases(
            (event.value, number >= position.count)
            for number, event in enumerate(tracker.events)
            if isinstance(event, SlotSet) and event.key == STATE_SLOT
        )

    def _erase(self, tracker: DialogueStateTracker, gate: _Gate) -> None:
        with writing(self._engine) as connection:
            delete_conversation(connection, tracker.sender_id)
            gate.let_through()

    @staticmethod
    def _last_id(connection: Connection, sender_id: str) -> int | None:
        if connection.dialect.name == "postgresql":
            # Two turns of one conversation wait for one another here.
            connection.execute(_LOCK, {"sender": sender_id})
        found = connection.scalar(_NEWEST, {"sender": sender_id})
        return None if found is None else int(found)


def _rows(sender_id: str, new: Sequence[Event]) -> list[dict[str, Any]]:
    return [
        {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }
        for event, data in ((event, event.as_dict()) for event in new)
    ]
