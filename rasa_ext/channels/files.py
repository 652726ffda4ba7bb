"""The documents of a case: GET /files/<token>/<name>, made when they are asked for.

No file is kept: a document shows the case as it is now, and is gone with it. Whoever
has the link has the document, so the token cannot be guessed and expires, and no
address, copy or index entry is left with others (no-referrer, no-store, noindex).
"""

from __future__ import annotations

import asyncio
import html
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from xieshang.case.contacts import ContactEntry
from xieshang.case.record import Case
from xieshang.clock import now
from xieshang.knowledge import current_knowledge
from xieshang.storage import current_store

logger = logging.getLogger(__name__)

EXPORT = "data.json"
PATH = "/files"
# Pictures and Word files take the processor that turns need too.
RENDERED_AT_ONCE = 2
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
NOTICE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ font: 1.1rem/1.7 sans-serif; max-width: 32rem; margin: 3rem auto;
  padding: 0 1rem; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
</body>
</html>
"""


@dataclass(frozen=True)
class Document:
    """A document as it is sent."""

    media_type: str
    content: bytes


def make_document(
    case: Case, name: str, today: date, contacts: Sequence[ContactEntry] = ()
) -> Document | None:
    """The document of a case as it is now; None when there is none of that name.

    Args:
        case: the confirmed case.
        name: its file name, as in `xieshang.documents.FILES`.
        today: the date in China.
        contacts: the talks with customer service that were kept.
    """
    # Imported at the first document: the drawing and Word libraries take a while.
    from xieshang.documents import FILES
    from xieshang.documents.content import action_plan

    if name not in FILES:
        return None
    media_type, render = FILES[name]
    plan = action_plan(case, today, current_knowledge(), contacts)
    return Document(media_type, render(plan))


def document_of_link(token: str, name: str) -> Document | None:
    """The document that a link leads to; None when there is none or not any more."""
    moment = now()
    stored = current_store().case_of_link(token, moment)
    if stored is None:
        return None
    if name == EXPORT:
        told = current_store().export(stored.conversation_id)
        text = json.dumps(told, ensure_ascii=False, indent=2)
        return Document("application/json; charset=utf-8", text.encode())
    contacts = current_store().contacts(stored.conversation_id)
    return make_document(stored.case, name, moment.date(), contacts)


def disposition(name: str) -> str:
    """Content-Disposition: what cannot be shown is saved, under a Chinese name.

    Args:
        name: the file name in the address, in ASCII.
    """
    saved_as = current_knowledge().tables["files"]["downloads"].get(name)
    if saved_as is None:
        return "inline"
    return f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(saved_as)}"


def notice(name: str, status: int) -> HTTPResponse:
    """A page that says in Chinese why there is no document.

    Args:
        name: the notice, as in knowledge/files.yml.
        status: HTTP status.
    """
    texts = current_knowledge().tables["files"][name]
    page = NOTICE.format(**{key: html.escape(text) for key, text in texts.items()})
    return HTTPResponse(page, status, HEADERS, "text/html; charset=utf-8")


class FilesChannel(InputChannel):
    """Hands out documents; takes no messages."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(RENDERED_AT_ONCE)

    @classmethod
    def name(cls) -> str:
        """Name of the channel."""
        return "files"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> FilesChannel:
        """Made by Rasa from credentials.yml; the settings are in the environment."""
        return cls()

    def url_prefix(self) -> str:
        """Mounted at the root, not below /webhooks."""
        return PATH

    async def _answer(self, token: str, name: str) -> HTTPResponse:
        try:
            async with self._places:
                document = await asyncio.to_thread(document_of_link, token, name)
            if document is None:
                return notice("gone", 404)
            return HTTPResponse(
                document.content,
                headers={**HEADERS, "Content-Disposition": disposition(name)},
                content_type=document.media_type,
            )
        except Exception as error:
            # The text of an error can hold values of the case: only its type is logged.
            logger.error("document failed: %s", type(error).__name__)
            return notice("failed", 503)

    def blueprint(
        self, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> Blueprint:
        """The routes of the channel."""
        files = Blueprint("files_channel")

        @files.route("/<token:str>/<name:str>", methods=["GET", "HEAD"])
        async def send(request: Request, token: str, name: str) -> HTTPResponse:
            return await self._answer(token, name)

        @files.route("/", methods=["GET", "HEAD"])
        @files.route("/<rest:path>", methods=["GET", "HEAD"])
        async def nothing(request: Request, rest: str = "") -> HTTPResponse:
            return notice("gone", 404)

        return files
