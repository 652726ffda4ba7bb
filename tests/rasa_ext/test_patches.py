"""Each function of Rasa that is replaced is the one that was read."""

from __future__ import annotations

import hashlib
import inspect
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import rasa
from rasa.core.agent import Agent
from rasa.core.channels import console
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext import guard, patches, terminal

READ = {
    "Agent.handle_message": "ba53507e4d5532a3",
    "RemoteAction.run": "ccabf6f1160d527a",
    "Agent._create_tracker_store": "97499b594b45581b",
    "run.load_agent_on_start": "b23e12447febeb64",
    "RemoteAction._validate_action_result": "f8cdb4be68123961",
    "DaskGraphRunner": "78a7d146c5c06d4c",
    "Event.resolve_by_type": "b5cf570fa7f286c7",
    "EndpointConfig.session": "e55aa13d9d4fb4bc",
    "ActionExtractSlots.run": "13487835d751b652",
    "Domain.is_empty": "884be90ef485f1d2",
    "DialogueStateTracker.copy": "dfa48dca9f355ad1",
    "DialogueStateTracker.applied_events": "764d5065ea9997d6",
    "RulePolicy._prediction_states": "ed9b82bed2f26ad7",
    "RulePolicy._get_possible_keys": "2915fd81711e194c",
    "server.configure_cors": "4eb39526bd4aa4a9",
    "common._filter_warnings": "7282a5f745bf43e7",
    "console._print_bot_output": "6b153a1d7b65276d",
    "console._get_user_input": "72943a5ff71d48f4",
}
# What rasa_ext/history.py does in another way, and what it relies on.
FOLLOWED = {
    DialogueStateTracker.__init__: "8f39eb22462aa62b",
    DialogueStateTracker._reset: "190858eaf560a0c0",
    DialogueStateTracker.travel_back_in_time: "09d16f28f007492f",
    DialogueStateTracker.init_copy: "429fcd2243b9e0e1",
    DialogueStateTracker.update: "b55e6b1c724fa6e9",
    DialogueStateTracker.generate_all_prior_trackers: "a1f6954347b52649",
    DialogueStateTracker._undo_till_previous: "3a3710e5e73cb945",
    DialogueStateTracker._first_loop_execution_or_unhappy_path: "b67fe33e30d9b68c",
    DialogueStateTracker._is_within_unhappy_path: "56754b9201f1d363",
    DialogueStateTracker._undo_till_previous_loop_execution: "7ecfe12cccb39814",
    Domain.states_for_tracker_history: "035111ce73ac90ba",
    Domain.get_active_state: "5a4a505743120441",
    Domain._get_user_sub_state: "d7c9322b9abf1427",
    RulePolicy._is_rule_applicable: "64a108b016b46e57",
    RulePolicy._does_rule_match_state: "d3109c1a97de319c",
    RulePolicy._create_feature_key: "641eda8d019918ce",
    RulePolicy._find_action_from_rules: "be6da6ee0f5429bd",
}


def read(function: Callable[..., Any]) -> str:
    return hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]


def test_the_source_that_is_replaced_is_known() -> None:
    assert rasa.__version__ == "3.6.21"
    assert {name: read(function) for name, function in patches.REPLACED.items()} == READ
    assert {one: read(one) for one in FOLLOWED} == FOLLOWED


def test_a_second_installation_changes_nothing() -> None:
    patches.install()
    patches.install()
    assert Agent.handle_message is guard.guarded_turn
    assert patches.REPLACED["Agent.handle_message"] is not guard.guarded_turn
    assert console._print_bot_output is terminal.print_answer


@pytest.mark.parametrize(
    "module", ["nlu.intent_classifier", "stores.lock", "channels.rest"]
)
def test_the_components_alone_bring_the_patches(module: str) -> None:
    """Plain `rasa shell` imports nothing of ours but what the configuration names."""
    code = (
        f"import rasa_ext.{module}\n"
        "from rasa.core.agent import Agent\n"
        "assert Agent.handle_message.__module__ == 'rasa_ext.guard'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
