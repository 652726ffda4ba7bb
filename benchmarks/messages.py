"""What the people of the benchmark write."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import cycle
from typing import Any

import yaml

from xieshang.case.record import Case
from xieshang.settings import ROOT

SENTENCES = ROOT / "tests/nlu/blind.tsv"
CASES = ROOT / "benchmarks/cases.yml"
ASKING = ("ask_", "what_", "how_", "cannot_")
# Those answer what the person has registered.
ABOUT_THE_CASE = {"ask_summary", "ask_case_status"}
QUESTIONS_A_PERSON = 6
GUIDANCE, CASE = "guidance", "case"


@dataclass(frozen=True)
class CaseTalk:
    """A registration.

    Attributes:
        says: the messages in order; the first one opens the form.
        stored: what the confirmed case must hold.
    """

    says: list[str]
    stored: dict[str, Any]

    def is_right(self, case: Case) -> bool:
        """Whether a confirmed case holds what was told."""
        return all(
            getattr(case, name) == (told if isinstance(told, str) else Decimal(told))
            for name, told in self.stored.items()
        )


def guidance_questions() -> list[str]:
    """Questions as people type them, none of the training sentences."""
    with SENTENCES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [
        row["text"]
        for row in rows
        if row["intent"].startswith(ASKING) and row["intent"] not in ABOUT_THE_CASE
    ]


def case_talks() -> list[CaseTalk]:
    """The registrations of cases.yml."""
    told = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    return [CaseTalk(**talk) for talk in told]


def guidance_talks(seed: int) -> Iterator[list[str]]:
    """Visits of several questions each, without end.

    Args:
        seed: the same one gives the same visits.
    """
    questions = guidance_questions()
    drawn = random.Random(seed)  # noqa: S311
    while True:
        yield drawn.sample(questions, QUESTIONS_A_PERSON)


def talks(kind: str, seed: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Numbered talks of one kind, without end.

    Args:
        kind: GUIDANCE or CASE.
        seed: of the visits.
    """
    if kind == GUIDANCE:
        return enumerate(guidance_talks(seed))
    return cycle([(number, talk.says) for number, talk in enumerate(case_talks())])
