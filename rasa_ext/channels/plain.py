"""Plain text for channels that show nothing else: no Markdown, numbered choices, parts.

A part never ends in the middle of what a reader takes for one character (Unicode's
extended grapheme clusters, UAX #29), and not in the middle of a list, a line or a
sentence as long as there is another place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import regex

Size = Callable[[str], int]

# Four bytes or two UTF-16 units: no limit may be below one character.
LEAST_LIMIT = 4

_INLINE = re.compile(r"\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^()\s]+)\)")
_CLUSTER = regex.compile(r"\X")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# An item of a list: a dash, a dot, a number or a Chinese number before it.
_ITEM = re.compile(
    r"[ \t]*(?:[-*•·] |[（(]?(?:\d{1,2}|[一二三四五六七八九十]{1,3})[.、．)）])"
)
# Where a part ends rather: after a line, after a sentence, after a pause.
_BREAKS = (frozenset({"\n", "\r\n"}), frozenset("。！？!?；;…"), frozenset("，,、：: "))


def utf8_bytes(text: str) -> int:
    """Length in UTF-8, in bytes; half a surrogate pair counts as three."""
    return len(text.encode("utf-8", "surrogatepass"))


def utf16_units(text: str) -> int:
    """Length in UTF-16, in units of two bytes, as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def without_markdown(text: str) -> str:
    """A text without the marks of light Markdown; a link's address stays beside it.

    Args:
        text: with **strong** words and [links](https://…), as the answers are written.
    """
    return _INLINE.sub(lambda found: found[1] or f"{found[2]}：{found[3]}", text)


def numbered(titles: Sequence[str], first: int = 1) -> str:
    """Choices, one a line, each with the number that can be typed for it.

    Args:
        titles: of the buttons.
        first: number of the first one: a turn's buttons are counted through.
    """
    return "\n".join(
        f"{rank}. {title}" for rank, title in enumerate(titles, start=first)
    )


def joined(messages: Sequence[str]) -> str:
    """Messages as one text with gaps between them; a list that goes on has none."""
    text = ""
    for message in messages:
        goes_on = _ITEM.match(message) and _ITEM.match(text.rpartition("\n")[2])
        gap = "\n" if goes_on else "\n\n"
        text += f"{gap}{message}" if text else message
    return text


def split(text: str, limit: int, size: Size = utf8_bytes) -> list[str]:
    """The text in parts that are not too long, none of them empty.

    Args:
        text: of any length; blanks at its ends and at those of the parts are dropped.
        limit: how long a part may be.
        size: what is counted: `utf8_bytes`, `utf16_units` or `len`.

    Raises:
        ValueError: a limit below 4.
    """
    if limit < LEAST_LIMIT:
        raise ValueError(f"a limit of {limit} is below {LEAST_LIMIT}")
    parts: list[str] = []
    rest = ""
    for block in _blocks(text.strip()):
        if size((rest + block).strip()) <= limit:
            rest += block
            continue
        if size(block.strip()) <= limit:
            parts.append(rest.strip())
            rest = block
            continue
        *cut, rest = _cut(rest + block, limit, size)
        parts += [part.strip() for part in cut]
    return [part for part in (*parts, rest.strip()) if part]


def _blocks(text: str) -> Iterator[str]:
    """What stays together if it can: a list and the line before it, or a line."""
    block, is_list = "", False
    for line in _LINE.findall(text):
        is_item = bool(_ITEM.match(line))
        leads = block.rstrip().endswith(("：", ":"))
        if block and not (is_item and (is_list or leads)):
            yield block
            block = ""
        block += line
        is_list = is_item
    yield block


def _cut(text: str, limit: int, size: Size) -> Iterator[str]:
    """The pieces of a text that is too long, with their blanks."""
    rest = list(_pieces(text, limit, size))
    while rest:
        end = _end(rest, limit, size)
        yield "".join(rest[:end])
        rest = rest[end:]


def _pieces(text: str, limit: int, size: Size) -> Iterator[str]:
    """The clusters of a text; one that is longer than a part comes by characters."""
    for cluster in _CLUSTER.findall(text):
        if size(cluster) <= limit:
            yield cluster
        else:
            yield from cluster


def _end(pieces: Sequence[str], limit: int, size: Size) -> int:
    """How many pieces the next part has."""
    filled, count = 0, 0
    for piece in pieces:
        filled += size(piece)
        if filled > limit:
            break
        count += 1
    if count == len(pieces):
        return count
    for places in _BREAKS:
        for end in range(count, 0, -1):
            if pieces[end - 1] in places and "".join(pieces[:end]).strip():
                return end
    return count
