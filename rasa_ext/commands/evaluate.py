"""`make evaluate`: how well sentences are understood.

A prediction is right when it is the intent or one of the acceptable ones. Asking back
(nlu_fallback) is never right. Writes a report and pictures into docs/evaluation/, and
fails when a bar is missed.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from tqdm import tqdm

from rasa_ext.commands.parser import Parser
from rasa_ext.commands.train import ensure_model
from xieshang.settings import ROOT

DEV_QUESTIONS = Path(
    os.environ.get("XIESHANG_EVAL_TSV")
    or ROOT.parent / "shared/evaluation/real_questions_dev.tsv"
)
BLIND_SET = ROOT / "tests/nlu/blind.tsv"
REPORT_DIR = ROOT / "docs/evaluation"
FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
NEVER_MISSED = ("self_harm_risk", "report_scam")


class ParsesText(Protocol):
    """Whatever understands a sentence."""

    def parse(self, text: str) -> dict[str, Any]:
        """Intent, ranking and entities."""


@dataclass(frozen=True)
class Question:
    """A labelled sentence and what was predicted for it."""

    intent: str
    acceptable: frozenset[str]
    predicted: str
    best: str
    confidence: float
    lead: float
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether the prediction is the intent or an acceptable one."""
        return self.predicted == self.intent or self.predicted in self.acceptable

    @property
    def best_is_right(self) -> bool:
        """Whether the likeliest intent is right, had it been taken."""
        return self.best == self.intent or self.best in self.acceptable

    @property
    def is_in_scope(self) -> bool:
        """Whether the question is one the assistant answers itself."""
        return not self.intent.startswith(OUT_OF_SCOPE)


@dataclass(frozen=True)
class Measures:
    """Shares from 0 to 1 over a set of questions, and the time of a message."""

    right: float
    right_in_scope: float
    right_outside: float
    asked_back: float
    falsely_answered: float
    lowest_recall: float
    never_missed: float
    parse_ms: float

    @classmethod
    def of(cls, questions: list[Question]) -> Measures:
        """Measure a set."""

        def share(chosen: list[bool]) -> float:
            return sum(chosen) / len(chosen) if chosen else 1.0

        inside = [q for q in questions if q.is_in_scope]
        outside = [q for q in questions if not q.is_in_scope]
        intents = {q.intent for q in questions}
        return cls(
            share([q.is_right for q in questions]),
            share([q.is_right for q in inside]),
            share([q.is_right for q in outside]),
            share([q.predicted == FALLBACK for q in questions]),
            share([not q.is_right and q.predicted != FALLBACK for q in outside]),
            min(
                share([q.is_right for q in questions if q.intent == intent])
                for intent in intents
            ),
            share([q.is_right for q in questions if q.intent in NEVER_MISSED]),
            median(q.seconds for q in questions) * 1000,
        )


@dataclass(frozen=True)
class Bar:
    """A bound on a measure."""

    measure: str
    at_least: float | None = None
    at_most: float | None = None

    def failure(self, measures: Measures) -> str | None:
        """What is missed, in words, or None."""
        value = getattr(measures, self.measure)
        if self.at_least is not None and value < self.at_least:
            return (
                f"{self.measure} is {value:.1%}, at least {self.at_least:.0%} is asked"
            )
        if self.at_most is not None and value > self.at_most:
            return f"{self.measure} is {value:.1%}, at most {self.at_most:.0%} is asked"
        return None


BARS = {
    "dev questions": (
        Bar("right", at_least=0.93),
        Bar("right_in_scope", at_least=0.91),
        Bar("asked_back", at_most=0.08),
        Bar("falsely_answered", at_most=0.05),
    ),
    "blind set": (
        Bar("right", at_least=0.92),
        Bar("lowest_recall", at_least=0.80),
        Bar("never_missed", at_least=1.0),
    ),
}


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file of labelled sentences (text, intent, also_acceptable)."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def predict(parser: ParsesText, path: Path) -> list[Question]:
    """Predict every sentence of a file."""
    questions = []
    for row in tqdm(read_rows(path), desc=path.name, leave=False):
        started = time.perf_counter()
        parsed = parser.parse(row["text"])
        seconds = time.perf_counter() - started
        ranking = [r for r in parsed["intent_ranking"] if r["name"] != FALLBACK]
        questions.append(
            Question(
                row["intent"],
                frozenset((row["also_acceptable"] or "").split(",")) - {""},
                parsed["intent"]["name"],
                ranking[0]["name"],
                ranking[0]["confidence"],
                ranking[0]["confidence"] - ranking[1]["confidence"],
                seconds,
            )
        )
    return questions


def main() -> None:
    """Entry point of `make evaluate`."""
    model = ensure_model()
    parser = Parser(model)
    # after the parser has imported Rasa quietly
    from rasa_ext.commands.report import held_out_of, print_measures, write_report

    sets = {}
    failures = []
    for name, path in (("dev questions", DEV_QUESTIONS), ("blind set", BLIND_SET)):
        if not path.exists():
            print(f"{name}: {path.name} is not there, not measured")
            continue
        sets[name] = predict(parser, path)
        measures = Measures.of(sets[name])
        print_measures(name, measures)
        failures += [
            f"{name}: {failure}"
            for bar in BARS[name]
            if (failure := bar.failure(measures))
        ]
    with tempfile.TemporaryDirectory() as folder:
        write_report(REPORT_DIR, sets, held_out_of(model, Path(folder)))
    print(f"\nReport: {REPORT_DIR.relative_to(ROOT)}/report.md")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
