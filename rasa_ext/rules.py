"""What Rasa's rules are compared with, and which of them can apply.

Rasa tells the states of the whole conversation three times a turn and compares each
rule with them; a rule has two states here. What is predicted is the same.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
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
    ActiveLoop,
    DefinePrevUserUtteredFeaturization,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, TrackerActiveLoop
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from rasa_ext.history import applied_events, kind_of

KINDS_OF_RULES = (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
_INDEX = "_rules_by_last_state"


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
    moments = 1 + sum(kind_of[type(event)] is ActionExecuted for event in events)
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
        kind = kind_of[type(event)]
        if kind is ActionExecuted:
            moments -= 1
            if moments < wanted:
                states.append(domain.get_active_state(now))
        _advance(now, event)
    states.append(domain.get_active_state(now))
    policy.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return states


def _advance(now: Any, event: Any) -> None:
    kind = kind_of[type(event)]
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
