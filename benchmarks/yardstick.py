"""How fast this machine is: CPU of one piece of work that never changes.

Bars in milliseconds were set on another machine, and shared machines differ by times.
The work is Rasa's own check of an action's answer, by the code of its locked version.
"""

from __future__ import annotations

import time

from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

# What it took where the bar of CPU a turn was set.
REFERENCE_MILLISECONDS = 23
TIMES, TRIES = 10, 5
ANSWER = {
    "events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}],
    "responses": [{"text": "好的", "buttons": [], "elements": [], "custom": {}}],
}


def check_milliseconds() -> float:
    """CPU milliseconds of one check, the least of several tries."""
    check = RemoteAction("action", EndpointConfig("http://127.0.0.1"))
    taken = []
    for _ in range(TRIES):
        began = time.process_time()
        for _ in range(TIMES):
            check._validate_action_result(ANSWER)
        taken.append((time.process_time() - began) / TIMES * 1000)
    return min(taken)
