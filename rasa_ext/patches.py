"""Every change to Rasa's own code, each named with its reason.

tests/rasa_ext/test_patches.py holds the hash of each function that is replaced: a new
version of Rasa with another source makes it fail, so that the patch is read again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa import server
from rasa.core import processor, run
from rasa.core.actions.action import ActionExtractSlots, RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels import console
from rasa.core.channels.channel import OutputChannel
from rasa.core.policies.rule_policy import RULES_NOT_IN_STORIES, RulePolicy
from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import Event
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils import common
from rasa.utils.endpoints import EndpointConfig

from rasa_ext import start, terminal
from rasa_ext.guard import guarded_action, guarded_turn
from rasa_ext.history import applied_events, copied_slot, copied_tracker
from rasa_ext.hot_path import (
    SequentialRunner,
    event_classes,
    fills_slots,
    is_valid_answer,
    kept_session,
)
from rasa_ext.rules import last_states, rules_to_try
from rasa_ext.surface import protect

REPLACED: dict[str, Callable[..., Any]] = {
    # Every channel, Rasa's shell and REST included, calls this one function.
    "Agent.handle_message": Agent.handle_message,
    # Its failure would be stored as half a turn: see guard.guarded_action.
    "RemoteAction.run": RemoteAction.run,
    # It wraps every store so that a failure goes on in memory: see stores/tracker.py.
    "Agent._create_tracker_store": Agent._create_tracker_store,
    # It starts without a model, or with one of its own stores: see rasa_ext/start.py.
    "run.load_agent_on_start": run.load_agent_on_start,
    # What they do anew at each turn is done once: see rasa_ext/hot_path.py.
    "RemoteAction._validate_action_result": RemoteAction._validate_action_result,
    "DaskGraphRunner": DaskGraphRunner,
    "Event.resolve_by_type": Event.resolve_by_type,
    "EndpointConfig.session": EndpointConfig.session,
    "ActionExtractSlots.run": ActionExtractSlots.run,
    "Domain.is_empty": Domain.is_empty,
    # They go through all events of the conversation: see rasa_ext/history.py, rules.py.
    "DialogueStateTracker.copy": DialogueStateTracker.copy,
    "DialogueStateTracker.applied_events": DialogueStateTracker.applied_events,
    "RulePolicy._prediction_states": RulePolicy._prediction_states,
    "RulePolicy._get_possible_keys": RulePolicy._get_possible_keys,
    # It lets other sites in and leaves Rasa's routes open: see rasa_ext/surface.py.
    "server.configure_cors": server.configure_cors,
    # It lets warnings of Rasa's libraries through once: see rasa_ext/quiet.py.
    "common._filter_warnings": common._filter_warnings,
    # A readable terminal: see rasa_ext/terminal.py.
    "console._print_bot_output": console._print_bot_output,
    "console._get_user_input": console._get_user_input,
}


async def _run_action(action: RemoteAction, output: OutputChannel, *others: Any) -> Any:
    return await guarded_action(action, output, REPLACED["RemoteAction.run"], *others)


def _create_tracker_store(store: TrackerStore | None, domain: Domain) -> TrackerStore:
    if store is None:
        return InMemoryTrackerStore(domain)  # only understanding is asked for
    store.domain = domain
    return store


def _validate_answer(action: RemoteAction, answer: Any) -> bool:
    # Rasa's own says what is wrong.
    whole = REPLACED["RemoteAction._validate_action_result"]
    return is_valid_answer(answer) or bool(whole(action, answer))


def _event_class(name: str, default: type[Event] | None = None) -> type[Event] | None:
    found = event_classes().get(name)
    return found or REPLACED["Event.resolve_by_type"](name, default)


async def _extract_slots(
    action: ActionExtractSlots, output: Any, nlg: Any, tracker: Any, domain: Domain
) -> list[Event]:
    if not fills_slots(domain):
        return []
    whole = REPLACED["ActionExtractSlots.run"]
    return list(await whole(action, output, nlg, tracker, domain))


def _is_empty(domain: Domain) -> bool:
    # Rasa makes an empty domain to compare it with.
    return not domain.intents and bool(REPLACED["Domain.is_empty"](domain))


def _copy_tracker(tracker: DialogueStateTracker) -> DialogueStateTracker:
    copied = copied_tracker(tracker)
    return REPLACED["DialogueStateTracker.copy"](tracker) if copied is None else copied


def _prediction_states(
    policy: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    way = REPLACED["RulePolicy._prediction_states"]
    arguments = policy, tracker, domain, use_text_for_last_user_input
    # While it is trained, rules are made from the states.
    is_trained = RULES_NOT_IN_STORIES in policy.lookup
    if not is_trained or any(slot.influence_conversation for slot in domain.slots):
        return list(way(*arguments, rule_only_data))
    return last_states(*arguments)


def _possible_keys(
    policy: RulePolicy, lookup: dict[str, str], states: list[State]
) -> set[str]:
    whole = REPLACED["RulePolicy._get_possible_keys"]
    return set(whole(policy, rules_to_try(policy, lookup, states), states))


def _leave_warnings(log_level: int | None, warn_only_once: bool = True) -> None:
    """Nothing of them is for a user."""


def install() -> None:
    """Put the patches in; a second call changes nothing."""
    Agent.handle_message = guarded_turn  # type: ignore[method-assign]
    RemoteAction.run = _run_action  # type: ignore[method-assign]
    Agent._create_tracker_store = staticmethod(_create_tracker_store)  # type: ignore[method-assign,assignment]
    run.load_agent_on_start = start.load_or_stop
    RemoteAction._validate_action_result = _validate_answer  # type: ignore[method-assign]
    processor.DaskGraphRunner = SequentialRunner  # type: ignore[misc]
    Event.resolve_by_type = staticmethod(_event_class)  # type: ignore[method-assign]
    EndpointConfig.session = kept_session  # type: ignore[method-assign]
    ActionExtractSlots.run = _extract_slots  # type: ignore[method-assign]
    Domain.is_empty = _is_empty  # type: ignore[method-assign]
    Slot.__copy__ = copied_slot  # type: ignore[attr-defined]
    DialogueStateTracker.copy = _copy_tracker  # type: ignore[method-assign]
    DialogueStateTracker.applied_events = applied_events  # type: ignore[method-assign]
    RulePolicy._prediction_states = _prediction_states  # type: ignore[method-assign]
    RulePolicy._get_possible_keys = _possible_keys  # type: ignore[method-assign]
    server.configure_cors = protect
    common._filter_warnings = _leave_warnings
    console._print_bot_output = terminal.print_answer  # type: ignore[assignment]
    console._get_user_input = terminal.read_sentence  # type: ignore[assignment]
