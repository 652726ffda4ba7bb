"""Light Markdown as Telegram shows it: HTML in pieces that Telegram takes.

Telegram counts UTF-16 units of what is shown, without tags, and refuses a longer
message whole: https://core.telegram.org/bots/api#sendmessage
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlsplit

import regex

MESSAGE_UNITS = 4096
CAPTION_UNITS = 1024
BULLET = "•"
# After which a text is best cut, the best first.
BREAKS = ("\n", "。！？!?", "；;，,、 ")

_BULLET = regex.compile(r"(?m)^(\s*)[-*•]\s+")
_INLINE = regex.compile(r"\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]+)\)")
# A character as a person counts it: an accent, a flag or a family is not cut either.
_CHARACTER = regex.compile(r"\X")


@dataclass(frozen=True)
class Style:
    """How a run of characters is shown: strong, or as a link."""

    strong: bool = False
    link: str = ""

    def markup(self, text: str) -> str:
        """A text in this style, as HTML."""
        written = html.escape(text)
        if self.strong:
            return f"<b>{written}</b>"
        if self.link:
            return f'<a href="{html.escape(self.link)}">{written}</a>'
        return written


PLAIN = Style()
Shown = Sequence[tuple[str, Style]]


def units(text: str) -> int:
    """How long Telegram counts a text: in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _runs(text: str) -> Iterator[tuple[str, Style]]:
    end = 0
    for found in _INLINE.finditer(text):
        strong, label, address = found.groups()
        if not strong and not _is_web(address):
            continue
        yield text[end : found.start()], PLAIN
        yield (strong, Style(strong=True)) if strong else (label, Style(link=address))
        end = found.end()
    yield text[end:], PLAIN


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _characters(text: str, limit: int) -> list[tuple[str, Style]]:
    """What is shown, character by character, none of them longer than a piece."""
    lines = _BULLET.sub(rf"\1{BULLET} ", text.encode("utf-8", "replace").decode())
    return [
        (part, style)
        for run, style in _runs(lines)
        for character in _CHARACTER.findall(run)
        for part in (character if units(character) > limit else [character])
    ]


def _end_of_piece(shown: Shown, limit: int) -> int:
    """How many characters the first piece has."""
    length = 0
    for count, (character, _) in enumerate(shown):
        length += units(character)
        if length > limit:
            break
    else:
        return len(shown)
    for marks in BREAKS:
        # Not before half of it: a piece is worth its message.
        for place in range(count, count // 2, -1):
            if shown[place - 1][0] in marks:
                return place
    return count


def _written(shown: Iterable[tuple[str, Style]]) -> str:
    return "".join(
        style.markup("".join(character for character, _ in run))
        for style, run in groupby(shown, lambda character: character[1])
    )


def _trimmed(shown: Shown) -> Shown:
    """Without white space around it, which Telegram takes away as well."""
    seen = [place for place, (char, _) in enumerate(shown) if not char.isspace()]
    return shown[seen[0] : seen[-1] + 1] if seen else ()


def telegram_html(text: str, limit: int = MESSAGE_UNITS) -> list[str]:
    """A text as messages in Telegram's HTML, in order; none of them is empty.

    No character and no tag is cut. Lines, list marks, **strong** words and
    [links](https://…) are kept, everything else is text.

    Args:
        text: light Markdown.
        limit: UTF-16 units that a message may show.
    """
    rest: Shown = _characters(text, limit)
    pieces = []
    while rest:
        end = _end_of_piece(rest, limit)
        piece = _trimmed(rest[:end])
        if piece:
            pieces.append(_written(piece))
        rest = rest[end:]
    return pieces
