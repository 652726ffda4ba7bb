"""TensorFlow stays out, and what stands in for it is what Rasa asks for."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import rasa

from rasa_ext.no_tensorflow import NAMES, REFUSED
from xieshang.settings import ROOT

PACKAGE = Path(rasa.__file__).parent
# Modules that import TensorFlow when they are imported themselves.
IMPORTERS = {
    "rasa.core.policies.ted_policy",
    "rasa.core.policies.unexpected_intent_policy",
    "rasa.nlu.classifiers.diet_classifier",
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer",
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer",
    "rasa.nlu.selectors.response_selector",
    "rasa.utils.tensorflow.callback",
    "rasa.utils.tensorflow.crf",
    "rasa.utils.tensorflow.data_generator",
    "rasa.utils.tensorflow.layers",
    "rasa.utils.tensorflow.layers_utils",
    "rasa.utils.tensorflow.metrics",
    "rasa.utils.tensorflow.models",
    "rasa.utils.tensorflow.rasa_layers",
    "rasa.utils.tensorflow.transformer",
    "rasa.utils.tensorflow.types",
}


def run(code: str) -> str:
    prepared = "from rasa_ext.no_tensorflow import *; leave_tensorflow_out()\n"
    ended = subprocess.run(
        [sys.executable, "-c", prepared + code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


@cache
def modules() -> list[tuple[str, ast.Module]]:
    return list(parsed_modules())


def parsed_modules() -> Iterator[tuple[str, ast.Module]]:
    for file in PACKAGE.rglob("*.py"):
        name = ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
        yield name, ast.parse(file.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """What is imported when the module is: module and name."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.module, alias.name) for alias in node.names)


def test_rasa_imports_tensorflow_where_it_was_read() -> None:
    assert rasa.__version__ == "3.6.21"
    found = {
        name
        for name, tree in modules()
        if any(module.split(".")[0] in REFUSED for module, _ in imported(tree))
    }
    assert found == IMPORTERS


def test_the_stand_ins_have_each_name_that_others_ask_for() -> None:
    asked = {
        (module, name)
        for user, tree in modules()
        if user not in IMPORTERS
        for module, name in imported(tree)
        if module in IMPORTERS
    }
    assert asked == {(module, name) for module in NAMES for name in NAMES[module]}


def test_a_model_is_loaded_and_understands_without_it(model: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from rasa_ext.commands.parser import Parser\n"
        f"parsed = Parser(Path({str(model)!r})).parse('花呗还不上了怎么办')\n"
        "print(parsed['intent']['name'], 'tensorflow' in sys.modules)"
    )
    assert run(code).endswith("cannot_pay False")


def test_the_configuration_of_diet_is_refused_by_name(tmp_path: Path) -> None:
    config = tmp_path / "config.yml"
    config.write_text(
        "recipe: default.v1\nassistant_id: x\nlanguage: zh\n"
        "pipeline: [{name: WhitespaceTokenizer}, {name: DIETClassifier}]\n"
        "policies: [{name: RulePolicy}]\n",
        encoding="utf-8",
    )
    code = (
        "from rasa.engine.recipes.default_recipe import DefaultV1Recipe\n"
        "from rasa.shared.importers.importer import TrainingDataImporter\n"
        f"importer = TrainingDataImporter.load_from_config({str(config)!r})\n"
        "try:\n"
        "    DefaultV1Recipe().graph_config_for_recipe(importer.get_config(), {})\n"
        "except Exception as error:\n"
        "    print(error)\n"
    )
    assert "DIETClassifier" in run(code)


def test_a_leak_is_loud() -> None:
    code = "try:\n    import tensorflow\nexcept ImportError as error:\n    print(error)"
    assert "no_tensorflow.py" in run(code)


def test_once_rasa_is_there_nothing_changes() -> None:
    code = "import sys, rasa; before = len(sys.meta_path); leave_tensorflow_out()\n"
    assert run(f"{code}print(len(sys.meta_path) == before)") == "True"
