"""Where conversations are kept: the database of the settings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.engine import make_url

from xieshang.settings import read_settings

# Set by the turn in which the person confirms that everything is to be deleted.
DELETION_SLOT = "deletion"
DELETION_CONFIRMED = "confirmed"


class ConversationStore(SQLTrackerStore):
    """Rasa's SQL store on the database of the settings, with deletion."""

    def __init__(
        self, domain: Domain | None = None, event_broker: Any = None, **_: Any
    ) -> None:
        url = make_url(read_settings().database_url)
        if url.get_backend_name() == "sqlite" and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        super().__init__(
            domain=domain,
            dialect=url.drivername,
            host=url.host,
            port=url.port,
            db=url.database or "",
            username=url.username,
            password=url.password,
            event_broker=event_broker,
        )

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store a turn; a turn that confirmed the deletion leaves nothing behind."""
        if tracker.get_slot(DELETION_SLOT) == DELETION_CONFIRMED:
            await self.delete(tracker.sender_id)
        else:
            await super().save(tracker)

    async def delete(self, sender_id: str) -> None:
        """Delete every event of a conversation.

        Args:
            sender_id: id of the conversation.
        """
        with self.session_scope() as session:
            session.execute(
                sa.delete(self.SQLEvent).where(self.SQLEvent.sender_id == sender_id)
            )
            session.commit()
