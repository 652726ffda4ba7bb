"""`make evaluate`: how well sentences are understood.

A prediction is right when it is the intent or one of the acceptable ones. Asking back
(nlu_fallback) is never right.
"""

from __future__ import annotations

import csv
import os
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from rasa_ext.commands.parser import Parser
from rasa_ext.commands.train import ensure_model
from xieshang.settings import ROOT

DEV_QUESTIONS = Path(
    os.environ.get("XIESHANG_EVAL_TSV")
    or ROOT.parent / "shared/evaluation/real_questions_dev.tsv"
)
BLIND_SET = ROOT / "tests/nlu/blind.tsv"
FALLBACK = "nlu_fallback"
SHOWN_CONFUSIONS = 15
# Share of right answers below which the command fails.
REQUIRED = {"dev questions": 0.82}


@dataclass(frozen=True)
class Question:
    """A labelled sentence and what was predicted for it."""

    text: str
    intent: str
    acceptable: frozenset[str]
    predicted: str

    @property
    def is_right(self) -> bool:
        """Whether the prediction is the intent or an acceptable one."""
        return self.predicted == self.intent or self.predicted in self.acceptable

    @property
    def is_in_scope(self) -> bool:
        """Whether the question is one the assistant answers itself."""
        return not self.intent.startswith("out_of_scope")


def predict(parser: Parser, path: Path) -> list[Question]:
    """Predict every sentence of a file (text, intent, also_acceptable)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return [
        Question(
            row["text"],
            row["intent"],
            frozenset((row["also_acceptable"] or "").split(",")) - {""},
            parser.parse(row["text"])["intent"]["name"],
        )
        for row in tqdm(rows, desc=path.name, leave=False)
    ]


def share_right(questions: list[Question]) -> float:
    """Share of right predictions, from 0 to 1."""
    return sum(question.is_right for question in questions) / max(1, len(questions))


def report(name: str, questions: list[Question]) -> None:
    """Print the figures of a set."""
    inside = [question for question in questions if question.is_in_scope]
    outside = [question for question in questions if not question.is_in_scope]
    asked_back = sum(question.predicted == FALLBACK for question in questions)
    print(f"\n{name}: {len(questions)} sentences")
    print(f"  right            {share_right(questions):6.1%}")
    print(f"  right, in scope  {share_right(inside):6.1%} of {len(inside)}")
    print(f"  right, outside   {share_right(outside):6.1%} of {len(outside)}")
    print(f"  asked back       {asked_back / max(1, len(questions)):6.1%}")
    wrong = Counter(
        (question.intent, question.predicted)
        for question in questions
        if not question.is_right
    )
    for (intent, predicted), count in wrong.most_common(SHOWN_CONFUSIONS):
        print(f"  {count:4d}  {intent} taken for {predicted}")


def main() -> None:
    """Entry point of `make evaluate`."""
    parser = Parser(ensure_model())
    failed = []
    for name, path in (("dev questions", DEV_QUESTIONS), ("blind set", BLIND_SET)):
        if not path.exists():
            print(f"\n{name}: {path} is not there, not measured")
            continue
        questions = predict(parser, path)
        report(name, questions)
        if share_right(questions) < REQUIRED.get(name, 0):
            failed.append(f"{name} below {REQUIRED[name]:.0%}")
    if failed:
        sys.exit("; ".join(failed))


if __name__ == "__main__":
    main()
