"""A person who talks over REST, and what stands of the case meanwhile."""

from __future__ import annotations

import json
import os
import time
from typing import Any
from urllib.request import Request, urlopen

from tests.channels.servers import RealServer
from xieshang.case.record import Case
from xieshang.knowledge import current_knowledge
from xieshang.storage.cases import CaseStore
from xieshang.storage.database import open_database

# Longer than any answer may take: what hangs is told apart from what is late.
PATIENCE_SECONDS = 60


class Talk:
    """One conversation of the REST channel.

    Attributes:
        seconds: how long the last answer took.
    """

    def __init__(self, server: RealServer, sender: str) -> None:
        self._server = server
        self._sender = sender
        self.conversation_id = f"rest:{sender}"
        self.seconds = 0.0

    def messages(self, text: str) -> list[dict[str, Any]]:
        """Say something; the messages that answer it."""
        body = json.dumps({"sender": self._sender, "message": text}).encode()
        request = Request(
            f"{self._server.url}/webhooks/rest/webhook",
            body,
            {"Content-Type": "application/json"},
        )
        started = time.monotonic()
        with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            told = list(json.load(answer))
        self.seconds = time.monotonic() - started
        return told

    def say(self, *texts: str) -> str:
        """Say several things; the text that answers the last one."""
        told = [self.messages(text) for text in texts][-1]
        return "\n".join(message.get("text", "") for message in told)

    def turns(self) -> int:
        return self._server.user_turns(self.conversation_id)

    def case(self) -> Case:
        """The confirmed case."""
        engine = open_database(self._server.settings.database_url)
        stored = CaseStore(engine).latest(self.conversation_id)
        engine.dispose()
        assert stored
        return stored.case


def stretched(seconds: float) -> float:
    """A bar in seconds, longer when more wants to run than there are cores.

    Args:
        seconds: the bar on a machine that does nothing else.
    """
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def busy() -> str:
    """What is answered when a turn failed."""
    return current_knowledge().phrase("busy")


def health_seconds(server: RealServer) -> float:
    """How long the server takes to say that it is well."""
    started = time.monotonic()
    with urlopen(f"{server.url}/health/live", timeout=PATIENCE_SECONDS) as answer:
        assert answer.status == 200
    return time.monotonic() - started
