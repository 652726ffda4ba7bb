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
    "check of the action's answer": r"_validate_action_result|is_valid_answer",
    "understanding": r"parse_message|_parse_message_with_graph|_parse_message",
    "policies": r"_predict_next_with_tracker|predict_next_with_tracker",
    "reading the conversation": r"_read |retrieve |_retrieve|get_tracker",
    "storing the turn": r"_append |save |_save_tracker|save_tracker|_additional_events",
    "call of the action server": r"_run_action|RemoteAction|request \(rasa/utils",
    "guard": r"guarded_turn|_admitted_text|mask_sensitive",
    "HTTP and event loop": r"sanic|run_forever|run_until_complete|_run_once",
}
OTHER = "other"


def _stage(stack: str) -> str:
    for frame in reversed(stack.split(";")):
        for stage, pattern in STAGES.items():
            if re.search(pattern, frame):
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
        counted[_stage(stack)] += int(samples)
    whole = counted.total()
    return {stage: counted[stage] / whole for stage in (*STAGES, OTHER)}
