"""Which model belongs to the sources as they are now."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from xieshang.settings import ROOT

MODELS_DIR = ROOT / "models"
# What a model is made from. Answers in knowledge/ are not: they show without training.
SOURCES = (
    "config.yml",
    "domain.yml",
    "data",
    "rasa_ext/nlu",
    "xieshang/language",
    "requirements/runtime.txt",
)
SUFFIXES = {".yml", ".txt", ".py"}
KEPT_MODELS = 2


def fingerprint(root: Path = ROOT, sources: Sequence[str] = SOURCES) -> str:
    """A hash over files.

    Args:
        root: folder of the project.
        sources: files and folders in it; by default all that a model is made from.
    """
    digest = hashlib.sha256()
    for source in sources:
        path = root / source
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.suffix in SUFFIXES:
                digest.update(str(file.relative_to(root)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def current_model() -> Path:
    """Where the model of the present sources is, or will be once trained."""
    return MODELS_DIR / f"xieshang-{fingerprint()}.tar.gz"


def remove_old_models() -> None:
    """Keep the newest models of ours only."""
    ours = sorted(
        MODELS_DIR.glob("xieshang-*.tar.gz"), key=lambda path: path.stat().st_mtime
    )
    for path in ours[:-KEPT_MODELS]:
        path.unlink()
