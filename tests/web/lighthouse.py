"""The accessibility score of Lighthouse 13.5, from what axe-core finds on a page.

Its audits are rules of axe with weights (`core/config/default-config.js`). The score is
the weight of the rules that nothing breaks among those that apply. What axe leaves to a
person to judge does not count against a page; nor do the rules that Lighthouse only
shows: bypass, duplicate-id-aria, form-field-multiple-labels, th-has-data-cells and
video-caption.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

WEIGHTS = {
    10: """aria-allowed-attr aria-hidden-body aria-required-attr aria-required-children
        aria-required-parent aria-roles aria-valid-attr aria-valid-attr-value
        button-name image-alt input-button-name input-image-alt label meta-refresh
        meta-viewport select-name""",
    7: """accesskeys aria-command-name aria-conditional-attr aria-dialog-name
        aria-hidden-focus aria-input-field-name aria-meter-name aria-progressbar-name
        aria-prohibited-attr aria-text aria-toggle-field-name aria-tooltip-name
        aria-treeitem-name color-contrast definition-list dlitem document-title
        frame-title html-has-lang html-lang-valid link-in-text-block link-name list
        listitem object-alt tabindex target-size td-headers-attr valid-lang""",
    3: "heading-order html-xml-lang-mismatch landmark-one-main skip-link",
    1: """aria-deprecated-role autocomplete-valid presentation-role-conflict
        svg-img-alt""",
}
RULES = {rule: weight for weight, rules in WEIGHTS.items() for rule in rules.split()}
# axe's usual rules, and those of Lighthouse that are not among them.
OPTIONS = {
    "resultTypes": ["violations"],
    "rules": {rule: {"enabled": True} for rule in RULES},
}


@dataclass(frozen=True)
class Report:
    """What axe says of a page.

    Attributes:
        violations: impact and rule, and the first element that breaks it.
        score: of Lighthouse, from 0 to 100.
    """

    violations: list[str]
    score: int


PERFECT = Report([], 100)
Audit = Callable[[Page], Report]


def auditor(packages: Path) -> Audit:
    """Looks at pages with the axe-core of web/node_modules.

    Args:
        packages: the folder.
    """
    source = (packages / "axe-core" / "axe.min.js").read_text(encoding="utf-8")

    def audit(page: Page) -> Report:
        if not page.evaluate("'axe' in window"):
            page.evaluate(source)
        found = page.evaluate("options => axe.run(document, options)", OPTIONS)
        violations = [
            f"{one['impact']} {one['id']}: {json.dumps(one['nodes'][0]['target'])}"
            for one in found["violations"]
        ]
        return Report(violations, _score(found))

    return audit


def _score(found: dict[str, list[dict[str, Any]]]) -> int:
    broken = {one["id"] for one in found["violations"]}
    kept = {one["id"] for name in ("passes", "incomplete") for one in found[name]}
    applying = RULES.keys() & (kept | broken)
    weight = sum(RULES[rule] for rule in applying)
    return round(100 * sum(RULES[rule] for rule in applying - broken) / weight)
