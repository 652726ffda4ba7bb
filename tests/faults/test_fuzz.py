"""Fuzzed requests over all routes: no answer is an error of the server."""

from __future__ import annotations

import json
import socket
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.channels.servers import RealServer, real_server

REQUESTS = 2_000
REST = "/webhooks/rest/webhook"
PATHS = (
    REST,
    "/webhooks/rest",
    "/chat",
    "/chat/",
    "/chat/widget.js",
    "/chat/socket.io/",
    "/files/",
    "/files/token/plan.html",
    "/wechat",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/",
    "/version",
    "/status",
    "/model/parse",
    "/conversations/rest:a/tracker",
)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW")
HEADERS = (
    "Content-Type",
    "Accept",
    "Accept-Encoding",
    "Authorization",
    "Origin",
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Forwarded",
    "If-None-Match",
    "Range",
    "Cookie",
    "Upgrade",
    "Connection",
    "Expect",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
)
VALUES = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/xml; charset=nowhere",
    "Bearer x",
    "Basic ***",
    "https://evil.example",
    "http://[::1",
    "websocket",
    "bytes=5-1",
    "gzip",
    "1.1.1.1, nonsense",
    "é😭",
)
words = st.text(max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=6,
)
commands = st.sampled_from(
    ["/restart", "/delete_my_data", '/inform{"a":1}', "／affirm", "/session_start"]
)
typed = st.fixed_dictionaries({"sender": words, "message": commands | words})
messages = typed | st.fixed_dictionaries(
    {}, optional={"sender": words | json_values, "message": commands | json_values}
)
bodies = st.one_of(
    st.just(b""),
    st.binary(max_size=200),
    st.builds(lambda value: json.dumps(value).encode(), messages | json_values),
    st.builds(lambda depth: b"[" * depth, st.integers(1, 2_000)),
)
paths = st.one_of(
    st.sampled_from(PATHS),
    st.builds(lambda one, rest: one + quote(rest), st.sampled_from(PATHS), words),
    st.builds(lambda rest: "/" + quote(rest, safe="/?&=%"), words),
    st.builds(
        lambda name, value: f"/chat/socket.io/?EIO=4&{quote(name)}={quote(value)}",
        st.sampled_from(["transport", "sid", "EIO", "j", "t"]),
        st.sampled_from(["polling", "websocket", "0", "x" * 20]) | words,
    ),
)
# Whatever may stand in a header of one line.
header_values = st.sampled_from(VALUES) | st.text(
    st.characters(blacklist_characters="\r\n", blacklist_categories=("Cs",)),
    max_size=30,
)
headers = st.dictionaries(st.sampled_from(HEADERS), header_values, max_size=4)
requests = st.tuples(st.sampled_from(METHODS), paths, headers, bodies) | st.tuples(
    st.just("POST"),
    st.just(REST),
    st.just({}),
    st.builds(lambda message: json.dumps(message).encode(), messages),
)


def raw(method: str, path: str, named: dict[str, str], body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{n}: {v}" for n, v in named.items())]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    return head.encode(errors="surrogatepass") + body


def status_of(server: RealServer, request: bytes) -> int:
    """The status of the answer; 0: the server hung up."""
    address = ("127.0.0.1", server.settings.port)
    with socket.create_connection(address, timeout=10) as connection:
        try:
            connection.sendall(request)
            answer = connection.recv(4096)
        except ConnectionError:
            return 0
    return int(answer.split(b" ", 2)[1]) if answer else 0


@pytest.fixture(scope="module")
def server(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    """A server with every channel on."""
    folder = tmp_path_factory.mktemp("fuzz") / "data"
    with real_server(model, folder, XIESHANG_WECHAT_TOKEN="fuzzed") as running:
        yield running


def test_no_request_breaks_the_server(server: RealServer) -> None:
    seen: Counter[int] = Counter()

    @settings(
        max_examples=REQUESTS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(requests)
    def fuzz(request: tuple[str, str, dict[str, str], bytes]) -> None:
        status = status_of(server, raw(*request))
        assert status < 500
        seen[status] += 1

    fuzz()
    assert min(seen[200], seen[400], seen[404]) > REQUESTS / 100
    assert seen[0] < REQUESTS / 100
    with sqlite3.connect(server.settings.data_dir / "xieshang.db") as database:
        found = database.execute("select data from events where type_name = 'user'")
        texts = [str(json.loads(data)["text"]) for (data,) in found]
    assert texts
    assert not [text for text in texts if text.startswith(("/", "／"))]
