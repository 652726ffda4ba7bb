"""Light Markdown as Telegram shows it: HTML in pieces that Telegram takes.

Telegram counts UTF-16 units of what is shown, without tags, and refuses a longer
message whole: https://core.telegram.org/bots/api#sendmessage
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from rasa_ext.channels.plain import split, utf16_units

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
BULLET = "•"

_BULLET = re.compile(r"(?m)^([ \t]*)[-*•][ \t]+")
_INLINE = re.compile(r"\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]+)\)")


@dataclass(frozen=True)
class Run:
    """A text that is shown in one way: strong, as a link, or as it is."""

    text: str
    is_strong: bool = False
    link: str = ""

    def markup(self, start: int, end: int) -> str:
        """A part of it as HTML; nothing for an empty one."""
        written = html.escape(self.text[max(start, 0) : max(end, 0)])
        if written and self.is_strong:
            return f"<b>{written}</b>"
        if written and self.link:
            return f'<a href="{html.escape(self.link)}">{written}</a>'
        return written


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _runs(text: str) -> Iterator[Run]:
    end = 0
    for found in _INLINE.finditer(text):
        strong, label, address = found.groups()
        if not strong and not _is_web(address):
            continue
        yield Run(text[end : found.start()])
        yield Run(strong, is_strong=True) if strong else Run(label, link=address)
        end = found.end()
    yield Run(text[end:])


def telegram_html(text: str, limit: int = MESSAGE_UNITS) -> list[str]:
    """A text as messages in Telegram's HTML, in order; none of them is empty.

    No character and no tag is cut. Lines, list marks, **strong** words and
    [links](https://…) are kept, everything else is text.

    Args:
        text: light Markdown.
        limit: UTF-16 units that a message may show.
    """
    whole = text.encode("utf-8", "replace").decode()
    runs = list(_runs(_BULLET.sub(rf"\1{BULLET} ", whole)))
    shown = "".join(run.text for run in runs)
    pieces = []
    end = 0
    for part in split(shown, limit, utf16_units):
        # Only white space is dropped between the parts.
        start = shown.index(part, end)
        end = start + len(part)
        written, place = [], 0
        for run in runs:
            written.append(run.markup(start - place, end - place))
            place += len(run.text)
        pieces.append("".join(written))
    return pieces
