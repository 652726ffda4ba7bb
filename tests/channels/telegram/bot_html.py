"""Telegram's HTML as its server reads it: https://core.telegram.org/bots/api#html-style"""

from __future__ import annotations

import html
import re

TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote"}
NAMED = {"lt", "gt", "amp", "quot"}
_MARKUP = re.compile(r"<(/?)([a-z]+)((?:\s+href=\"[^\"<>]*\")?)>|<|&(#?\w+);|&")


class BadEntitiesError(ValueError):
    """can't parse entities."""


def shown_text(written: str) -> str:
    """What is left when the tags are taken out.

    Raises:
        BadEntitiesError: a tag that is not known, not closed or wrongly nested, or a
            bare < or &.
    """
    open_tags: list[str] = []
    shown: list[str] = []
    end = 0
    for found in _MARKUP.finditer(written):
        shown.append(written[end : found.start()])
        end = found.end()
        closes, tag, href, entity = found.groups()
        if entity and (entity in NAMED or entity.startswith("#")):
            shown.append(html.unescape(found.group()))
        elif tag in TAGS and not closes and (tag == "a") == bool(href):
            open_tags.append(tag)
        elif tag and closes and open_tags and open_tags[-1] == tag:
            open_tags.pop()
        else:
            raise BadEntitiesError(f"{found.group()!r} at {found.start()}")
    if open_tags:
        raise BadEntitiesError(f"{open_tags} not closed")
    return "".join([*shown, written[end:]])
