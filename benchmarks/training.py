"""How long both take to be trained on the whole data."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.systems import MEGABYTE, OURS, STOCK, STOCK_DIR
from rasa_ext.commands.model import SOURCES, fingerprint
from xieshang.settings import ROOT

DEFAULT_EPOCHS = 100
# Rasa's batches grow from epoch to epoch: the middle one of three is the mean one.
MEASURED_EPOCHS = 3
BAR = re.compile(r"Epochs:[^\r\n]*?(\d+)/\d+ \[(?:(\d+):)?(\d+):(\d+)<")
KIBIBYTES = 1024
# What the stock set-up learns from; components of ours that it has learn nothing.
STOCK_SOURCES = (
    "domain.yml",
    "data/nlu",
    "data/rules",
    "data/dictionary",
    "benchmarks/stock/config.yml",
    "requirements/runtime.txt",
)


@dataclass(frozen=True)
class Training:
    """A training.

    Attributes:
        model: what came of it.
        seconds: by the clock.
        cpu_seconds: of all threads.
        megabytes: the most memory.
        epoch_seconds: of DIET's mean epoch, by the clock; None without DIET.
    """

    model: str
    seconds: float
    cpu_seconds: float
    megabytes: float
    epoch_seconds: float | None

    @property
    def extrapolated_seconds(self) -> float:
        """CPU seconds with Rasa's own number of epochs; as measured without DIET."""
        left = DEFAULT_EPOCHS - MEASURED_EPOCHS
        # Rasa's bar tells an epoch by the clock.
        share = self.cpu_seconds / self.seconds
        return self.cpu_seconds + left * (self.epoch_seconds or 0) * share


def _epoch_seconds(log: str) -> float | None:
    """How long DIET's middle epoch took, by the bar that Rasa shows."""
    ended: dict[int, int] = {}
    for epoch, hours, minutes, seconds in BAR.findall(log):
        passed = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
        ended.setdefault(int(epoch), passed)
    middle = MEASURED_EPOCHS // 2
    return float(ended[middle + 1] - ended[middle]) if middle + 1 in ended else None


def _train(name: str, folder: Path) -> Training:
    if name == OURS:
        module, config = "rasa_ext.launch", ROOT / "config.yml"
    else:
        module, config = "benchmarks.plain", folder / "config.yml"
        text = (STOCK_DIR / "config.yml").read_text(encoding="utf-8")
        config.write_text(text.replace("EPOCHS", str(MEASURED_EPOCHS)), "utf-8")
    log = folder / f"{name}.log"
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", module, "train", "--force"),
                *("--config", str(config), "--domain", "domain.yml", "--data", "data"),
                *("--out", str(folder), "--fixed-model-name", name),
            ],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{name} could not be trained: see {log}")
    return Training(
        str(folder / f"{name}.tar.gz"),
        time.monotonic() - began,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss * KIBIBYTES / MEGABYTE,
        _epoch_seconds(log.read_text(encoding="utf-8", errors="replace")),
    )


def trained(folder: Path) -> dict[str, Training]:
    """Both trained one after the other, or as they were from the same files before.

    Args:
        folder: where models and figures are kept.
    """
    return {
        name: _kept(name, folder / f"{name}-{fingerprint(sources=sources)}")
        for name, sources in ((OURS, SOURCES), (STOCK, STOCK_SOURCES))
    }


def _kept(name: str, folder: Path) -> Training:
    figures = folder / "training.json"
    if not figures.exists():
        folder.mkdir(parents=True, exist_ok=True)
        found = asdict(_train(name, folder))
        figures.write_text(json.dumps(found), encoding="utf-8")
    return Training(**json.loads(figures.read_text(encoding="utf-8")))
