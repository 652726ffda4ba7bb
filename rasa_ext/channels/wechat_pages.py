"""The bot's answers as WeChat shows them: pages of plain text with links for buttons.

A page is one message of at most 2,048 bytes. The pages that are not sent by themselves
are kept and given when the person asks for more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_ext.channels.answers import Content
from rasa_ext.channels.messenger import Press
from rasa_ext.channels.plain import (
    joined,
    numbered,
    split,
    utf8_bytes,
    without_markdown,
)
from xieshang.knowledge import Knowledge
from xieshang.storage.entry import Entry

# Of a text in a passive reply, in UTF-8.
PAGE_BYTES = 2048
# What the platform takes for one message of a person; after an event, fewer.
SENDS = 5
SENDS_AFTER_EVENT = 3
PAGE, PICTURE = "page", "picture"
# No token is longer: see Press.
_LONGEST = Press(999_999_999, 99)
# Characters that would end a link's attribute, or be read as a part of its query.
_NO_LINK = re.compile(r"""[<>"'&#%+=?\s]""")


def pages_of(
    contents: Sequence[Content], knowledge: Knowledge, sent_alone: int
) -> list[Content]:
    """The pages of an answer, in order; never none.

    Args:
        contents: from `contents_of`, at least one of which is shown.
        knowledge: its table wechat has the words.
        sent_alone: how many pages are sent without being asked for. The last of them
            and those after it say how to get the next one.
    """
    table = knowledge.tables["wechat"]
    blocks = [block for content in contents for block in _blocks(content, table)]
    buttons = [button for one in contents for button in one.get("buttons") or ()]
    pictures = [
        {"kind": PICTURE, "text": f"{table['picture']}：{one['image']}", "url": url}
        for one in contents
        if (url := one.get("image"))
    ]
    if sent_alone == 1:
        # Where none can be sent, nobody has to ask for its link either.
        blocks += [str(picture["text"]) for picture in pictures]
        pictures = []
    whole: Content = {"kind": PAGE, "text": joined(blocks), "buttons": buttons}
    room = PAGE_BYTES - utf8_bytes(f"\n\n{table['more']}")
    pages: list[Content] = [whole] if blocks or buttons else []
    if utf8_bytes(shown_page(whole, _LONGEST.sequence)) > room:
        links = utf8_bytes(shown_page({**whole, "text": ""}, _LONGEST.sequence))
        parts = split(whole["text"], room)
        if utf8_bytes(parts[-1]) + links + 2 > room:
            parts = [*parts[:-1], *split(parts[-1], room - links - 2)]
        pages = [{"kind": PAGE, "text": part, "buttons": []} for part in parts]
        pages[-1]["buttons"] = buttons
    pages += pictures
    if not pages:
        pages = [{**whole, "text": knowledge.phrase("busy")}]
    for rank, page in enumerate(pages):
        page["rank"], page["sends"] = rank, sent_alone
        if sent_alone <= rank + 1 < len(pages):
            page["more"] = table["more"]
    return pages


def _blocks(content: Content, table: Mapping[str, Any]) -> list[str]:
    text = without_markdown(str(content.get("text") or ""))
    if content["kind"] == "documents":
        links = [f"{item['title']}：{item['url']}" for item in content["items"]]
        text = "\n".join(part for part in (text, table["documents"], *links) if part)
    return [text] if text else []


def shown_page(page: Mapping[str, Any], sequence: int) -> str:
    """The text of a page as it is sent.

    Args:
        page: from `pages_of`.
        sequence: of its entry; 0: it is not kept, so that no button can be touched.
    """
    titles = [str(button["title"]) for button in page.get("buttons") or ()]
    choices = [
        _choice(rank, title, sequence) for rank, title in enumerate(titles, start=1)
    ]
    parts = (str(page.get("text") or ""), "\n".join(choices), page.get("more") or "")
    return "\n\n".join(part for part in parts if part)


def _choice(rank: int, title: str, sequence: int) -> str:
    label = numbered([title], rank)
    if not sequence or _NO_LINK.search(title):
        return label
    token = Press(sequence, rank - 1).token
    address = f"weixin://bizmsgmenu?msgmenucontent={title}&msgmenuid={token}"
    return f'<a href="{address}">{label}</a>'


def shown(entry: Entry) -> str:
    """The text of an entry with a page."""
    return shown_page(entry.content, entry.sequence)
