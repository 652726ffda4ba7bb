"""Each function of Rasa that is replaced is the one that was read."""

from __future__ import annotations

import hashlib
import inspect
import subprocess
import sys

import pytest
import rasa
from rasa.core.agent import Agent
from rasa.core.channels import console

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
    "server.configure_cors": "4eb39526bd4aa4a9",
    "console._print_bot_output": "6b153a1d7b65276d",
    "console._get_user_input": "72943a5ff71d48f4",
}


def test_the_source_that_is_replaced_is_known() -> None:
    assert rasa.__version__ == "3.6.21"
    assert {
        name: hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16]
        for name, function in patches.REPLACED.items()
    } == READ


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
