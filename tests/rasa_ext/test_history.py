"""What is derived from a conversation once is what Rasa derives from it each time."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RulePolicy,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from rasa_ext import patches
from rasa_ext.rules import KINDS_OF_RULES, last_states, rules_to_try
from tests.conftest import Assistant

FORM = "case_form"
INTENTS = ("ask_waiver", "start_case", "inform", "restart", "nlu_fallback")
TALKS = 60
EVENTS = 40


def said(drawn: random.Random) -> UserUttered:
    intent = drawn.choice(INTENTS)
    entities = [{"entity": "money", "role": "monthly_income", "value": 5, "start": 0}]
    parsed = {"intent": {"name": intent}, "entities": entities, "text": "x"}
    return UserUttered("x", parsed["intent"], entities, parsed)


EVENT_MAKERS: tuple[Callable[[random.Random], Event], ...] = (
    said,
    said,
    lambda drawn: ActionExecuted("action_listen"),
    lambda drawn: ActionExecuted("action_listen"),
    lambda drawn: ActionExecuted("action_answer"),
    lambda drawn: ActionExecuted(FORM),
    lambda drawn: ActionExecuted(FORM),
    lambda drawn: ActiveLoop(drawn.choice((FORM, FORM, None))),
    lambda drawn: SlotSet("product", drawn.choice(("huabei", None))),
    lambda drawn: BotUttered("y"),
    lambda drawn: DefinePrevUserUtteredFeaturization(drawn.choice((True, False))),
    lambda drawn: LoopInterrupted(True),
)
RARE_MAKERS: tuple[Callable[[random.Random], Event], ...] = (
    lambda drawn: ActionExecutionRejected(FORM),
    lambda drawn: ActionReverted(),
    lambda drawn: UserUtteranceReverted(),
    lambda drawn: AllSlotsReset(),
    lambda drawn: FollowupAction("action_answer"),
    lambda drawn: Restarted(),
    lambda drawn: SessionStarted(),
)


@pytest.fixture(scope="module")
def domain(assistant: Assistant) -> Domain:
    return assistant.agent.processor.domain


@pytest.fixture(scope="module")
def policy(assistant: Assistant) -> RulePolicy:
    nodes = assistant.agent.processor.graph_runner._instantiated_nodes.values()
    found = [node._component for node in nodes]
    return next(one for one in found if isinstance(one, RulePolicy))


def trackers(domain: Domain) -> Iterator[DialogueStateTracker]:
    """Conversations drawn by lot, as they are after each of their events."""
    for seed in range(TALKS):
        drawn = random.Random(seed)
        tracker = DialogueStateTracker("x", domain.slots)
        tracker.model_id = "model"
        for _ in range(EVENTS):
            makers = RARE_MAKERS if drawn.random() < 0.08 else EVENT_MAKERS
            tracker.update(drawn.choice(makers)(drawn))
            yield tracker


def state_of(tracker: DialogueStateTracker) -> dict[str, Any]:
    slots = {name: vars(slot) for name, slot in tracker.slots.items()}
    told = {**vars(tracker), "slots": slots}
    del told["_applied"]
    return {**told, "told": tracker.current_state(EventVerbosity.ALL)}


def test_what_was_reverted_is_left_out_as_by_rasa(domain: Domain) -> None:
    whole = patches.REPLACED["DialogueStateTracker.applied_events"]
    lengths = set()
    for tracker in trackers(domain):
        expected = whole(tracker)
        assert tracker.applied_events() == expected
        assert [id(event) for event in tracker.applied_events()] == [
            id(event) for event in expected
        ]
        lengths.add(len(tracker.events) - len(expected))
    assert len(lengths) > 20


def test_a_tracker_is_copied_as_by_rasa(domain: Domain) -> None:
    replay = patches.REPLACED["DialogueStateTracker.copy"]
    for tracker in trackers(domain):
        tracker.applied_events()
        expected, copied = replay(tracker), tracker.copy()
        for one in (expected, copied):
            one.applied_events()
        assert state_of(copied) == state_of(expected)


def test_a_copy_goes_its_own_way(domain: Domain) -> None:
    tracker = DialogueStateTracker("x", domain.slots)
    for event in (ActiveLoop(FORM), SlotSet("product", "huabei"), ActionExecuted(FORM)):
        tracker.update(event)
    before = copy.deepcopy(state_of_applied(tracker))
    copied = tracker.copy()
    for event in (LoopInterrupted(True), SlotSet("product", "jiebei"), said_first()):
        copied.update(event)
    copied.applied_events()
    assert state_of_applied(tracker) == before
    assert copied.get_slot("product") == "jiebei"
    assert copied.active_loop.is_interrupted


def state_of_applied(tracker: DialogueStateTracker) -> dict[str, Any]:
    tracker.applied_events()
    return state_of(tracker)


def said_first() -> UserUttered:
    return said(random.Random(0))


def test_a_slot_is_copied_as_by_rasa() -> None:
    slot = TextSlot("product", [{"type": "custom"}], initial_value="both")
    slot.value = "huabei"
    copied = copy.copy(slot)
    assert type(copied) is TextSlot
    assert vars(copied) == vars(slot)
    copied.value = "jiebei"
    assert slot.value == "huabei"


def test_rules_apply_as_by_rasa(domain: Domain, policy: RulePolicy) -> None:
    all_states = patches.REPLACED["RulePolicy._prediction_states"]
    all_keys = patches.REPLACED["RulePolicy._get_possible_keys"]
    found = set()
    for tracker in trackers(domain):
        for by_text in (True, False):
            expected = all_states(policy, tracker, domain, by_text)
            states = policy._prediction_states(tracker, domain, by_text)
            assert states == expected[-len(states) :]
            for name in KINDS_OF_RULES:
                lookup = policy.lookup[name]
                keys = policy._get_possible_keys(lookup, states)
                assert keys == all_keys(policy, lookup, expected)
                found |= keys
    assert len(found) > 5


def test_few_rules_are_tried(domain: Domain, policy: RulePolicy) -> None:
    tracker = DialogueStateTracker("x", domain.slots)
    for event in (ActionExecuted("action_listen"), said_first()):
        tracker.update(event)
    states = last_states(policy, tracker, domain)
    tried = rules_to_try(policy, policy.lookup[RULES], states)
    assert 0 < len(tried) < len(policy.lookup[RULES]) / 10
    others = policy.lookup[RULES_FOR_LOOP_UNHAPPY_PATH]
    assert rules_to_try(policy, {}, states) == {}
    assert rules_to_try(policy, others, states).keys() <= others.keys()


def test_slots_that_are_features_are_left_to_rasa(
    domain: Domain, policy: RulePolicy
) -> None:
    slot = TextSlot("product", [{"type": "custom"}])
    featured = Domain.from_dict(
        {
            "intents": list(INTENTS),
            "slots": {"product": {"type": "text", "mappings": slot.mappings}},
        }
    )
    tracker = DialogueStateTracker("x", featured.slots)
    for event in (SlotSet("product", "huabei"), ActionExecuted("action_listen")):
        tracker.update(event)
    states = policy._prediction_states(tracker, featured)
    assert states[-1]["slots"] == {"product": (1.0,)}
