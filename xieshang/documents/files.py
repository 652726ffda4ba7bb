"""The files a person can open or keep, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xieshang.documents.page import render_page
from xieshang.documents.picture import render_picture
from xieshang.documents.plan import ActionPlan
from xieshang.documents.reminders import render_calendar
from xieshang.documents.statement import render_statement

Renderer = Callable[[ActionPlan], bytes]
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _page(plan: ActionPlan) -> bytes:
    return render_page(plan).encode()


def _png(plan: ActionPlan) -> bytes:
    return render_picture(plan, "png")


def _svg(plan: ActionPlan) -> bytes:
    return render_picture(plan, "svg")


# name -> media type and renderer
FILES: Mapping[str, tuple[str, Renderer]] = {
    "plan.html": ("text/html; charset=utf-8", _page),
    "statement.docx": (DOCX, render_statement),
    "plans.png": ("image/png", _png),
    "plans.svg": ("image/svg+xml", _svg),
    "reminders.ics": ("text/calendar; charset=utf-8", render_calendar),
}
