"""Where the CPU time of a turn goes: a sampling profile of the Rasa process."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

SAMPLES_A_SECOND = 200
# The first that matches the innermost function of a stack names its stage; the same
# for both set-ups, whose functions have other names.
STAGES = {
    "check of the action's answer": r"_validate_a|is_valid_answer",
    "understanding": r"_?parse_message",
    "policies": r"_?predict_next_with_tracker",
    "reading the conversation": r"_read_|_?retrieve |get_tracker |_admitted_text",
    "storing the turn": r"_append |_?save |_?save_tracker|_additional_events",
    "call of the action server": r"_run_action |run \(rasa/core/actions/action",
    "guard": r"mask_sensitive|guarded_turn|(_turn|_answer|end) \(rasa_ext/",
    "rest of Rasa's turn": r".*\(rasa/core/processor",
    "HTTP and event loop": r".*\((sanic|asyncio|rasa(_ext|/core)/channels)|run_forever",
}
# A thread that waits for work looks busy to the sampler.
IDLE = "_worker (concurrent/futures"
OTHER = "other"


def _stage(stack: str) -> str:
    for frame in reversed(stack.split(";")):
        for stage, pattern in STAGES.items():
            if re.match(pattern, frame):
                return stage
    return OTHER


def profile(pid: int, seconds: int, folder: Path) -> subprocess.Popen[bytes]:
    """Begin to sample a process.

    Args:
        pid: of the process.
        seconds: how long.
        folder: for the samples.
    """
    return subprocess.Popen(
        [
            *(str(Path(sys.executable).parent / "py-spy"), "record", "--format", "raw"),
            *("--rate", str(SAMPLES_A_SECOND), "--duration", str(seconds)),
            *("--output", str(folder / f"{pid}.raw"), "--pid", str(pid)),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def shares(pid: int, folder: Path) -> dict[str, float]:
    """The share of each stage in a finished profile, from 0 to 1."""
    counted: Counter[str] = Counter()
    for line in (folder / f"{pid}.raw").read_text(encoding="utf-8").splitlines():
        stack, _, samples = line.rpartition(" ")
        if stack.rpartition(";")[2].startswith(IDLE):
            continue
        counted[_stage(stack)] += int(samples)
    whole = counted.total()
    return {stage: counted[stage] / whole for stage in (*STAGES, OTHER)}
