"""`make train`: train the model when it is missing or stale."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path

from rasa_ext.commands.model import MODELS_DIR, current_model, remove_old_models
from rasa_ext.quiet import import_rasa_quietly
from xieshang.settings import ROOT


class _Progress(logging.Handler):
    """Shows which component is trained instead of Rasa's log."""

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if text.startswith("Starting to train component"):
            print(f"  training {text.split(chr(39))[1]}", flush=True)


def ensure_model() -> Path:
    """Train if needed.

    Returns:
        The model of the present sources.

    Raises:
        SystemExit: the training failed; the message says why.
    """
    model = current_model()
    if model.exists():
        return model
    print("Training the model (once; again when data or configuration change).")
    started = time.monotonic()
    import_rasa_quietly()
    from rasa.model_training import train

    hooks = logging.getLogger("rasa.engine.training.hooks")
    hooks.setLevel(logging.INFO)
    hooks.propagate = False
    hooks.addHandler(_Progress())
    try:
        result = train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=[str(ROOT / "data")],
            output=str(MODELS_DIR),
            force_training=True,
            fixed_model_name=model.name.removesuffix(".tar.gz"),
        )
    except OSError as error:
        sys.exit(f"The model cannot be written to {MODELS_DIR}: {error.strerror}")
    except Exception as error:  # whatever a component raises is one clear line
        sys.exit(f"The training failed: {type(error).__name__}: {error}")
    if result.code != 0 or not model.exists():
        sys.exit("The training failed; `rasa data validate` says what is wrong.")
    remove_old_models()
    print(f"Trained in {time.monotonic() - started:.0f} s: {model.relative_to(ROOT)}")
    return model


def main() -> None:
    """Entry point of `make train`."""
    model = ensure_model()
    print(f"The model is up to date: {model.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
