"""What is public of a real server, and what every answer carries."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from rasa_ext.surface import MAX_BODY_BYTES
from tests.channels.servers import RealServer, real_server
from xieshang.knowledge import current_knowledge

SITE, STRANGER = "https://allowed.example", "https://evil.example"
FORWARDING = ("X_Forwarded_For", "Forwarded", "X_Real_IP", "Via")
RASAS = (
    "/",
    "/version",
    "/status",
    "/domain",
    "/model/parse",
    "/conversations/rest:a/tracker",
    "/conversations/rest:a/trigger_intent",
    "/webhooks/telegram/webhook",
    "/webhooks/rest",
    "/webhooks/rest/",
    "/webhooks/callback/webhook",
    "/webhooks/",
    "/docs",
)
PUBLIC = ("/chat", "/chat/widget.js", "/files/x/plan.html", "/health/live", "/nothing")


@dataclass
class Answer:
    status: int
    headers: Message
    text: str


def ask(
    url: str, body: bytes | None = None, method: str | None = None, **headers: str
) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(url, body, named, method=method)
    try:
        with urlopen(request, timeout=30) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except HTTPError as error:
        return Answer(error.code, error.headers, error.read().decode())


def said(name: str) -> str:
    return json.dumps([{"text": current_knowledge().phrase(name)}], ensure_ascii=False)


@pytest.fixture(scope="module")
def guarded(
    model: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealServer]:
    """A server with every token set, behind https."""
    with real_server(
        model,
        tmp_path_factory.mktemp("guarded") / "data",
        XIESHANG_API_TOKEN="api-token",
        XIESHANG_METRICS_TOKEN="metrics-token",
        XIESHANG_REST_TOKEN="rest-token",
        XIESHANG_PUBLIC_URL="https://help.example",
        XIESHANG_REST_PER_SENDER="3",
        XIESHANG_REST_PER_ADDRESS="5",
    ) as running:
        yield running


@pytest.mark.parametrize("path", RASAS)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_rasas_own_routes_are_not_there(
    server: RealServer, path: str, method: str
) -> None:
    answer = ask(server.url + path, b"{}" if method != "GET" else None, method)
    assert answer.status in (404, 405)
    assert json.loads(answer.text) == json.loads(said("no_page"))
    assert "rasa" not in answer.text.lower()


@pytest.mark.parametrize("path", ["/", "/version", "/status", "/domain"])
def test_rasas_own_routes_need_the_token_on_this_machine(
    guarded: RealServer, path: str
) -> None:
    address = guarded.url + path
    assert ask(address).status == 401
    assert ask(f"{address}?token=wrong").status == 401
    assert ask(f"{address}?token=api-token").status == 200
    for name in FORWARDING:
        through = ask(f"{address}?token=api-token", **{name: "127.0.0.1"})
        assert through.status == 404
        assert json.loads(through.text) == json.loads(said("no_page"))


@pytest.mark.parametrize("path", [*PUBLIC, "/", "/metrics", "/health/ready"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_has_the_headers(
    server: RealServer, guarded: RealServer, path: str, method: str
) -> None:
    body = b"x" if method == "POST" else None
    for running in (server, guarded):
        headers = ask(running.url + path, body, method).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors" in headers["Content-Security-Policy"]
        has_https = running is guarded
        assert ("Strict-Transport-Security" in headers) is has_https


def test_only_the_sites_of_the_settings_may_frame_the_chat(server: RealServer) -> None:
    policy = ask(f"{server.url}/chat").headers["Content-Security-Policy"]
    assert policy.endswith(f"frame-ancestors {SITE}")


@pytest.mark.parametrize(
    "path", [*PUBLIC, "/", "/webhooks/rest/webhook", "/chat/socket.io/?EIO=4"]
)
@pytest.mark.parametrize("method", ["GET", "OPTIONS", "POST"])
def test_no_answer_is_for_another_site(
    server: RealServer, path: str, method: str
) -> None:
    body = b"{}" if method == "POST" else None
    headers = ask(server.url + path, body, method, Origin=STRANGER).headers
    assert not [name for name in headers if name.lower().startswith("access-control")]


def test_only_the_web_channel_answers_an_allowed_site(server: RealServer) -> None:
    socket_io = f"{server.url}/chat/socket.io/?EIO=4&transport=polling"
    allowed = ask(socket_io, Origin=SITE).headers
    assert allowed["Access-Control-Allow-Origin"] == SITE
    assert "Access-Control-Allow-Credentials" not in allowed
    body = '{"sender":"cors","message":"你好"}'.encode()
    rest = ask(f"{server.url}/webhooks/rest/webhook", body, Origin=SITE)
    assert "Access-Control-Allow-Origin" not in rest.headers


def test_without_a_token_rest_is_for_programs_of_this_machine(
    server: RealServer, guarded: RealServer
) -> None:
    """Neither for whom a proxy lets through, nor for a page in a browser on it."""
    body = '{"sender":"surface","message":"你好"}'.encode()
    address = f"{server.url}/webhooks/rest/webhook"
    own = f"http://127.0.0.1:{server.settings.port}"
    assert ask(address, body).status == 200
    for named in (
        *({name: "127.0.0.1"} for name in FORWARDING),
        *({"Origin": site} for site in (SITE, STRANGER, own, "null")),
    ):
        refused = ask(address, body, **named)
        assert refused.status == 401
        assert json.loads(refused.text) == json.loads(said("no_token"))
    token = {"Authorization": "Bearer rest-token"}
    address = f"{guarded.url}/webhooks/rest/webhook"
    assert ask(address, body).status == 401
    assert ask(address, body, X_Forwarded_For="3.3.3.3", **token).status == 200


@pytest.mark.parametrize("sender", ["\ud800", "a\udfffb", "a\0b", "s" * 129])
def test_a_sender_that_cannot_be_stored_is_refused(
    server: RealServer, sender: str
) -> None:
    body = json.dumps({"sender": sender, "message": "你好"}).encode()
    answer = ask(f"{server.url}/webhooks/rest/webhook", body)
    assert answer.status == 400
    assert json.loads(answer.text) == json.loads(said("bad_sender"))


def test_the_action_server_answers_no_browser(server: RealServer) -> None:
    address = f"{server.settings.local_actions_url}/webhook"
    for origin in (STRANGER, server.settings.local_actions_url, "null"):
        assert ask(address, b"{}", Origin=origin).status == 403


def test_a_large_body_is_refused_before_it_is_read(server: RealServer) -> None:
    port = server.settings.port
    head = (
        "POST /webhooks/rest/webhook HTTP/1.1\r\nHost: a\r\n"
        f"Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert current_knowledge().phrase("too_long") in answer


@pytest.mark.parametrize(
    "head",
    [
        "nonsense",
        "GET / HTTP/9.9",
        "GET /chat HTTP/1.1\r\nno colon",
        "POST /webhooks/rest/webhook HTTP/1.1\r\nContent-Length: many",
        "POST /webhooks/rest/webhook HTTP/1.1\r\nContent-Length: -5",
        "POST /webhooks/rest/webhook HTTP/1.1\r\nTransfer-Encoding: odd",
        "POST /chat HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2",
        "POST /chat HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
        "GET /chat HTTP/1.1\r\nX: " + "x" * 20_000,
        "GET /chat/socket.io/?EIO=4 HTTP/1.1\r\nHost: [",
        "GET /chat/socket.io/?EIO=4 HTTP/1.1\r\nHost: a:port",
    ],
)
def test_what_is_no_http_is_told_so_in_chinese(server: RealServer, head: str) -> None:
    address = ("127.0.0.1", server.settings.port)
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 4")
    knowledge = current_knowledge()
    assert any(knowledge.phrase(n) in answer for n in ("bad_http", "too_long"))


def test_the_figures_are_for_this_machine(server: RealServer) -> None:
    assert ask(f"{server.url}/metrics").status == 200
    assert ask(f"{server.url}/metrics", X_Forwarded_For="127.0.0.1").status == 401


def test_the_figures_are_for_whoever_has_the_token(guarded: RealServer) -> None:
    address = f"{guarded.url}/metrics"
    assert ask(address).status == 401
    assert ask(address, Authorization="Bearer wrong").status == 401
    assert ask(address, Authorization="Basic metrics-token").status == 401
    through = {"X_Forwarded_For": "1.1.1.1"}
    allowed = ask(address, Authorization="Bearer metrics-token", **through)
    assert allowed.status == 200
    assert "xieshang_turns_total" in allowed.text


def test_who_sends_too_much_is_told_to_wait(guarded: RealServer) -> None:
    def post(sender: str, address: str) -> Answer:
        body = json.dumps({"sender": sender, "message": "你好"}).encode()
        return ask(
            f"{guarded.url}/webhooks/rest/webhook",
            body,
            X_Forwarded_For=address,
            Authorization="Bearer rest-token",
        )

    answers = [post("a", f"1.1.1.{number}") for number in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert json.loads(answers[-1].text) == json.loads(said("too_fast"))
    answers = [post(f"b{number}", "2.2.2.2") for number in range(6)]
    assert [answer.status for answer in answers] == [200] * 5 + [429]
    assert json.loads(answers[-1].text) == json.loads(said("too_many"))
