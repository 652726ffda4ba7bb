"""What an operator learns of turns and channels: figures, and a line a turn.

Neither holds a word of a person, an entity, an address or the id of a conversation:
labels are of fixed sets, and a line names the conversation by a keyed hash.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from time import perf_counter

from prometheus_client import Counter, Histogram

from xieshang.case.draft import CONFIRMED
from xieshang.clock import now
from xieshang.secret import read_secret
from xieshang.settings import read_settings

# Others can be what a client calls itself.
CHANNELS = frozenset({"rest", "web", "tg", "wx", "cmdline"})
OTHER_CHANNEL = "other"
FALLBACK = "nlu_fallback"
ANSWERED, REFUSED, FAILED, UNANSWERED = "answered", "refused", "failed", "unanswered"
NLU, POLICY, STORE, WHOLE = "nlu", "policy", "store", "whole"
STATE_SLOT = "case_state"
HASH_LENGTH = 16

SECONDS = Histogram(
    "xieshang_turn_seconds",
    "Time of a turn: nlu, policy (with the actions), store; whole has the waiting too.",
    ["stage"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8),
)
TURNS = Counter(
    "xieshang_turns", "Messages and what became of them.", ["channel", "outcome"]
)
FALLBACKS = Counter("xieshang_fallbacks", "Messages that were not understood.")
REFUSALS = Counter(
    "xieshang_refused_messages", "Messages answered without a turn.", ["phrase"]
)
FAILURES = Counter(
    "xieshang_failed_turns", "Turns answered with the excuse.", ["reason"]
)
SENDS = Counter("xieshang_sent_messages", "Messages of the bot.", ["channel"])
CHANNEL_ERRORS = Counter(
    "xieshang_channel_errors", "Warnings and errors of the channels.", ["part"]
)
CASES = Counter("xieshang_confirmed_cases", "Confirmed cases, changed ones again.")

_lines = logging.getLogger("xieshang.turns")
_current: ContextVar[Turn | None] = ContextVar("turn", default=None)


class Turn:
    """A message and what becomes of it.

    Args:
        channel: that it came through.
        conversation_id: whose it is.

    Attributes:
        intent: as it was understood; empty when it was not read.
        outcome: answered, refused, failed or unanswered.
        detail: the phrase of a refusal or the reason of a failure.
    """

    def __init__(self, channel: str | None, conversation_id: str) -> None:
        self.intent = ""
        self.outcome = ANSWERED
        self.detail = ""
        self._channel = channel if channel in CHANNELS else OTHER_CHANNEL
        self._conversation_id = conversation_id
        self._started = perf_counter()
        self._inside = 0.0
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a part of the turn, without the parts within it."""
        outside, self._inside = self._inside, 0.0
        started = perf_counter()
        try:
            yield
        finally:
            elapsed = perf_counter() - started
            own = elapsed - self._inside
            self._seconds[name] = self._seconds.get(name, 0.0) + own
            self._inside = outside + elapsed

    def refused(self, phrase: str) -> None:
        """It is answered without a turn."""
        self.outcome, self.detail = REFUSED, phrase
        REFUSALS.labels(phrase).inc()

    def failed(self, reason: str) -> None:
        """Nothing of it is stored."""
        self.outcome, self.detail = FAILED, reason
        FAILURES.labels(reason).inc()

    def unanswered(self) -> None:
        """It is stored, and nothing was said."""
        self.outcome = UNANSWERED

    def sent(self, messages: int) -> None:
        """So much was said."""
        SENDS.labels(self._channel).inc(messages)

    def end(self) -> None:
        """Count it and write its line."""
        whole = perf_counter() - self._started
        for stage, seconds in {**self._seconds, WHOLE: whole}.items():
            SECONDS.labels(stage).observe(seconds)
        TURNS.labels(self._channel, self.outcome).inc()
        if self.intent == FALLBACK:
            FALLBACKS.inc()
        if not _lines.isEnabledFor(logging.INFO):
            return
        line = {
            "at": now().isoformat(timespec="milliseconds"),
            "channel": self._channel,
            "conversation": _hashed(self._conversation_id),
            "intent": self.intent,
            "ms": round(whole * 1000),
            "outcome": self.outcome,
            "detail": self.detail,
        }
        _lines.info(json.dumps(line, ensure_ascii=False))


def _hashed(conversation_id: str) -> str:
    digest = hmac.new(_key(), conversation_id.encode(), hashlib.sha256)
    return digest.hexdigest()[:HASH_LENGTH]


@lru_cache(maxsize=1)
def _key() -> bytes:
    # Not the secret itself: that one signs sessions.
    secret = read_secret(read_settings()).encode()
    return hmac.new(secret, b"conversations in the log", hashlib.sha256).digest()


@contextmanager
def observed(channel: str | None, conversation_id: str) -> Iterator[Turn]:
    """Observe a turn to its end.

    Args:
        channel: that the message came through.
        conversation_id: whose it is.
    """
    turn = Turn(channel, conversation_id)
    token = _current.set(turn)
    try:
        yield turn
    finally:
        _current.reset(token)
        turn.end()


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time a part of the turn that is going on, if there is one."""
    turn = _current.get()
    if turn is None:
        yield
        return
    with turn.stage(name):
        yield


def count_cases(states: Iterable[tuple[object, bool]]) -> None:
    """Count the confirmations that are stored.

    Args:
        states: what the slot case_state was set to, in order, and whether that is new.
            A new session sets it once more to what it was.
    """
    before: object = None
    for state, is_new in states:
        if is_new and state == CONFIRMED != before:
            CASES.inc()
        before = state


class _ChannelErrors(logging.Handler):
    """Counts what the channels complain of, by module."""

    def emit(self, record: logging.LogRecord) -> None:
        CHANNEL_ERRORS.labels(record.name.rpartition(".")[2]).inc()


def observe_server() -> None:
    """Write the lines of the turns, count the channels' errors; call once a process."""
    errors = _ChannelErrors(logging.WARNING)
    logging.getLogger("rasa_ext.channels").addHandler(errors)
    _lines.addHandler(logging.StreamHandler(sys.stdout))
    _lines.setLevel(logging.INFO)
    _lines.propagate = False
