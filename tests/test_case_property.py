"""Random talks through the real assistant end with exactly the facts in the store."""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from tests.case_talks import Plan, plans, run
from tests.conftest import Assistant
from xieshang.case.draft import CONFIRMED
from xieshang.storage import current_store

_number = itertools.count()


class Conversation:
    """A talk with the assistant; what it asks is read from the slots."""

    def __init__(self, assistant: Assistant) -> None:
        self.sender = f"test:property {next(_number)}"
        self.said: list[str] = []
        self._assistant = assistant
        self._slots: dict[str, Any] = {}

    @property
    def asked(self) -> str | None:
        return self._slots.get("requested_slot")

    @property
    def pending(self) -> str | None:
        return (self._slots.get("case_pending") or {}).get("kind")

    @property
    def confirmed(self) -> bool:
        return self._slots.get("case_state") == CONFIRMED

    @property
    def missing(self) -> list[str]:
        return [name for name, value in self._slots.items() if value is None]

    def say(self, text: str, intent: str) -> None:
        answer = self._assistant.say(self.sender, text)
        assert answer, f"no answer to {text}"
        self.said += [text, *(f"  {message.get('text')}" for message in answer)]
        tracker = self._assistant.tracker(self.sender)
        self._slots = tracker.current_slot_values()


@settings(
    max_examples=40,
    deadline=None,
    # Shrinking takes minutes here; the same talks without Rasa shrink quickly.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(plan=plans())
def test_a_random_talk_is_stored_as_the_facts(plan: Plan, assistant: Assistant) -> None:
    talk = Conversation(assistant)
    run(plan, talk)
    stored = current_store().latest(talk.sender)
    assert stored, "nothing is stored"
    assert stored.case == plan.facts.case, "\n".join(talk.said)
    assert [one.version for one in current_store().versions(talk.sender)] == [1]
