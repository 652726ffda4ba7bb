"""Figures and lines of real servers, and that none of them holds a word of a person."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.channels.servers import RealServer
from tests.faults.talk import Talk, busy
from tests.faults.test_database import locked_by_another_process
from tests.tables import logged

# Chinese that no text of ours has, letters and a sum: none of it may come back.
MARKER = "蛾眉犄角qzxjmark77431"
# Understood as nothing.
UNCLEAR = "东西呢"
CASE = (
    "开始登记",
    "同意",
    "花呗",
    "9831",
    "已经逾期了",
    "45天",
    "失业",
    "5563",
    "4129",
    "延期",
    "对",
)


def figures(server: RealServer) -> dict[str, float]:
    with urlopen(f"{server.url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    told = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in told}


def turns(server: RealServer) -> list[dict[str, object]]:
    lines = logged(server.settings).splitlines()
    return [json.loads(line) for line in lines if line.startswith('{"at"')]


def change(before: dict[str, float], after: dict[str, float], name: str) -> float:
    return after.get(name, 0) - before.get(name, 0)


def test_a_registration_in_figures(server: RealServer) -> None:
    before = figures(server)
    talk = Talk(server, "figures")
    for text in CASE:
        assert talk.say(text) != busy()
    talk.say("/restart")
    talk.say("x" * 501)
    talk.say(UNCLEAR)
    after = figures(server)
    assert turns(server)[-1]["intent"] == "nlu_fallback"
    rest = 'channel="rest"'
    for name, expected in (
        (f'xieshang_turns_total{{{rest},outcome="answered"}}', len(CASE) + 1),
        (f'xieshang_turns_total{{{rest},outcome="refused"}}', 2),
        ('xieshang_refused_messages_total{phrase="command"}', 1),
        ('xieshang_refused_messages_total{phrase="too_long"}', 1),
        ("xieshang_confirmed_cases_total", 1),
        ("xieshang_fallbacks_total", 1),
        ('xieshang_turn_seconds_count{stage="nlu"}', len(CASE) + 1),
        ('xieshang_turn_seconds_count{stage="policy"}', len(CASE) + 1),
        ('xieshang_turn_seconds_count{stage="whole"}', len(CASE) + 3),
    ):
        assert change(before, after, name) == expected, name
    assert change(before, after, f"xieshang_sent_messages_total{{{rest}}}") > len(CASE)
    parts = [
        change(before, after, f'xieshang_turn_seconds_sum{{stage="{stage}"}}')
        for stage in ("nlu", "policy", "store", "whole")
    ]
    assert min(parts) > 0
    assert sum(parts[:3]) <= parts[3]


def test_a_line_for_each_turn(server: RealServer) -> None:
    seen = len(turns(server))
    for sender in ("lines", "other lines"):
        talk = Talk(server, sender)
        talk.say("花呗还不上了怎么办", "/restart")
    lines = turns(server)[seen:]
    assert [line["outcome"] for line in lines] == ["answered", "refused"] * 2
    assert [line["detail"] for line in lines] == ["", "command"] * 2
    assert [line["intent"] for line in lines] == ["cannot_pay", ""] * 2
    assert {line["channel"] for line in lines} == {"rest"}
    hashes = [line["conversation"] for line in lines]
    assert hashes[0] == hashes[1] != hashes[2] == hashes[3]


def test_failed_turns_are_told(server: RealServer) -> None:
    before = figures(server)
    with locked_by_another_process(server):
        assert Talk(server, "failed").say("花呗还不上了怎么办") == busy()
    after = figures(server)
    reason = 'xieshang_failed_turns_total{reason="OperationalError"}'
    assert change(before, after, reason) == 1
    assert turns(server)[-1]["outcome"] == "failed"
    assert turns(server)[-1]["detail"] == "OperationalError"


def test_the_action_server_says_no_word_of_a_failed_call(server: RealServer) -> None:
    port = server.settings.action_port
    broken = {"event": "user", "text": MARKER, "parse_data": MARKER}
    tracker = {
        "sender_id": MARKER,
        "slots": {"last_topic": MARKER},
        "latest_message": {"text": MARKER, "intent": {"name": "greet"}},
        "events": [broken],
        "latest_event_time": 0,
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    calls = [
        json.dumps(
            {"next_action": name, "version": "3.6.2", "tracker": tracker, "domain": {}}
        ).encode()
        for name in ("action_answer", "case_form", "action_" + MARKER)
    ]
    for body in (*calls, MARKER.encode(), b"[" * 50_000, json.dumps(MARKER).encode()):
        request = Request(
            f"http://127.0.0.1:{port}/webhook",
            body,
            {"Content-Type": "application/json", "Origin": "https://evil.example"},
        )
        with pytest.raises(HTTPError) as raised:
            urlopen(request, timeout=30)
        answer = raised.value
        if b"action_" + MARKER.encode() not in body:
            assert MARKER not in answer.read().decode()
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert MARKER not in logged(server.settings)


def test_what_people_write_is_in_no_log_whatever_fails(server: RealServer) -> None:
    talk = Talk(server, MARKER)
    for text in (MARKER, f"花呗还不上{MARKER}", f"/{MARKER}", MARKER * 40):
        talk.say(text)
    for text in ("开始登记", "同意", MARKER, f"9831{MARKER}"):
        talk.say(text)
    with locked_by_another_process(server):
        talk.say(f"{MARKER}怎么办")
    server.signal_actions(signal.SIGSTOP)
    try:
        assert talk.say(f"{MARKER}能延期吗") == busy()
    finally:
        server.signal_actions(signal.SIGCONT)
    for path in (f"/files/{MARKER}/x", f"/{MARKER}", f"/chat/socket.io/?sid={MARKER}"):
        address = server.url + path.encode().decode("latin-1").replace(" ", "")
        with pytest.raises((HTTPError, UnicodeEncodeError)):
            urlopen(address, timeout=10)
    log = logged(server.settings)
    told = json.dumps(figures(server), ensure_ascii=False)
    for secret in (MARKER, MARKER[4:], "qzxj", "77431"):
        assert secret not in log
        assert secret not in told
    assert not [line for line in log.splitlines() if "Traceback" in line]


def test_the_action_server_is_for_this_machine_only(server: RealServer) -> None:
    port = server.settings.action_port
    listening = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    addresses = [line.split()[1] for line in listening if line.split()[3] == "0A"]
    assert f"0100007F:{port:04X}" in addresses
    assert f"00000000:{port:04X}" not in addresses
