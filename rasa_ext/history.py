"""What Rasa derives from all events of a conversation, each time anew: done once.

In a turn it replays them three times to copy a tracker, and goes through them eight
times to leave out what was reverted. What comes out is the same.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any

from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

_APPLIED = "_applied"

# Rasa's events are abstract classes, for which isinstance is slow.
KINDS = (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    DefinePrevUserUtteredFeaturization,
    FollowupAction,
    Restarted,
    SessionStarted,
    UserUttered,
    UserUtteranceReverted,
)
# After these what is to follow is not told by the last action or message alone.
TURNING = {
    ActionReverted,
    FollowupAction,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
}
UNFEATURIZED = {ActionExecuted, DefinePrevUserUtteredFeaturization, UserUttered}


class _KindOf(dict[type, "type[Event] | None"]):
    """Which of KINDS a type of events is."""

    def __missing__(self, event_type: type) -> type[Event] | None:
        found = next((kind for kind in KINDS if issubclass(event_type, kind)), None)
        self[event_type] = found
        return found


kind_of = _KindOf()


def copied_slot(slot: Slot) -> Slot:
    """A copy of a slot as `copy.copy` makes it, without its detours."""
    made: Slot = object.__new__(type(slot))
    made.__dict__.update(slot.__dict__)
    return made


def copied_tracker(tracker: DialogueStateTracker) -> DialogueStateTracker | None:
    """A copy of a tracker in the state that its events lead to.

    Args:
        tracker: the one to copy.

    Returns:
        None when that may be another state than the tracker's own: it is to be copied
        by replaying its events.
    """
    if type(tracker) is not DialogueStateTracker or not _is_settled(tracker.events):
        return None
    made = object.__new__(DialogueStateTracker)
    made.__dict__.update(tracker.__dict__)
    made.events = deque(tracker.events, tracker.events.maxlen)
    made.slots = {name: copied_slot(slot) for name, slot in tracker.slots.items()}
    if tracker.active_loop is not None:
        made.active_loop = dataclasses.replace(tracker.active_loop)
    # Events get them once, when they are added to the conversation itself.
    made.model_id = made.assistant_id = made.sender_source = None
    return made


def _is_settled(events: deque[Event]) -> bool:
    """Whether nothing is to follow but what a policy predicts."""
    for event in reversed(events):
        kind = kind_of[type(event)]
        if kind in (ActionExecuted, UserUttered):
            return True
        if kind in TURNING:
            return False
    return False


@dataclasses.dataclass(frozen=True)
class _Applied:
    """The events of a conversation without those that were reverted.

    Attributes:
        count: of how many events.
        last: the last one of these.
        loops: the names of all loops.
        events: the result.
    """

    count: int
    last: Event | None
    loops: frozenset[str]
    events: Sequence[Event]

    def is_start_of(self, events: deque[Event]) -> bool:
        return 0 < self.count <= len(events) and events[self.count - 1] is self.last


_NOTHING = _Applied(0, None, frozenset(), ())


def applied_events(tracker: DialogueStateTracker) -> list[Event]:
    """The events of a tracker without those that were reverted.

    Of a loop's actions all but the first one are left out where they followed it.

    Args:
        tracker: remembers them: the next call looks at later events only.
    """
    known: _Applied = tracker.__dict__.get(_APPLIED, _NOTHING)
    if not known.is_start_of(tracker.events):
        known = _NOTHING
    new = list(islice(tracker.events, known.count, None))
    loops = known.loops.union(
        event.name
        for event in new
        if kind_of[type(event)] is ActiveLoop and event.name  # type: ignore[attr-defined]
    )
    if known.count and loops != known.loops:
        # An action before it may be one of the new loop.
        new, known = list(tracker.events), _NOTHING
    done = list(known.events)
    for event in new:
        _apply(event, done, loops)
    last = tracker.events[-1] if tracker.events else None
    tracker.__dict__[_APPLIED] = _Applied(len(tracker.events), last, loops, tuple(done))
    return done


def _apply(event: Any, done: list[Event], loops: frozenset[str]) -> None:
    kind = kind_of[type(event)]
    if kind in (Restarted, SessionStarted):
        done.clear()
    elif kind is ActionReverted:
        _undo_till(ActionExecuted, done)
    elif kind is UserUtteranceReverted:
        _undo_till(UserUttered, done)
        _undo_till(ActionExecuted, done)
    elif (
        kind is ActionExecuted
        and event.action_name in loops
        and not _begins_loop(event.action_name, done)
    ):
        _undo_loop(event.action_name, done)
    else:
        done.append(event)


def _undo_till(kind: type[Event], done: list[Event]) -> None:
    while done:
        if kind_of[type(done.pop())] is kind:
            return


def _begins_loop(name: str, done: Sequence[Any]) -> bool:
    """Whether a loop's action is its first one, or the first after a digression."""
    later = None
    for event in reversed(done):
        kind = kind_of[type(event)]
        if kind is ActiveLoop and event.name is None:
            return True
        if kind is ActionExecutionRejected and event.action_name == name:
            return True
        if kind is UserUttered and later is not None and later != name:
            return True
        if kind is ActionExecuted:
            if event.action_name == name:
                return False
            later = event.action_name
    return True


def _undo_loop(name: str, done: list[Any]) -> None:
    """Leave out what led to a loop's action that is not its first one."""
    for place in range(len(done) - 1, -1, -1):
        kind = kind_of[type(done[place])]
        if kind is ActionExecuted and done[place].action_name == name:
            return
        if kind in UNFEATURIZED:
            del done[place]
