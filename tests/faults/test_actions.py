"""An action server that is dead, slow, raises or talks nonsense: no silent turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from prometheus_client import REGISTRY

from rasa_ext.guard import TURN_SECONDS
from tests.conftest import Assistant
from xieshang.knowledge import current_knowledge

JSON = "application/json"
ANSWERS: dict[str, tuple[int, str, bytes]] = {
    "raises": (500, JSON, b'{"error": "x", "action_name": "action_answer"}'),
    "refuses oddly": (400, JSON, b"{}"),
    "refuses in no JSON": (400, "text/plain", b"no"),
    "is not found": (404, JSON, b""),
    "is a page": (200, "text/html", b"<html></html>"),
    "is empty": (200, JSON, b""),
    "is half": (200, JSON, b'{"events": ['),
    "is a list": (200, JSON, b"[]"),
    "is a word": (200, JSON, b'"yes"'),
    "is null": (200, JSON, b"null"),
    "has no events": (200, JSON, b'{"events": 7, "responses": []}'),
    "has an event of no kind": (200, JSON, b'{"events": [{"event": 5}]}'),
    "has a slot without name": (200, JSON, b'{"events": [{"event": "slot"}]}'),
    "has words for answers": (200, JSON, b'{"events": [], "responses": ["hello"]}'),
    "says nothing": (200, JSON, b'{"events": [], "responses": []}'),
    "is of bytes": (200, JSON, b"\xff\xfe"),
}


class _Nonsense(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        name = self.path.strip("/").replace("_", " ")
        if name == "hangs":
            time.sleep(TURN_SECONDS * 2)
        if name == "hangs up":
            self.connection.close()
            return
        status, kind, body = ANSWERS.get(name, (200, JSON, b"{}"))
        self.send_response(HTTPStatus(status))
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def nonsense() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Nonsense)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def turns_that(outcome: str) -> float:
    """How many turns of this process had an outcome."""
    labels = {"channel": "other", "outcome": outcome}
    return REGISTRY.get_sample_value("xieshang_turns_total", labels) or 0.0


@pytest.mark.parametrize("fault", [*ANSWERS, "hangs", "hangs up"])
def test_the_person_is_told_and_the_case_is_where_it_was(
    assistant: Assistant,
    nonsense: str,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    sender = f"actions:{fault}"
    for text in ("开始登记", "同意", "花呗"):
        assistant.say(sender, text)
    before = [event.as_dict() for event in assistant.tracker(sender).events]
    outcome = "unanswered" if fault == "says nothing" else "failed"
    counted = turns_that(outcome)
    endpoint = assistant.agent.processor.action_endpoint
    with monkeypatch.context() as patch:
        patch.setattr(endpoint, "url", f"{nonsense}/{fault.replace(' ', '_')}")
        started = time.monotonic()
        answer = assistant.say(sender, "9831")
        assert time.monotonic() - started < TURN_SECONDS + 1
    assert [m["text"] for m in answer] == [current_knowledge().phrase("busy")]
    assert turns_that(outcome) == counted + 1
    if fault != "says nothing":
        after = [event.as_dict() for event in assistant.tracker(sender).events]
        assert after == before
    # The sum goes where it was asked for, and the lock is free.
    assistant.say(sender, "9831")
    assert assistant.tracker(sender).get_slot("huabei_balance") is not None


def test_without_a_model_the_person_is_told(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assistant.agent, "processor", None)
    counted = turns_that("failed")
    answer = assistant.say("actions:no model", "花呗还不上")
    assert turns_that("failed") == counted + 1
    assert [m["text"] for m in answer] == [current_knowledge().phrase("busy")]


def test_two_at_once_are_two_turns_in_order(assistant: Assistant) -> None:
    """A number typed before the answer came chooses from that answer."""
    import asyncio

    from rasa.core.channels.channel import CollectingOutputChannel, UserMessage

    async def both(sender: str) -> list[object]:
        messages = [
            UserMessage(text, CollectingOutputChannel(), sender, input_channel="test")
            for text in ("花呗还不上了怎么办", "1")
        ]
        return list(
            await asyncio.gather(*map(assistant.agent.handle_message, messages))
        )

    at_once = assistant.run(both("actions:at once"))
    apart = [assistant.say("actions:apart", t) for t in ("花呗还不上了怎么办", "1")]
    assert [[m["text"] for m in a if "text" in m] for a in at_once] == [
        [m["text"] for m in a if "text" in m] for a in apart
    ]
