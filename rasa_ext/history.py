"""What Rasa derives from all events of a conversation, each time anew: done once.

In a turn it replays them three times to copy a tracker, five times to leave out what
was reverted and three times to tell the states that its rules are compared with, of
which they need the last two. What comes out is the same.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from types import SimpleNamespace
from typing import Any

from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RulePolicy,
)
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
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
from rasa.shared.core.trackers import DialogueStateTracker, TrackerActiveLoop
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

_APPLIED = "_applied"
_INDEX = "_rules_by_last_state"

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
KINDS_OF_RULES = (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)


class _KindOf(dict[type, "type[Event] | None"]):
    """Which of KINDS a type of events is."""

    def __missing__(self, event_type: type) -> type[Event] | None:
        found = next((kind for kind in KINDS if issubclass(event_type, kind)), None)
        self[event_type] = found
        return found


_kind_of = _KindOf()


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
        kind = _kind_of[type(event)]
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
        if _kind_of[type(event)] is ActiveLoop and event.name  # type: ignore[attr-defined]
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
    kind = _kind_of[type(event)]
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
        if _kind_of[type(done.pop())] is kind:
            return


def _begins_loop(name: str, done: Sequence[Any]) -> bool:
    """Whether a loop's action is its first one, or the first after a digression."""
    later = None
    for event in reversed(done):
        kind = _kind_of[type(event)]
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
        kind = _kind_of[type(done[place])]
        if kind is ActionExecuted and done[place].action_name == name:
            return
        if kind in UNFEATURIZED:
            del done[place]


def last_states(
    policy: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool = False,
) -> list[State]:
    """The conversation's last states, as many as a rule can tell apart.

    Args:
        policy: whose rules they are for.
        tracker: the conversation.
        domain: none of whose slots is a feature.
        use_text_for_last_user_input: whether the last message is its text, not its
            intent.
    """
    events = applied_events(tracker)
    moments = 1 + sum(_kind_of[type(event)] is ActionExecuted for event in events)
    # One more than a rule has: where there is a state before it, it holds as a whole.
    wanted = 1 + max(_index(policy, name).longest for name in KINDS_OF_RULES)
    states: list[State] = []
    # What of a tracker its state is told by.
    now: Any = SimpleNamespace(
        latest_message=None,
        latest_action={},
        latest_action_name=None,
        active_loop=None,
        slots={},
    )
    for event in events:
        kind = _kind_of[type(event)]
        if kind is ActionExecuted:
            moments -= 1
            if moments < wanted:
                states.append(domain.get_active_state(now))
        _advance(now, event)
    states.append(domain.get_active_state(now))
    policy.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def _advance(now: Any, event: Any) -> None:
    kind = _kind_of[type(event)]
    if kind is ActionExecuted:
        now.latest_action = event.as_sub_state()
        now.latest_action_name = event.action_name
    elif kind is UserUttered:
        now.latest_message = event
    elif kind is DefinePrevUserUtteredFeaturization:
        event.apply_to(now)
    elif kind is ActiveLoop:
        named = event.name is not None
        now.active_loop = (
            TrackerActiveLoop(event.name, False, False, None) if named else None
        )


@dataclasses.dataclass(frozen=True)
class _Index:
    """The rules of one kind by what they ask of the last state.

    Attributes:
        lookup: what each rule leads to, as it was then.
        count: of rules then; training adds some and leaves some out.
        longest: how many states the longest rule has.
        keys: the rules by the last action and intent; None: those without both.
    """

    lookup: Mapping[str, str]
    count: int
    longest: int
    keys: Mapping[tuple[str, str] | None, Sequence[str]]


def _index(policy: RulePolicy, name: str) -> _Index:
    lookup = policy.lookup.get(name, {})
    known: dict[str, _Index] = policy.__dict__.setdefault(_INDEX, {})
    found = known.get(name)
    if found is None or found.lookup is not lookup or found.count != len(lookup):
        keys: dict[tuple[str, str] | None, list[str]] = {}
        rules = {key: policy._rule_key_to_state(key) for key in lookup}
        for key, states in rules.items():
            keys.setdefault(_last(states[-1]), []).append(key)
        longest = max(map(len, rules.values()), default=0)
        found = known[name] = _Index(lookup, len(lookup), longest, keys)
    return found


def _last(state: State) -> tuple[str, str] | None:
    """Action and intent that a state must have; None when it need not have both."""
    action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    intent = state.get(USER, {}).get(INTENT)
    if not action or not intent or SHOULD_NOT_BE_SET in (action, intent):
        return None
    return str(action), str(intent)


def rules_to_try(
    policy: RulePolicy, lookup: dict[str, str], states: Sequence[State]
) -> dict[str, str]:
    """Those rules that the last state does not rule out.

    Args:
        policy: whose rules they are.
        lookup: what each rule of a kind leads to.
        states: of the conversation.
    """
    for name in KINDS_OF_RULES:
        if policy.lookup.get(name) is lookup and states:
            keys, last = _index(policy, name).keys, _last(states[-1])
            tried = [*keys.get(None, ()), *(keys.get(last, ()) if last else ())]
            return {key: lookup[key] for key in tried}
    return lookup
