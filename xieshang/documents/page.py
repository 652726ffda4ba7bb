"""The whole plan as one page that needs nothing else: no request, no script."""

from __future__ import annotations

from functools import lru_cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from xieshang.documents.picture import INK, SHARE, render_picture
from xieshang.documents.plan import ActionPlan
from xieshang.knowledge import KNOWLEDGE_DIR

TEMPLATES = KNOWLEDGE_DIR / "templates"
BLANK_LINES = 6
# The page's own colour for what is too much, which differs in the dark.
WARNING = "var(--warn)"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_page(plan: ActionPlan) -> str:
    """The page of a plan, for screens from 320 pixels, dark ones too, and for A4.

    Args:
        plan: what it shows; every text of it is escaped.
    """
    template = _environment().get_template("plan.html")
    return template.render(
        plan=plan, picture=_inline_picture(plan), blank_lines=BLANK_LINES
    )


def _inline_picture(plan: ActionPlan) -> Markup:
    """The picture as an element, in the page's colours."""
    svg = render_picture(plan, "svg").decode()
    element = (
        svg[svg.index("<svg") :].replace(INK, "currentColor").replace(SHARE, WARNING)
    )
    # Matplotlib's own output: it holds no text of the person but as paths.
    return Markup(element)  # noqa: S704
