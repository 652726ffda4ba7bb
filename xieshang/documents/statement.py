"""The hardship statement as a Word file."""

from __future__ import annotations

from io import BytesIO

from docxtpl import DocxTemplate

from xieshang.documents.plan import ActionPlan
from xieshang.knowledge import KNOWLEDGE_DIR

TEMPLATE = KNOWLEDGE_DIR / "templates/statement.docx"


def render_statement(plan: ActionPlan) -> bytes:
    """The hardship statement of a plan, to be printed, completed and signed.

    Args:
        plan: its statement; name, signature and date stay blank.
    """
    template = DocxTemplate(TEMPLATE)
    template.render({"statement": plan.statement}, autoescape=True)
    target = BytesIO()
    template.save(target)
    return target.getvalue()
