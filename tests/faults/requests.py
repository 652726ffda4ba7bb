"""Requests that nobody should send: to any route, and as the platforms would."""

from __future__ import annotations

import json
from urllib.parse import quote

from hypothesis import strategies as st

REST = "/webhooks/rest/webhook"
TELEGRAM = "/webhooks/telegram/webhook"
PATHS = (
    REST,
    TELEGRAM,
    "/webhooks/rest",
    "/chat",
    "/chat/",
    "/chat/widget.js",
    "/chat/privacy",
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
    "/conversations/rest:victim/tracker/events",
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
COMMANDS = (
    "/restart",
    "/delete_my_data",
    '/inform{"a":1}',
    '/case_form@0.9{"huabei_balance":"1"}',
    "／affirm",
    "/session_start",
    "\u200b/restart",
)
words = st.text(max_size=40)
anything = st.text(st.characters(), max_size=40)  # half characters too
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words | anything,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3)
    ),
    max_leaves=6,
)
commands = st.sampled_from(COMMANDS)
typed = st.fixed_dictionaries({"sender": words, "message": commands | words})
messages = typed | st.fixed_dictionaries(
    {}, optional={"sender": anything | json_values, "message": commands | json_values}
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
posted = st.builds(lambda message: json.dumps(message).encode(), messages)
requests = st.tuples(st.sampled_from(METHODS), paths, headers, bodies) | st.tuples(
    st.just("POST"), st.just(REST), st.just({}), posted
)
# What comes with the secret of Telegram's, or signed as WeChat's.
chats = st.fixed_dictionaries(
    {"id": st.integers(1, 20) | json_values, "type": st.just("private") | words}
)
updates = st.fixed_dictionaries(
    {"update_id": st.integers() | json_values},
    optional={
        name: json_values
        | st.fixed_dictionaries(
            {"chat": chats, "message_id": st.integers() | json_values},
            optional={"text": commands | words | json_values, "data": words},
        )
        for name in ("message", "edited_message", "callback_query")
    },
)
letters = st.fixed_dictionaries(
    {"FromUserName": words, "MsgType": st.sampled_from(["text", "event"]) | words},
    optional={
        name: commands | words
        for name in ("Content", "MsgId", "Event", "EventKey", "bizmsgmenuid")
    },
)
events = st.tuples(
    st.sampled_from(["message", "choose", "reset", "erase"]),
    json_values
    | st.fixed_dictionaries(
        {"id": words | st.sampled_from(["m1", "m2"])},
        optional={
            "text": commands | words | json_values,
            "sequence": st.integers(-1, 9) | json_values,
            "index": st.integers(-1, 3) | json_values,
        },
    ),
)
# Mostly what anybody can send.
acts = st.one_of(
    *[st.tuples(st.just("request"), requests)] * 8,
    st.tuples(st.just("update"), updates),
    st.tuples(st.just("letter"), letters),
    st.tuples(st.just("event"), events),
)
