"""Sentences that must never be missed: self-harm and fraud, by the patterns of data/.

The patterns stand beside the classifier: what they find is certain, what they do not
find the classifier may still recognise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from xieshang.settings import ROOT
from xieshang.yaml_files import read_yaml

PATTERNS = ROOT / "data/safety/patterns.yml"


@dataclass(frozen=True)
class SafetyPatterns:
    """The compiled patterns."""

    harmless: re.Pattern[str]
    another_person: re.Pattern[str]
    self_harm_risk: re.Pattern[str]
    report_scam: re.Pattern[str]

    def intent(self, text: str) -> str | None:
        """The safety intent that a sentence certainly has.

        Args:
            text: what the person wrote.

        Returns:
            self_harm_risk, report_scam or None.
        """
        rest = self.harmless.sub("", text)
        if self.self_harm_risk.search(rest) and not self.another_person.search(rest):
            return "self_harm_risk"
        return "report_scam" if self.report_scam.search(rest) else None


@lru_cache(maxsize=1)
def safety_patterns(path: Path = PATTERNS) -> SafetyPatterns:
    """Read the patterns.

    Args:
        path: a YAML file of lists of regular expressions.
    """
    lists = read_yaml(path)
    return SafetyPatterns(
        **{name: re.compile("|".join(found)) for name, found in lists.items()}
    )
