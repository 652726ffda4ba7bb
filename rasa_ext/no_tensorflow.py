"""Keeps TensorFlow out of a process that does not use it: 8 s of start-up and 350 MB.

Rasa's list of components imports every one of them, those of TensorFlow too. Modules of
the same names stand in for these, with classes that say no more than their names; a
configuration that uses one of them cannot be loaded then, and Rasa says which. `make
compare`, which measures DIET, does without this.

tests/rasa_ext/test_no_tensorflow.py holds what Rasa imports from them.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

NAMES = {
    "rasa.core.policies.ted_policy": ("TEDPolicy",),
    "rasa.core.policies.unexpected_intent_policy": ("UnexpecTEDIntentPolicy",),
    "rasa.nlu.classifiers.diet_classifier": ("DIETClassifier",),
    "rasa.nlu.featurizers.dense_featurizer.convert_featurizer": ("ConveRTFeaturizer",),
    "rasa.nlu.featurizers.dense_featurizer.lm_featurizer": ("LanguageModelFeaturizer",),
    "rasa.nlu.selectors.response_selector": ("ResponseSelector",),
    "rasa.utils.tensorflow.callback": ("RasaTrainingLogger", "RasaModelCheckpoint"),
    "rasa.utils.tensorflow.data_generator": ("RasaBatchDataGenerator",),
}
REFUSED = frozenset({"tensorflow", "keras"})


class _StandIns(MetaPathFinder, Loader):
    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname in REFUSED:
            # Whoever can do without it does; who cannot is told where it is.
            raise ImportError(f"{fullname} is kept out, see rasa_ext/no_tensorflow.py")
        if fullname in NAMES:
            return ModuleSpec(fullname, self, origin=__name__)
        return None

    def exec_module(self, module: ModuleType) -> None:
        for name in NAMES[module.__name__]:
            setattr(module, name, type(name, (), {"__module__": module.__name__}))


def leave_tensorflow_out() -> None:
    """Call before Rasa is imported; afterwards, or a second time, it does nothing."""
    if "rasa" not in sys.modules and not any(
        isinstance(finder, _StandIns) for finder in sys.meta_path
    ):
        sys.meta_path.insert(0, _StandIns())
