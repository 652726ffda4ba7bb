"""Long talks: a session is cut when it has become long, so that turns stay quick.

Rasa reads, sends and predicts over all events of a session, and ends one only after the
person has been silent for an hour. Here a new session also begins in the middle of a
talk: it sets the slots to what they are, and is read together with the last turns
before it, so that buttons, numbers and what was just said mean what they meant.
"""

from __future__ import annotations

import time

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.events import (
    ActionExecuted,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from xieshang.storage.tables import SESSION_CONTINUES

MOST_EVENTS = 300
# About ten turns: as far back as a button may be pressed.
KEPT_EVENTS = 120
CONTINUES = {SESSION_CONTINUES: True}
MINUTE_SECONDS = 60


def is_to_be_cut(
    tracker: DialogueStateTracker, events: int, idle_minutes: float
) -> bool:
    """Whether a new session begins with the next message.

    Args:
        tracker: the conversation.
        events: how many the session has.
        idle_minutes: after so long a silence Rasa begins one of its own; 0: never.
    """
    if events <= MOST_EVENTS or tracker.active_loop_name:
        return False
    last = tracker.get_last_event_for(UserUttered)
    if last is None:
        return False
    return not 0 < idle_minutes * MINUTE_SECONDS < time.time() - last.timestamp


def new_session(tracker: DialogueStateTracker) -> list[Event]:
    """The events that begin a session in the middle of a talk."""
    return [
        ActionExecuted(ACTION_SESSION_START_NAME),
        SessionStarted(metadata=dict(CONTINUES)),
        *(
            SlotSet(name, value)
            for name, value in tracker.current_slot_values().items()
            if value is not None
        ),
        ActionExecuted(ACTION_LISTEN_NAME),
    ]
