"""`make compare`: classifiers and features on the same data, in one run.

Writes the table of docs/understanding.md. DIET is Rasa's own, with Rasa's featurizers
on the same normalised words; the others are scikit-learn's on our features.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from tqdm import tqdm

from rasa_ext.commands.evaluate import BLIND_SET, DEV_QUESTIONS, read_rows
from rasa_ext.commands.parser import Parser
from rasa_ext.quiet import import_whole_rasa_quietly
from xieshang.language.features import sentence_features
from xieshang.settings import ROOT
from xieshang.yaml_files import read_yaml

DOCUMENT = ROOT / "docs/understanding.md"
START, END = "<!-- comparison: make compare -->", "<!-- end of comparison -->"
REGULARIZATION = {"LogisticRegression": 8.0, "LinearSVC": 0.3}
# Margins of the support vector machine as confidences, for the ensemble.
MARGIN_TEMPERATURE = 0.2
DIET_EPOCHS = 10
MIN_COUNT = 2
KINDS = (["word", "char"], ["word", "char_wb"], ["word", "char", "sound"])


@dataclass(frozen=True)
class Result:
    """A line of the table: shares from 0 to 1, seconds, milliseconds."""

    name: str
    dev: float
    dev_in_scope: float
    dev_outside: float
    blind: float
    train_seconds: float
    message_ms: float

    def row(self) -> str:
        """The line in Markdown."""
        shares = (self.dev, self.dev_in_scope, self.dev_outside, self.blind)
        cells = " | ".join(f"{share:.1%}" for share in shares)
        return (
            f"| {self.name} | {cells} | {self.train_seconds:.0f} "
            f"| {self.message_ms:.1f} |"
        )


def _shares(
    predicted: Callable[[str], str],
) -> tuple[tuple[float, float, float, float], float]:
    """Shares right on the dev questions (all, in scope, outside) and the blind set."""
    started = time.perf_counter()
    asked = 0
    sets = []
    for path in (DEV_QUESTIONS, BLIND_SET):
        rows = read_rows(path)
        asked += len(rows)
        sets.append(
            [
                (
                    not row["intent"].startswith("out_of_scope"),
                    predicted(row["text"])
                    in (row["intent"], *row["also_acceptable"].split(",")),
                )
                for row in tqdm(rows, desc=path.name, leave=False)
            ]
        )
    milliseconds = (time.perf_counter() - started) / asked * 1000
    dev, blind = sets
    shares = (
        float(np.mean([right for _, right in dev])),
        float(np.mean([right for inside, right in dev if inside])),
        float(np.mean([right for inside, right in dev if not inside])),
        float(np.mean([right for _, right in blind])),
    )
    return shares, milliseconds


def _training_sentences() -> tuple[list[str], list[str]]:
    from rasa.shared.nlu.training_data.loading import load_data

    examples = load_data(str(ROOT / "data/nlu")).intent_examples
    return [e.get("text") for e in examples], [e.get("intent") for e in examples]


def _linear_results() -> list[Result]:
    """Logistic regression, support vector machine and their mean, per features."""
    import jieba
    from sklearn.linear_model import LogisticRegression
    from sklearn.svm import LinearSVC

    from rasa_ext.nlu.feature_space import FeatureSpace
    from xieshang.language.normalize import normalizer

    jieba.load_userdict(str(ROOT / "data/dictionary/domain.txt"))

    def words(text: str) -> list[str]:
        return list(jieba.cut(normalizer().normalize(text)))

    texts, labels = _training_sentences()
    cut = [words(text) for text in texts]
    results = []
    for kinds in KINDS:
        space = FeatureSpace.fit([sentence_features(w, kinds) for w in cut], MIN_COUNT)
        matrix = space.matrix([sentence_features(w, kinds) for w in cut])
        machines: dict[str, Any] = {
            "LogisticRegression": LogisticRegression(
                C=REGULARIZATION["LogisticRegression"],
                solver="saga",
                max_iter=30,
                tol=2e-3,
                n_jobs=-1,
            ),
            "LinearSVC": LinearSVC(C=REGULARIZATION["LinearSVC"], random_state=0),
        }
        seconds = {}
        for name, machine in machines.items():
            started = time.perf_counter()
            machine.fit(matrix, labels)
            seconds[name] = time.perf_counter() - started

        def scores(
            text: str,
            names: Sequence[str],
            space: FeatureSpace = space,
            kinds: Sequence[str] = kinds,
            machines: dict[str, Any] = machines,
        ) -> Any:
            vector = space.matrix([sentence_features(words(text), kinds)])
            total = 0
            for name in names:
                machine = machines[name]
                if name == "LinearSVC":
                    margins = machine.decision_function(vector)[0] / MARGIN_TEMPERATURE
                    raised = np.exp(margins - margins.max())
                    total = total + raised / raised.sum()
                else:
                    total = total + machine.predict_proba(vector)[0]
            return machines[names[0]].classes_[int(np.argmax(total))]

        for names in (["LogisticRegression"], ["LinearSVC"], list(machines)):
            shares, milliseconds = _shares(partial(scores, names=names))
            title = "ensemble of both" if len(names) > 1 else names[0]
            results.append(
                Result(
                    f"{title}, {' + '.join(kinds)}",
                    *shares,
                    sum(seconds[name] for name in names),
                    milliseconds,
                )
            )
    return results


def _diet_result() -> Result:
    """Rasa's DIET classifier with its count vectors."""
    from rasa.model_training import train_nlu

    config = read_yaml(ROOT / "config.yml")
    config["pipeline"] = [
        *config["pipeline"][:2],
        {"name": "CountVectorsFeaturizer"},
        {
            "name": "CountVectorsFeaturizer",
            "analyzer": "char_wb",
            "min_ngram": 1,
            "max_ngram": 4,
        },
        {
            "name": "DIETClassifier",
            "epochs": DIET_EPOCHS,
            "entity_recognition": False,
            "constrain_similarities": True,
        },
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yml"
        path.write_text(yaml.safe_dump(config, allow_unicode=True), encoding="utf-8")
        started = time.perf_counter()
        model = train_nlu(
            str(path),
            str(ROOT / "data/nlu"),
            folder,
            domain=str(ROOT / "domain.yml"),
        )
        seconds = time.perf_counter() - started
        if model is None:
            sys.exit("DIET could not be trained")
        parser = Parser(Path(model))
        shares, milliseconds = _shares(lambda t: str(parser.parse(t)["intent"]["name"]))
    return Result(
        f"DIET ({DIET_EPOCHS} epochs), word + char_wb", *shares, seconds, milliseconds
    )


def main() -> None:
    """Entry point of `make compare`."""
    if not DEV_QUESTIONS.exists():
        sys.exit(f"The dev questions are not there: {DEV_QUESTIONS.name}")
    import_whole_rasa_quietly()
    warnings.simplefilter("ignore")
    results = [*_linear_results(), _diet_result()]
    table = "\n".join(
        [
            "| classifier, features | dev | in scope | outside | blind "
            "| training s | ms a message |",
            "|---|---|---|---|---|---|---|",
            *(result.row() for result in results),
        ]
    )
    print(table)
    text = DOCUMENT.read_text(encoding="utf-8")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    DOCUMENT.write_text(f"{before}{START}\n{table}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
