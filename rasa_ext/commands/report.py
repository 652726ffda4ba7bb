"""The report of `make evaluate`: Markdown and pictures, no sentence of any set."""

from __future__ import annotations

import tarfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import matplotlib as mpl
import numpy as np

from rasa_ext.commands.evaluate import FALLBACK, Measures, Question
from rasa_ext.nlu.feature_space import Array
from rasa_ext.nlu.linear_model import LinearModel

mpl.use("Agg")
from matplotlib import pyplot as plt

SHOWN_CONFUSIONS = 20
BINS = 20
THRESHOLDS = np.linspace(0.0, 0.9, 46)

Sets = Mapping[str, list[Question]]


def held_out_of(model: Path, folder: Path) -> LinearModel:
    """The classifier inside a model archive, for its held-out predictions.

    Args:
        model: the archive.
        folder: where its files may be unpacked.
    """
    with tarfile.open(model) as archive:
        members = [
            member
            for member in archive.getmembers()
            if "LinearIntentClassifier" in member.name and member.isfile()
        ]
        for member in members:
            member.name = Path(member.name).name
            archive.extract(member, folder)
    return LinearModel.read(folder)


def print_measures(name: str, measures: Measures) -> None:
    """Print the figures of a set."""
    print(f"\n{name}")
    for measure, value in vars(measures).items():
        figure = f"{value:.2f} ms" if measure == "parse_ms" else f"{value:.1%}"
        print(f"  {measure:18} {figure:>8}")


def _calibration(confidence: Array, is_right: Array) -> tuple[list[str], float]:
    """Rows of confidence against share right, and the expected calibration error."""
    rows, error = [], 0.0
    for low in np.linspace(0, 1, BINS, endpoint=False):
        chosen = (confidence >= low) & (confidence < low + 1 / BINS + 1e-9)
        if not chosen.any():
            continue
        mean, right = float(confidence[chosen].mean()), float(is_right[chosen].mean())
        error += abs(mean - right) * float(chosen.mean())
        rows.append(
            f"| {low:.2f} to {low + 1 / BINS:.2f} | {chosen.sum()} "
            f"| {mean:.1%} | {right:.1%} |"
        )
    return rows, error


def _calibration_table(confidence: Array, is_right: Array) -> list[str]:
    rows, error = _calibration(confidence, is_right)
    return [
        "",
        f"Calibration (expected calibration error {error:.3f}):",
        "",
        "| confidence | sentences | mean confidence | right |",
        "|---|---|---|---|",
        *rows,
    ]


def _per_intent(questions: list[Question]) -> list[str]:
    rows = []
    for intent in sorted({q.intent for q in questions}):
        of_intent = [q for q in questions if q.intent == intent]
        taken = [q for q in questions if q.predicted == intent]
        recall = sum(q.is_right for q in of_intent) / len(of_intent)
        precision = sum(q.is_right for q in taken) / len(taken) if taken else 0.0
        rows.append(f"| {intent} | {len(of_intent)} | {precision:.0%} | {recall:.0%} |")
    return rows


def _confusions(questions: list[Question]) -> list[str]:
    wrong = Counter((q.intent, q.predicted) for q in questions if not q.is_right)
    return [
        f"| {intent} | {predicted} | {count} |"
        for (intent, predicted), count in wrong.most_common(SHOWN_CONFUSIONS)
    ]


def _draw_confusions(path: Path, questions: list[Question]) -> None:
    intents = sorted({q.intent for q in questions})
    names = [*intents, FALLBACK]
    matrix = np.zeros((len(intents), len(names)))
    for question in questions:
        predicted = question.intent if question.is_right else question.predicted
        if predicted in names:
            matrix[intents.index(question.intent), names.index(predicted)] += 1
    figure, axes = plt.subplots(figsize=(13, 12))
    axes.imshow(
        matrix / matrix.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1
    )
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=6)
    axes.set_yticks(range(len(intents)), intents, fontsize=6)
    axes.set_xlabel("taken for")
    axes.set_ylabel("is")
    figure.tight_layout()
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _draw_thresholds(path: Path, sets: Sets, model: LinearModel) -> None:
    """Right, wrongly answered and asked back over the fallback threshold."""
    held_out = model.held_out
    curves = {
        "held-out training folds": (
            held_out.confidence,
            held_out.true == held_out.predicted,
        )
    }
    for name, questions in sets.items():
        curves[name] = (
            np.array([q.confidence for q in questions]),
            np.array([q.best_is_right for q in questions]),
        )
    figure, panels = plt.subplots(1, len(curves), figsize=(5 * len(curves), 4))
    for axes, (name, (confidence, right)) in zip(
        np.atleast_1d(panels), curves.items(), strict=True
    ):
        kept = confidence[None, :] >= THRESHOLDS[:, None]
        axes.plot(THRESHOLDS, (kept & right).mean(axis=1), label="right")
        axes.plot(THRESHOLDS, (kept & ~right).mean(axis=1), label="wrongly answered")
        axes.plot(THRESHOLDS, (~kept).mean(axis=1), label="asked back")
        axes.set_title(name)
        axes.set_xlabel("fallback threshold")
        axes.set_ylim(0, 1)
        axes.grid(alpha=0.3)
        axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    plt.close(figure)


def write_report(folder: Path, sets: Sets, model: LinearModel) -> None:
    """Write report.md and its pictures.

    Args:
        folder: where to.
        sets: the measured sets by name.
        model: the classifier, for the held-out predictions of its training.
    """
    folder.mkdir(parents=True, exist_ok=True)
    held_out = model.held_out
    lines = [
        "# Evaluation",
        "",
        "Written by `make evaluate`. Cross-validation: each training sentence is",
        "predicted by a model that has not seen it.",
        "",
        "| set | sentences | right | in scope | outside | asked back "
        "| out of scope falsely answered | lowest recall | parse, median |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, questions in sets.items():
        m = Measures.of(questions)
        lines.append(
            f"| {name} | {len(questions)} | {m.right:.1%} | {m.right_in_scope:.1%} "
            f"| {m.right_outside:.1%} | {m.asked_back:.1%} | {m.falsely_answered:.1%} "
            f"| {m.lowest_recall:.0%} | {m.parse_ms:.1f} ms |"
        )
    crossed = float((held_out.true == held_out.predicted).mean())
    lines += [
        f"| cross-validation | {len(held_out.true)} | {crossed:.1%} | | | | | | |",
        "",
        "![fallback threshold](threshold.png)",
        "",
        "## held-out training folds",
        *_calibration_table(held_out.confidence, held_out.true == held_out.predicted),
    ]
    for name, questions in sets.items():
        picture = f"confusion-{name.split()[0]}.png"
        _draw_confusions(folder / picture, questions)
        lines += [
            "",
            f"## {name}",
            "",
            f"![confusion matrix]({picture})",
            *_calibration_table(
                np.array([q.confidence for q in questions]),
                np.array([q.best_is_right for q in questions]),
            ),
            "",
            "| intent | taken for | times |",
            "|---|---|---|",
            *_confusions(questions),
            "",
            "| intent | sentences | precision | recall |",
            "|---|---|---|---|",
            *_per_intent(questions),
        ]
    _draw_thresholds(folder / "threshold.png", sets, model)
    (folder / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
