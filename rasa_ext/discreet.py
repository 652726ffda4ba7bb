"""Keeps what people wrote out of the logs of the libraries.

Rasa, its SDK, Sanic and the drivers put messages, requests and values into what they
log and raise. Once a server serves, a line of theirs says where it comes from and of
what type its error is, and no more. Our own loggers never say a word of a person.
"""

from __future__ import annotations

import logging
from typing import Any

OURS = ("rasa_ext", "xieshang", "actions")

_original = logging.getLogRecordFactory()


def _record(*arguments: Any, **named: Any) -> logging.LogRecord:
    record = _original(*arguments, **named)
    if record.name.partition(".")[0] in OURS:
        return record
    kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
    named_error = f" {kind.__name__}" if kind else ""
    record.msg = (
        f"{record.levelname} {record.name} {record.module}:{record.lineno}{named_error}"
    )
    record.args = ()
    record.exc_info = record.stack_info = None
    return record


def keep_words_out_of_logs() -> None:
    """Call when the server starts to serve; a second call changes nothing."""
    logging.setLogRecordFactory(_record)
