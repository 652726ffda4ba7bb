"""The page of the chat and the widget's file.

The widget's file is the same for every site that embeds it; the page at /chat is the
widget alone, in full size, and loads nothing from elsewhere.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_ext.channels.privacy_page import send_privacy
from xieshang.knowledge import current_knowledge
from xieshang.settings import ROOT

WIDGET = ROOT / "web" / "dist" / "widget.js"
NOBODY = "'none'"
NO_GUESSING = {"X-Content-Type-Options": "nosniff"}
_HOST = re.compile(r"[\w.:\[\]-]{1,260}", re.ASCII)
PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport"
  content="width=device-width, initial-scale=1, viewport-fit=cover,
  interactive-widget=resizes-content">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
<script src="/chat/widget.js" data-full data-privacy="/chat/privacy" defer></script>
</head>
<body>
<noscript>{noscript}</noscript>
</body>
</html>
"""


def content_security_policy(host: str, files: str, frames: Collection[str]) -> str:
    """What the page may load.

    Args:
        host: of the request: old browsers do not count a web socket as 'self'.
        files: origin of the documents, for the picture of a plan.
        frames: the sites that may show the page in a frame.
    """
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'unsafe-inline'",
            f"img-src 'self' data: {files}",
            f"connect-src 'self'{sockets}",
            "base-uri 'none'",
            "form-action 'none'",
            f"frame-ancestors {' '.join(sorted(frames)) or NOBODY}",
        )
    )


@dataclass(frozen=True)
class Bundle:
    """The widget's file, as it is and packed, with the tag that names its content."""

    content: bytes
    packed: bytes
    tag: str


@lru_cache(maxsize=1)
def _read_bundle(path: Path, changed_at: int) -> Bundle:
    content = path.read_bytes()
    tag = hashlib.sha256(content).hexdigest()[:16]
    return Bundle(content, gzip.compress(content, mtime=0), f'"{tag}"')


def widget_bundle() -> Bundle | None:
    """The widget as it was built last; None when it is missing."""
    try:
        return _read_bundle(WIDGET, WIDGET.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


def _text(name: str) -> str:
    return str(current_knowledge().tables["web"][name])


def send_page(request: Request, files: str, frames: Collection[str]) -> HTTPResponse:
    """The page of the chat.

    Args:
        request: for it.
        files: origin of the documents.
        frames: the sites that may show it in a frame.
    """
    policy = content_security_policy(request.host, files, frames)
    texts = {name: html.escape(_text(name)) for name in ("title", "noscript")}
    return HTTPResponse(
        PAGE.format(**texts),
        headers={
            **NO_GUESSING,
            "Content-Security-Policy": policy,
            "Cache-Control": "no-cache",
            "Referrer-Policy": "no-referrer",
        },
        content_type="text/html; charset=utf-8",
    )


def send_widget(request: Request) -> HTTPResponse:
    """The widget's file, or that it is still as the browser has it."""
    bundle = widget_bundle()
    if bundle is None:
        return HTTPResponse(
            _text("no_widget"),
            404,
            {**NO_GUESSING, "Cache-Control": "no-store"},
            "text/plain; charset=utf-8",
        )
    headers = {
        **NO_GUESSING,
        "ETag": bundle.tag,
        "Cache-Control": "no-cache",
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    # A proxy that packs a file makes its tag a weak one.
    known = request.headers.get("if-none-match", "").replace("W/", "")
    if bundle.tag in (tag.strip() for tag in known.split(",")):
        return HTTPResponse(status=304, headers=headers)
    content = bundle.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        content = bundle.packed
        headers["Content-Encoding"] = "gzip"
    return HTTPResponse(
        content, headers=headers, content_type="text/javascript; charset=utf-8"
    )


def add_page(web: Blueprint, files: str, frames: Collection[str]) -> None:
    """Add the page and the widget's file to the channel's routes.

    Args:
        web: mounted at /chat.
        files: origin of the documents.
        frames: the sites that may show the page in a frame.
    """

    @web.route("/", methods=["GET", "HEAD"])
    async def page(request: Request) -> HTTPResponse:
        return send_page(request, files, frames)

    @web.route("/privacy", methods=["GET", "HEAD"])
    async def privacy(request: Request) -> HTTPResponse:
        return send_privacy()

    @web.route("/widget.js", methods=["GET", "HEAD"])
    async def widget(request: Request) -> HTTPResponse:
        return send_widget(request)
