"""The page /chat/privacy: what is kept of a person, and how to see and delete it."""

from __future__ import annotations

import html
from collections.abc import Iterator

from sanic.response import HTTPResponse

from xieshang.knowledge import current_knowledge
from xieshang.settings import Settings, read_settings

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
}
PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
body {{ font: 1.05rem/1.75 sans-serif; max-width: 40rem; margin: 2rem auto;
  padding: 0 1rem; }}
h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
{sections}
</main>
</body>
</html>
"""


def privacy_sections(settings: Settings) -> Iterator[tuple[str, list[str]]]:
    """The titles and paragraphs of the statement, the settings filled in.

    Args:
        settings: of the assistant.
    """
    table = current_knowledge().tables["privacy"]
    filled = {
        "operator": settings.operator or table["operator_unknown"],
        "days": settings.retention_days,
        "link_days": settings.link_days,
    }
    for section in table["sections"]:
        yield section["title"], [text.format(**filled) for text in section["text"]]


def send_privacy() -> HTTPResponse:
    """The page."""
    parts: list[str] = []
    for title, paragraphs in privacy_sections(read_settings()):
        parts.append(f"<h2>{html.escape(title)}</h2>")
        parts += [f"<p>{html.escape(text)}</p>" for text in paragraphs]
    title = html.escape(current_knowledge().tables["privacy"]["title"])
    return HTTPResponse(
        PAGE.format(title=title, sections="\n".join(parts)),
        headers=HEADERS,
        content_type="text/html; charset=utf-8",
    )
